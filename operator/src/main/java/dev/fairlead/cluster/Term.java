package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.plan.ApiError;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The time in which this process leads, and the gate that keeps it from writing at any other.
 *
 * <p>Guarantees: a write passes only within the deadline after a renewal of the lease began, by the
 * monotonic clock and by the one on the wall: the first stands still while the machine sleeps, the
 * second may be set back. So a process that was paused writes nothing before it knows that it is
 * still the holder; until then its writes wait. Whoever reaches the gate of a term that has ended
 * is told to drop its work, like one who is interrupted, so that no one reports it. A term never
 * begins again. Any thread may call; one lock.
 */
public final class Term implements WriteGate {
  /** How long a write waits for the renewal. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Duration deadline;
  private final LongSupplier ticks;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Moment confirmed;
  private boolean ended;

  /** One moment on both clocks. */
  record Moment(long tick, Instant time) {
    Moment {
      requireNonNull(time);
    }
  }

  /**
   * @param deadline how long after a renewal began this process may write
   * @param ticks monotonic, in nanoseconds
   * @param confirmed when the first write of the lease began
   */
  Term(Duration deadline, LongSupplier ticks, InstantSource clock, Moment confirmed) {
    this.deadline = deadline;
    this.ticks = ticks;
    this.clock = clock;
    this.confirmed = confirmed;
  }

  /** The lease was still this process' own at that moment. */
  void confirm(Moment at) {
    lock.lock();
    try {
      confirmed = at;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing is written, whatever is still at work. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a write would pass now. */
  public boolean isOpen() {
    lock.lock();
    try {
      return !ended && isFresh();
    } finally {
      lock.unlock();
    }
  }

  private boolean isFresh() {
    return ticks.getAsLong() - confirmed.tick() < deadline.toNanos()
        && clock.instant().isBefore(confirmed.time().plus(deadline));
  }

  @Override
  public void pass() throws ApiException, InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = PATIENCE.toNanos();
      while (!ended && !isFresh()) {
        if (left <= 0) {
          throw new ApiException(
              new ApiError.Unavailable(
                  "nothing is written until the lease can be renewed: the API server is away, or"
                      + " refuses it"));
        }
        left = changed.awaitNanos(left);
      }
      if (ended) {
        throw new InterruptedException("this process does not lead any more");
      }
    } finally {
      lock.unlock();
    }
  }
}
