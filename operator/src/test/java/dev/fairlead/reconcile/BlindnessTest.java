package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class BlindnessTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");
  private static final Instant BEFORE = NOW.minus(Duration.ofHours(2));
  private static final Blindness ONE =
      new Blindness(Map.of(new GroupKind("", "Secret"), "x may not list secrets; add a rule"));
  private static final Blindness TWO =
      new Blindness(
          Map.of(
              new GroupKind("", "Secret"), "x may not list secrets; add a rule",
              new GroupKind("apps", "Deployment"), "x may not list deployments.apps"));
  private static final String WARNING =
      "kind Secret: drift and health of its objects are not seen: x may not list secrets; add a"
          + " rule";

  private static SyncStatus ready() {
    Condition.Type[] types = {
      Condition.Type.READY, Condition.Type.FETCHED, Condition.Type.APPLIED, Condition.Type.HEALTHY
    };
    return new SyncStatus(
        3,
        Optional.empty(),
        List.of(types).stream()
            .map(t -> new Condition(t, Condition.State.TRUE, "Succeeded", "well", 3, BEFORE))
            .toList(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new SyncStatus.ObjectCounts(2, 2, 0, 0),
        "well",
        SyncStatus.Inventory.EMPTY,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        1,
        List.of(new Problem("Job a/b", "", 0, "Contested", "somebody changes it", BEFORE)),
        List.of("a.yaml:1: ConfigMap a/b: old"),
        List.of());
  }

  @Test
  void each_kind_is_warned_of_with_what_is_missing() {
    assertThat(TWO.warnings())
        .extracting(Object::toString)
        .containsExactly(
            WARNING,
            "kind Deployment.apps: drift and health of its objects are not seen: x may not list"
                + " deployments.apps");
    assertThat(TWO.warnings()).allMatch(w -> Blindness.covers(w.toString()));
  }

  @Test
  void who_waits_for_a_kind_is_not_ready_and_keeps_what_was_known() {
    SyncStatus status = ONE.waiting(ready(), false, 4, NOW);

    String message =
        "kind Secret: drift and health of its objects are not seen, and nothing of the GitSync is"
            + " applied or pruned until they are: x may not list secrets; add a rule";
    assertThat(status.conditions())
        .extracting(c -> c.type() + " " + c.state() + " " + c.reason() + " " + c.message())
        .containsExactly(
            "Ready False AccessDenied " + message,
            "Stalled True AccessDenied " + message,
            "Fetched True Succeeded well",
            "Applied True Succeeded well",
            "Healthy True Succeeded well");
    assertThat(status.message()).isEqualTo(message);
    assertThat(status.observedGeneration()).as("the spec is not acted on").isEqualTo(3);
    assertThat(status.problemCount()).isEqualTo(2);
    assertThat(status.problems()).extracting(Problem::message).first().isEqualTo(WARNING);
    assertThat(status.problems()).extracting(Problem::object).last().isEqualTo("Job a/b");
    assertThat(status.warnings()).containsExactly(WARNING, "a.yaml:1: ConfigMap a/b: old");
  }

  @Test
  void the_same_told_again_is_the_same_status() {
    SyncStatus once = ONE.waiting(ready(), false, 3, NOW);

    assertThat(ONE.waiting(once, false, 3, NOW.plus(Duration.ofHours(1)))).isEqualTo(once);
    assertThat(TWO.waiting(once, false, 3, NOW).message()).endsWith("add a rule (and 1 more)");
  }

  @Test
  void who_is_suspended_stays_as_ready_as_it_was_and_is_warned() {
    SyncStatus status = ONE.waiting(ready(), true, 3, NOW);

    assertThat(status.conditions()).isEqualTo(ready().conditions());
    assertThat(status.problems()).isEqualTo(ready().problems());
    assertThat(status.problemCount()).isEqualTo(1);
    assertThat(status.message()).isEqualTo("well");
    assertThat(status.warnings()).first().isEqualTo(WARNING);
  }

  @Test
  void the_warnings_go_with_the_right_that_is_back() {
    List<String> before = List.of(WARNING, "spec.webhook: no token", "a.yaml:1: ConfigMap: old");

    assertThat(Notices.NONE.amend(before, NOW)).containsExactly("a.yaml:1: ConfigMap: old");
    assertThat(new Notices(Webhook.NONE, Expiries.UNREAD, ONE).amend(before, NOW))
        .containsExactly(WARNING, "a.yaml:1: ConfigMap: old");
  }
}
