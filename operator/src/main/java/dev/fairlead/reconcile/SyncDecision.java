package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus.Rollback;
import java.time.Instant;
import java.util.Optional;

/** Decides what one sync does next. Pure: everything that it may know is in {@link Facts}. */
final class SyncDecision {
  private SyncDecision() {}

  /** What became of the last look at Git. */
  sealed interface Look {
    /** Nobody has looked since the sync or its source changed. */
    record Pending() implements Look {}

    /** Git could not be read; what runs stays as it is. */
    record Failed() implements Look {}

    /** The newest commit of the ref. */
    record Seen(Commit commit) implements Look {}
  }

  /** How the objects of the applied commit are, as far as the next step depends on it. */
  enum Rollout {
    /** Something that the commit changed is not healthy yet. */
    IN_PROGRESS,
    /** Everything that the commit changed, and that was not ill before, is healthy. */
    DONE
  }

  /**
   * @param applied the target that was completely written by this process, or proven after a
   *     restart
   * @param pending whether only its first waves were
   * @param recorded the target that status says was written, from before a restart
   * @param standing the last good commit, if status says that the cluster holds it and this process
   *     has not taken it up
   * @param failed the target whose last attempt failed
   * @param retryAt when a failed attempt may be repeated; absent when only a change can help
   * @param rollback the rollback that is in force: the last good commit is wanted in place of the
   *     newest one
   * @param verdict what becomes of the commit that is applied
   * @param leftovers how many members the applied commit does not want
   * @param beingDeleted how many of these are on their way out
   * @param pruneAllowed whether the guard or an approval lets the leftovers go
   * @param gate set while the newest commit has to wait for syncs that this one depends on
   * @param heirlooms how many objects that the sync does not want another one waits for
   * @param obstacles how many leftovers are GitSyncs whose objects another sync waits for
   */
  record Facts(
      boolean deleting,
      boolean suspended,
      Look look,
      Optional<Target> applied,
      boolean pending,
      Optional<Target> recorded,
      Optional<Revision> standing,
      Optional<Target> failed,
      Optional<Instant> retryAt,
      long generation,
      Optional<Rollback> rollback,
      Rollout rollout,
      RollbackDecision.Verdict verdict,
      int leftovers,
      int beingDeleted,
      boolean pruneAllowed,
      Optional<DependencyGate.Closed> gate,
      int heirlooms,
      int obstacles,
      Instant now) {
    Facts {
      requireNonNull(look);
      requireNonNull(applied);
      requireNonNull(recorded);
      requireNonNull(standing);
      requireNonNull(failed);
      requireNonNull(retryAt);
      requireNonNull(rollback);
      requireNonNull(rollout);
      requireNonNull(verdict);
      requireNonNull(gate);
      requireNonNull(now);
    }
  }

  /** A commit under one generation of the spec: what an attempt was about. */
  record Target(String commit, long generation) {}

  /** The next step. */
  sealed interface Step {
    /** Release or delete the objects, then let the GitSync go. */
    record Finish() implements Step {}

    /** Nothing until something changes. */
    record Rest() implements Step {}

    /** Nothing until that time. */
    record RestUntil(Instant when) implements Step {}

    /** Read the commit, check the whole change, write it. */
    record Apply(Commit commit) implements Step {}

    /**
     * Nothing until a sync that this one depends on is Ready, but to tell who has what it wants.
     */
    record AwaitDependencies(Commit commit, DependencyGate.Closed gate) implements Step {}

    /** Read the commit that status says is there and verify each object, without a dry run. */
    record Resume(Commit commit) implements Step {}

    /**
     * Verify each object of the last good commit, which is there, while a newer one cannot be
     * applied.
     */
    record KeepUp(Revision standing) implements Step {}

    /** Take note that the commit failed, and that the last good one is wanted in its place. */
    record GiveUp(RollbackDecision.Verdict.RollBack verdict) implements Step {}

    /** Check and write the last good commit in place of the newest one. */
    record RollBack(Rollback rollback) implements Step {}

    /** Verify each object of the last good commit, which status says is there. */
    record ResumeRollback(Rollback rollback) implements Step {}

    /** Give what the sync does not want to those who wait for it. */
    record HandOver() implements Step {}

    /** Delete the GitSyncs whose objects others wait for, and nothing else yet. */
    record MakeWay() implements Step {}

    /** Nothing until the rollout moves or its deadline passes. */
    record AwaitRollout() implements Step {}

    /** Ask for approval of the leftovers. */
    record AskForApproval() implements Step {}

    /** Delete, or release, what the commit does not want. */
    record Prune() implements Step {}

    /** Nothing until what was deleted is gone. */
    record AwaitGone() implements Step {}

    /** Everything is as Git says: narrow the inventory and be Ready. */
    record Settle() implements Step {}
  }

  static Step decide(Facts facts) {
    if (facts.deleting()) {
      return new Step.Finish();
    }
    if (facts.suspended()) {
      return new Step.Rest();
    }
    // No prune: it waits for no rollout, no approval and no look.
    if (facts.heirlooms() > 0) {
      return new Step.HandOver();
    }
    return switch (facts.look()) {
      case Look.Pending _, Look.Failed _ -> new Step.Rest();
      case Look.Seen seen -> decide(facts, seen.commit());
    };
  }

  private static Step decide(Facts facts, Commit commit) {
    Optional<Rollback> rollback = facts.rollback();
    String wanted = rollback.map(Rollback::to).orElse(commit.revision()).commit();
    Target target = new Target(wanted, facts.generation());
    boolean written = facts.applied().equals(Optional.of(target));
    boolean applied = written && !facts.pending();
    boolean there = facts.applied().isEmpty() && facts.recorded().equals(Optional.of(target));
    boolean waits =
        facts.failed().equals(Optional.of(target)) || (facts.gate().isPresent() && !there);
    if (waits && rollback.isEmpty() && facts.standing().isPresent()) {
      return new Step.KeepUp(facts.standing().get());
    }
    if (facts.failed().equals(Optional.of(target))) {
      Optional<Instant> retryAt = facts.retryAt();
      if (retryAt.isEmpty()) {
        return new Step.Rest();
      }
      if (retryAt.get().isAfter(facts.now())) {
        return new Step.RestUntil(retryAt.get());
      }
    }
    // Also of a commit of which only the first waves are written.
    if (written && facts.verdict() instanceof RollbackDecision.Verdict.RollBack giveUp) {
      return new Step.GiveUp(giveUp);
    }
    if (written && facts.pending()) {
      if (facts.rollout() == Rollout.IN_PROGRESS) {
        return new Step.AwaitRollout();
      }
      return rollback.<Step>map(Step.RollBack::new).orElseGet(() -> new Step.Apply(commit));
    }
    if (!applied) {
      if (rollback.isPresent()) {
        // Back to what was Ready before: that waits for nobody.
        return there ? new Step.ResumeRollback(rollback.get()) : new Step.RollBack(rollback.get());
      }
      if (there) {
        return new Step.Resume(commit);
      }
      return facts.gate().isPresent()
          ? new Step.AwaitDependencies(commit, facts.gate().get())
          : new Step.Apply(commit);
    }
    if (facts.rollout() == Rollout.IN_PROGRESS) {
      // A GitSync that takes the place of another is not healthy before that one is gone.
      return facts.obstacles() > 0 ? new Step.MakeWay() : new Step.AwaitRollout();
    }
    if (facts.leftovers() == 0) {
      return new Step.Settle();
    }
    if (facts.beingDeleted() == facts.leftovers()) {
      return new Step.AwaitGone();
    }
    return facts.pruneAllowed() ? new Step.Prune() : new Step.AskForApproval();
  }
}
