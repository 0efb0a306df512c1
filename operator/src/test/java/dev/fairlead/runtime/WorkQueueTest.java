package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.QueueListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WorkQueueTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualScheduler time = new ManualScheduler();
  private final Recorder recorder = new Recorder();
  private final WorkQueue<String> queue = new WorkQueue<>(100, time, time, recorder);

  @Test
  void keys_of_one_priority_are_first_come_first_served() {
    add(Priority.NORMAL, "a", "b", "c");

    assertThat(takeAll()).containsExactly("a", "b", "c");
  }

  @Test
  void a_key_that_is_added_twice_runs_once_and_keeps_its_place() {
    add(Priority.NORMAL, "a", "b", "a");

    assertThat(takeAll()).containsExactly("a", "b");
  }

  @Test
  void more_urgent_keys_go_first() {
    add(Priority.LOW, "low");
    add(Priority.NORMAL, "normal");
    add(Priority.HIGH, "high");

    assertThat(takeAll()).containsExactly("high", "normal", "low");
  }

  @Test
  void a_key_queued_twice_keeps_the_higher_priority() {
    add(Priority.NORMAL, "first", "raised");
    add(Priority.HIGH, "raised");
    add(Priority.LOW, "raised");

    assertThat(queue.poll()).contains(new WorkQueue.Taken<>("raised", Priority.HIGH));
    assertThat(takeAll()).containsExactly("first");
  }

  @Test
  void a_less_urgent_key_has_its_turn_after_eight_were_taken_past_it() {
    add(Priority.LOW, "low");
    add(Priority.NORMAL, "normal");
    for (int i = 0; i < 20; i++) {
      add(Priority.HIGH, "h" + i);
    }

    List<String> order = takeAll();

    assertThat(order.indexOf("normal")).isEqualTo(WorkQueue.PATIENCE);
    assertThat(order.indexOf("low")).isEqualTo(WorkQueue.PATIENCE + 1);
    assertThat(order).hasSize(22);
  }

  @Test
  void a_key_that_left_its_priority_does_not_leave_its_turn_behind() {
    add(Priority.LOW, "low");
    for (int i = 0; i < WorkQueue.PATIENCE; i++) {
      add(Priority.HIGH, "h" + i);
      take();
    }
    add(Priority.HIGH, "low");

    assertThat(takeAll()).containsExactly("low");
  }

  @Test
  void a_key_added_while_it_runs_runs_once_more_afterwards_and_not_before() {
    add(Priority.NORMAL, "a");
    take();
    add(Priority.NORMAL, "a", "a");

    assertThat(queue.poll()).isEmpty();
    queue.done("a");
    assertThat(queue.poll()).map(WorkQueue.Taken::key).contains("a");
    queue.done("a");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void a_key_raised_while_it_runs_is_urgent_afterwards() {
    add(Priority.LOW, "a", "b");
    take();
    add(Priority.LOW, "a");
    add(Priority.HIGH, "a");
    queue.done("a");

    assertThat(takeAll()).containsExactly("a", "b");
  }

  @Test
  void a_delayed_key_comes_when_its_time_is_over() {
    queue.addAfter("a", SECOND, Priority.NORMAL);

    time.advance(Duration.ofMillis(999));
    assertThat(queue.poll()).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(queue.poll()).contains(new WorkQueue.Taken<>("a", Priority.NORMAL));
  }

  @Test
  void the_earliest_of_two_delays_wins_and_the_higher_priority_is_kept() {
    queue.addAfter("a", SECOND, Priority.LOW);
    queue.addAfter("a", Duration.ofMinutes(1), Priority.HIGH);
    queue.addAfter("b", Duration.ofMinutes(1), Priority.HIGH);
    queue.addAfter("b", SECOND, Priority.LOW);

    time.advance(SECOND);
    assertThat(queue.poll()).contains(new WorkQueue.Taken<>("a", Priority.HIGH));
    assertThat(queue.poll()).contains(new WorkQueue.Taken<>("b", Priority.HIGH));
    assertThat(time.pending()).isZero();
  }

  @Test
  void a_run_makes_the_timer_void_that_was_set_before_it() {
    queue.addAfter("a", SECOND, Priority.NORMAL);
    add(Priority.NORMAL, "a");
    take();
    queue.done("a");

    time.advance(Duration.ofMinutes(1));
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void a_timer_set_during_a_run_stays_and_the_earlier_of_it_and_the_result_wins() {
    add(Priority.NORMAL, "a");
    take();
    queue.addAfter("a", SECOND, Priority.NORMAL);
    queue.done("a", Duration.ofMinutes(1), Priority.LOW);

    time.advance(SECOND);
    assertThat(takeAll()).containsExactly("a");
    assertThat(time.pending()).isZero();
  }

  @Test
  void a_delay_that_is_over_is_none() {
    queue.addAfter("a", Duration.ofSeconds(-1), Priority.NORMAL);

    assertThat(takeAll()).containsExactly("a");
  }

  @Test
  void a_full_queue_refuses_new_keys_and_knows_the_old_ones_still() {
    WorkQueue<String> small = new WorkQueue<>(3, time, time, QueueListener.NONE);
    assertThat(small.add("running", Priority.NORMAL)).isTrue();
    assertThat(small.poll()).isPresent();
    assertThat(small.add("waiting", Priority.NORMAL)).isTrue();
    assertThat(small.addAfter("delayed", SECOND, Priority.NORMAL)).isTrue();

    assertThat(small.add("new", Priority.HIGH)).isFalse();
    assertThat(small.addAfter("new", SECOND, Priority.HIGH)).isFalse();
    assertThat(small.add("running", Priority.HIGH)).isTrue();
    assertThat(small.add("waiting", Priority.HIGH)).isTrue();
    assertThat(small.add("delayed", Priority.HIGH)).isTrue();
  }

  @Test
  void a_key_that_is_done_makes_room() {
    WorkQueue<String> small = new WorkQueue<>(1, time, time, QueueListener.NONE);
    small.add("a", Priority.NORMAL);
    small.poll();
    small.done("a");

    assertThat(small.add("b", Priority.NORMAL)).isTrue();
  }

  @Test
  void the_wait_is_measured_from_the_first_request_or_from_when_a_delay_was_over() {
    add(Priority.LOW, "a");
    queue.addAfter("b", SECOND, Priority.NORMAL);
    time.advance(Duration.ofSeconds(3));
    add(Priority.HIGH, "a");
    takeAll();

    assertThat(recorder.waits).containsExactly(Duration.ofSeconds(3), Duration.ofSeconds(2));
  }

  @Test
  void the_depth_counts_each_key_that_waits_once() {
    add(Priority.NORMAL, "a", "b", "a");
    queue.addAfter("later", SECOND, Priority.NORMAL);
    assertThat(recorder.depth).isEqualTo(2);

    take();
    add(Priority.NORMAL, "a");
    assertThat(recorder.depth).isEqualTo(2);

    queue.close();
    assertThat(recorder.depth).isZero();
    assertThat(queue.depth()).isZero();
  }

  @Test
  void a_closed_queue_drops_everything_and_takes_nothing() throws InterruptedException {
    add(Priority.NORMAL, "a", "b");
    take();
    queue.addAfter("later", SECOND, Priority.NORMAL);

    queue.close();

    assertThat(queue.take()).isEmpty();
    assertThat(queue.add("c", Priority.HIGH)).isFalse();
    assertThat(time.pending()).isZero();
    queue.done("a", SECOND, Priority.NORMAL);
    assertThat(time.pending()).isZero();
  }

  @Test
  void finishing_a_key_that_does_not_run_is_a_mistake() {
    add(Priority.NORMAL, "a");

    assertThatThrownBy(() -> queue.done("a")).hasMessage("this key is not running: a");
    assertThatThrownBy(() -> queue.done("b")).hasMessage("this key is not running: b");
  }

  private void add(Priority priority, String... keys) {
    for (String key : keys) {
      assertThat(queue.add(key, priority)).isTrue();
    }
  }

  private void take() {
    assertThat(queue.poll()).isPresent();
  }

  private List<String> takeAll() {
    List<String> keys = new ArrayList<>();
    Optional<WorkQueue.Taken<String>> next = queue.poll();
    while (next.isPresent()) {
      keys.add(next.get().key());
      next = queue.poll();
    }
    return keys;
  }

  private static final class Recorder implements QueueListener {
    int depth;
    final List<Duration> waits = new ArrayList<>();

    @Override
    public void depthChanged(int by) {
      depth += by;
    }

    @Override
    public void waited(Duration wait) {
      waits.add(wait);
    }
  }
}
