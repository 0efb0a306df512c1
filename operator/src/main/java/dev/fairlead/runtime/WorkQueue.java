package dev.fairlead.runtime;

import dev.fairlead.model.QueueListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The keys that want a worker, each at most once.
 *
 * <p>Guarantees:
 *
 * <ul>
 *   <li>A key that was taken is not given out again before {@link #done}; asked for meanwhile, it
 *       runs once more afterwards.
 *   <li>A key asked for twice keeps its place, unless the second request is more urgent.
 *   <li>More urgent keys go first, but after {@value #PATIENCE} keys were taken past a less urgent
 *       one, that one has its turn; within one priority it is first come, first served.
 *   <li>Keys of one lane have no more than their share of the workers ({@link Lanes}), and those
 *       that wait for it hold up no other lane, however urgent they are.
 *   <li>A key has at most one timer. The earliest wins and the more urgent priority is kept; a run
 *       that starts cancels it, because the run sees everything and its result says when the next
 *       one is due. A request made while the key runs stays for after the run.
 *   <li>At most {@code capacity} keys are known, waiting, running and put off together. A key that
 *       is known is never refused, so that no retry is ever lost.
 * </ul>
 *
 * <p>Any thread may call it; one lock guards all state. The listener is called under that lock.
 */
public final class WorkQueue<K> {
  /** How many keys may be taken past a less urgent one. */
  static final int PATIENCE = 8;

  /** A key that was given to a worker. */
  public record Taken<K>(K key, Priority priority) {}

  private final int capacity;
  private final InstantSource clock;
  private final Scheduler scheduler;
  private final QueueListener listener;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final Map<K, Entry<K>> entries = new HashMap<>();
  private final Map<Priority, SequencedSet<Entry<K>>> ready = new EnumMap<>(Priority.class);
  private final Function<K, Object> laneOf;
  private final Lanes<Entry<K>> lanes;
  private final Map<Priority, Integer> passedOver = new EnumMap<>(Priority.class);
  private int depth;
  private boolean closed;

  /** Each key has a lane of its own. */
  public WorkQueue(int capacity, InstantSource clock, Scheduler scheduler, QueueListener listener) {
    this(capacity, Integer.MAX_VALUE, key -> key, clock, scheduler, listener);
  }

  /**
   * @param workers how many keys run at once at most
   * @param laneOf which keys share a lane; asked under the lock, so it must not wait
   */
  public WorkQueue(
      int capacity,
      int workers,
      Function<K, Object> laneOf,
      InstantSource clock,
      Scheduler scheduler,
      QueueListener listener) {
    if (capacity < 1) {
      throw new IllegalArgumentException("the capacity must be positive: " + capacity);
    }
    this.capacity = capacity;
    this.laneOf = laneOf;
    this.lanes = new Lanes<>(workers);
    this.clock = clock;
    this.scheduler = scheduler;
    this.listener = listener;
    for (Priority priority : Priority.values()) {
      ready.put(priority, new LinkedHashSet<>());
      passedOver.put(priority, 0);
    }
  }

  /** Asks for a run as soon as possible; false when the queue is full or closed. */
  public boolean add(K key, Priority priority) {
    return addAfter(key, Duration.ZERO, priority);
  }

  /** Asks for a run after a delay, at the latest; false when the queue is full or closed. */
  public boolean addAfter(K key, Duration delay, Priority priority) {
    lock.lock();
    try {
      if (closed || (entries.size() >= capacity && !entries.containsKey(key))) {
        return false;
      }
      want(entries.computeIfAbsent(key, Entry::new), delay, priority);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a key and marks it as running; empty as soon as the queue is closed. Whoever takes a
   * key must call {@code done}.
   */
  public Optional<Taken<K>> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Optional<Taken<K>> next = pollLocked();
        if (next.isPresent()) {
          return next;
        }
        added.await();
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #take()}, but empty at once when no key waits. */
  public Optional<Taken<K>> poll() {
    lock.lock();
    try {
      return closed ? Optional.empty() : pollLocked();
    } finally {
      lock.unlock();
    }
  }

  /** The run of the key is over. */
  public void done(K key) {
    lock.lock();
    try {
      finish(running(key));
    } finally {
      lock.unlock();
    }
  }

  /** The run of the key is over and wants another one after the delay, at the latest. */
  public void done(K key, Duration again, Priority priority) {
    lock.lock();
    try {
      Entry<K> entry = running(key);
      if (!closed) {
        want(entry, again, priority);
      }
      finish(entry);
    } finally {
      lock.unlock();
    }
  }

  /** How many keys have been asked for and wait, those that run just now included. */
  public int depth() {
    lock.lock();
    try {
      return depth;
    } finally {
      lock.unlock();
    }
  }

  /** Drops everything that waits or is put off, and lets every {@link #take()} return. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      for (Entry<K> entry : entries.values()) {
        entry.request = null;
        entry.cancelTimer();
      }
      ready.values().forEach(SequencedSet::clear);
      lanes.clear();
      entries.values().removeIf(Entry::idle);
      changeDepth(-depth);
      added.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void want(Entry<K> entry, Duration delay, Priority priority) {
    Instant now = clock.instant();
    if (entry.request != null || !delay.isPositive()) {
      ask(entry, priority, now);
      return;
    }
    Priority urgency = priority;
    Instant due = now.plus(delay);
    Delayed before = entry.delayed;
    if (before != null) {
      urgency = urgency.orHigher(before.priority);
      if (!before.due.isAfter(due)) {
        before.priority = urgency;
        return;
      }
      entry.cancelTimer();
    }
    Delayed delayed = new Delayed(due, urgency);
    entry.delayed = delayed;
    delayed.timer = scheduler.schedule(delay, () -> timeIsUp(entry, delayed));
  }

  private void timeIsUp(Entry<K> entry, Delayed delayed) {
    lock.lock();
    try {
      // A timer that lost the race against its cancellation must not count.
      if (entry.delayed == delayed) {
        ask(entry, delayed.priority, clock.instant());
      }
    } finally {
      lock.unlock();
    }
  }

  private void ask(Entry<K> entry, Priority priority, Instant now) {
    entry.cancelTimer();
    Request before = entry.request;
    if (before == null) {
      entry.request = new Request(priority, now);
      changeDepth(1);
      if (!entry.running) {
        makeReady(entry, priority);
      }
      return;
    }
    Priority urgency = priority.orHigher(before.priority);
    if (urgency != before.priority) {
      entry.request = new Request(urgency, before.since);
      if (!entry.running) {
        unqueue(entry, before.priority);
        makeReady(entry, urgency);
      }
    }
  }

  private void makeReady(Entry<K> entry, Priority priority) {
    ready(priority).add(entry);
    added.signal();
  }

  private void unqueue(Entry<K> entry, Priority priority) {
    if (entry.parked) {
      entry.parked = false;
      lanes.unpark(entry.lane, entry, priority);
    } else {
      ready(priority).remove(entry);
    }
  }

  private Optional<Taken<K>> pollLocked() {
    for (Optional<Priority> turn = turn(); turn.isPresent(); turn = turn()) {
      Entry<K> entry = ready(turn.get()).removeFirst();
      entry.lane = laneOf.apply(entry.key);
      if (lanes.mayRun(entry.lane)) {
        return Optional.of(start(entry, turn.get()));
      }
      entry.parked = true;
      lanes.park(entry.lane, entry, turn.get());
    }
    return Optional.empty();
  }

  private Taken<K> start(Entry<K> entry, Priority priority) {
    for (Priority other : Priority.values()) {
      if (other == priority || ready(other).isEmpty()) {
        passedOver.put(other, 0);
      } else if (other.compareTo(priority) > 0) {
        passedOver.merge(other, 1, Integer::sum);
      }
    }
    Request request = entry.request;
    if (request != null) {
      Duration wait = Duration.between(request.since, clock.instant());
      listener.waited(wait.isNegative() ? Duration.ZERO : wait);
    }
    entry.request = null;
    entry.running = true;
    lanes.started(entry.lane);
    changeDepth(-1);
    return new Taken<>(entry.key, priority);
  }

  private Optional<Priority> turn() {
    for (Priority priority : Priority.values()) {
      if (!ready(priority).isEmpty() && passedOver.getOrDefault(priority, 0) >= PATIENCE) {
        return Optional.of(priority);
      }
    }
    for (Priority priority : Priority.values()) {
      if (!ready(priority).isEmpty()) {
        return Optional.of(priority);
      }
    }
    return Optional.empty();
  }

  private Entry<K> running(K key) {
    Entry<K> entry = entries.get(key);
    if (entry == null || !entry.running) {
      throw new IllegalStateException("this key is not running: " + key);
    }
    return entry;
  }

  private void finish(Entry<K> entry) {
    entry.running = false;
    for (Lanes.Freed<Entry<K>> freed : lanes.ended(entry.lane)) {
      freed.entry().parked = false;
      makeReady(freed.entry(), freed.priority());
    }
    Request request = entry.request;
    if (request != null) {
      makeReady(entry, request.priority);
    } else if (entry.idle()) {
      entries.remove(entry.key);
    }
  }

  private SequencedSet<Entry<K>> ready(Priority priority) {
    SequencedSet<Entry<K>> set = ready.get(priority);
    if (set == null) {
      throw new IllegalStateException("no such priority: " + priority);
    }
    return set;
  }

  private void changeDepth(int by) {
    if (by != 0) {
      depth += by;
      listener.depthChanged(by);
    }
  }

  private record Request(Priority priority, Instant since) {}

  private static final class Delayed {
    final Instant due;
    Priority priority;
    Scheduler.@Nullable Timer timer;

    Delayed(Instant due, Priority priority) {
      this.due = due;
      this.priority = priority;
    }
  }

  private static final class Entry<K> {
    final K key;
    boolean running;

    /** Whether it waits for its lane. */
    boolean parked;

    /** As it was when it was last parked or taken. */
    Object lane = "";

    @Nullable Request request;
    @Nullable Delayed delayed;

    Entry(K key) {
      this.key = key;
    }

    boolean idle() {
      return !running && request == null && delayed == null;
    }

    void cancelTimer() {
      Delayed old = delayed;
      delayed = null;
      if (old != null && old.timer != null) {
        old.timer.cancel();
      }
    }
  }
}
