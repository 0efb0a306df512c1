package dev.fairlead.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Spaces work evenly, so that thousands of objects do not load a server at once. Any thread may
 * call it.
 */
public final class RateLimit {
  private final Duration gap;
  private final InstantSource clock;
  private Instant next = Instant.MIN;

  /**
   * @param perSecond how many may begin in a second
   */
  public RateLimit(int perSecond, InstantSource clock) {
    this.gap = Duration.ofSeconds(1).dividedBy(perSecond);
    this.clock = clock;
  }

  /** Waits for its turn. */
  public void await() throws InterruptedException {
    Duration wait;
    synchronized (this) {
      Instant now = clock.instant();
      Instant turn = next.isAfter(now) ? next : now;
      next = turn.plus(gap);
      wait = Duration.between(now, turn);
    }
    Pause.of(wait);
  }
}
