package dev.fairlead.testbed;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;

/** A pack that is written byte by byte, so that it may hold what no Git would write. */
public final class HandmadePack {
  /** A copy instruction has three bytes for its length. */
  private static final int COPY = 0xffffff;

  private static final int OFS_DELTA = 6;
  private static final int REF_DELTA = 7;

  private final ByteArrayOutputStream objects = new ByteArrayOutputStream();
  private int count;

  /** Where the next object will be. */
  public long position() {
    return 12L + objects.size();
  }

  /** Puts an object in; returns its id. */
  public ObjectId put(int type, byte[] content) {
    return put(type, content, content.length);
  }

  public ObjectId put(int type, String content) {
    return put(type, content.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param says how many bytes its header says that it has
   */
  public ObjectId put(int type, byte[] content, long says) {
    header(type, says);
    deflate(content);
    return id(type, content);
  }

  /** Of an object, whether it is in or not. */
  public static ObjectId id(int type, byte[] content) {
    try (var formatter = new ObjectInserter.Formatter()) {
      return formatter.idFor(type, content);
    }
  }

  /** Instead of an object: its header, and then these bytes. */
  public void raw(int type, long says, byte[] bytes) {
    header(type, says);
    objects.writeBytes(bytes);
  }

  /** A directory: octal mode, name and object, for each entry. */
  public ObjectId tree(Object... modeNameId) {
    return put(Constants.OBJ_TREE, rawTree(modeNameId));
  }

  public static byte[] rawTree(Object... modeNameId) {
    var raw = new ByteArrayOutputStream();
    for (int i = 0; i < modeNameId.length; i += 3) {
      raw.writeBytes((modeNameId[i] + " " + modeNameId[i + 1]).getBytes(StandardCharsets.UTF_8));
      raw.write(0);
      byte[] id = new byte[Constants.OBJECT_ID_LENGTH];
      ((ObjectId) modeNameId[i + 2]).copyRawTo(id, 0);
      raw.writeBytes(id);
    }
    return raw.toByteArray();
  }

  public ObjectId commit(ObjectId tree, String message, ObjectId... parents) {
    String lines =
        Arrays.stream(parents).map(p -> "parent " + p.name() + "\n").collect(Collectors.joining());
    return put(
        Constants.OBJ_COMMIT,
        """
        tree %s
        %sauthor Fairlead Tests <tests@example.org> 1764000000 +0000
        committer Fairlead Tests <tests@example.org> 1764000000 +0000

        %s
        """
            .formatted(tree.name(), lines, message));
  }

  public ObjectId tag(ObjectId of, String type, String name) {
    return put(
        Constants.OBJ_TAG,
        """
        object %s
        type %s
        tag %s
        tagger Fairlead Tests <tests@example.org> 1764000000 +0000

        Release
        """
            .formatted(of.name(), type, name));
  }

  /** A delta of the object at a position of this pack. */
  public void deltaOfPosition(long base, byte[] delta) {
    long distance = position() - base;
    header(OFS_DELTA, delta.length);
    byte[] buffer = new byte[10];
    int at = buffer.length - 1;
    buffer[at] = (byte) (distance & 0x7f);
    while ((distance >>= 7) > 0) {
      buffer[--at] = (byte) (0x80 | (--distance & 0x7f));
    }
    objects.write(buffer, at, buffer.length - at);
    deflate(delta);
  }

  /** A delta of an object by its id, in this pack or not. */
  public void deltaOf(ObjectId base, byte[] delta) {
    header(REF_DELTA, delta.length);
    byte[] id = new byte[Constants.OBJECT_ID_LENGTH];
    base.copyRawTo(id, 0);
    objects.writeBytes(id);
    deflate(delta);
  }

  /** What makes the base, with these bytes at its end in place of as many of its own. */
  public static byte[] delta(int size, String end) {
    byte[] tail = end.getBytes(StandardCharsets.UTF_8);
    var delta = new ByteArrayOutputStream();
    number(delta, size);
    number(delta, size);
    for (int at = 0; at < size - tail.length; at += COPY) {
      copy(delta, at, Math.min(COPY, size - tail.length - at));
    }
    delta.write(tail.length);
    delta.writeBytes(tail);
    return delta.toByteArray();
  }

  /** A delta that copies some of its base once, and says that base and result have such sizes. */
  public static byte[] delta(long baseSize, long resultSize, int copyFrom, int copyLength) {
    var delta = new ByteArrayOutputStream();
    number(delta, baseSize);
    number(delta, resultSize);
    copy(delta, copyFrom, copyLength);
    return delta.toByteArray();
  }

  /** A delta that copies nothing, and has as many bytes of its own as its result. */
  public static byte[] literal(int baseSize, int resultSize) {
    var delta = new ByteArrayOutputStream();
    number(delta, baseSize);
    number(delta, resultSize);
    for (int left = resultSize; left > 0; left -= 0x7f) {
      int length = Math.min(0x7f, left);
      delta.write(length);
      delta.writeBytes(new byte[length]);
    }
    return delta.toByteArray();
  }

  private static void copy(ByteArrayOutputStream delta, int from, int length) {
    delta.write(0xff);
    for (int shift = 0; shift < 32; shift += 8) {
      delta.write(from >> shift);
    }
    for (int shift = 0; shift < 24; shift += 8) {
      delta.write(length >> shift);
    }
  }

  private static void number(ByteArrayOutputStream out, long number) {
    long left = number;
    while (left > 0x7f) {
      out.write((int) (0x80 | (left & 0x7f)));
      left >>= 7;
    }
    out.write((int) left);
  }

  private void header(int type, long size) {
    count++;
    long left = size >> 4;
    objects.write((int) ((left > 0 ? 0x80 : 0) | (type << 4) | (size & 0xf)));
    while (left > 0) {
      objects.write((int) ((left > 0x7f ? 0x80 : 0) | (left & 0x7f)));
      left >>= 7;
    }
  }

  private void deflate(byte[] content) {
    objects.writeBytes(deflated(content));
  }

  public static byte[] deflated(byte[] content) {
    try (var deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
      deflater.setInput(content);
      deflater.finish();
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  /** All of it, as it should be. */
  public byte[] bytes() {
    return bytes(count);
  }

  /**
   * @param says how many objects the pack's header says that there are
   */
  public byte[] bytes(int says) {
    ByteBuffer pack = ByteBuffer.allocate(12 + objects.size() + 20);
    pack.put("PACK".getBytes(StandardCharsets.US_ASCII)).putInt(2).putInt(says);
    pack.put(objects.toByteArray());
    MessageDigest sha1;
    try {
      sha1 = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
    sha1.update(pack.array(), 0, pack.position());
    return pack.put(sha1.digest()).array();
  }
}
