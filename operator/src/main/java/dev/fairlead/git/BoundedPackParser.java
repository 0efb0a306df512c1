package dev.fairlead.git;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.internal.storage.file.BasePackIndexWriter;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.transport.PackLock;
import org.eclipse.jgit.transport.PackParser;
import org.eclipse.jgit.transport.PackedObjectInfo;
import org.eclipse.jgit.util.NB;
import org.jspecify.annotations.Nullable;

/**
 * Writes one pack that is being received into a repository, with its index, and refuses it before
 * it takes more memory, disk or work than {@link GitLimits.Pack} allows. What lies in it is known
 * by the sizes that its objects say they have, and JGit fails where they have others.
 *
 * <p>Guarantees that nothing is left of a pack that is refused. For one thread.
 */
final class BoundedPackParser extends PackParser {
  /** What JGit and {@link DeltaForest} hold of each object, in bytes of heap. */
  static final int WHOLE = 72;

  static final int DELTA = 160;

  /** And where a delta names its base by its hash. */
  static final int HASH = 96;

  /** Of a commit or a tag; its text is not read beyond {@link Peeled#BYTES}. */
  private static final long COMMIT = 4L * Peeled.BYTES;

  /** Made from one another. */
  private static final int TEXTS = 16;

  /** Two numbers begin a delta, of seven bits a byte. */
  private static final int NUMBER = 9;

  private static final int INDEX_VERSION = 2;
  private static final int BUFFER = 8192;

  private final BoundedRepository repository;
  private final GitLimits.Pack limits;
  private final CacheBudget.Account account;
  private final PackMemory memory;
  private final ArrivingPack arriving;
  private final DeltaForest deltas;
  private final CRC32 crc = new CRC32();
  private final byte[] sizes = new byte[2 * NUMBER];

  // Each takes memory outside of the heap, and none while a server sends.
  private @Nullable Deflater deflater;
  private @Nullable Inflater inflater;

  private @Nullable RandomAccessFile out;
  private byte[] hash = new byte[0];
  private long end;
  private long sentEnd;
  private long unpacked;
  private boolean receiving = true;

  /** How many of {@link #sizes} are known of the delta that is being received; -1: no delta is. */
  private int known = -1;

  private long whole;

  BoundedPackParser(
      BoundedRepository repository,
      GitLimits limits,
      CacheBudget.Account account,
      PackMemory memory,
      ArrivingPack arriving) {
    super(new BaseDatabase(repository, memory), arriving);
    this.repository = repository;
    this.limits = limits.pack();
    this.account = account;
    this.memory = memory;
    this.arriving = arriving;
    this.deltas = new DeltaForest(limits.pack(), memory);
    setMaxObjectSizeLimit(limits.pack().objectBytes());
    // A mirror is of one server alone, whom a second object of the same hash would help nothing;
    // to compare each with what is here would hold both.
    setCheckObjectCollisions(false);
  }

  private static final class Delta extends UnresolvedDelta {
    final int size;

    Delta(int size, int crc) {
      this.size = size;
      setCRC(crc);
    }
  }

  @Override
  public @Nullable PackLock parse(ProgressMonitor receivingIt, ProgressMonitor resolving)
      throws IOException {
    Path objects = repository.getObjectDatabase().getDirectory().toPath();
    Path pack = Files.createTempFile(objects, "incoming_", ".pack");
    Path index = pack.resolveSibling(pack.getFileName() + ".idx");
    try (var file = new RandomAccessFile(pack.toFile(), "rw")) {
      out = file;
      arriving.receive(file);
      try (Turns.Turn _ = memory.unpacking();
          memory) {
        super.parse(receivingIt, resolving);
        file.seek(end);
        file.write(hash);
        file.setLength(end + hash.length);
        file.getChannel().force(true);
        if (getObjectCount() > 0) {
          writeIndex(index);
          publish(pack, index);
        }
      }
      return null;
    } finally {
      if (deflater != null) {
        deflater.end();
      }
      if (inflater != null) {
        inflater.end();
      }
      Files.deleteIfExists(index);
      Files.deleteIfExists(pack);
    }
  }

  private void writeIndex(Path index) throws IOException {
    try (var file = new FileOutputStream(index.toFile());
        // On a virtual thread one without a size grows by each byte, and copies all at each.
        var buffered = new BufferedOutputStream(file, BUFFER)) {
      BasePackIndexWriter.createVersion(buffered, INDEX_VERSION)
          .write(getSortedObjectList(null), hash);
      file.getChannel().force(true);
    }
  }

  /** The index comes last, for it makes the pack one. */
  private void publish(Path pack, Path index) throws IOException {
    Path directory = repository.getObjectDatabase().getPackDirectory().toPath();
    String name = "pack-" + ObjectId.fromRaw(hash).name();
    Path target = directory.resolve(name + ".pack");
    if (Files.exists(target)) {
      return;
    }
    repository.readingHolds(deltas.heaviest());
    setReadOnly(pack.toFile());
    setReadOnly(index.toFile());
    Files.move(pack, target, StandardCopyOption.ATOMIC_MOVE);
    Files.move(index, directory.resolve(name + ".idx"), StandardCopyOption.ATOMIC_MOVE);
    repository.getObjectDatabase().openPack(target.toFile());
  }

  private static void setReadOnly(File file) throws IOException {
    if (!file.setReadOnly()) {
      throw new IOException("cannot make " + file.getName() + " read-only");
    }
  }

  private RandomAccessFile out() {
    if (out == null) {
      throw new IllegalStateException("nothing is being parsed");
    }
    return out;
  }

  private void unpacked(long bytes) throws IOException {
    unpacked += bytes;
    if (unpacked > limits.unpackedBytes()) {
      throw new PackTooLarge(
          "unpacked it has more than "
              + Text.size(limits.unpackedBytes())
              + ", eight times what --max-fetch-bytes allows; keep large files out of the"
              + " repository, or raise it");
    }
  }

  private static void requireText(int type, long size) throws IOException {
    if (size > COMMIT && (type == Constants.OBJ_COMMIT || type == Constants.OBJ_TAG)) {
      throw new PackTooLarge("it has a commit or tag of more than " + Text.size(COMMIT));
    }
  }

  @Override
  protected void onPackHeader(long objects) {}

  @Override
  protected void onStoreStream(byte[] raw, int at, int length) {
    // It is in the file since it was received.
    end += length;
  }

  @Override
  protected void onBeginWholeObject(long place, int type, long size) throws IOException {
    crc.reset();
    requireText(type, size);
    unpacked(size);
    // Files go through it, all else is held as a whole.
    whole = type == Constants.OBJ_BLOB ? 0 : size;
    memory.hold(whole + WHOLE);
  }

  @Override
  protected void onEndWholeObject(PackedObjectInfo info) {
    info.setCRC((int) crc.getValue());
    memory.release(whole);
  }

  @Override
  protected void onBeginOfsDelta(long place, long base, long size) throws IOException {
    deltas.deltaOf(base);
    beginDelta(DELTA);
  }

  @Override
  protected void onBeginRefDelta(long place, AnyObjectId base, long size) throws IOException {
    deltas.deltaOf(base);
    beginDelta(DELTA + HASH);
  }

  private void beginDelta(int held) throws IOException {
    crc.reset();
    memory.hold(held);
    if (inflater == null) {
      inflater = new Inflater();
    } else {
      inflater.reset();
    }
    known = 0;
  }

  @Override
  protected UnresolvedDelta onEndDelta() throws IOException {
    int at = 0;
    while (at < known && sizes[at] < 0) {
      at++;
    }
    long size = 0;
    int shift = 0;
    do {
      if (++at >= known || shift > 7 * (NUMBER - 1)) {
        throw new CorruptObjectException("a delta does not say how large its result is");
      }
      size |= (sizes[at] & 0x7fL) << shift;
      shift += 7;
    } while (sizes[at] < 0);
    known = -1;
    if (size > limits.objectBytes()) {
      throw new TooLargeObjectInPackException(size, limits.objectBytes());
    }
    unpacked(size);
    return new Delta((int) size, (int) crc.getValue());
  }

  @Override
  protected void onObjectHeader(Source source, byte[] raw, int at, int length) {
    crc.update(raw, at, length);
  }

  @Override
  protected void onObjectData(Source source, byte[] raw, int at, int length) throws IOException {
    crc.update(raw, at, length);
    if (inflater != null && known >= 0 && known < sizes.length && !inflater.finished()) {
      inflater.setInput(raw, at, length);
      try {
        known += inflater.inflate(sizes, known, sizes.length - known);
      } catch (DataFormatException e) {
        throw new CorruptObjectException("a delta cannot be unpacked", e);
      }
    }
  }

  @Override
  protected void onPackFooter(byte[] sent) {
    receiving = false;
    hash = sent;
    sentEnd = end;
    deltas.received();
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(PackedObjectInfo base, ObjectTypeAndSize info)
      throws IOException {
    ObjectTypeAndSize found = seek(base.getOffset(), info);
    deltas.tree(base.getOffset(), base, found.size, mostOfOne(found.type));
    return found;
  }

  @Override
  protected ObjectTypeAndSize seekDatabase(UnresolvedDelta delta, ObjectTypeAndSize info)
      throws IOException {
    ObjectTypeAndSize found = seek(delta.getOffset(), info);
    deltas.apply(found.size, ((Delta) delta).size);
    return found;
  }

  /** Commits and tags are read at each look, all others once for each new commit. */
  private static long mostOfOne(int type) {
    return type == Constants.OBJ_COMMIT || type == Constants.OBJ_TAG
        ? TEXTS * COMMIT
        : Long.MAX_VALUE;
  }

  private ObjectTypeAndSize seek(long place, ObjectTypeAndSize info) throws IOException {
    out().seek(place);
    crc.reset();
    return readObjectHeader(info);
  }

  @Override
  protected int readDatabase(byte[] into, int at, int length) throws IOException {
    return out().read(into, at, length);
  }

  @Override
  protected boolean checkCRC(int expected) {
    return expected == (int) crc.getValue();
  }

  @Override
  protected void onInflatedObjectData(PackedObjectInfo object, int type, byte[] data)
      throws IOException {
    if (!receiving) {
      requireText(type, data.length);
      deltas.resolved(object.getOffset(), object);
    }
  }

  /** A pack must hold what its deltas are made from, also where it was sent without. */
  @Override
  protected boolean onAppendBase(int type, byte[] data, PackedObjectInfo info) throws IOException {
    deltas.externalTree(info, data.length, mostOfOne(type));
    unpacked(data.length);
    memory.hold(WHOLE);
    byte[] buffer = buffer();
    int length = header(buffer, type, data.length);
    info.setOffset(end);
    crc.reset();
    out().seek(end);
    account.write(BoundedRepository.INDEX_OF_OBJECT);
    append(buffer, length);
    Deflater base = deflated(data);
    while (!base.finished()) {
      append(buffer, base.deflate(buffer));
    }
    info.setCRC((int) crc.getValue());
    return true;
  }

  private Deflater deflated(byte[] data) {
    if (deflater == null) {
      deflater = new Deflater();
    } else {
      deflater.reset();
    }
    deflater.setInput(data);
    deflater.finish();
    return deflater;
  }

  private static int header(byte[] into, int type, int size) {
    int left = size >>> 4;
    into[0] = (byte) ((left > 0 ? 0x80 : 0) | (type << 4) | (size & 0xf));
    int length = 1;
    while (left > 0) {
      into[length++] = (byte) ((left > 0x7f ? 0x80 : 0) | (left & 0x7f));
      left >>>= 7;
    }
    return length;
  }

  private void append(byte[] bytes, int length) throws IOException {
    account.write(length);
    crc.update(bytes, 0, length);
    out().write(bytes, 0, length);
    end += length;
  }

  /** The header says how many objects there are now, and the hash is of all of it. */
  @Override
  protected void onEndThinPack() throws IOException {
    RandomAccessFile file = out();
    MessageDigest sent = Constants.newMessageDigest();
    MessageDigest all = Constants.newMessageDigest();
    byte[] buffer = buffer();
    file.seek(0);
    file.readFully(buffer, 0, BoundedRepository.PACK_HEADER);
    sent.update(buffer, 0, BoundedRepository.PACK_HEADER);
    NB.encodeInt32(buffer, BoundedRepository.PACK_HEADER - 4, getObjectCount());
    file.seek(0);
    file.write(buffer, 0, BoundedRepository.PACK_HEADER);
    all.update(buffer, 0, BoundedRepository.PACK_HEADER);
    for (long at = BoundedRepository.PACK_HEADER; at < end; ) {
      int wanted = (int) Math.min(buffer.length, (at < sentEnd ? sentEnd : end) - at);
      file.readFully(buffer, 0, wanted);
      all.update(buffer, 0, wanted);
      if (at < sentEnd) {
        sent.update(buffer, 0, wanted);
      }
      at += wanted;
    }
    if (!MessageDigest.isEqual(sent.digest(), hash)) {
      throw new IOException("the disk has not what was written to it");
    }
    hash = all.digest();
  }
}
