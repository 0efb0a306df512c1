package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.Blame;
import dev.fairlead.model.Blames;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Where the lines of a sync's files come from, with the credentials of the sync.
 *
 * <p>The file is one of the commit that the cluster holds, and nothing is told before the signature
 * that {@code spec.verify} asks for was checked. That commit names those before it, and those of
 * submodules, by their hashes, so that they need none of their own. Any thread may call it.
 */
final class FileHistory implements Blames {
  /** Less than what an answer may take before the listener gives it up. */
  private static final Duration WAIT = Duration.ofSeconds(20);

  private final Syncs syncs;
  private final Sources sources;
  private final Signatures signatures;
  private final InstantSource clock;

  FileHistory(Syncs syncs, Sources sources, Signatures signatures, InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.signatures = signatures;
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
    // What asks for a signature, if anything does, stands in a spec that can be read.
    return reading.get() instanceof SyncReading.Valid(Sync valid)
        ? blame(valid, mirror.get(), applied.get(), file)
        : new Answer.Later("the spec of GitSync " + sync + " is not valid");
  }

  private Answer blame(Sync sync, Mirror mirror, Revision applied, String file) {
    Instant began = clock.instant();
    SyncKey key = sync.key();
    Duration timeout = sync.spec().fetchTimeout();
    try {
      Optional<String> refusal = requireSigned(sync, mirror, applied.commit());
      if (refusal.isPresent()) {
        return new Answer.Later(refusal.get());
      }
      Mirror.Gate gate = sources.gate(key);
      Optional<Blame> blame =
          sync.spec().submodules()
              ? mirror.blameWithSubmodules(applied.commit(), file, WAIT, timeout, gate)
              : mirror.blame(applied.commit(), file, WAIT, timeout, gate);
      return blame.isPresent()
          ? new Answer.Known(applied, blame.get())
          : new Answer.Later("the history is being fetched: ask again");
    } catch (GitException e) {
      sources.asked(key, began, e);
      String why = String.valueOf(e.getMessage());
      return e.reason() == Reason.PATH_NOT_FOUND || e.reason() == Reason.BUILD_FAILED
          ? new Answer.Absent(why)
          : new Answer.Later(why);
    } catch (ApiException e) {
      return new Answer.Later(
          "the Secret of spec.verify cannot be read: " + String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Later("this process stops");
    }
  }

  /**
   * @return why Git is not asked for the commit now
   */
  private Optional<String> requireSigned(Sync sync, Mirror mirror, String commit)
      throws GitException, ApiException, InterruptedException {
    try {
      signatures.require(sync, mirror, commit);
    } catch (GitException e) {
      if (e.reason() != Reason.FETCH_FAILED) {
        throw e;
      }
      // After a restart the mirror holds what the ref leads to, which may be another commit.
      Optional<String> refusal = sources.gate(sync.key()).refusal();
      if (refusal.isPresent()) {
        return refusal;
      }
      mirror.look(new RefSelector.Hash(commit), clock.instant(), sync.spec().fetchTimeout());
      signatures.require(sync, mirror, commit);
    }
    return Optional.empty();
  }
}
