package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.DesiredObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Jobs that one sync has run to their end and another takes over: they are not run again, although
 * they may have been cleaned up since.
 *
 * <p>Guarantees: a Job is only taken for finished when the other has run this very content, and has
 * it still or lost it by the commit that brings it here: what was removed and comes back is run
 * again. Of Jobs that nobody wants any more the last {@link #MAX_LEFT} are remembered, until the
 * process ends. Any thread may call; the monitor guards the memory.
 */
final class FinishedJobs {
  private static final int MAX_LEFT = 1000;

  /** A Job that a sync had finished, with the digest of its content, labels included. */
  private record Finished(SyncKey sync, String digest) {}

  /** One that its sync no longer wants. */
  private record Left(Finished job, String commit) {}

  private final Syncs syncs;
  private final LiveObjects live;
  private final Map<ObjectKey, Left> left = new LinkedHashMap<>();

  FinishedJobs(Syncs syncs, LiveObjects live) {
    this.syncs = syncs;
    this.live = live;
  }

  /** By this commit a sync no longer wants a Job that it has finished. */
  synchronized void left(SyncKey sync, ObjectKey job, String digest, String commit) {
    left.remove(job);
    left.put(job, new Left(new Finished(sync, digest), commit));
    if (left.size() > MAX_LEFT) {
      left.remove(left.keySet().iterator().next());
    }
  }

  /** Takes note of the Jobs of a change that others have finished and that are gone. */
  void inherit(SyncState state, Build build) {
    for (DesiredObject object : build.desired()) {
      Manifest manifest = build.manifests().get(object.key());
      if (manifest != null
          && object.key().kind().equals("Job")
          && object.key().group().equals("batch")
          && !state.hasDone(object.key())
          && live.get(object.key()).isEmpty()
          && others(state.key(), object.key(), build.target().commit()).stream()
              .anyMatch(f -> isOf(f, manifest))) {
        boolean _ = state.finished(object.key(), object.digest().toString());
      }
    }
  }

  /** Whether that is what the other has run: the same but for the labels that say whose it is. */
  private static boolean isOf(Finished finished, Manifest manifest) {
    return manifest.withLabels(Builder.labels(finished.sync())).digest().equals(finished.digest());
  }

  /** Those that have it still, and the one that lost it by the very same commit. */
  private List<Finished> others(SyncKey sync, ObjectKey job, String commit) {
    List<Finished> found = new ArrayList<>();
    synchronized (this) {
      Left last = left.get(job);
      if (last != null && last.commit().equals(commit) && !last.job().sync().equals(sync)) {
        found.add(last.job());
      }
    }
    for (SyncReading reading : syncs.all()) {
      SyncKey other = reading.metadata().key();
      if (!other.equals(sync)) {
        for (SyncStatus.FinishedJob finished : reading.status().finishedJobs()) {
          if (finished.object().equals(job.toString())) {
            found.add(new Finished(other, finished.digest()));
          }
        }
      }
    }
    return found;
  }
}
