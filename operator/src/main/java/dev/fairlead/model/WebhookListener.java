package dev.fairlead.model;

import java.util.Locale;

/**
 * Told of every request that reaches the listener of webhooks. Called by several threads at once;
 * must return at once and throw nothing.
 */
public interface WebhookListener {
  void answered(Result result);

  /** What came of it; the value of a metric's label. */
  enum Result {
    /** A look was asked for. */
    ACCEPTED,
    /** The host only tried whether the hook works. */
    PING,
    /** The signature or the token is missing or wrong. */
    DENIED,
    /** There is no hook at that path. */
    UNKNOWN,
    /** It was no hook: another method, too large, or broken off. */
    INVALID,
    /** This process does not lead, and the one that does answered. */
    FORWARDED,
    /** Nobody could take it, or there were too many at once. */
    UNAVAILABLE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
