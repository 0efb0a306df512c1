package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.PlannedObject.Action;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Preview;
import dev.fairlead.reconcile.StatusReport.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PlanStatusTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Revision REVISION =
      new Revision("main", "1f2e3d4".repeat(6).substring(0, 40));
  private static final Commit COMMIT = new Commit(REVISION, "A", "s", NOW);
  private static final Failure REFUSED = failure(Reason.VALIDATION_FAILED, true);
  private static final Failure UNREACHABLE = failure(Reason.FETCH_FAILED, false);

  /**
   * @param conditions as {@code Type=State/Reason: message}, one a line
   */
  record Case(
      String name,
      @Nullable Preview preview,
      @Nullable Failure failure,
      @Nullable Failure git,
      boolean applied,
      String conditions) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Failure failure(Reason reason, boolean lasting) {
    return new Failure(
        reason,
        "a.yaml:1: no",
        List.of(new Problem("", "a.yaml", 1, reason.toString(), "no", NOW)),
        1,
        lasting);
  }

  private static PlannedObject object(Action action, boolean drifted) {
    return new PlannedObject(
        new ObjectKey("", "ConfigMap", "a", "b"),
        Optional.of(new Origin("b.yaml", 0, 1)),
        action,
        drifted,
        true,
        "",
        List.of(),
        0);
  }

  private static Preview preview(PlannedObject... objects) {
    return new Preview(List.of(objects));
  }

  private static Stream<Case> cases() {
    String never = "nothing was applied: mode Plan only tells";
    String health = "health is not judged in mode Plan";
    return Stream.of(
        new Case(
            "cluster and Git agree",
            preview(object(Action.UNCHANGED, false)),
            null,
            null,
            false,
            "Ready=True/Succeeded: main@1f2e3d4: nothing to change, 1 object\nFetched=True/Succeeded: \n"
                + "Applied=Unknown/Succeeded: "
                + never
                + "\nHealthy=Unknown/Succeeded: "
                + health),
        new Case(
            "they do not",
            preview(object(Action.CREATE, false), object(Action.UPDATE, true)),
            null,
            null,
            false,
            "Ready=False/OutOfSync: main@1f2e3d4 would create 1, update 0, prune 0; 1 has drifted:"
                + " b.yaml:1: ConfigMap a/b: drifted: differs\nFetched=True/Succeeded: \n"
                + "Applied=Unknown/OutOfSync: "
                + never
                + "\nHealthy=Unknown/OutOfSync: "
                + health),
        new Case(
            "what was applied before is there, untouched",
            preview(object(Action.UNCHANGED, false)),
            null,
            null,
            true,
            "Ready=True/Succeeded: main@1f2e3d4: nothing to change, 1 object\nFetched=True/Succeeded: \n"
                + "Applied=True/Succeeded: main@1f2e3d4 was applied before mode Plan\n"
                + "Healthy=Unknown/Succeeded: "
                + health),
        new Case(
            "what was applied before has drifted",
            preview(object(Action.UPDATE, true)),
            null,
            null,
            true,
            "Ready=False/OutOfSync: main@1f2e3d4 would create 0, update 0, prune 0; 1 has drifted:"
                + " b.yaml:1: ConfigMap a/b: drifted: differs\nFetched=True/Succeeded: \n"
                + "Applied=False/OutOfSync: main@1f2e3d4 was applied before mode Plan\n"
                + "Healthy=Unknown/OutOfSync: "
                + health),
        new Case(
            "a commit that would be refused",
            preview(object(Action.CREATE, false)),
            REFUSED,
            null,
            false,
            "Ready=False/ValidationFailed: a.yaml:1: no\nStalled=True/ValidationFailed: a.yaml:1: no\n"
                + "Fetched=True/Succeeded: \nApplied=Unknown/ValidationFailed: "
                + never
                + "\nHealthy=Unknown/ValidationFailed: "
                + health),
        new Case(
            "Git cannot be reached",
            preview(object(Action.UNCHANGED, false)),
            null,
            UNREACHABLE,
            false,
            "Ready=False/FetchFailed: a.yaml:1: no\nFetched=False/FetchFailed: a.yaml:1: no\n"
                + "Applied=Unknown/FetchFailed: "
                + never
                + "\nHealthy=Unknown/FetchFailed: "
                + health),
        new Case(
            "a commit that is not planned yet",
            null,
            null,
            null,
            false,
            "Ready=Unknown/Progressing: planning main@1f2e3d4\n"
                + "Reconciling=True/Progressing: planning main@1f2e3d4\nFetched=True/Succeeded: \n"
                + "Applied=Unknown/Progressing: "
                + never
                + "\nHealthy=Unknown/Progressing: "
                + health));
  }

  private static SyncStatus status(Case c, SyncStatus before) {
    return PlanStatus.of(
        new PlanStatus.Facts(
            before,
            2,
            Optional.empty(),
            Optional.of(COMMIT),
            Optional.ofNullable(c.git()),
            Optional.ofNullable(c.failure()),
            Optional.ofNullable(c.preview()),
            List.of(),
            Notices.NONE,
            NOW));
  }

  private static SyncStatus before(boolean applied) {
    SyncStatus none = SyncStatus.EMPTY;
    return new SyncStatus(
        1,
        Optional.empty(),
        List.of(
            new Condition(
                Condition.Type.RECONCILING, Condition.State.TRUE, "Progressing", "m", 1, NOW)),
        none.source(),
        applied ? Optional.of(new SyncStatus.Applied(REVISION, NOW, 3)) : Optional.empty(),
        Optional.of(new SyncStatus.LastGood(REVISION, NOW, 1)),
        none.rollback(),
        Optional.empty(),
        new SyncStatus.ObjectCounts(3, 3, 0, 0),
        "m",
        none.inventory(),
        Optional.of(new SyncStatus.PendingPrune("d", 1, List.of())),
        none.plan(),
        List.of(new SyncStatus.FinishedJob("Job a/b", "d")),
        0,
        List.of(),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tells(Case c) {
    SyncStatus status = status(c, before(c.applied()));
    assertThat(
            status.conditions().stream()
                .map(o -> o.type() + "=" + o.state() + "/" + o.reason() + ": " + o.message()))
        .isEqualTo(c.conditions().lines().toList());
    assertThat(status.plan()).isEqualTo(Optional.ofNullable(c.preview()).map(Preview::summary));
  }

  @Test
  void what_tells_of_applying_stays_and_what_was_about_to_happen_goes() {
    SyncStatus before = before(true);
    SyncStatus status = status(cases().toList().getFirst(), before);
    assertThat(status.applied()).isEqualTo(before.applied());
    assertThat(status.lastGood()).isEqualTo(before.lastGood());
    assertThat(status.finishedJobs()).isEqualTo(before.finishedJobs());
    assertThat(status.pendingPrune()).isEmpty();
    assertThat(status.objects()).isEqualTo(SyncStatus.ObjectCounts.NONE);
  }
}
