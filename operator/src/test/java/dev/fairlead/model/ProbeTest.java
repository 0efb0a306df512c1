package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProbeTest {
  @Test
  void several_are_good_when_all_are() {
    assertThat(Probe.all(List.of(Probe.good("one"), Probe.good("two"))))
        .isEqualTo(Probe.good("one; two"));
  }

  @Test
  void several_are_bad_when_one_is_and_say_what_is_wrong() {
    assertThat(Probe.all(List.of(Probe.good("one"), Probe.bad("two"), Probe.bad("three"))))
        .isEqualTo(Probe.bad("two; three"));
  }

  @Test
  void a_probe_says_something() {
    assertThatThrownBy(() -> Probe.good(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Probe.all(List.of())).isInstanceOf(IllegalArgumentException.class);
  }
}
