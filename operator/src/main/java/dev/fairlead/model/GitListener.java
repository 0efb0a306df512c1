package dev.fairlead.model;

import java.time.Duration;
import java.util.Locale;

/**
 * Told of every request to a Git server, also of those that failed. Called on the thread that made
 * the request, by several at once; must return at once and throw nothing.
 */
public interface GitListener {
  void request(Operation operation, Result result, Duration duration);

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
