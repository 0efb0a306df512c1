package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.plan.PruneTurn;
import dev.fairlead.plan.PruneTurn.Sibling;
import dev.fairlead.plan.PruneTurn.Sight;
import dev.fairlead.plan.PruneTurn.Turn;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The other syncs of a repository, as far as a sync has to wait for them before it prunes: what
 * left it may have entered one of them. After a start also those of other repositories that waited
 * for an object when the process before ended.
 *
 * <p>Guarantees: no worker waits; whoever waits is called as soon as one of the others has tried
 * what it saw, and asks for a look at Git once. Everything here may be lost. Any thread may call
 * it.
 */
final class Siblings {
  /** Since when a sync wants to prune what a commit removed. */
  private record Waiting(Target target, Instant since) {}

  private final Syncs syncs;
  private final Sources sources;
  private final Drifts.Queues queues;
  private final InstantSource clock;
  private final Map<SyncKey, Waiting> waiting = new ConcurrentHashMap<>();

  Siblings(Syncs syncs, Sources sources, Drifts.Queues queues, InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.queues = queues;
    this.clock = clock;
  }

  /**
   * Whether a sync may prune yet.
   *
   * @param target what it is about to prune for
   * @param commit what the others must have seen; absent when the sync itself is going
   * @param begun a look that began after this has seen it, or something newer
   */
  Turn turn(Sync sync, Target target, Optional<String> commit, Instant begun) {
    Instant now = clock.instant();
    Waiting since =
        waiting.compute(
            sync.key(),
            (k, known) ->
                known != null && known.target().equals(target) ? known : new Waiting(target, now));
    Turn turn = PruneTurn.decide(siblings(sync, commit, begun), since.since(), now);
    switch (turn) {
      case Turn.Now _ -> waiting.remove(sync.key());
      case Turn.Await await -> {
        if (await.look() && since.since().equals(now)) {
          await.siblings().forEach(sources::ask);
        }
      }
    }
    return turn;
  }

  /** A sync has tried what it saw: whoever waited for that looks again. */
  void tried(SyncKey sync) {
    for (SyncKey other : waiting.keySet()) {
      if (!other.equals(sync)) {
        queues.sync(other, Priority.NORMAL);
      }
    }
  }

  /** A sync is gone, and with it what it waited for. */
  void gone(SyncKey sync) {
    waiting.remove(sync);
    tried(sync);
  }

  private List<Sibling> siblings(Sync sync, Optional<String> commit, Instant begun) {
    List<Sibling> siblings = new ArrayList<>();
    for (SyncReading reading : syncs.all()) {
      if (reading instanceof SyncReading.Valid valid
          && !valid.sync().key().equals(sync.key())
          && !valid.sync().deleting()
          && valid.sync().spec().acts()) {
        if (follow(sync.spec(), valid.sync().spec())) {
          boolean near = valid.sync().key().namespace().equals(sync.key().namespace());
          siblings.add(sibling(valid.sync(), commit, begun, near && commit.isPresent()));
        } else if (waitedBefore(valid.sync())) {
          siblings.add(sibling(valid.sync(), seen(valid.sync().key()), Instant.MIN, false));
        }
      }
    }
    return siblings;
  }

  /**
   * Whether another process saw it wait for what somebody else has. It may be waiting for what the
   * sync is about to prune; its first try in this process will tell.
   */
  private static boolean waitedBefore(Sync sync) {
    return sync.status()
        .condition(Condition.Type.READY)
        .filter(ready -> ready.reason().equals(Reason.OWNED_ELSEWHERE.toString()))
        .isPresent();
  }

  /** What another sync knows of a commit. */
  Sibling sibling(Sync sync, Optional<String> commit, Instant begun) {
    return sibling(sync, commit, begun, false);
  }

  private Sibling sibling(Sync sync, Optional<String> commit, Instant begun, boolean near) {
    SyncKey key = sync.key();
    SyncState state = syncs.state(key);
    boolean since = !sources.lookedSince(key).isBefore(begun);
    Optional<String> seen = seen(key);
    Sight sight = Sight.UNSEEN;
    if (seen.isPresent() && (since || seen.equals(commit))) {
      sight = Sight.SEEN;
    } else if (since && sources.outcome(key).orElse(null) instanceof Source.Outcome.Failed) {
      sight = Sight.UNREACHABLE;
    }
    Optional<Target> target = seen.map(c -> new Target(c, sync.generation()));
    return new Sibling(
        key,
        sight,
        target.filter(t -> state.hasTried(t, clock.instant())).isPresent(),
        state.atWork(),
        near && target.filter(state::couldNotRead).isPresent());
  }

  private Optional<String> seen(SyncKey sync) {
    return sources.seen(sync).map(Commit::revision).map(r -> r.commit());
  }

  /** Whether both follow the same branch, tag or commit of the same repository. */
  static boolean follow(SyncSpec one, SyncSpec other) {
    return isSameRepository(one, other)
        && (one.ref().equals(other.ref())
            // What HEAD names may be the branch that the other one names.
            || one.ref() instanceof RefSelector.Head
            || other.ref() instanceof RefSelector.Head);
  }

  static boolean isSameRepository(SyncSpec one, SyncSpec other) {
    return Source.isSameUrl(one.url(), other.url());
  }
}
