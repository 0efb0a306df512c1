package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.fairlead.model.QueueListener;
import dev.fairlead.model.ReconcileListener;
import dev.fairlead.model.ReconcileResult;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

@ResourceLock("the log of Controller")
final class ControllerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ManualScheduler time = new ManualScheduler();
  private final Queue<ReconcileResult> results = new ConcurrentLinkedQueue<>();
  private final ReconcileListener listener = (result, took) -> results.add(result);
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Controller.class);

  @BeforeEach
  void captureLogs() {
    logged.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(logged);
  }

  @AfterEach
  void releaseLogs() {
    logger.detachAppender(logged);
    logger.setAdditive(true);
  }

  @Test
  void a_key_that_is_done_rests_until_it_is_asked_for() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Controller<String> controller =
        started(key -> {
          runs.incrementAndGet();
          return Result.done();
        });

    controller.add("a", Priority.NORMAL);
    awaitRuns(runs, 1);
    awaitResults(ReconcileResult.SUCCESS);
    time.advance(Duration.ofDays(1));
    controller.add("a", Priority.NORMAL);
    awaitRuns(runs, 2);

    assertThat(controller.close(PATIENCE)).isEmpty();
    assertThat(time.pending()).isZero();
  }

  @Test
  void a_key_comes_again_after_the_delay_that_it_asked_for() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Controller<String> controller =
        started(key -> {
          runs.incrementAndGet();
          return Result.after(Duration.ofMinutes(1));
        });

    controller.add("a", Priority.NORMAL);
    awaitResults(ReconcileResult.SUCCESS);
    time.advance(Duration.ofSeconds(59));
    assertThat(runs).hasValue(1);
    time.advance(Duration.ofSeconds(1));
    awaitRuns(runs, 2);

    assertThat(controller.close(PATIENCE)).isEmpty();
  }

  @Test
  void retries_come_later_each_time_and_start_anew_after_a_success() throws InterruptedException {
    SynchronousQueue<Result> script = new SynchronousQueue<>();
    Controller<String> controller = started(key -> script.take());
    controller.add("a", Priority.NORMAL);

    for (int failure = 1; failure <= 12; failure++) {
      script.put(Result.retry());
      Duration wait = awaitNextDelay();
      assertThat(wait)
          .as("after failure %d", failure)
          .isBetween(Backoff.DEFAULT.first(), Backoff.DEFAULT.max());
      if (failure < 9) {
        double expected = 500 * Math.pow(2, failure - 1);
        assertThat((double) wait.toMillis()).isBetween(expected * 0.79, expected * 1.21);
      }
      time.advance(wait);
    }
    script.put(Result.done());
    controller.add("a", Priority.NORMAL);
    script.put(Result.retry());
    assertThat(awaitNextDelay()).isLessThan(Duration.ofSeconds(1));

    assertThat(controller.close(PATIENCE)).isEmpty();
  }

  @Test
  void an_unexpected_exception_is_logged_once_with_its_key_and_tried_again()
      throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Controller<String> controller =
        started(key -> {
          runs.incrementAndGet();
          throw new IllegalStateException("attempt " + runs);
        });
    controller.add("broken", Priority.NORMAL);
    for (int i = 1; i <= 5; i++) {
      awaitRuns(runs, i);
      time.advance(awaitNextDelay());
    }
    awaitRuns(runs, 6);
    quickly("six results").until(() -> results.size() == 6);

    assertThat(results).containsOnly(ReconcileResult.ERROR);
    assertThat(logged.list).hasSize(1);
    ILoggingEvent event = logged.list.getFirst();
    assertThat(event.getLevel()).isEqualTo(Level.ERROR);
    assertThat(event.getKeyValuePairs().toString()).contains("key=\"broken\"");
    assertThat(controller.close(PATIENCE)).isEmpty();
  }

  @Test
  void a_stack_overflow_does_not_cost_a_worker() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    Controller<String> controller =
        started(
            1,
            key -> {
              if (key.equals("deep")) {
                throw new StackOverflowError();
              }
              runs.incrementAndGet();
              return Result.done();
            });
    controller.add("deep", Priority.HIGH);
    controller.add("flat", Priority.LOW);

    awaitRuns(runs, 1);
    assertThat(controller.close(PATIENCE)).isEmpty();
  }

  @Test
  void a_run_that_outlives_its_deadline_is_interrupted_and_tried_again()
      throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    Controller<String> controller =
        started(
            1,
            key -> {
              if (runs.incrementAndGet() == 1) {
                never.await();
              }
              // The interrupt of the run before must not have reached this one.
              return Thread.currentThread().isInterrupted() ? Result.retry() : Result.done();
            });
    controller.add("slow", Priority.NORMAL);
    awaitRuns(runs, 1);

    time.advance(Duration.ofMinutes(10));
    awaitResults(ReconcileResult.TIMEOUT);
    time.advance(awaitNextDelay());

    awaitResults(ReconcileResult.TIMEOUT, ReconcileResult.SUCCESS);
    assertThat(logged.list)
        .map(ILoggingEvent::getMessage)
        .containsExactly("A reconcile outlived its deadline and was interrupted");
    assertThat(controller.close(PATIENCE)).isEmpty();
  }

  @Test
  void a_run_that_ignores_its_interrupt_fails_the_liveness_probe_and_is_named_at_the_end()
      throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Controller<String> controller =
        started(
            2,
            key -> {
              running.countDown();
              awaitStubbornly(release);
              return Result.done();
            });
    controller.add("stuck", Priority.NORMAL);
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(controller.liveness().sentence()).isEqualTo("test: 1 of 2 workers at work");

    time.advance(Duration.ofSeconds(630));
    assertThat(controller.liveness().ok()).isTrue();
    time.advance(Duration.ofSeconds(1));
    assertThat(controller.liveness().ok()).isFalse();
    assertThat(controller.liveness().sentence())
        .isEqualTo("test: the work on stuck has not returned for 631 s");

    long start = System.nanoTime();
    assertThat(controller.close(Duration.ofMillis(50))).containsExactly("stuck");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    release.countDown();
  }

  @Test
  void a_stop_lets_running_work_finish_and_starts_no_other() throws InterruptedException {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Queue<String> finished = new ConcurrentLinkedQueue<>();
    Controller<String> controller =
        started(
            1,
            key -> {
              running.countDown();
              release.await();
              finished.add(key);
              return Result.done();
            });
    controller.add("first", Priority.NORMAL);
    controller.add("second", Priority.NORMAL);
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

    controller.stopTaking();
    release.countDown();
    assertThat(controller.close(PATIENCE)).isEmpty();

    assertThat(finished).containsExactly("first");
    assertThat(controller.add("third", Priority.HIGH)).isFalse();
  }

  @Test
  void a_stop_interrupts_what_does_not_finish_in_time_and_logs_nothing_of_it()
      throws InterruptedException {
    CountDownLatch running = new CountDownLatch(2);
    Controller<String> controller =
        started(key -> {
          running.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            if (key.equals("wraps")) {
              throw new IllegalStateException("as some libraries do", e);
            }
            throw e;
          }
          return Result.done();
        });
    controller.add("heeds", Priority.NORMAL);
    controller.add("wraps", Priority.NORMAL);
    assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

    assertThat(controller.close(Duration.ofMillis(50))).isEmpty();

    assertThat(logged.list).isEmpty();
    assertThat(results).isEmpty();
    assertThat(time.pending()).isZero();
  }

  @Test
  void a_controller_that_never_started_closes_at_once() throws InterruptedException {
    Controller<String> controller = controller(3, key -> Result.done());
    controller.add("a", Priority.NORMAL);

    assertThat(controller.close(Duration.ofDays(1))).isEmpty();
  }

  private Controller<String> started(Reconciler<String> reconciler) {
    return started(4, reconciler);
  }

  private Controller<String> started(int workers, Reconciler<String> reconciler) {
    Controller<String> controller = controller(workers, reconciler);
    controller.start();
    return controller;
  }

  private Controller<String> controller(int workers, Reconciler<String> reconciler) {
    return new Controller<>(
        Controller.Settings.of("test", workers),
        reconciler,
        time,
        time,
        new Random(1),
        QueueListener.NONE,
        listener);
  }

  private void awaitRuns(AtomicInteger runs, int count) {
    quickly("run number " + count).until(() -> runs.get() == count);
  }

  private void awaitResults(ReconcileResult... expected) {
    quickly("results " + List.of(expected))
        .until(() -> List.copyOf(results), List.of(expected)::equals);
  }

  /** Waits until the back-off of the one key is the only timer, and says how long it takes. */
  private Duration awaitNextDelay() {
    quickly("a retry to be scheduled")
        .until(() ->
            time.pending() == 1
                && time.nextDue()
                    .map(due -> Duration.between(time.instant(), due))
                    .filter(delay -> delay.compareTo(Duration.ofMinutes(5)) <= 0)
                    .isPresent());
    return Duration.between(time.instant(), time.nextDue().orElseThrow());
  }

  private static ConditionFactory quickly(String what) {
    return await(what).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
  }

  private static void awaitStubbornly(CountDownLatch latch) {
    boolean open = false;
    while (!open) {
      try {
        latch.await();
        open = true;
      } catch (InterruptedException ignored) {
        // That is the point of it.
      }
    }
  }
}
