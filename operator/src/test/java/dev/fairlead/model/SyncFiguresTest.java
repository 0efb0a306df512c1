package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SyncFiguresTest {
  private static final SyncKey SYNC = new SyncKey("apps", "web");
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void a_sync_that_nobody_looked_at_yet_is_progressing() {
    SyncFigures figures =
        SyncFigures.of(
            SYNC, false, SyncStatus.EMPTY, Optional.empty(), Optional.empty(), List.of());

    assertThat(figures.ready()).isFalse();
    assertThat(figures.stalled()).isFalse();
    assertThat(figures.reason()).isEqualTo("Progressing");
    assertThat(figures.revision()).isEmpty();
    assertThat(figures.lastApplied()).isEmpty();
  }

  @Test
  void the_ready_condition_gives_the_reason_and_what_is_applied_the_revision() {
    Revision revision = new Revision("main", "a".repeat(40));
    SyncStatus empty = SyncStatus.EMPTY;
    SyncStatus status =
        new SyncStatus(
            1,
            empty.handledRequest(),
            List.of(
                condition(Condition.Type.READY, Condition.State.FALSE, "PruneBlocked"),
                condition(Condition.Type.STALLED, Condition.State.TRUE, "PruneBlocked")),
            empty.source(),
            Optional.of(new SyncStatus.Applied(revision, NOON, 12)),
            empty.lastGood(),
            empty.rollback(),
            Optional.empty(),
            new SyncStatus.ObjectCounts(12, 12, 0, 0),
            "waits for approval",
            empty.inventory(),
            empty.pendingPrune(),
            empty.plan(),
            List.of(),
            0,
            List.of(),
            List.of(),
            List.of());

    assertThat(
            SyncFigures.of(
                SYNC,
                true,
                status,
                Optional.of(Duration.ofMinutes(1)),
                Optional.of(NOON.plusSeconds(5)),
                List.of()))
        .isEqualTo(
            new SyncFigures(
                SYNC,
                false,
                true,
                true,
                "PruneBlocked",
                new SyncStatus.ObjectCounts(12, 12, 0, 0),
                Optional.of(revision),
                Optional.of(Duration.ofMinutes(1)),
                Optional.of(NOON.plusSeconds(5)),
                Optional.of(NOON),
                Optional.empty(),
                List.of()));
  }

  private static Condition condition(Condition.Type type, Condition.State state, String reason) {
    return new Condition(type, state, reason, "", 1, NOON);
  }
}
