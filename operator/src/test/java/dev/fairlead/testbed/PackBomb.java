package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;
import static org.eclipse.jgit.lib.Constants.OBJ_TREE;

import org.eclipse.jgit.lib.ObjectId;

/**
 * A pack that is small on the wire, in which no object is larger than {@code size}, and that would
 * take far more to unpack or to read. Its branch has a file {@code a.yaml}.
 */
public final class PackBomb {
  private final ObjectId commit;
  private final byte[] pack;

  private PackBomb(ObjectId commit, HandmadePack pack) {
    this.commit = commit;
    this.pack = pack.bytes();
  }

  private static PackBomb of(HandmadePack pack) {
    return of(pack, pack.put(OBJ_BLOB, "a: 1\n"));
  }

  private static PackBomb of(HandmadePack pack, ObjectId file) {
    return new PackBomb(pack.commit(pack.tree("100644", "a.yaml", file), "Bomb"), pack);
  }

  public ObjectId commit() {
    return commit;
  }

  public byte[] pack() {
    return pack.clone();
  }

  /** At each level one delta goes on, and another waits for the same base until that is done. */
  public static PackBomb branches(int levels, int size) {
    var pack = new HandmadePack();
    long[] bases = new long[levels];
    bases[0] = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 1; i < levels; i++) {
      bases[i] = pack.position();
      pack.deltaOfPosition(bases[i - 1], HandmadePack.delta(size, "deep %06d".formatted(i)));
    }
    for (int i = 0; i < levels; i++) {
      pack.deltaOfPosition(bases[i], HandmadePack.delta(size, "wide %06d".formatted(i)));
    }
    return of(pack);
  }

  /** The same by hashes, so that no place in the pack says what is made from what. */
  public static PackBomb branchesByHash(int levels, int size) {
    var pack = new HandmadePack();
    ObjectId base = pack.put(OBJ_BLOB, new byte[size]);
    putBranches(pack, base, levels, size);
    return of(pack);
  }

  /** The same of a large file that another commit has, and its pack has not. */
  public static PackBomb branchesOf(PackBomb other, int levels, int size) {
    var pack = new HandmadePack();
    putBranches(pack, HandmadePack.id(OBJ_BLOB, new byte[size]), levels, size);
    ObjectId tree = pack.tree("100644", "a.yaml", pack.put(OBJ_BLOB, "a: 2\n"));
    return new PackBomb(pack.commit(tree, "Bomb after " + other.commit.name()), pack);
  }

  private static void putBranches(HandmadePack pack, ObjectId root, int levels, int size) {
    ObjectId base = root;
    for (int i = 1; i <= levels; i++) {
      String deep = "deep %06d".formatted(i);
      pack.deltaOf(base, HandmadePack.delta(size, deep));
      pack.deltaOf(base, HandmadePack.delta(size, "wide %06d".formatted(i)));
      base = HandmadePack.id(OBJ_BLOB, ending(size, deep));
    }
  }

  /** A commit with one large file. */
  public static PackBomb large(int size) {
    var pack = new HandmadePack();
    ObjectId large = pack.put(OBJ_BLOB, new byte[size]);
    ObjectId small = pack.put(OBJ_BLOB, "a: 1\n");
    return new PackBomb(
        pack.commit(pack.tree("100644", "a.yaml", small, "100644", "large", large), "Large"), pack);
  }

  /** Each is a delta of the one before it, and {@code a.yaml} is the last. */
  public static PackBomb chain(int levels, int size) {
    var pack = new HandmadePack();
    long base = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 1; i <= levels; i++) {
      long next = pack.position();
      pack.deltaOfPosition(base, HandmadePack.delta(size, "%08d".formatted(i)));
      base = next;
    }
    return of(pack, HandmadePack.id(OBJ_BLOB, ending(size, "%08d".formatted(levels))));
  }

  /** The same by hashes. */
  public static PackBomb chainByHash(int levels, int size) {
    var pack = new HandmadePack();
    ObjectId base = pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 1; i <= levels; i++) {
      String end = "%08d".formatted(i);
      pack.deltaOf(base, HandmadePack.delta(size, end));
      base = HandmadePack.id(OBJ_BLOB, ending(size, end));
    }
    return of(pack, base);
  }

  /** One object from another by instructions that are as large as it. */
  public static PackBomb instructions(int size) {
    var pack = new HandmadePack();
    long base = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    pack.deltaOfPosition(base, HandmadePack.literal(size, size));
    return of(pack);
  }

  /** Directories are read as a whole while they are received. */
  public static PackBomb directories(int count, int size) {
    var pack = new HandmadePack();
    for (int i = 0; i < count; i++) {
      pack.put(OBJ_TREE, new byte[size - i]);
    }
    return of(pack);
  }

  /** So many deltas of one object. */
  public static PackBomb copies(int count, int size) {
    var pack = new HandmadePack();
    long base = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 0; i < count; i++) {
      pack.deltaOfPosition(base, HandmadePack.delta(size, "%08d".formatted(i)));
    }
    return of(pack);
  }

  /** Small files, each of them cut out of one that is large and made from others as large. */
  public static PackBomb cuttings(int files, int levels, int size) {
    var pack = new HandmadePack();
    var content = new byte[size];
    for (int i = 0; i < files; i++) {
      byte[] text = cutting(i);
      System.arraycopy(text, 0, content, i * text.length, text.length);
    }
    long base = pack.position();
    pack.put(OBJ_BLOB, content);
    for (int i = 0; i < levels; i++) {
      long next = pack.position();
      pack.deltaOfPosition(base, HandmadePack.delta(size, "%08d".formatted(i)));
      base = next;
    }
    Object[] entries = new Object[files * 3];
    for (int i = 0; i < files; i++) {
      byte[] text = cutting(i);
      pack.deltaOfPosition(
          base, HandmadePack.delta(size, text.length, i * text.length, text.length));
      entries[i * 3] = "100644";
      entries[i * 3 + 1] = i == 0 ? "a.yaml" : "b%05d.yaml".formatted(i);
      entries[i * 3 + 2] = HandmadePack.id(OBJ_BLOB, text);
    }
    return new PackBomb(pack.commit(pack.tree(entries), "Bomb"), pack);
  }

  private static byte[] cutting(int file) {
    return "a: %05d\n".formatted(file).getBytes(US_ASCII);
  }

  /** What {@link HandmadePack#delta(int, String)} makes of zeros. */
  private static byte[] ending(int size, String end) {
    byte[] content = new byte[size];
    byte[] tail = end.getBytes(US_ASCII);
    System.arraycopy(tail, 0, content, size - tail.length, tail.length);
    return content;
  }
}
