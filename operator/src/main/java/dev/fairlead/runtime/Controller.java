package dev.fairlead.runtime;

import dev.fairlead.model.LogKeys;
import dev.fairlead.model.Probe;
import dev.fairlead.model.QueueListener;
import dev.fairlead.model.ReconcileListener;
import dev.fairlead.model.ReconcileResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a reconciler for the keys that are asked for, on a bounded number of virtual threads.
 *
 * <p>Guarantees: a key never runs twice at once; a request is never lost, whatever the reconciler
 * does; a failure backs off by key; a run that outlives its deadline is interrupted, and reported
 * by {@link #liveness()} if it does not return even then; a lasting unexpected failure is logged
 * once by key, until it changes; {@link #close} leaves no run behind that heeds its interrupt.
 *
 * <p>Any thread may call it. The queue and each run have a lock of their own, never held while the
 * reconciler runs.
 */
public final class Controller<K> {
  private static final Logger log = LoggerFactory.getLogger(Controller.class);
  private static final Duration AFTER_INTERRUPT = Duration.ofSeconds(1);

  /**
   * The bounds of one controller.
   *
   * @param name for threads and logs
   * @param workers how many keys run at once
   * @param capacity how many keys it may know
   * @param deadline after which a run is interrupted
   * @param grace how long an interrupted run may take before {@link #liveness()} fails
   */
  public record Settings(
      String name, int workers, int capacity, Duration deadline, Duration grace, Backoff backoff) {
    /** 100,000 keys, 10 minutes for a run, another half for it to heed its interrupt. */
    public static Settings of(String name, int workers) {
      return new Settings(
          name, workers, 100_000, Duration.ofMinutes(10), Duration.ofSeconds(30), Backoff.DEFAULT);
    }

    public Settings {
      if (workers < 1 || capacity < 1 || !deadline.isPositive() || grace.isNegative()) {
        throw new IllegalArgumentException("workers, capacity and deadline must be positive");
      }
    }
  }

  private final Settings settings;
  private final Reconciler<K> reconciler;
  private final InstantSource clock;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final ReconcileListener listener;
  private final WorkQueue<K> queue;
  private final CountDownLatch working;
  private final List<Thread> workers = new ArrayList<>();
  private final Set<Run<K>> runs = ConcurrentHashMap.newKeySet();
  private final Map<K, Failing> failing = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /** Each key has a lane of its own: any keys may have all workers. */
  public Controller(
      Settings settings,
      Reconciler<K> reconciler,
      InstantSource clock,
      Scheduler scheduler,
      RandomGenerator random,
      QueueListener queueListener,
      ReconcileListener listener) {
    this(settings, key -> key, reconciler, clock, scheduler, random, queueListener, listener);
  }

  /**
   * @param laneOf which keys share a lane, which never has more than half of the workers
   */
  public Controller(
      Settings settings,
      Function<K, Object> laneOf,
      Reconciler<K> reconciler,
      InstantSource clock,
      Scheduler scheduler,
      RandomGenerator random,
      QueueListener queueListener,
      ReconcileListener listener) {
    this.settings = settings;
    this.reconciler = reconciler;
    this.clock = clock;
    this.scheduler = scheduler;
    this.random = random;
    this.listener = listener;
    this.working = new CountDownLatch(settings.workers());
    this.queue =
        new WorkQueue<>(
            settings.capacity(), settings.workers(), laneOf, clock, scheduler, queueListener);
  }

  /** Starts the workers; once. Keys may be added before. */
  public void start() {
    synchronized (workers) {
      if (stopping || !workers.isEmpty()) {
        throw new IllegalStateException(settings.name() + " was started before");
      }
      for (int i = 0; i < settings.workers(); i++) {
        workers.add(Thread.ofVirtual().name(settings.name() + "-" + i).start(this::work));
      }
    }
  }

  /** Asks for a run as soon as possible; false when the controller is full or stops. */
  public boolean add(K key, Priority priority) {
    return queue.add(key, priority);
  }

  /**
   * Asks for a run after the delay, at the latest; false when the controller is full or stops. A
   * run that starts before makes this void: its result says when the next one is due.
   */
  public boolean addAfter(K key, Duration delay, Priority priority) {
    return queue.addAfter(key, delay, priority);
  }

  /** Whether workers return: bad when a run ignores the interrupt that its deadline brought. */
  public Probe liveness() {
    Instant now = clock.instant();
    Duration most = settings.deadline().plus(settings.grace());
    int active = 0;
    for (Run<K> run : runs) {
      active++;
      Duration since = Duration.between(run.started, now);
      if (since.compareTo(most) > 0) {
        return Probe.bad(
            "%s: the work on %s has not returned for %d s"
                .formatted(settings.name(), run.key, since.toSeconds()));
      }
    }
    return Probe.good(
        "%s: %d of %d workers at work".formatted(settings.name(), active, settings.workers()));
  }

  /** Takes no new work and drops what waits; runs go on. Returns at once. */
  public void stopTaking() {
    stopping = true;
    queue.close();
  }

  /**
   * Stops: what runs may finish within {@code patience}, is interrupted then, and has one more
   * second.
   *
   * @return the keys whose runs have not returned even so; empty after an orderly stop
   * @throws InterruptedException when the caller was interrupted; then all runs were too
   */
  public Set<K> close(Duration patience) throws InterruptedException {
    stopTaking();
    List<Thread> threads;
    synchronized (workers) {
      threads = List.copyOf(workers);
    }
    try {
      if (!threads.isEmpty() && !allEndWithin(patience)) {
        threads.forEach(Thread::interrupt);
        var _ = allEndWithin(AFTER_INTERRUPT);
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      throw e;
    }
    Set<K> left = new HashSet<>();
    runs.forEach(run -> left.add(run.key));
    return left;
  }

  private boolean allEndWithin(Duration time) throws InterruptedException {
    return working.await(Math.max(0, time.toNanos()), TimeUnit.NANOSECONDS);
  }

  private void work() {
    try {
      while (true) {
        Optional<WorkQueue.Taken<K>> taken = queue.take();
        if (taken.isEmpty()) {
          return;
        }
        run(taken.get());
      }
    } catch (InterruptedException e) {
      // Only close() interrupts a worker that waits, and then there is nothing left to do.
      return;
    } finally {
      working.countDown();
    }
  }

  private void run(WorkQueue.Taken<K> taken) {
    K key = taken.key();
    Run<K> run = new Run<>(key, clock.instant(), Thread.currentThread());
    runs.add(run);
    Scheduler.Timer timer = scheduler.schedule(settings.deadline(), () -> deadlineIsOver(run));
    @Nullable Result result = null;
    @Nullable Throwable thrown = null;
    try {
      result = reconciler.reconcile(key);
    } catch (InterruptedException e) {
      // Who interrupted is known below: the deadline or the stop.
    } catch (RuntimeException | Error e) {
      // A worker outlives everything, a stack overflow on somebody's manifest included.
      thrown = e;
    }
    timer.cancel();
    boolean expired = run.finish();
    // A late interrupt was for this run, not for the next one.
    var _ = Thread.interrupted();
    settle(taken, run, result, thrown, expired);
    runs.remove(run);
  }

  private void settle(
      WorkQueue.Taken<K> taken,
      Run<K> run,
      @Nullable Result result,
      @Nullable Throwable thrown,
      boolean expired) {
    K key = taken.key();
    if (result == null && stopping) {
      log.atDebug().addKeyValue(LogKeys.KEY, key).setCause(thrown).log("Stopped amid a reconcile");
      queue.done(key);
      return;
    }
    Duration took = Duration.between(run.started, clock.instant());
    switch (result) {
      case Result.Done() -> {
        failing.remove(key);
        queue.done(key);
        listener.reconciled(ReconcileResult.SUCCESS, took);
      }
      case Result.After(Duration delay, Priority priority) -> {
        failing.remove(key);
        queue.done(key, delay, priority);
        listener.reconciled(ReconcileResult.SUCCESS, took);
      }
      case Result.Retry() -> {
        retry(taken, "");
        listener.reconciled(ReconcileResult.RETRY, took);
      }
      case null -> {
        if (thrown != null && !expired) {
          reportOnce(key, thrown);
        }
        retry(taken, expired ? Failing.DEADLINE : Failing.signature(thrown));
        listener.reconciled(expired ? ReconcileResult.TIMEOUT : ReconcileResult.ERROR, took);
      }
    }
  }

  private void retry(WorkQueue.Taken<K> taken, String signature) {
    int failures =
        failing.merge(
                taken.key(), new Failing(1, signature), (old, now) -> old.another(now.signature))
            .count;
    queue.done(taken.key(), settings.backoff().delay(failures, random), taken.priority());
  }

  private void deadlineIsOver(Run<K> run) {
    // Asked before the interrupt: the worker notes this very failure as soon as it has it.
    boolean known = lastSignature(run.key).equals(Failing.DEADLINE);
    if (run.expire() && !known) {
      log.atWarn()
          .addKeyValue(LogKeys.KEY, run.key)
          .addKeyValue(LogKeys.CONTROLLER, settings.name())
          .addKeyValue("deadline", settings.deadline())
          .log("A reconcile outlived its deadline and was interrupted");
    }
  }

  private void reportOnce(K key, Throwable thrown) {
    boolean known = lastSignature(key).equals(Failing.signature(thrown));
    (known ? log.atDebug() : log.atError())
        .addKeyValue(LogKeys.KEY, key)
        .addKeyValue(LogKeys.CONTROLLER, settings.name())
        .setCause(thrown)
        .log("A reconcile failed unexpectedly and is tried again later");
  }

  private String lastSignature(K key) {
    Failing last = failing.get(key);
    return last == null ? "" : last.signature;
  }

  /** How often in a row a key failed, and what the last failure was like. */
  private record Failing(int count, String signature) {
    static final String DEADLINE = "deadline";

    Failing another(String now) {
      return new Failing(count == Integer.MAX_VALUE ? count : count + 1, now);
    }

    /** The class and the place; not the text, which may differ each time. */
    static String signature(@Nullable Throwable thrown) {
      if (thrown == null) {
        return "interrupted";
      }
      StackTraceElement[] trace = thrown.getStackTrace();
      return thrown.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }
  }

  /** One run; its lock keeps an interrupt from reaching the worker after the run is over. */
  private static final class Run<K> {
    final K key;
    final Instant started;
    private final Thread thread;
    private boolean finished;
    private boolean expired;

    Run(K key, Instant started, Thread thread) {
      this.key = key;
      this.started = started;
      this.thread = thread;
    }

    synchronized boolean expire() {
      if (finished) {
        return false;
      }
      expired = true;
      thread.interrupt();
      return true;
    }

    synchronized boolean finish() {
      finished = true;
      return expired;
    }
  }
}
