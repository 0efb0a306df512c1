package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.model.Sync;
import dev.fairlead.runtime.Scheduler;
import java.time.Duration;

/**
 * Has status tell that a sync is at work, once that takes longer than a second.
 *
 * <p>Guarantees: nothing is told after {@link #close}, nor over a report of what the work came to.
 */
final class WorkNotice implements AutoCloseable {
  /** How long work goes on before status tells of it. */
  private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

  /** Writes the status of a sync that is at work. */
  interface Report {
    void write(Sync current) throws ApiException, InterruptedException;
  }

  private final SyncState state;
  private final Scheduler.Timer timer;

  private WorkNotice(SyncState state, Scheduler.Timer timer) {
    this.state = state;
    this.timer = timer;
  }

  /** The work begins. */
  static WorkNotice of(
      Sync sync, SyncState state, Syncs syncs, Scheduler scheduler, Report report) {
    state.atWork(true);
    return new WorkNotice(
        state, scheduler.schedule(WORTH_TELLING, () -> tell(sync, state, syncs, report)));
  }

  /** Work begins of which status has told enough. */
  static WorkNotice silent(SyncState state) {
    state.atWork(true);
    return new WorkNotice(state, () -> {});
  }

  private static void tell(Sync sync, SyncState state, Syncs syncs, Report report) {
    try {
      // The lock keeps this from overtaking the report at the end of the work.
      synchronized (state.reporting()) {
        if (state.atWork()) {
          report.write(syncs.valid(sync.key()).orElse(sync));
        }
      }
    } catch (ApiException | InterruptedException e) {
      // The report at the end of the work says the same and more.
      return;
    }
  }

  @Override
  public void close() {
    timer.cancel();
    state.atWork(false);
  }
}
