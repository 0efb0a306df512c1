package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.fairlead.model.QueueListener;
import dev.fairlead.model.ReconcileListener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.LoggerFactory;

/** Many threads, real time, a random course whose seed is in every failure. */
@ResourceLock("the log of Controller")
final class ControllerConcurrencyTest {
  private static final int KEYS = 40;
  private static final int ADDERS = 6;
  private static final int ADDS = 3_000;

  private final AtomicIntegerArray running = new AtomicIntegerArray(KEYS);
  private final AtomicIntegerArray wanted = new AtomicIntegerArray(KEYS);
  private final AtomicIntegerArray seen = new AtomicIntegerArray(KEYS);
  private final AtomicInteger overlaps = new AtomicInteger();
  private final AtomicInteger depth = new AtomicInteger();

  @BeforeAll
  static void keepQuietAboutTheFailuresThatAreMeant() {
    ((Logger) LoggerFactory.getLogger(Controller.class)).setLevel(Level.OFF);
  }

  @RepeatedTest(5)
  void no_key_runs_twice_at_once_and_no_request_is_lost() throws InterruptedException {
    long seed = System.nanoTime();
    System.out.println("ControllerConcurrencyTest seed " + seed);
    try (SystemScheduler scheduler = new SystemScheduler()) {
      Controller<Integer> controller = controller(scheduler, new Random(seed));
      controller.start();

      List<Thread> adders = new ArrayList<>();
      for (int i = 0; i < ADDERS; i++) {
        Random random = new Random(seed + i);
        adders.add(Thread.ofVirtual().start(() -> addMany(controller, random)));
      }
      for (Thread adder : adders) {
        adder.join();
      }

      // Each run reads what is wanted, so a lost request would leave a key behind for ever.
      await("every request to be seen, seed " + seed)
          .atMost(Duration.ofSeconds(20))
          .until(this::nothingIsMissing);
      assertThat(controller.close(Duration.ofSeconds(2))).as("seed %d", seed).isEmpty();
      assertThat(overlaps).as("runs of one key at once, seed %d", seed).hasValue(0);
      assertThat(depth).as("depth at the end, seed %d", seed).hasValue(0);
    }
  }

  private Controller<Integer> controller(Scheduler scheduler, Random random) {
    return new Controller<>(
        new Controller.Settings(
            "random",
            8,
            KEYS,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(5))),
        key -> reconcile(key, random),
        InstantSource.system(),
        scheduler,
        random,
        new QueueListener() {
          @Override
          public void depthChanged(int by) {
            depth.addAndGet(by);
          }

          @Override
          public void waited(Duration wait) {}
        },
        ReconcileListener.NONE);
  }

  private Result reconcile(int key, Random random) throws InterruptedException {
    if (running.incrementAndGet(key) != 1) {
      overlaps.incrementAndGet();
    }
    try {
      int now = wanted.get(key);
      int dice = random.nextInt(100);
      if (dice < 10) {
        Thread.sleep(Duration.ofNanos(random.nextInt(300_000)));
      }
      if (dice < 20) {
        return Result.retry();
      }
      if (dice < 25) {
        throw new IllegalArgumentException("one of those days");
      }
      seen.accumulateAndGet(key, now, Math::max);
      return dice < 30 ? Result.after(Duration.ofMillis(1)) : Result.done();
    } finally {
      running.decrementAndGet(key);
    }
  }

  private void addMany(Controller<Integer> controller, Random random) {
    Priority[] priorities = Priority.values();
    for (int i = 0; i < ADDS; i++) {
      int key = random.nextInt(KEYS);
      Priority priority = priorities[random.nextInt(priorities.length)];
      wanted.incrementAndGet(key);
      boolean accepted =
          random.nextInt(10) == 0
              ? controller.addAfter(key, Duration.ofMillis(random.nextInt(3)), priority)
              : controller.add(key, priority);
      if (!accepted) {
        throw new IllegalStateException("refused: " + key);
      }
    }
  }

  private boolean nothingIsMissing() {
    for (int key = 0; key < KEYS; key++) {
      if (seen.get(key) != wanted.get(key)) {
        return false;
      }
    }
    return true;
  }
}
