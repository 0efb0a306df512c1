package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SystemSchedulerTest {
  private final SystemScheduler scheduler = new SystemScheduler();
  private final CountDownLatch done = new CountDownLatch(1);

  @AfterEach
  void close() {
    scheduler.close();
  }

  @Test
  void a_task_runs_when_its_time_is_over() throws InterruptedException {
    long start = System.nanoTime();
    scheduler.schedule(Duration.ofMillis(20), done::countDown);

    awaitDone();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
  }

  @Test
  void tasks_run_in_the_order_of_their_times() throws InterruptedException {
    Queue<String> ran = new ConcurrentLinkedQueue<>();
    scheduler.schedule(
        Duration.ofMillis(300),
        () -> {
          ran.add("later");
          done.countDown();
        });
    scheduler.schedule(Duration.ZERO, () -> ran.add("now"));
    scheduler.schedule(Duration.ofMillis(-5), () -> ran.add("now"));

    awaitDone();
    assertThat(ran).containsExactly("now", "now", "later");
  }

  @Test
  void a_slow_task_delays_no_other() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    scheduler.schedule(Duration.ZERO, () -> awaitQuietly(never));
    scheduler.schedule(Duration.ofMillis(10), done::countDown);

    awaitDone();
    never.countDown();
  }

  @Test
  void a_cancelled_task_does_not_run() throws InterruptedException {
    AtomicBoolean ran = new AtomicBoolean();
    Scheduler.Timer timer = scheduler.schedule(Duration.ofMillis(50), () -> ran.set(true));
    timer.cancel();
    timer.cancel();
    scheduler.schedule(Duration.ofMillis(150), done::countDown);

    awaitDone();
    assertThat(ran).isFalse();
  }

  @Test
  void after_the_end_nothing_runs_and_nothing_breaks() throws InterruptedException {
    AtomicBoolean ran = new AtomicBoolean();
    scheduler.schedule(Duration.ofSeconds(1), () -> ran.set(true));
    scheduler.close();

    scheduler.schedule(Duration.ZERO, () -> ran.set(true)).cancel();

    Thread.sleep(Duration.ofMillis(1200));
    assertThat(ran).isFalse();
  }

  private void awaitDone() throws InterruptedException {
    assertThat(done.await(10, TimeUnit.SECONDS)).as("the task ran").isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
