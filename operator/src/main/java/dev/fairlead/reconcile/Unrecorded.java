package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Difference;
import dev.fairlead.plan.Treatment;
import dev.fairlead.reconcile.ApplyStep.Outcome.Written;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What has been done for a sync since its status was written, as far as it can be told: a daemon
 * that is killed in the middle of a commit leaves writes that no status speaks of, and the next one
 * finds nothing left to write.
 *
 * <p>Stateless; any thread may call it.
 */
final class Unrecorded {
  private final Builder builder;
  private final InstantSource clock;

  Unrecorded(Builder builder, InstantSource clock) {
    this.builder = builder;
    this.clock = clock;
  }

  /**
   * What came of a commit, all told.
   *
   * @param changed what has to become healthy
   * @param wrote whether the commit is known to have written or deleted anything
   */
  record Done(Set<ObjectKey> changed, int created, int updated, int pruned, boolean wrote) {
    Done {
      changed = Set.copyOf(changed);
    }

    /** No more than what was written just now. */
    static Done of(Written written) {
      return new Done(
          written.changed(), written.created(), written.updated(), 0, !written.changed().isEmpty());
    }

    /** Together with what the lower waves of the same commit did. */
    Done after(Optional<Attempt> lower) {
      return lower
          .map(a ->
              new Done(
                  changed,
                  created + a.created(),
                  updated + a.updated(),
                  pruned,
                  wrote || a.wrote()))
          .orElse(this);
    }
  }

  /**
   * What was written just now by the first attempt of this process, and what one before it may have
   * written without a word.
   *
   * @param members what is there of the sync now
   */
  Done with(
      Sync sync, Optional<Mirror> mirror, Build build, Written written, Set<ObjectKey> members)
      throws InterruptedException {
    Optional<Difference> since = since(sync, mirror, build);
    if (since.isEmpty()) {
      return new Done(
          build.desired().stream().map(DesiredObject::key).collect(Collectors.toSet()),
          written.created(),
          written.updated(),
          0,
          !written.changed().isEmpty());
    }
    return including(written, since.get(), members);
  }

  /** Pure. */
  static Done including(Written written, Difference since, Set<ObjectKey> members) {
    Set<ObjectKey> changed = new HashSet<>(written.changed());
    changed.addAll(since.written());
    int pruned = without(since.removed(), members);
    return new Done(
        changed,
        written.created() + without(since.added(), written.changed()),
        written.updated() + without(since.altered(), written.changed()),
        pruned,
        pruned > 0 || !changed.isEmpty());
  }

  private static int without(Set<ObjectKey> keys, Set<ObjectKey> others) {
    return (int) keys.stream().filter(key -> !others.contains(key)).count();
  }

  /**
   * The difference that a commit makes to the one that status records; it may cost a fetch. Empty
   * where the recorded one was not settled, or was under another spec, or cannot be had any more:
   * then everything may have been written just now.
   */
  private Optional<Difference> since(Sync sync, Optional<Mirror> mirror, Build build)
      throws InterruptedException {
    SyncStatus status = sync.status();
    if (status.applied().isEmpty()) {
      return Optional.of(Difference.between(List.of(), written(build)));
    }
    Revision recorded = status.applied().get().revision();
    Optional<LastGood> settled = status.lastGood().filter(g -> g.revision().equals(recorded));
    return settled.isEmpty() ? Optional.empty() : since(settled.get(), sync, mirror, build);
  }

  /**
   * What came of a commit that status records as applied but that has not been good yet: its
   * deployment is not over, and is told when it is.
   *
   * @param members what is there of the sync now
   * @return empty where nobody knows
   */
  Optional<Done> resumed(Sync sync, Optional<Mirror> mirror, Build build, Set<ObjectKey> members)
      throws InterruptedException {
    Written nothing = Written.NOTHING;
    Optional<LastGood> good = sync.status().lastGood();
    Optional<Difference> since =
        good.isEmpty()
            ? Optional.of(Difference.between(List.of(), written(build)))
            : since(good.get(), sync, mirror, build);
    return since.map(d -> including(nothing, d, members));
  }

  /** What the commit has somebody write. */
  private static List<DesiredObject> written(Build build) {
    return build.desired().stream()
        .filter(o -> o.treatment().reconcile() != Treatment.Reconcile.NEVER)
        .toList();
  }

  private Optional<Difference> since(LastGood good, Sync sync, Optional<Mirror> mirror, Build build)
      throws InterruptedException {
    if (good.generation() != sync.generation() || mirror.isEmpty()) {
      return Optional.empty();
    }
    String commit = good.revision().commit();
    if (commit.equals(build.target().commit())) {
      return Optional.of(Difference.between(build.desired(), build.desired()));
    }
    try {
      mirror.get().look(new RefSelector.Hash(commit), clock.instant(), sync.spec().fetchTimeout());
      Build before =
          builder.build(
              sync, mirror.get(), new Target(commit, sync.generation()), Optional.of(build));
      return Optional.of(Difference.between(before.desired(), written(build)));
    } catch (GitException | BuildException | ApiException e) {
      return Optional.empty();
    }
  }
}
