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
  private Preparation preparation = () -> {};
  private long held;
  private Turns.@Nullable Turn large;

  PackMemory(GitLimits.Pack limits, Turns turns) {
    this.limits = limits;
    this.turns = turns;
  }

  /** What must not last while others wait. */
  interface Preparation {
    void run() throws IOException;
  }

  /** Has this done before the turn is waited for. */
  void beforeItsTurn(Preparation before) {
    preparation = before;
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
      preparation.run();
      large = turn(turns);
    }
  }

  /** One whose thread is interrupted has nobody who waits for him. */
  static Turns.Turn turn(Turns turns) throws InterruptedIOException {
    try {
      return turns.large();
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
