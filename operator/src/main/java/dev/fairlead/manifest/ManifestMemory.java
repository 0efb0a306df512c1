package dev.fairlead.manifest;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts what the manifests of one reading take of the heap, before they take it: by the sizes that
 * the JVM gives to our tree, and what reading them takes beside it.
 *
 * <p>Guarantees: it is never more than the limit; who takes more than a share of it waits for his
 * turn, and has it until he closes this. For one thread.
 */
public final class ManifestMemory implements AutoCloseable {
  /** A string or number, without its characters. */
  static final int SCALAR = 64;

  /** A mapping or list without what is in it. */
  static final int COLLECTION = 152;

  /** A member's or item's place. */
  static final int PLACE = 48;

  /** A key that was not there before, in tables of the parser's too, without its characters. */
  static final int NAME = 128;

  /** An anchor, a document, an object, or a finding of some words. */
  static final int RECORD = 256;

  /** How many of them one reading may have, and have no turn. */
  private static final int SHARES = 32;

  private final long limit;
  private final ReentrantLock turn;
  private final Set<String> names = new HashSet<>();
  private long held;
  private boolean spent;

  ManifestMemory(long limit, ReentrantLock turn) {
    this.limit = limit;
    this.turn = turn;
  }

  /** Where nobody else decides what is read. */
  static ManifestMemory unlimited() {
    return new ManifestMemory(Long.MAX_VALUE, new ReentrantLock());
  }

  /** Whether it was too much, and nothing more may be read. */
  public boolean spent() {
    return spent;
  }

  /** So much more is about to be held, for what is in that line. */
  void hold(long bytes, int line) throws Unreadable {
    held += bytes;
    spent |= held > limit;
    if (spent) {
      throw new Unreadable(
          line,
          ("up to here the files of the sync take more than the %d MiB of memory that"
                  + " --max-manifest-memory allows; split the sync, or raise it together with the"
                  + " operator's memory")
              .formatted(limit >> 20));
    }
    expect(0);
  }

  /** Before a file is at hand, for which it may take a turn to be. */
  public void expect(long bytes) {
    if (held + bytes > limit / SHARES && !turn.isHeldByCurrentThread()) {
      turn.lock();
    }
  }

  /** A key, which all objects share. */
  void name(String name, int line) throws Unreadable {
    if (names.add(name)) {
      hold(NAME + (long) name.length(), line);
    }
  }

  /** It is held no longer. */
  void release(long bytes) {
    held -= bytes;
  }

  long held() {
    return held;
  }

  /** All that was held since is not any more. */
  void backTo(long before) {
    held = before;
    spent = false;
  }

  @Override
  public void close() {
    while (turn.isHeldByCurrentThread()) {
      turn.unlock();
    }
  }
}
