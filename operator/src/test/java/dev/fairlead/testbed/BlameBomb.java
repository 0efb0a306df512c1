package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.eclipse.jgit.lib.ObjectId;

/**
 * A pack with a small file {@code a.yaml} whose history takes far more memory, or time, than the
 * file.
 *
 * @param file whose lines are asked for
 */
public record BlameBomb(ObjectId commit, String file, HandmadePack pack) {
  private static final String FILE = "a.yaml";

  private static BlameBomb of(ObjectId commit, HandmadePack pack) {
    return new BlameBomb(commit, FILE, pack);
  }

  private static ObjectId commit(
      HandmadePack pack, ObjectId content, String message, ObjectId... parents) {
    return pack.commit(pack.tree("100644", FILE, content), message, parents);
  }

  /** A merge, each of whose parents has one of the lines, in a file of that size. */
  public static BlameBomb merge(int parents, int size) {
    var pack = new HandmadePack();
    ObjectId base = pack.put(OBJ_BLOB, new byte[size]);
    var lines = new StringBuilder();
    ObjectId[] commits = new ObjectId[parents];
    for (int i = 0; i < parents; i++) {
      String line = "line %06d\n".formatted(i);
      lines.append(line);
      String end = "\n" + line;
      pack.deltaOf(base, HandmadePack.delta(size, end));
      byte[] content = new byte[size];
      byte[] tail = end.getBytes(US_ASCII);
      System.arraycopy(tail, 0, content, size - tail.length, tail.length);
      commits[i] = commit(pack, HandmadePack.id(OBJ_BLOB, content), "Parent " + i);
    }
    ObjectId merged = pack.put(OBJ_BLOB, lines.toString());
    return of(commit(pack, merged, "Merge", commits), pack);
  }

  /** It was so large once, and had nothing but empty lines. */
  public static BlameBomb emptyLines(int size) {
    var pack = new HandmadePack();
    byte[] empty = new byte[size];
    Arrays.fill(empty, (byte) '\n');
    ObjectId before = commit(pack, pack.put(OBJ_BLOB, empty), "Empty");
    return of(commit(pack, pack.put(OBJ_BLOB, "\na: 1\n"), "Cleaned", before), pack);
  }

  /** Two lines, over and over, in an order that each commit changes. */
  public static BlameBomb likeLines(int versions, int lines) {
    var random = new Random(1);
    List<String> versionsOf = new ArrayList<>();
    for (int v = 0; v < versions; v++) {
      var text = new StringBuilder();
      for (int i = 0; i < lines; i++) {
        text.append(random.nextBoolean() ? "a\n" : "b\n");
      }
      versionsOf.add(text.toString());
    }
    return versions(versionsOf);
  }

  /** Each commit swaps each line with one of its neighbours. */
  public static BlameBomb swaps(int versions, int lines) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < lines; i++) {
      all.add("%07d\n".formatted(i));
    }
    List<String> texts = new ArrayList<>();
    for (int v = 0; v < versions; v++) {
      for (int i = v % 2; i + 1 < lines; i += 2) {
        Collections.swap(all, i, i + 1);
      }
      texts.add(String.join("", all));
    }
    return versions(texts);
  }

  private static BlameBomb versions(List<String> texts) {
    var pack = new HandmadePack();
    ObjectId[] last = {};
    for (String text : texts) {
      last = new ObjectId[] {commit(pack, pack.put(OBJ_BLOB, text), "Version", last)};
    }
    return of(last[0], pack);
  }

  /** Added by a commit that deleted so many others. */
  public static BlameBomb deletions(int files) {
    var pack = new HandmadePack();
    ObjectId other = pack.put(OBJ_BLOB, "b: 1\n");
    Object[] entries = new Object[files * 3];
    for (int i = 0; i < files; i++) {
      entries[i * 3] = "100644";
      entries[i * 3 + 1] = "%07d".formatted(i);
      entries[i * 3 + 2] = other;
    }
    ObjectId before = pack.commit(pack.tree(entries), "Many");
    return of(commit(pack, pack.put(OBJ_BLOB, "a: 1\n"), "One", before), pack);
  }

  /** As old as all those commits, each of which has so much to say. */
  public static BlameBomb messages(int commits, int size) {
    var pack = new HandmadePack();
    ObjectId content = pack.put(OBJ_BLOB, "a: 1\n");
    ObjectId last = commit(pack, content, "First");
    for (int i = 0; i < commits; i++) {
      last = commit(pack, content, "Commit " + i + "\n\n" + "x".repeat(size), last);
    }
    return of(last, pack);
  }

  /** At the end of so many directories, each of them of so many bytes. */
  public static BlameBomb directories(int depth, int size) {
    var pack = new HandmadePack();
    ObjectId content = pack.put(OBJ_BLOB, "a: 1\n");
    int files = size / 35;
    ObjectId directory = content;
    for (int d = 0; d < depth; d++) {
      Object[] entries = new Object[files * 3];
      for (int i = 0; i < files; i++) {
        entries[i * 3] = i == 0 && d > 0 ? "40000" : "100644";
        entries[i * 3 + 1] = i == 0 ? (d == 0 ? FILE : "d") : "e%06d".formatted(i);
        entries[i * 3 + 2] = i == 0 ? directory : content;
      }
      directory = pack.tree(entries);
    }
    return new BlameBomb(pack.commit(directory, "Deep"), "d/".repeat(depth - 1) + FILE, pack);
  }
}
