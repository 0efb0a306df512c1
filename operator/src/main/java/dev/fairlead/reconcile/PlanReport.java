package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.Warning;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Gathers what the status of a sync in mode Plan says, has it computed, and hands it to {@link
 * Reporter}. One thread a sync.
 */
final class PlanReport {
  private final Syncs syncs;
  private final Sources sources;
  private final Reporter reporter;
  private final InstantSource clock;

  PlanReport(Syncs syncs, Sources sources, Reporter reporter, InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.reporter = reporter;
    this.clock = clock;
  }

  /**
   * Writes the status of a sync.
   *
   * @return when the sync has to be looked at again for the status' sake
   */
  Result write(Sync sync, SyncState state) throws ApiException, InterruptedException {
    synchronized (state.reporting()) {
      Instant now = clock.instant();
      Optional<Failure> gitFailure =
          sources
              .outcome(sync.key())
              .filter(o -> o instanceof Source.Outcome.Failed)
              .map(o -> SyncReport.failure((Source.Outcome.Failed) o, now));
      Optional<Commit> seen = sources.newest(sync.key());
      Optional<Target> target = seen.map(c -> new Target(c.revision().commit(), sync.generation()));
      Optional<Failure> failure =
          state.failed().filter(f -> Optional.of(f.target()).equals(target)).map(Failed::failure);
      Optional<Planning.Outcome> planned =
          state.planning().outcome().filter(o -> Optional.of(o.target()).equals(target));
      SyncStatus before = syncs.upToDate(sync).status();
      PlanStatus.Facts facts =
          new PlanStatus.Facts(
              before,
              sync.generation(),
              state.handledRequest().or(before::handledRequest),
              seen,
              gitFailure,
              failure,
              planned.map(Planning.Outcome::preview),
              planned.map(PlanReport::warnings).orElse(List.of()),
              state.notices(),
              now);
      SyncStatus next = PlanStatus.of(facts);
      state.account().problems(PlanStatus.problems(facts));
      if (failure.isPresent()) {
        state
            .account()
            .refused(
                new RefusedCommit(
                    seen.map(c -> c.revision().shortForm()).orElse(""),
                    failure.get().reason(),
                    failure.get().problems()));
      } else {
        state.account().notRefused(planned.map(o -> o.preview().isEmpty()).orElse(false));
      }
      return reporter
          .status(sync.metadata(), false, before, next, Optional.empty(), false)
          .<Result>map(at -> new Result.After(until(at), Priority.LOW))
          .orElse(Result.done());
    }
  }

  private Duration until(Instant at) {
    Duration wait = Duration.between(clock.instant(), at);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  private static List<String> warnings(Planning.Outcome planned) {
    return planned.warnings().stream().map(Warning::toString).toList();
  }
}
