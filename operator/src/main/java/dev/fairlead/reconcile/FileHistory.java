package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.Blame;
import dev.fairlead.model.Blames;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the lines of a sync's files come from, with the credentials of the sync. Any thread may
 * call it.
 */
final class FileHistory implements Blames {
  /** Less than what an answer may take before the listener gives it up. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  private final Syncs syncs;
  private final Sources sources;

  FileHistory(Syncs syncs, Sources sources) {
    this.syncs = syncs;
    this.sources = sources;
  }

  @Override
  public Answer blame(SyncKey sync, String file) {
    Optional<SyncReading> reading = syncs.get(sync);
    if (reading.isEmpty()) {
      return new Answer.Absent("there is no GitSync " + sync);
    }
    Optional<Revision> applied = reading.get().status().applied().map(SyncStatus.Applied::revision);
    if (applied.isEmpty()) {
      return new Answer.Absent("the cluster holds no commit of GitSync " + sync + " yet");
    }
    Optional<Mirror> mirror = sources.mirror(sync);
    if (mirror.isEmpty()) {
      return new Answer.Later(
          "GitSync " + sync + " does not look at Git: it is suspended, or has just been seen");
    }
    Duration timeout =
        reading.get() instanceof SyncReading.Valid valid
            ? valid.sync().spec().fetchTimeout()
            : WAIT;
    return blame(mirror.get(), applied.get(), file, timeout);
  }

  private static Answer blame(Mirror mirror, Revision applied, String file, Duration timeout) {
    try {
      Optional<Blame> blame = mirror.blame(applied.commit(), file, WAIT, timeout);
      return blame.isPresent()
          ? new Answer.Known(applied, blame.get())
          : new Answer.Later("the history is being fetched: ask again");
    } catch (GitException e) {
      String why = String.valueOf(e.getMessage());
      return e.reason() == Reason.PATH_NOT_FOUND || e.reason() == Reason.BUILD_FAILED
          ? new Answer.Absent(why)
          : new Answer.Later(why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Later("this process stops");
    }
  }
}
