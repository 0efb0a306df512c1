package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fairlead.runtime.BoundedExecutor.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BoundedExecutorTest {
  private final BoundedExecutor executor = new BoundedExecutor("test", 4);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  @Test
  void answers_come_in_the_order_of_the_items() throws InterruptedException {
    List<Integer> items = IntStream.range(0, 500).boxed().toList();
    Random random = new Random(1);

    List<Outcome<Integer, Integer>> outcomes =
        executor.map(
            items,
            4,
            item -> {
              TimeUnit.MICROSECONDS.sleep(random.nextInt(100));
              return item * 2;
            });

    assertThat(outcomes)
        .isEqualTo(items.stream().map(item -> new Outcome.Success<>(item, item * 2)).toList());
  }

  @Test
  void failures_come_in_order_and_stop_nobody_else() throws InterruptedException {
    AtomicInteger done = new AtomicInteger();

    List<Outcome.Failure<Integer, Void>> failures =
        executor.forEach(
            List.of(1, 2, 3, 4, 5),
            item -> {
              if (item % 2 == 0) {
                throw new IOException("no " + item);
              }
              done.incrementAndGet();
            });

    assertThat(failures)
        .map(f -> f.item() + " " + f.cause().getMessage())
        .containsExactly("2 no 2", "4 no 4");
    assertThat(done).hasValue(3);
  }

  @Test
  void no_more_runs_at_once_than_there_are_places_whoever_asks() throws InterruptedException {
    List<Integer> items = IntStream.range(0, 50).boxed().toList();
    Thread other = Thread.ofVirtual().start(() -> runQuietly(items));

    executor.forEach(items, 100, this::count);
    other.join();
    assertThat(most.get()).isLessThanOrEqualTo(4);

    most.set(0);
    executor.forEach(items, 2, this::count);
    assertThat(most).hasValue(2);
  }

  @Test
  void all_places_are_used() throws InterruptedException {
    CyclicBarrier together = new CyclicBarrier(4);

    assertThat(
            executor.forEach(
                IntStream.range(0, 8).boxed().toList(),
                item -> together.await(10, TimeUnit.SECONDS)))
        .isEmpty();
  }

  @Test
  void a_long_call_does_not_keep_a_short_one_waiting_for_all_of_it() throws InterruptedException {
    BoundedExecutor narrow = new BoundedExecutor("narrow", 1);
    AtomicInteger done = new AtomicInteger();
    CountDownLatch begun = new CountDownLatch(1);
    Thread longCall =
        Thread.ofVirtual()
            .start(() -> {
              try {
                narrow.forEach(
                    IntStream.range(0, 200).boxed().toList(),
                    item -> {
                      begun.countDown();
                      TimeUnit.MILLISECONDS.sleep(5);
                      done.incrementAndGet();
                    });
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    AtomicInteger before = new AtomicInteger();
    narrow.forEach(List.of("short"), item -> before.set(done.get()));

    assertThat(before.get()).isLessThan(100);
    longCall.interrupt();
    longCall.join();
  }

  @Test
  void an_interrupt_stops_the_work_and_leaves_none_behind() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(4);
    AtomicInteger started = new AtomicInteger();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                executor.forEach(
                    IntStream.range(0, 100).boxed().toList(),
                    item -> {
                      started.incrementAndGet();
                      running.incrementAndGet();
                      begun.countDown();
                      try {
                        new CountDownLatch(1).await();
                      } finally {
                        running.decrementAndGet();
                      }
                    });
              } catch (InterruptedException e) {
                interrupted.set(running.get() == 0);
              }
            });
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    caller.interrupt();
    caller.join();

    assertThat(interrupted).as("interrupted, with no work left").isTrue();
    assertThat(started).hasValue(4);
    await("the places to be free again")
        .until(() -> executor.forEach(List.of(1, 2, 3, 4), item -> {}).isEmpty());
  }

  @Test
  void work_that_was_interrupted_interrupts_the_call() {
    assertThatThrownBy(() ->
            executor.forEach(
                List.of(1, 2, 3),
                item -> {
                  throw new InterruptedException("deadline");
                }))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void an_error_ends_the_call() {
    assertThatThrownBy(() ->
            executor.forEach(
                List.of(1, 2, 3),
                item -> {
                  throw new StackOverflowError();
                }))
        .isInstanceOf(StackOverflowError.class);
  }

  @Test
  void no_items_are_no_work() throws InterruptedException {
    assertThat(executor.map(List.<String>of(), 4, String::length)).isEmpty();
  }

  @Test
  void a_single_call_waits_for_its_place_and_gives_it_back() throws Exception {
    BoundedExecutor one = new BoundedExecutor("one", 1);

    assertThat(one.call(() -> 1) + one.call(() -> 2)).isEqualTo(3);
    assertThatThrownBy(() ->
            one.call(() -> {
              throw new IOException("no");
            }))
        .hasMessage("no");
    assertThat(one.call(() -> 4)).isEqualTo(4);
  }

  private void runQuietly(List<Integer> items) {
    try {
      executor.forEach(items, 100, this::count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void count(int item) throws InterruptedException {
    int now = running.incrementAndGet();
    most.accumulateAndGet(now, Math::max);
    TimeUnit.MILLISECONDS.sleep(1);
    running.decrementAndGet();
  }
}
