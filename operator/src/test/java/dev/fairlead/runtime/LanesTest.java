package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.QueueListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys are {@code lane/name}. */
class LanesTest {
  private final ManualScheduler time = new ManualScheduler();

  private WorkQueue<String> queue(int workers) {
    return new WorkQueue<>(10_000, workers, LanesTest::lane, time, time, QueueListener.NONE);
  }

  private static String lane(String key) {
    return key.substring(0, key.indexOf('/'));
  }

  private static void add(WorkQueue<String> queue, Priority priority, String lane, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(queue.add(lane + "/" + i, priority)).isTrue();
    }
  }

  /** As many as there are workers for. */
  private static List<String> take(WorkQueue<String> queue, int workers) {
    List<String> taken = new ArrayList<>();
    while (taken.size() < workers) {
      Optional<WorkQueue.Taken<String>> next = queue.poll();
      if (next.isEmpty()) {
        break;
      }
      taken.add(next.get().key());
    }
    return taken;
  }

  @ParameterizedTest(name = "of {0} workers a lane that is alone has {1}")
  @CsvSource({"1, 1", "2, 1", "3, 2", "4, 2", "8, 4", "20, 10"})
  void one_lane_has_half_of_the_workers(int workers, int most) {
    WorkQueue<String> queue = queue(workers);
    add(queue, Priority.HIGH, "a", 100);

    assertThat(take(queue, workers)).hasSize(most);
  }

  @Test
  void a_second_lane_has_half_of_the_rest_and_there_is_one_left_for_a_third() {
    WorkQueue<String> queue = queue(4);
    add(queue, Priority.HIGH, "a", 100);
    add(queue, Priority.HIGH, "b", 100);
    assertThat(take(queue, 4)).containsExactly("a/0", "a/1", "b/0");

    add(queue, Priority.LOW, "c", 1);

    assertThat(take(queue, 1)).containsExactly("c/0");
  }

  @Test
  void whoever_waits_for_his_share_holds_up_nobody_however_urgent_he_is() {
    WorkQueue<String> queue = queue(4);
    add(queue, Priority.HIGH, "a", 5_000);
    add(queue, Priority.LOW, "b", 1);

    assertThat(take(queue, 3)).containsExactly("a/0", "a/1", "b/0");
  }

  @Test
  void what_waited_for_its_share_runs_in_its_order_the_urgent_first() {
    WorkQueue<String> queue = queue(2);
    assertThat(queue.add("a/running", Priority.NORMAL)).isTrue();
    assertThat(take(queue, 1)).containsExactly("a/running");
    queue.add("a/low", Priority.LOW);
    queue.add("a/first", Priority.NORMAL);
    queue.add("a/second", Priority.NORMAL);
    queue.add("a/high", Priority.HIGH);
    assertThat(take(queue, 1)).isEmpty();

    List<String> order = new ArrayList<>();
    String running = "a/running";
    for (int i = 0; i < 4; i++) {
      queue.done(running);
      running = take(queue, 1).getFirst();
      order.add(running);
    }

    assertThat(order).containsExactly("a/high", "a/first", "a/second", "a/low");
  }

  @Test
  void a_key_that_becomes_urgent_while_it_waits_for_its_share_goes_first() {
    WorkQueue<String> queue = queue(2);
    queue.add("a/running", Priority.NORMAL);
    take(queue, 1);
    queue.add("a/first", Priority.NORMAL);
    queue.add("a/raised", Priority.NORMAL);
    assertThat(take(queue, 1)).isEmpty();

    queue.add("a/raised", Priority.HIGH);
    queue.done("a/running");

    assertThat(take(queue, 2)).containsExactly("a/raised");
    assertThat(queue.depth()).isEqualTo(1);
  }

  @Test
  void a_worker_that_another_lane_gives_back_is_there_for_those_who_wait() {
    WorkQueue<String> queue = queue(4);
    add(queue, Priority.NORMAL, "b", 2);
    add(queue, Priority.NORMAL, "a", 3);
    assertThat(take(queue, 4)).containsExactly("b/0", "b/1", "a/0");

    queue.done("b/0");
    queue.done("b/1");

    assertThat(take(queue, 4)).containsExactly("a/1");
  }

  @Test
  void closing_drops_what_waits_for_its_share() {
    WorkQueue<String> queue = queue(2);
    add(queue, Priority.NORMAL, "a", 3);
    take(queue, 2);
    queue.poll();

    queue.close();
    queue.done("a/0");

    assertThat(queue.depth()).isZero();
    assertThat(queue.poll()).isEmpty();
  }

  /** Whatever comes and goes: nothing is lost, nothing runs twice, no share is exceeded. */
  @Test
  void everything_runs_once_and_no_lane_has_more_than_half() {
    long seed = Long.getLong("fairlead.seed", 7L);
    Random random = new Random(seed);
    int workers = 6;
    WorkQueue<String> queue = queue(workers);
    Set<String> wanted = new HashSet<>();
    List<String> running = new ArrayList<>();
    for (int step = 0; step < 20_000 || !wanted.isEmpty() || !running.isEmpty(); step++) {
      if (step < 20_000 && random.nextInt(3) == 0) {
        String key = (char) ('a' + random.nextInt(4)) + "/" + random.nextInt(50);
        if (!running.contains(key)) {
          Priority priority = List.of(Priority.values()).get(random.nextInt(3));
          assertThat(queue.addAfter(key, Duration.ZERO, priority)).isTrue();
          wanted.add(key);
        }
      }
      if (running.size() < workers) {
        queue
            .poll()
            .ifPresent(taken -> {
              assertThat(wanted.remove(taken.key())).as("seed " + seed).isTrue();
              running.add(taken.key());
            });
      }
      Map<String, Integer> lanes = new HashMap<>();
      running.forEach(key -> lanes.merge(lane(key), 1, Integer::sum));
      assertThat(lanes.values()).as("seed " + seed).allMatch(n -> n <= workers / 2);
      if (!running.isEmpty() && random.nextInt(3) == 0) {
        queue.done(running.remove(random.nextInt(running.size())));
      }
      // Everything would be at a standstill.
      assertThat(running.isEmpty() && !wanted.isEmpty() && queue.depth() == 0).isFalse();
    }
    assertThat(queue.depth()).isZero();
  }
}
