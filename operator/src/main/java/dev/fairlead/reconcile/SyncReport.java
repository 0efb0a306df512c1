package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.FinishedJob;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Gathers what a sync's status says, has it computed, and hands it to {@link Reporter}. Any thread
 * may call it; of one sync, a status that was computed later is written later.
 */
final class SyncReport {
  private final Syncs syncs;
  private final Sources sources;
  private final Reporter reporter;
  private final LiveObjects live;
  private final RolloutReasons.Queue looks;
  private final InstantSource clock;

  SyncReport(
      Syncs syncs,
      Sources sources,
      Reporter reporter,
      LiveObjects live,
      RolloutReasons.Queue looks,
      InstantSource clock) {
    this.syncs = syncs;
    this.sources = sources;
    this.reporter = reporter;
    this.live = live;
    this.looks = looks;
    this.clock = clock;
  }

  /**
   * Writes the status of a sync.
   *
   * @return when the sync has to be looked at again for the status' sake
   */
  Result write(Sync sync, SyncState state, Phase phase, Optional<Failure> failure)
      throws ApiException, InterruptedException {
    synchronized (state.reporting()) {
      Optional<Instant> atWorkSince =
          phase == Phase.ROLLING_OUT || phase == Phase.PRUNING
              ? state.attempt().map(Attempt::startedAt)
              : Optional.empty();
      return write(syncs.upToDate(sync), state, phase, failure, health(state), atWorkSince);
    }
  }

  /**
   * Writes that a sync waits for kinds that may not be watched, if it is that what it waits for.
   */
  void unseen(Sync sync, SyncState state) throws ApiException, InterruptedException {
    Blindness blindness = state.blindness();
    if (blindness.isEmpty()) {
      return;
    }
    synchronized (state.reporting()) {
      SyncStatus before = syncs.upToDate(sync).status();
      boolean suspended = sync.spec().suspend();
      SyncStatus next = blindness.waiting(before, suspended, sync.generation(), clock.instant());
      state.account().problems(next.problems());
      var _ = reporter.status(sync.metadata(), suspended, before, next, Optional.empty(), false);
    }
  }

  /** Writes the status of a sync whose newest commit waits for others. */
  Result dependencies(Sync sync, SyncState state, DependencyGate.Closed gate)
      throws ApiException, InterruptedException {
    Optional<Instant> unless = Optional.of(gate.since()).filter(_ -> gate.soon());
    synchronized (state.reporting()) {
      return write(
          syncs.upToDate(sync),
          state,
          Phase.DEPENDING,
          Optional.of(gate.failure()),
          health(state),
          unless);
    }
  }

  /**
   * How the objects of the applied commit are; what is told of them is noted, and what is not
   * healthy is looked into before long.
   */
  HealthView health(SyncState state) {
    Set<ObjectKey> kept = state.rollback().kept();
    Set<ObjectKey> pending = state.pending().map(PendingWaves::objects).orElse(Set.of());
    Set<ObjectKey> changed = new HashSet<>(state.attempt().map(Attempt::changed).orElse(Set.of()));
    changed.removeAll(pending);
    List<DesiredObject> written =
        state.applied().map(Build::desired).orElse(List.of()).stream()
            .filter(o -> !pending.contains(o.key()) && !kept.contains(o.key()))
            .toList();
    Instant now = clock.instant();
    HealthView health = state.health(written, live::get, changed, now);
    List<DesiredObject> awaited = pending.isEmpty() ? List.of() : running(state, written, changed);
    List<Inquiries.Unwell> unwell = new ArrayList<>(health.unwell());
    awaited.forEach(job -> unwell.add(new Inquiries.Unwell(job, HealthView.RUNS)));
    state
        .inquiries()
        .unwell(unwell, now)
        .forEach((object, due) ->
            looks.look(new ObjectRef(state.key(), object), Duration.between(now, due)));
    return health.andUnfinished(awaited, state.inquiries()::get, now).andPending(pending.size());
  }

  /** The Jobs among what a commit changed that run well and have not completed. */
  private List<DesiredObject> running(
      SyncState state, List<DesiredObject> written, Set<ObjectKey> changed) {
    return written.stream()
        .filter(o -> o.key().groupKind().equals(JobKeys.KIND) && changed.contains(o.key()))
        .filter(o -> !state.hasFinished(o.key()))
        .filter(o ->
            live.get(o.key())
                .filter(job -> !job.finished() && job.health().isHealthy())
                .isPresent())
        .toList();
  }

  /**
   * Writes which Jobs have finished, if status does not say so yet: before a next wave is written,
   * or a Job that is cleaned up would be unknown to another process.
   */
  void finishedJobs(Sync sync, SyncState state) throws ApiException, InterruptedException {
    if (!finishedJobs(state, sync.status()).equals(sync.status().finishedJobs())) {
      var _ = write(sync, state, Phase.APPLYING, Optional.empty());
    }
  }

  /** The members that the applied commit does not want. */
  List<Observed> leftovers(Sync sync, SyncState state) {
    Optional<Build> build = state.applied();
    if (build.isEmpty()) {
      return List.of();
    }
    Set<ObjectKey> wanted = build.get().keys();
    return members(sync, state).stream().filter(m -> !wanted.contains(m.key())).toList();
  }

  /** The objects that the sync has. */
  List<Observed> members(Sync sync, SyncState state) {
    return state.stillOurs(live.members(sync.key()));
  }

  /** What status says of the leftovers; nothing while they have not been looked at. */
  private Optional<String> leftovers(Sync sync, SyncState state, Phase phase) {
    return switch (phase) {
      case PRUNING ->
          state
              .prune()
              .awaits()
              .or(() ->
                  Optional.of(leftovers(sync, state))
                      .filter(l -> !l.isEmpty())
                      .map(FinishReport::waiting));
      case ROLLING_OUT -> state.pending().map(PendingWaves::told);
      case UNHEALTHY -> unhealthy(sync, state);
      case NEW, FAILED, DEPENDING, APPLYING, VERIFYING, ASKING, CONTESTED, SETTLED ->
          Optional.empty();
    };
  }

  private Optional<String> unhealthy(Sync sync, SyncState state) {
    List<String> said = new ArrayList<>();
    int left = leftovers(sync, state).size();
    state.pending().map(PendingWaves::told).ifPresent(said::add);
    if (said.isEmpty() && left > 0) {
      said.add(
          left == 1
              ? "1 object that left Git stays until it is healthy"
              : left + " objects that left Git stay until it is healthy");
    }
    state
        .attempt()
        .flatMap(a ->
            RollbackWords.advice(
                a.commit().revision(),
                RollbackStep.verdict(sync, state, health(state), clock.instant())))
        .ifPresent(said::add);
    return said.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", said));
  }

  /**
   * @param transientSince since when what status tells has gone on, if it is likely to be over soon
   */
  private Result write(
      Sync sync,
      SyncState state,
      Phase phase,
      Optional<Failure> failure,
      HealthView health,
      Optional<Instant> transientSince)
      throws ApiException, InterruptedException {
    Instant now = clock.instant();
    SyncStatus before = sync.status();
    Optional<Source.Outcome> look = sources.outcome(sync.key());
    Optional<Commit> seen = sources.newest(sync.key());
    Optional<Failure> gitFailure =
        look.filter(o -> o instanceof Source.Outcome.Failed)
            .map(o -> failure((Source.Outcome.Failed) o, now));
    boolean holdsNewest = holdsNewest(sync, state, seen);
    boolean good =
        phase == Phase.SETTLED
            && StatusReport.settled(holdsNewest, failure, health.counts()) == Phase.SETTLED
            && gitFailure.isEmpty()
            && state.rollback().inForce().isEmpty()
            && !sync.spec().suspend();
    if (good) {
      state.good();
    }
    boolean firstGood = good && !before.lastGood().map(g -> isOf(g, sync, state)).orElse(false);
    SyncStatus bookkeeping = bookkeeping(sync, state, phase, good, failure, now);
    StatusReport.Facts facts =
        new StatusReport.Facts(
            before,
            sync.generation(),
            holdsNewest,
            phase,
            gitFailure,
            seen,
            failure,
            state.prune().blocked().map(Guard.Verdict.Blocked::message),
            leftovers(sync, state, phase),
            state.attempt().isPresent() ? health.counts() : before.objects(),
            health.problems(),
            bookkeeping,
            now);
    SyncStatus next =
        sync.spec().suspend()
            ? suspended(before, sync.generation(), state.rollback(), state.notices(), now)
            : report(facts, state.account());
    state.settled(good);
    refused(state, phase, seen, failure, good);
    // A commit that only removes is as good a deployment as one that writes.
    boolean deployed =
        firstGood
            && (state.attempt().map(Attempt::wrote).orElse(false) || state.prune().count() > 0);
    Optional<Instant> again =
        reporter.status(
            sync.metadata(), sync.spec().suspend(), before, next, transientSince, deployed);
    if (deployed) {
      state.attempt().ifPresent(a -> reporter.healthy(a.commit().committedAt()));
    }
    Result result = again.map(at -> after(at, now)).orElse(Result.done());
    return health
        .due()
        .map(due -> result.noLaterThan(Duration.between(clock.instant(), due), Priority.LOW))
        .orElse(result);
  }

  /** What status says; the account keeps all the problems. */
  private static SyncStatus report(StatusReport.Facts facts, Account account) {
    List<Problem> all = StatusReport.problems(facts);
    account.problems(account.problems().map(e -> ProblemText.since(all, e)).orElse(all));
    return StatusReport.of(facts);
  }

  /** Takes note of a commit that is refused, for the log. */
  private static void refused(
      SyncState state,
      Phase phase,
      Optional<Commit> seen,
      Optional<Failure> failure,
      boolean good) {
    if (phase == Phase.FAILED && failure.isPresent()) {
      state
          .account()
          .refused(
              new RefusedCommit(
                  state
                      .rollback()
                      .inForce()
                      .map(SyncStatus.Rollback::to)
                      .or(() -> seen.map(Commit::revision))
                      .map(Revision::shortForm)
                      .orElse(""),
                  failure.get().reason(),
                  failure.get().problems()));
    } else {
      state.account().notRefused(good);
    }
  }

  /**
   * Whether the cluster holds the newest commit that was seen, or the one that takes its place,
   * under the present spec.
   */
  private static boolean holdsNewest(Sync sync, SyncState state, Optional<Commit> seen) {
    Optional<SyncStatus.Rollback> rollback = state.rollback().inForce();
    Optional<Target> wanted =
        rollback
            .map(SyncStatus.Rollback::to)
            .or(() -> seen.map(Commit::revision))
            .or(() -> sync.status().source().map(s -> s.commit().revision()))
            .map(r -> new Target(r.commit(), sync.generation()));
    Optional<Target> written =
        state.attempt().isPresent()
            ? state
                .attempt()
                .filter(a -> a.insteadOf().equals(rollback.map(SyncStatus.Rollback::from)))
                .map(Attempt::target)
            : SyncReconciler.recorded(sync);
    return wanted.isPresent() && wanted.equals(written) && state.pending().isEmpty();
  }

  private static boolean isOf(SyncStatus.LastGood good, Sync sync, SyncState state) {
    return good.generation() == sync.generation()
        && state
            .attempt()
            .filter(a -> a.target().commit().equals(good.revision().commit()))
            .isPresent();
  }

  private static Result after(Instant at, Instant now) {
    Duration wait = Duration.between(now, at);
    return new Result.After(wait.isNegative() ? Duration.ZERO : wait, Priority.LOW);
  }

  /** What is told of a look at Git that failed. */
  static Failure failure(Source.Outcome.Failed failed, Instant now) {
    boolean lasting =
        switch (failed.reason()) {
          case AUTHENTICATION_FAILED,
              REF_NOT_FOUND,
              PATH_NOT_FOUND,
              SIGNATURE_INVALID,
              BUILD_FAILED ->
              true;
          case SUCCEEDED,
              PROGRESSING,
              FETCH_FAILED,
              VALIDATION_FAILED,
              OWNED_ELSEWHERE,
              PRUNE_BLOCKED,
              DEPENDENCY_NOT_READY,
              ACCESS_DENIED,
              APPLY_FAILED,
              HEALTH_CHECK_FAILED,
              ROLLED_BACK,
              CONTESTED,
              OUT_OF_SYNC ->
              false;
        };
    return new Failure(
        failed.reason(),
        failed.message(),
        List.of(new Problem("", "", 0, failed.reason().toString(), failed.message(), now)),
        1,
        lasting);
  }

  /** Suspended: everything stays as it was, but for being at work. */
  private static SyncStatus suspended(
      SyncStatus before, long generation, RollbackState rollback, Notices notices, Instant now) {
    return new SyncStatus(
        generation,
        before.handledRequest(),
        before.conditions().stream().filter(c -> c.type() != Condition.Type.RECONCILING).toList(),
        before.source(),
        before.applied(),
        before.lastGood().map(rollback::carried),
        before.rollback(),
        notices.webhook().path(),
        before.objects(),
        before.message(),
        before.inventory(),
        before.pendingPrune(),
        before.plan(),
        before.finishedJobs(),
        before.problemCount(),
        before.problems(),
        notices.amend(before.warnings(), now),
        before.history());
  }

  /** The parts of status that are no judgement. */
  private SyncStatus bookkeeping(
      Sync sync,
      SyncState state,
      Phase phase,
      boolean good,
      Optional<Failure> failure,
      Instant now) {
    SyncStatus before = sync.status();
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    Optional<Attempt> attempt = state.attempt();
    Optional<SyncStatus.Applied> applied =
        attempt
            .filter(_ -> state.pending().isEmpty())
            .map(a ->
                before
                    .applied()
                    .filter(old -> old.revision().equals(a.commit().revision()) && !a.wrote())
                    .orElse(
                        new SyncStatus.Applied(
                            a.commit().revision(),
                            a.writtenAt().truncatedTo(ChronoUnit.SECONDS),
                            state.applied().map(b -> b.desired().size()).orElse(0))))
            .or(before::applied);
    Optional<SyncStatus.LastGood> lastGood =
        good && attempt.isPresent()
            ? before
                .lastGood()
                .filter(g -> isOf(g, sync, state))
                .or(() ->
                    Optional.of(
                        new SyncStatus.LastGood(
                            attempt.get().commit().revision(), second, sync.generation())))
            : before.lastGood().map(state.rollback()::carried);
    return new SyncStatus(
        sync.generation(),
        state.handledRequest().or(before::handledRequest),
        List.of(),
        Optional.empty(),
        applied,
        lastGood,
        state.rollback().inForce(),
        state.webhook().path(),
        before.objects(),
        "",
        state.applied().map(b -> ApplyStep.inventoryOf(b.desired())).orElse(before.inventory()),
        state.prune().blocked().map(Guard.Verdict.Blocked::pendingPrune),
        Optional.empty(),
        finishedJobs(state, before),
        0,
        List.of(),
        warnings(state, before, now),
        History.of(
            new History.Facts(
                before.history(),
                sources.seen(sync.key()),
                attempt,
                state.prune().count(),
                state.account().overtaken(before.history()),
                state.rollback().inForce(),
                phase,
                good,
                failure,
                now)));
  }

  private List<String> warnings(SyncState state, SyncStatus before, Instant now) {
    return state.attempt().isEmpty()
        ? state.notices().amend(before.warnings(), now)
        : Stream.concat(
                Stream.concat(
                    state.rollback().notes().stream(),
                    state.prune().kept().stream()
                        .map(k ->
                            Warning.of(
                                k,
                                Origin.ofFile(""),
                                "left Git and stays: Fairlead never deletes it"))),
                LeftAlone.warnings(state, live::get, now).stream())
            .limit(SyncStatus.MAX_WARNINGS)
            .map(w -> ProblemText.cut(w.toString()))
            .toList();
  }

  private static List<FinishedJob> finishedJobs(SyncState state, SyncStatus before) {
    if (state.attempt().isEmpty()) {
      return before.finishedJobs();
    }
    Map<ObjectKey, String> wanted = state.finishedJobs();
    // Where there is no room for all, those that are wanted stay.
    Comparator<Map.Entry<ObjectKey, String>> wantedFirst =
        Comparator.comparing(job -> !job.getValue().equals(wanted.get(job.getKey())));
    return state.doneJobs().stream()
        .sorted(wantedFirst)
        .limit(SyncStatus.MAX_FINISHED_JOBS)
        .map(job -> new FinishedJob(job.getKey().toString(), job.getValue()))
        .sorted(Comparator.comparing(FinishedJob::object).thenComparing(FinishedJob::digest))
        .toList();
  }
}
