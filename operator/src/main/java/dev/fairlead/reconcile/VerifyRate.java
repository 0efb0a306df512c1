package dev.fairlead.reconcile;

import java.time.Duration;

/**
 * Spaces the verification after a start, so that thousands of objects do not load the API server at
 * once. Any thread may call it.
 */
final class VerifyRate {
  private final long gapNanos;
  private long next = System.nanoTime();

  /**
   * @param perSecond how many may begin in a second
   */
  VerifyRate(int perSecond) {
    this.gapNanos = 1_000_000_000L / perSecond;
  }

  /** Waits for its turn. */
  void await() throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = System.nanoTime();
      next = Math.max(next, now) + gapNanos;
      wait = next - gapNanos - now;
    }
    if (wait > 0) {
      Thread.sleep(Duration.ofNanos(wait));
    }
  }
}
