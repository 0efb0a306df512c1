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
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Where the lines of a sync's files come from, with the credentials of the sync.
 *
 * <p>The file is one of the commit that the cluster holds, whose signature was checked when it was
 * read, where one is asked for. Of the commits before it nothing is told but hash, author, time and
 * subject, and nothing is applied: they need no signature. Any thread may call it.
 */
final class FileHistory implements Blames {
  /** Less than what an answer may take before the listener gives it up. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  private final Syncs syncs;
  private final Sources sources;
  private final InstantSource clock;

  FileHistory(Syncs syncs, Sources sources, InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.clock = clock;
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
    return blame(sync, mirror.get(), applied.get(), file, timeout);
  }

  private Answer blame(
      SyncKey sync, Mirror mirror, Revision applied, String file, Duration timeout) {
    Instant began = clock.instant();
    try {
      Optional<Blame> blame =
          mirror.blame(applied.commit(), file, WAIT, timeout, sources.gate(sync));
      return blame.isPresent()
          ? new Answer.Known(applied, blame.get())
          : new Answer.Later("the history is being fetched: ask again");
    } catch (GitException e) {
      sources.asked(sync, began, e);
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
