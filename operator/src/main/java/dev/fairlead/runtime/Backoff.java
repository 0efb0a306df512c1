package dev.fairlead.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: doubled each time, with up to a fifth of jitter to either
 * side so that many keys that failed together do not come back together, and never outside {@code
 * first} to {@code max}.
 */
public record Backoff(Duration first, Duration max) {
  /** Half a second to five minutes. */
  public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofMinutes(5));

  private static final double JITTER = 0.2;
  // 2^40 times the smallest delay of a nanosecond is already 18 minutes; more only overflows.
  private static final int MOST_DOUBLINGS = 40;

  public Backoff {
    if (!first.isPositive() || max.compareTo(first) < 0) {
      throw new IllegalArgumentException("back-off from " + first + " to " + max);
    }
  }

  /** The delay after the so-many-th failure in a row, the first being 1. */
  public Duration delay(int failures, RandomGenerator random) {
    if (failures < 1) {
      throw new IllegalArgumentException("no failure, no back-off: " + failures);
    }
    double least = (double) first.toNanos();
    double most = (double) max.toNanos();
    double base = Math.min(least * Math.pow(2, Math.min(failures - 1, MOST_DOUBLINGS)), most);
    double jittered = base * (1 - JITTER + 2 * JITTER * random.nextDouble());
    return Duration.ofNanos((long) Math.clamp(jittered, least, most));
  }
}
