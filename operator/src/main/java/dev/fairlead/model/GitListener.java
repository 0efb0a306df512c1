package dev.fairlead.model;

import java.time.Duration;
import java.util.Locale;

/**
 * Told of every request to a Git server, also of those that failed, and of the disk that mirrors
 * take. Called on the thread that made the request or wrote, by several at once; must return at
 * once and throw nothing.
 */
public interface GitListener {
  void request(Operation operation, Result result, Duration duration);

  /**
   * Told of what all mirrors take on the disk, when that changes.
   *
   * @param bytes what is being written counted
   * @param limit that they are kept within
   */
  default void cache(long bytes, long limit) {}

  /** What was asked for; the value of a metric's label. */
  enum Operation {
    /** Where a ref points to. */
    LOOK,
    /** The objects of a commit. */
    FETCH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How it ended; the value of a metric's label. */
  enum Result {
    SUCCESS,
    /** The server did not like the credentials. */
    DENIED,
    /** The ref or the commit is not there. */
    NOT_FOUND,
    /** The deadline passed first, or nobody waited any longer. */
    TIMEOUT,
    FAILURE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
