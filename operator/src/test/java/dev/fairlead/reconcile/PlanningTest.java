package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.FieldSet;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Owner;
import dev.fairlead.plan.Preview;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanningTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final ObjectKey KEY = new ObjectKey("apps", "Deployment", "a", "web");

  private final Planning planning = new Planning();

  private void planned(Duration took, long seen, Live... found) {
    Map<ObjectKey, Planning.Mark> marks =
        found.length == 0 ? Map.of() : Map.of(KEY, Planning.Mark.of(found[0]));
    planning.planned(
        new Planning.Outcome(
            new Target("1", 1), new Preview(List.of()), List.of(), Optional.empty(), NOW, took),
        NOW.plusSeconds(600),
        marks,
        seen);
  }

  private static Live live(String version, OptionalLong generation, String status, String field) {
    return new Live(
        KEY,
        "u",
        version,
        generation,
        false,
        Map.of(),
        Map.of(),
        List.of(owner("kubelet", "status", status), owner("kubectl", "", field)));
  }

  private static Owner owner(String manager, String subresource, String field) {
    return new Owner(
        manager,
        false,
        subresource,
        Optional.empty(),
        FieldSet.of("v1", Json.of(Map.of("f:" + field, Json.Obj.empty()))));
  }

  @Test
  void a_plan_is_due_again_after_its_time() {
    planned(Duration.ofSeconds(1), 0);
    assertThat(planning.due()).isEqualTo(NOW.plusSeconds(600));
  }

  @Test
  void a_change_makes_it_due_soon_but_not_at_any_pace() {
    planned(Duration.ofMillis(100), 0);
    planning.changed(NOW.plusSeconds(3));
    assertThat(planning.due()).isEqualTo(NOW.plus(Planning.PACE));
  }

  @Test
  void a_change_after_a_while_is_followed_within_a_second() {
    planned(Duration.ofMillis(100), 0);
    planning.changed(NOW.plusSeconds(60));
    assertThat(planning.due()).isEqualTo(NOW.plusSeconds(61));
  }

  @Test
  void a_long_plan_is_made_less_often() {
    planned(Duration.ofSeconds(20), 0);
    planning.changed(NOW.plusSeconds(3));
    assertThat(planning.due()).isEqualTo(NOW.plusSeconds(200));
  }

  @Test
  void a_change_during_a_plan_is_not_lost() {
    long seen = planning.changes();
    planning.changed(NOW.minusSeconds(1));
    planned(Duration.ofSeconds(2), seen);
    assertThat(planning.due()).isEqualTo(NOW.plusSeconds(20));
  }

  @Test
  void who_asks_is_served_at_once() {
    planned(Duration.ofSeconds(20), 0);
    planning.asked(NOW.plusSeconds(1));
    assertThat(planning.due()).isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void status_is_no_news_but_a_field_a_label_and_a_version_without_generation_are() {
    OptionalLong first = OptionalLong.of(1);
    planned(Duration.ofSeconds(1), 0, live("1", first, "a", "spec"));
    assertThat(planning.isNews(live("2", first, "b", "spec"))).isFalse();
    assertThat(planning.isNews(live("2", OptionalLong.of(2), "a", "spec"))).isTrue();
    assertThat(planning.isNews(live("2", first, "a", "metadata"))).isTrue();
    planned(Duration.ofSeconds(1), 0, live("1", OptionalLong.empty(), "a", "data"));
    assertThat(planning.isNews(live("1", OptionalLong.empty(), "a", "data"))).isFalse();
    assertThat(planning.isNews(live("2", OptionalLong.empty(), "a", "data"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # wanted by the commit now | how many were applied | what is there | the same?
          a b c | 3 | a b c | true
          # Somebody has deleted one: drift.
          a b c | 3 | a c | true
          # One more that is now ignored, or outside of the path, was applied then.
          a b | 3 | a b c | false
          a b | 3 | a b | false
          # One less, which was ignored then.
          a b c | 2 | a b | false
          # As many, but others.
          a c | 2 | a b | false
          """,
      delimiter = '|')
  void a_commit_under_another_spec_is_not_what_was_applied(
      String wanted, int applied, String there, boolean same) {
    Build build =
        new Build(
            new Target("1", 1),
            "tree",
            "print",
            Arrays.stream(wanted.split(" ", -1))
                .map(n -> Examples.desired("ConfigMap", n))
                .toList(),
            Map.of(),
            Set.of(),
            List.of(),
            Map.of());

    assertThat(
            Planning.isWhatWasApplied(
                build,
                new SyncStatus.Applied(Examples.commit("1").revision(), NOW, applied),
                keys(there)))
        .isEqualTo(same);
  }

  private static Set<ObjectKey> keys(String names) {
    return Arrays.stream(names.split(" ", -1))
        .map(n -> Examples.key("ConfigMap", n))
        .collect(Collectors.toSet());
  }
}
