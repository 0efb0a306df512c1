package dev.fairlead.runtime;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The scheduler of the running process: real time, measured by the monotonic clock.
 *
 * <p>Guarantees: a task runs on a virtual thread of its own, so that a slow one delays no other; a
 * cancelled one leaves no memory behind; after {@link #close()} nothing starts any more and new
 * tasks are dropped silently, which suits timers whose owners have stopped before. Any thread may
 * call it.
 */
public final class SystemScheduler implements Scheduler, AutoCloseable {
  private final ScheduledThreadPoolExecutor executor;

  public SystemScheduler() {
    executor =
        new ScheduledThreadPoolExecutor(1, Thread.ofVirtual().name("fairlead-timers").factory());
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    long nanos = delay.isNegative() ? 0 : TimeUnit.NANOSECONDS.convert(delay);
    try {
      Future<?> future =
          executor.schedule(
              () -> {
                Thread.ofVirtual().name("fairlead-timer").start(task);
              },
              nanos,
              TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    } catch (RejectedExecutionException closed) {
      return () -> {};
    }
  }

  /** Drops all that has not started; does not wait. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
