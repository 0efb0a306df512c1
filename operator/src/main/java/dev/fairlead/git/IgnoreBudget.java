package dev.fairlead.git;

import dev.fairlead.model.Reason;

/**
 * Counts what the ignore patterns of one walk cost, so that none of them holds up the daemon. For
 * one thread.
 */
final class IgnoreBudget {
  /** Comparisons of bytes; a guess at what nobody needs, not measured in time. */
  static final long LIMIT = 200_000_000;

  private long done;

  /**
   * @throws GitException BUILD_FAILED: it is too much
   */
  void add(long bytes) throws GitException {
    done += bytes;
    if (done > LIMIT) {
      throw new GitException(
          Reason.BUILD_FAILED,
          "the patterns of spec.ignore and of "
              + IgnoreRules.FILE
              + " files are too many, or too long, for so many files: use fewer `*`, or ignore"
              + " whole directories");
    }
  }
}
