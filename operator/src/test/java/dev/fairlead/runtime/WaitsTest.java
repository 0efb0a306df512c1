package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class WaitsTest {
  private final Waits<String, String> waits = new Waits<>(10);

  @Test
  void who_waits_longest_comes_first() {
    waits.replace("two", List.of("x"));
    waits.replace("one", List.of("x", "y"));

    assertThat(waits.waiting("x")).containsExactly("two", "one");
    assertThat(waits.waiting("y")).containsExactly("one");
    assertThat(waits.waiting("z")).isEmpty();
  }

  @Test
  void who_goes_on_waiting_keeps_its_place() {
    waits.replace("one", List.of("x"));
    waits.replace("two", List.of("x"));

    waits.replace("one", List.of("y", "x"));

    assertThat(waits.waiting("x")).containsExactly("one", "two");
  }

  @Test
  void what_one_does_not_name_again_one_no_longer_waits_for() {
    waits.replace("one", List.of("x", "y"));

    waits.replace("one", List.of("y"));

    assertThat(waits.waiting("x")).isEmpty();
    assertThat(waits.of("one")).containsExactly("y");
    assertThat(waits.waits("one", "x")).isFalse();
    assertThat(waits.size()).isEqualTo(1);
  }

  @Test
  void who_comes_back_stands_last() {
    waits.replace("one", List.of("x"));
    waits.replace("two", List.of("x"));
    waits.forget("one");
    waits.replace("one", List.of("x"));

    assertThat(waits.waiting("x")).containsExactly("two", "one");
  }

  @Test
  void one_may_wait_for_one_thing_more() {
    waits.replace("one", List.of("x"));

    assertThat(waits.add("one", "y")).isTrue();
    assertThat(waits.add("one", "y")).isTrue();

    assertThat(waits.of("one")).containsExactly("x", "y");
    assertThat(waits.size()).isEqualTo(2);
  }

  @Test
  void a_single_wait_can_be_over() {
    waits.replace("one", List.of("x", "y"));

    waits.forget("one", "x");
    waits.forget("two", "x");

    assertThat(waits.of("one")).containsExactly("y");
  }

  @Test
  void what_is_beyond_the_capacity_is_not_remembered_and_nothing_else_suffers() {
    assertThat(waits.replace("one", List.of("a", "b", "c", "d", "e", "f"))).isTrue();

    assertThat(waits.replace("two", List.of("a", "b", "c", "d", "e"))).isFalse();
    assertThat(waits.size()).isEqualTo(10);
    assertThat(waits.of("two")).containsExactly("a", "b", "c", "d");

    waits.forget("one");
    assertThat(waits.replace("two", List.of("a", "b", "c", "d", "e"))).isTrue();
    assertThat(waits.size()).isEqualTo(5);
  }

  @RepeatedTest(20)
  void it_agrees_with_a_plain_model(org.junit.jupiter.api.RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Map<String, Set<String>> model = new HashMap<>();
    Waits<String, String> large = new Waits<>(1000);
    for (int i = 0; i < 300; i++) {
      String who = "w" + random.nextInt(5);
      List<String> keys = new ArrayList<>();
      for (int k = random.nextInt(4); k > 0; k--) {
        keys.add("k" + random.nextInt(6));
      }
      large.replace(who, keys);
      model.put(who, new LinkedHashSet<>(keys));
    }

    assertThat(large.size()).isEqualTo(model.values().stream().mapToInt(Set::size).sum());
    model.forEach((who, keys) -> {
      assertThat(large.of(who)).containsExactlyInAnyOrderElementsOf(keys);
      keys.forEach(key -> assertThat(large.waiting(key)).contains(who));
    });
  }
}
