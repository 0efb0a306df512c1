package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.testbed.Seed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StatusJsonTest {
  private static final Revision REVISION = new Revision("main", "1f2e3d4".repeat(6).substring(2));
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");

  /** One with something in every field. */
  static SyncStatus full() {
    return new SyncStatus(
        3,
        Optional.of("2026-11-23T10:00:00Z"),
        List.of(
            new Condition(
                Condition.Type.HEALTHY, Condition.State.FALSE, "HealthCheckFailed", "m", 3, AT),
            new Condition(
                Condition.Type.READY, Condition.State.UNKNOWN, "Progressing", "m", 3, AT)),
        Optional.of(new SyncStatus.Source(new Commit(REVISION, "A", "Bigger hero", AT), AT)),
        Optional.of(new SyncStatus.Applied(REVISION, AT, 12)),
        Optional.of(new SyncStatus.LastGood(REVISION, AT, 3)),
        Optional.of(new SyncStatus.Rollback(REVISION, REVISION, "web.yaml:1: broken", AT)),
        Optional.of("/hook/3f2a"),
        new SyncStatus.ObjectCounts(12, 11, 1, 0),
        "one line",
        new SyncStatus.Inventory(
            List.of(new GroupKind("", "Service"), new GroupKind("apps", "Deployment")),
            List.of("portfolio")),
        Optional.of(new SyncStatus.PendingPrune("d1", 9, List.of("Service a/b"))),
        Optional.of(new SyncStatus.PlanSummary(1, 2, 0, 1, List.of("create Service a/b"))),
        List.of(new SyncStatus.FinishedJob("Job portfolio/migrate", "d2")),
        1,
        List.of(
            new SyncStatus.Problem(
                "Deployment portfolio/web", "deploy/web.yaml", 12, "ImagePullBackOff", "m", AT)),
        List.of("soon"),
        List.of(
            new SyncStatus.Deployment(
                REVISION,
                "Bigger hero",
                "A",
                AT,
                Duration.ofNanos(4_100_900_000L),
                "Succeeded",
                1,
                1,
                0)));
  }

  @Test
  void writesWhatTheApiPromises() {
    String revision = "main@sha1:" + REVISION.commit();
    assertThat(StatusJson.of(full()))
        .isEqualTo(
            Trees.object(
                """
                observedGeneration: 3
                handledRequest: "2026-11-23T10:00:00Z"
                conditions:
                - {type: Ready, status: Unknown, reason: Progressing, message: m, observedGeneration: 3,
                   lastTransitionTime: "2026-01-02T03:04:05Z"}
                - {type: Healthy, status: "False", reason: HealthCheckFailed, message: m, observedGeneration: 3,
                   lastTransitionTime: "2026-01-02T03:04:05Z"}
                source: {revision: "REV", author: A, subject: Bigger hero,
                  committedAt: "2026-01-02T03:04:05Z", seenAt: "2026-01-02T03:04:05Z"}
                applied: {revision: "REV", at: "2026-01-02T03:04:05Z", objects: 12}
                lastGood: {revision: "REV", at: "2026-01-02T03:04:05Z", generation: 3}
                rollback: {from: "REV", to: "REV", reason: "web.yaml:1: broken", at: "2026-01-02T03:04:05Z"}
                webhookPath: /hook/3f2a
                objects: {total: 12, healthy: 11, progressing: 1, failed: 0}
                summary: {revision: "main@SHORT", objects: "11/12", message: one line}
                inventory: {groupKinds: [Service, Deployment.apps], namespaces: [portfolio]}
                pendingPrune: {digest: d1, objects: 9, first: [Service a/b]}
                plan: {create: 1, update: 2, prune: 0, drifted: 1, first: [create Service a/b]}
                finishedJobs: [{object: Job portfolio/migrate, digest: d2}]
                problemCount: 1
                problems:
                - {object: Deployment portfolio/web, file: deploy/web.yaml, line: 12, reason: ImagePullBackOff,
                   message: m, since: "2026-01-02T03:04:05Z"}
                warnings: [soon]
                history:
                - {revision: "REV", subject: Bigger hero, author: A, startedAt: "2026-01-02T03:04:05Z",
                   duration: 4.1s, result: Succeeded, created: 1, updated: 1}
                """
                    .replace("REV", revision)
                    .replace("SHORT", REVISION.commit().substring(0, 7))));
  }

  @Test
  void writesNothingOfAnEmptyStatus() {
    assertThat(StatusJson.of(SyncStatus.EMPTY)).isEqualTo(Json.Obj.empty());
    assertThat(StatusJson.read(Json.Obj.empty())).isEqualTo(SyncStatus.EMPTY);
  }

  @Test
  void readsWhatItWrote() {
    long seed = Seed.of(StatusJsonTest.class);
    RandomStatus statuses = new RandomStatus(new Random(seed));
    for (int i = 0; i < Seed.cases(500); i++) {
      SyncStatus status = statuses.next();
      Json.Obj sent = Trees.object(StatusJson.of(status).toJson());
      assertThat(StatusJson.read(sent)).as("seed %d, status %d", seed, i).isEqualTo(status);
    }
  }

  @Test
  void keepsTimesWithinWhatTheSchemaCanHold() {
    Commit ancient = new Commit(REVISION, "A", "s", Instant.MIN);
    SyncStatus status =
        StatusPatchTest.withSource(SyncStatus.EMPTY, new SyncStatus.Source(ancient, Instant.MAX));
    Json.Obj source = StatusJson.of(status).object("source").orElseThrow();
    assertThat(source.string("committedAt")).contains("0001-01-01T00:00:00Z");
    assertThat(source.string("seenAt")).contains("9999-12-31T23:59:59Z");
  }

  @Test
  void takesWhatItCannotReadForAbsent() {
    Json.Obj status =
        Trees.object(
            """
            observedGeneration: many
            conditions: [1, {type: Other, status: "True"}, {type: Ready, status: Maybe}, {type: Applied, status: "True"}]
            source: {revision: nonsense}
            applied: {revision: "main@sha1:123"}
            objects: {total: -1, healthy: 99999999999}
            inventory: {groupKinds: ["", .apps, Service], namespaces: [1, a]}
            pendingPrune: {objects: 3}
            finishedJobs: [{object: Job a/b}]
            history: [{subject: x}]
            """);
    SyncStatus read = StatusJson.read(status);
    assertThat(read.conditions())
        .containsExactly(
            new Condition(Condition.Type.APPLIED, Condition.State.TRUE, "", "", 0, Instant.EPOCH));
    assertThat(read.inventory())
        .isEqualTo(new SyncStatus.Inventory(List.of(new GroupKind("", "Service")), List.of("a")));
    assertThat(read)
        .usingRecursiveComparison()
        .ignoringFields("conditions", "inventory")
        .isEqualTo(SyncStatus.EMPTY);
  }
}
