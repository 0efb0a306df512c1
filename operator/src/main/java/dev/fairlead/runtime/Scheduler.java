package dev.fairlead.runtime;

import java.time.Duration;

/** Runs things later. Any thread may call it. */
public interface Scheduler {
  /**
   * Runs the task once, when the delay is over, never on the calling thread before this method
   * returns. A delay that is not positive means: as soon as possible.
   */
  Timer schedule(Duration delay, Runnable task);

  /** One task that was put off. */
  interface Timer {
    /**
     * Keeps the task from starting, if it has not started yet. A task that is just starting may
     * still run: whoever cannot have that checks in the task whether it is still wanted.
     */
    void cancel();
  }
}
