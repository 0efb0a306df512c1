package dev.fairlead.git;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Counts what unpacking one pack holds in the heap, before it is held.
 *
 * <p>Guarantees: all unpacking at the same time holds no more than {@link GitLimits.Pack#memory} of
 * one and {@link GitLimits.Pack#share} of each other one; who needs more than a share waits for his
 * turn, and has it until he closes this. For one thread.
 */
final class PackMemory implements AutoCloseable {
  private final GitLimits.Pack limits;
  private final Turns turns;
  private long held;
  private Turns.@Nullable Turn large;

  PackMemory(GitLimits.Pack limits, Turns turns) {
    this.limits = limits;
    this.turns = turns;
  }

  /** The turn to unpack at all, within which this is used. */
  Turns.Turn unpacking() throws InterruptedIOException {
    return inTime(turns::unpacking);
  }

  /**
   * So much more is about to be held.
   *
   * @throws PackTooLarge it must not be
   */
  void hold(long bytes) throws IOException {
    held += bytes;
    if (held > limits.memory()) {
      throw new PackTooLarge(
          "to unpack it takes more than the "
              + Text.size(limits.memory())
              + " of memory that --max-git-object-bytes and --max-fetch-objects allow; keep large"
              + " files out of the repository, or raise them together with the operator's memory");
    }
    if (held > limits.share() && large == null) {
      large = turn(turns);
    }
  }

  static Turns.Turn turn(Turns turns) throws InterruptedIOException {
    return inTime(turns::large);
  }

  private interface Wait {
    Turns.Turn end() throws InterruptedException;
  }

  /** One whose thread is interrupted has nobody who waits for him. */
  private static Turns.Turn inTime(Wait wait) throws InterruptedIOException {
    try {
      return wait.end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("it was not its turn in time");
    }
  }

  void release(long bytes) {
    held -= bytes;
  }

  long held() {
    return held;
  }

  @Override
  public void close() {
    if (large != null) {
      large.close();
      large = null;
    }
  }
}
