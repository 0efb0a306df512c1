package dev.fairlead.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * A clock and a scheduler that move only when told to. Due tasks run on the thread that advances,
 * in the order of their times, each seeing its own time. Any thread may schedule.
 */
public final class ManualScheduler implements Scheduler, InstantSource {
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparing(Task::due).thenComparingLong(Task::number));
  private Instant now;
  private long scheduled;

  public ManualScheduler() {
    this(Instant.parse("2026-01-01T00:00:00Z"));
  }

  public ManualScheduler(Instant start) {
    this.now = start;
  }

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Task added = new Task(delay.isNegative() ? now : now.plus(delay), scheduled++, task);
    tasks.add(added);
    return () -> cancel(added);
  }

  /** Moves the clock forward and runs all that becomes due meanwhile, also what that schedules. */
  public void advance(Duration by) {
    Instant end = instant().plus(by);
    for (Optional<Task> task = next(end); task.isPresent(); task = next(end)) {
      task.get().work.run();
    }
    synchronized (this) {
      now = end;
    }
  }

  /** How many tasks are to run some time. */
  public synchronized int pending() {
    return tasks.size();
  }

  /** When the next task is to run. */
  public synchronized Optional<Instant> nextDue() {
    return Optional.ofNullable(tasks.peek()).map(Task::due);
  }

  private synchronized Optional<Task> next(Instant end) {
    Task first = tasks.peek();
    if (first == null || first.due.isAfter(end)) {
      return Optional.empty();
    }
    tasks.remove();
    if (first.due.isAfter(now)) {
      now = first.due;
    }
    return Optional.of(first);
  }

  private synchronized void cancel(Task task) {
    tasks.remove(task);
  }

  private record Task(Instant due, long number, Runnable work) {}
}
