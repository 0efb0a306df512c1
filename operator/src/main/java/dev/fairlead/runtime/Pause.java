package dev.fairlead.runtime;

import java.time.Duration;

/** Sleeps, on a virtual thread that is meant to wait; the one place that does. */
public final class Pause {
  private Pause() {}

  /** Waits; not at all when the duration is not positive. */
  public static void of(Duration duration) throws InterruptedException {
    if (duration.isPositive()) {
      Thread.sleep(duration);
    }
  }
}
