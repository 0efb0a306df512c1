package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.PruneTurn.Turn;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What comes after a commit is written: its rollout is awaited, what left Git is pruned, and then
 * cluster and Git agree.
 *
 * <p>Guarantees: prunes only when what the commit changed is healthy and the guard allows it; never
 * waits. One thread a sync.
 */
final class SettleStep {
  private static final Duration VERIFY_EVERY = Duration.ofHours(24);

  /** Others that are waited for call; this is for what they forget. */
  private static final Duration SIBLINGS = Duration.ofSeconds(5);

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      LiveObjects live,
      SyncWriter writer,
      PruneStep prune,
      HandOverStep handOver,
      Provenance provenance,
      Siblings siblings,
      Drifts.Queues queues,
      Reporter reporter,
      SyncReport report,
      Failures failures,
      Guard.Own own) {}

  private final Tools tools;
  private final InstantSource clock;
  private final RandomGenerator random;

  SettleStep(Tools tools, InstantSource clock, RandomGenerator random) {
    this.tools = tools;
    this.clock = clock;
    this.random = random;
  }

  Result awaitRollout(Sync sync, SyncState state) throws ApiException, InterruptedException {
    if (state.verifying()) {
      if (state.allVerified()) {
        state.verifying(false);
        return new Result.After(Duration.ZERO, Priority.NORMAL);
      }
      return tools.report().write(sync, state, Phase.VERIFYING, Optional.empty());
    }
    Instant deadline = deadline(sync, state);
    boolean late = !deadline.isAfter(clock.instant());
    Result result =
        tools
            .report()
            .write(sync, state, tools.report().health(state).awaited(late), Optional.empty());
    Optional<Instant> next = late ? nextTry(state) : Optional.of(deadline);
    return next.isEmpty()
        ? result
        : result.noLaterThan(Duration.between(clock.instant(), next.get()), Priority.NORMAL);
  }

  private Instant deadline(Sync sync, SyncState state) {
    return state
        .attempt()
        .map(a -> a.writtenAt().plus(sync.spec().rolloutTimeout()))
        .orElse(Instant.MAX);
  }

  /** When the last good commit, which could not be had, is asked for again. */
  private Optional<Instant> nextTry(SyncState state) {
    return state.rollback().unavailable().flatMap(RollbackDecision.Unavailable::retryAt);
  }

  /** Prunes what left Git, when it is the sync's turn. */
  Optional<Result> prune(Sync sync, SyncState state) throws ApiException, InterruptedException {
    Attempt attempt = state.attempt().orElseThrow();
    Turn turn =
        tools
            .siblings()
            .turn(
                sync,
                attempt.target(),
                Optional.of(attempt.target().commit()),
                attempt.startedAt());
    if (turn instanceof Turn.Await await) {
      state.prune().awaits(Optional.of(FinishReport.siblings(turn)));
      return Optional.of(
          tools
              .report()
              .write(sync, state, Phase.PRUNING, Optional.empty())
              .noLaterThan(SIBLINGS, Priority.NORMAL)
              .noLaterThan(Duration.between(clock.instant(), await.until()), Priority.NORMAL));
    }
    state.prune().awaits(Optional.empty());
    List<Observed> leftovers = tools.report().leftovers(sync, state);
    // What could not be handed over is kept for whoever waits for it.
    Set<Observed> awaited = tools.handOver().heirs(sync, leftovers, Set.of()).keySet();
    return prune(sync, state, leftovers.stream().filter(m -> !awaited.contains(m)).toList());
  }

  /** Those of the leftovers that are GitSyncs and have what other syncs wait for. */
  List<Observed> obstacles(Sync sync, List<Observed> leftovers) {
    return leftovers.stream()
        .filter(m -> m.key().groupKind().equals(SyncWriter.GITSYNCS.groupKind()))
        .filter(m -> !m.deleting())
        .filter(m ->
            tools
                .syncs()
                .valid(new SyncKey(m.key().namespace(), m.key().name()))
                .filter(child -> !child.key().equals(sync.key()))
                .filter(child ->
                    !tools
                        .handOver()
                        .heirs(child, tools.live().members(child.key()), Set.of())
                        .isEmpty())
                .isPresent())
        .toList();
  }

  /** Prunes the obstacles alone, before the rollout is done: it cannot be done with them. */
  Optional<Result> makeWay(Sync sync, SyncState state) throws ApiException, InterruptedException {
    return prune(sync, state, obstacles(sync, tools.report().leftovers(sync, state)));
  }

  /** What of the leftovers is to be done now. */
  private sealed interface Way {
    record Ask(Guard.Verdict.Blocked blocked) implements Way {}

    record Do(Set<ObjectKey> doomed, Set<ObjectKey> released, List<Guard.Excluded> excluded)
        implements Way {}
  }

  private Way way(Sync sync, SyncState state, List<Observed> leftovers)
      throws ApiException, InterruptedException {
    List<Observed> all = leftovers.stream().filter(m -> !state.prune().isGoing(m)).toList();
    List<Observed> added =
        all.stream().filter(m -> state.rollback().added().contains(m.key())).toList();
    // What a failed commit brought goes without being asked for, and the rest after it.
    List<Observed> staying = added.isEmpty() ? all : added;
    Set<ObjectKey> doomed = new HashSet<>();
    Set<ObjectKey> released = new HashSet<>();
    List<Guard.Excluded> excluded = new ArrayList<>();
    if (sync.spec().prune()) {
      int total = present(sync, state);
      Guard.Verdict verdict =
          Guard.decide(
              total,
              tools.prune().candidates(staying),
              sync.spec().maxPrune(),
              sync.metadata().approvedPrune(),
              added.isEmpty()
                  ? state.prune().doomed()
                  : added.stream().map(Observed::key).collect(Collectors.toSet()),
              tools.own());
      excluded.addAll(verdict.excluded());
      excluded.forEach(e -> released.add(e.key()));
      for (Observed object : added) {
        if (!tools.provenance().isNew(sync, state, object)) {
          released.add(object.key());
        }
      }
      switch (verdict) {
        case Guard.Verdict.Blocked blocked -> {
          return new Way.Ask(blocked);
        }
        case Guard.Verdict.Allowed allowed -> doomed.addAll(allowed.prune());
      }
    } else {
      staying.forEach(m -> released.add(m.key()));
    }
    doomed.removeAll(released);
    return new Way.Do(doomed, released, excluded);
  }

  private Optional<Result> prune(Sync sync, SyncState state, List<Observed> leftovers)
      throws ApiException, InterruptedException {
    return switch (way(sync, state, leftovers)) {
      case Way.Ask ask -> {
        state.prune().blocked(Optional.of(ask.blocked()));
        yield Optional.of(tools.report().write(sync, state, Phase.ASKING, Optional.empty()));
      }
      case Way.Do now -> prune(sync, state, now);
    };
  }

  private Optional<Result> prune(Sync sync, SyncState state, Way.Do now)
      throws ApiException, InterruptedException {
    state.prune().blocked(Optional.empty());
    state.prune().doomed(now.doomed());
    try {
      PruneStep.Done done = tools.prune().run(sync, now.doomed(), now.released(), false);
      state.prune().count(done.deleted());
      if (done.released() > 0) {
        tellKept(sync, state, now.excluded());
      }
      done.orDenied();
    } catch (ApiException e) {
      Attempt attempt = state.attempt().orElseThrow();
      Problem problem =
          new Problem(
              "", "", 0, Refusal.reasonOf(e.error()).toString(), e.getMessage(), clock.instant());
      tools
          .failures()
          .passing(
              state,
              attempt.target(),
              new Failure(
                  Refusal.reasonOf(e.error()),
                  "the prune failed: " + e.getMessage(),
                  List.of(problem),
                  1,
                  !e.error().retryable()));
      return Optional.empty();
    }
    return Optional.of(tools.report().write(sync, state, Phase.PRUNING, Optional.empty()));
  }

  /** That something stays although nobody asked for it is told once. */
  private void tellKept(Sync sync, SyncState state, List<Guard.Excluded> excluded)
      throws InterruptedException {
    List<ObjectKey> kept =
        excluded.stream()
            .filter(e -> e.kept() == Guard.Kept.PROTECTED)
            .map(Guard.Excluded::key)
            .filter(key -> !state.prune().kept().contains(key))
            .toList();
    if (!kept.isEmpty()) {
      state.prune().addKept(kept);
      tools.reporter().kept(sync, kept);
    }
  }

  /** How many objects the sync has, those among them that were written but not yet seen. */
  private int present(Sync sync, SyncState state) {
    Set<ObjectKey> present = new HashSet<>(state.proven().keySet());
    tools.live().members(sync.key()).forEach(m -> present.add(m.key()));
    return present.size();
  }

  Result settle(Sync sync, SyncState state) throws ApiException, InterruptedException {
    state.prune().blocked(Optional.empty());
    state.prune().doomed(Set.of());
    Build build = state.applied().orElseThrow();
    Inventory exact = ApplyStep.inventoryOf(build.desired());
    Optional<Live> narrowed = tools.writer().adopt(sync.metadata(), exact);
    if (narrowed.isPresent()) {
      tools.syncs().wroteMetadata(sync.key(), narrowed.get(), true);
      tools.live().forgetUnserved();
    }
    Phase phase =
        tools.report().health(state).reached(!deadline(sync, state).isAfter(clock.instant()));
    Sync current = tools.syncs().valid(sync.key()).orElse(sync);
    Result result = tools.report().write(current, state, phase, Optional.empty());
    if (phase == Phase.ROLLING_OUT) {
      result =
          result.noLaterThan(
              Duration.between(clock.instant(), deadline(sync, state)), Priority.NORMAL);
    }
    return verifyNow(sync, state, result);
  }

  /** Once a day everything is applied again, slowly: for what ownership cannot show. */
  private Result verifyNow(Sync sync, SyncState state, Result result) {
    Instant now = clock.instant();
    if (!state.nextVerify().isAfter(now)) {
      for (ObjectKey key : state.verifyAll()) {
        tools.queues().object(new ObjectRef(sync.key(), key), Duration.ZERO, Priority.LOW);
      }
      state.nextVerify(nextVerify());
    }
    return result.noLaterThan(Duration.between(clock.instant(), state.nextVerify()), Priority.LOW);
  }

  /** When everything is to be verified again: a day from now, give or take a tenth. */
  Instant nextVerify() {
    double factor = 0.9 + 0.2 * random.nextDouble();
    return clock.instant().plusMillis((long) (VERIFY_EVERY.toMillis() * factor));
  }
}
