package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Facts;
import dev.fairlead.reconcile.SyncDecision.Look;
import dev.fairlead.reconcile.SyncDecision.Rollout;
import dev.fairlead.reconcile.SyncDecision.Step;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Reconciler;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Brings one sync a step further: gather facts, decide, act, report, until there is nothing to do
 * but wait for an event.
 *
 * <p>Guarantees: never waits for health. The engine calls it, never twice at once for one sync.
 */
final class SyncReconciler implements Reconciler<SyncKey> {
  /** How long the first list of a kind may take. */
  static final Duration LIST_TIMEOUT = Duration.ofSeconds(30);

  private static final int MAX_STEPS = 10;
  private static final Duration STEPS_PAUSE = Duration.ofMillis(10);
  private static final Duration WRITING_PAUSE = Duration.ofMillis(50);

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      Sources sources,
      Webhooks webhooks,
      Signatures signatures,
      Discovery discovery,
      LiveObjects live,
      CommitStep commit,
      ResumeStep resume,
      DependencyGate gate,
      HandOverStep handOver,
      Rivals rivals,
      Siblings siblings,
      RollbackStep rollback,
      SettleStep settle,
      FinishStep finish,
      PlanStep plan,
      PlanReport planReport,
      Drifts.Queues queues,
      Reporter reporter,
      SyncReport report) {}

  private final Tools tools;
  private final InstantSource clock;

  SyncReconciler(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  @Override
  public Result reconcile(SyncKey key) throws InterruptedException {
    Optional<SyncReading> reading = tools.syncs().get(key);
    if (reading.isEmpty()) {
      tools.sources().unfollow(key);
      tools.webhooks().gone(key);
      tools.syncs().forget(key);
      tools.rivals().gone(key);
      tools.siblings().gone(key);
      tools.gate().gone(key);
      tools.handOver().gone(key);
      tools.finish().gone(key);
      tools.live().forgetUnserved();
      tools.reporter().gone(key);
      return Result.done();
    }
    try {
      return switch (reading.get()) {
        case SyncReading.Valid valid ->
            again(tools.syncs().state(key), reconcile(valid.sync(), tools.syncs().state(key)));
        case SyncReading.Malformed malformed -> malformed(malformed);
      };
    } catch (ApiException e) {
      // One that is gone is reported by the watch; what else was not found may come.
      return Result.retry();
    }
  }

  /** Coming again in time for what its Secrets make necessary. */
  private Result again(SyncState state, Result result) {
    return state.expiries().again(tools.webhooks().again(state.key(), result), clock.instant());
  }

  private Result reconcile(Sync sync, SyncState state) throws ApiException, InterruptedException {
    if (sync.deleting()) {
      return finish(sync, state);
    }
    if (!prepare(sync, state, LIST_TIMEOUT)) {
      tools.report().unseen(sync, state);
      return Result.retry();
    }
    state.rollback().sees(sync.generation(), sync.spec());
    tools.webhooks().follow(sync, state);
    if (sync.spec().suspend()) {
      tools.sources().unfollow(sync.key());
      state.expiries(Expiries.UNREAD);
      return tools.report().write(sync, state, Phase.SETTLED, Optional.empty());
    }
    tools.sources().follow(sync);
    request(sync, state);
    state.expiries(
        Expiries.of(
            sync, tools.sources().validities(sync.key()), tools.signatures().expiries(sync)));
    if (sync.spec().mode() == SyncSpec.Mode.PLAN) {
      return plan(sync, state);
    }
    state.planning().over();
    takeUp(sync, state);
    // A commit may have more waves than one turn has steps.
    Result result = new Result.After(STEPS_PAUSE, Priority.NORMAL);
    for (int steps = 0; steps < MAX_STEPS; steps++) {
      // Our own writes change what is known of the sync.
      Sync current = tools.syncs().valid(sync.key()).orElse(sync);
      state.rollback().sees(current.generation(), current.spec());
      tools.rollback().compare(current, state);
      if (state.rollback().reconsider(newest(current))) {
        // Whatever kept the last good commit from being applied is of no interest any more.
        state.forgive();
      }
      Step step = SyncDecision.decide(gather(current, state));
      Optional<Result> rest = act(current, state, step);
      if (rest.isPresent()) {
        result = rest.get();
        break;
      }
    }
    return result;
  }

  /** In mode Plan nothing is done but to tell what would be done. */
  private Result plan(Sync sync, SyncState state) throws ApiException, InterruptedException {
    if (!state.claims().isEmpty()) {
      // Who says that nothing is written is not to be writing still.
      return new Result.After(WRITING_PAUSE, Priority.NORMAL);
    }
    // A plan waits for nobody.
    tools.gate().open(sync.key());
    PlanDecision.Step step = PlanDecision.decide(planFacts(sync, state));
    if (step instanceof PlanDecision.Step.Plan plan) {
      tools.plan().run(sync, state, plan.commit());
      step = PlanDecision.decide(planFacts(sync, state));
    }
    if (outcome(sync) instanceof Source.Outcome.Pending) {
      // Until the look is over, what status says still stands.
      return Result.done();
    }
    Result result = tools.planReport().write(tools.syncs().valid(sync.key()).orElse(sync), state);
    return switch (step) {
      case PlanDecision.Step.Rest _ -> result;
      case PlanDecision.Step.RestUntil until -> again(result, until.when());
      case PlanDecision.Step.Plan _ -> again(result, clock.instant());
    };
  }

  private Result again(Result result, Instant when) {
    Duration wait = Duration.between(clock.instant(), when);
    return result.noLaterThan(wait.isNegative() ? Duration.ZERO : wait, Priority.LOW);
  }

  private PlanDecision.Facts planFacts(Sync sync, SyncState state) {
    return new PlanDecision.Facts(
        look(sync),
        state.planning().outcome().map(Planning.Outcome::target),
        state.planning().due(),
        state.failed().map(Failed::target),
        state.failed().flatMap(Failed::retryAt),
        sync.generation(),
        clock.instant());
  }

  private Look look(Sync sync) {
    return switch (outcome(sync)) {
      case Source.Outcome.Pending _ -> new Look.Pending();
      case Source.Outcome.Failed _ -> new Look.Failed();
      case Source.Outcome.Seen seen -> new Look.Seen(seen.commit());
    };
  }

  private Result finish(Sync sync, SyncState state) throws ApiException, InterruptedException {
    tools.sources().unfollow(sync.key());
    tools.webhooks().gone(sync.key());
    boolean known;
    try {
      known = prepare(sync, state, LIST_TIMEOUT);
    } catch (ApiException e) {
      // A kind whose server does not answer holds up a deletion for a while, not for ever.
      known = false;
    }
    return tools.finish().run(sync, known);
  }

  /**
   * Watches the kinds that the sync's members may have, so that nothing is decided before all of
   * them are known; false when the server does not list them.
   */
  boolean prepare(Sync sync, SyncState state, Duration patience)
      throws ApiException, InterruptedException {
    if (state.prepared()) {
      look(state, sync.status().inventory());
      return true;
    }
    boolean listed = tools.live().awaitListed(watchMembers(sync), patience);
    look(state, MetadataPatch.inventory(sync.metadata(), sync.status().inventory()));
    if (!listed) {
      return false;
    }
    for (SyncStatus.FinishedJob job : sync.status().finishedJobs()) {
      JobKeys.parse(job.object()).ifPresent(key -> state.finished(key, job.digest()));
    }
    sync.status().handledRequest().ifPresent(state::handledRequest);
    state.inquiries().remember(sync.status().problems(), clock.instant());
    sync.status()
        .rollback()
        .ifPresent(r -> state.rollback().restore(r, sync.status().observedGeneration()));
    state.nextVerify(tools.settle().nextVerify());
    state.markPrepared();
    return true;
  }

  /** Takes note of which of these kinds may not be watched at present. */
  private void look(SyncState state, Inventory inventory) {
    state.blindness(Blindness.of(inventory.groupKinds(), tools.live()::denied));
  }

  /** Starts the watches of the kinds that the sync's members may have, without waiting. */
  List<Resource> watchMembers(Sync sync) throws ApiException, InterruptedException {
    List<Resource> resources = new ArrayList<>();
    Inventory inventory = MetadataPatch.inventory(sync.metadata(), sync.status().inventory());
    for (GroupKind kind : inventory.groupKinds()) {
      tools.discovery().resolvePreferred(kind).ifPresent(resources::add);
    }
    tools.live().watch(resources);
    return resources;
  }

  /** Sees to {@code fairlead.dev/requested-at}: a look, and another try of what failed. */
  private void request(Sync sync, SyncState state) {
    Optional<String> wanted = sync.metadata().requestedAt();
    if (wanted.isEmpty() || wanted.equals(state.handledRequest())) {
      return;
    }
    Optional<SyncState.Request> open = state.request();
    if (open.isEmpty() || !open.get().value().equals(wanted.get())) {
      state.request(Optional.of(new SyncState.Request(wanted.get(), clock.instant())));
      state.retryNow(clock.instant());
      tools.sources().request(sync.key());
    } else if (!tools.sources().lookedSince(sync.key()).isBefore(open.get().at())) {
      state.handledRequest(wanted.get());
      state.planning().asked(clock.instant());
    }
  }

  /** Sees to what was put off under an earlier spec, for example while it was suspended. */
  private void takeUp(Sync sync, SyncState state) {
    // Repairs read from Git.
    if (outcome(sync) instanceof Source.Outcome.Seen && state.takesUp(sync.generation())) {
      for (ObjectKey key : state.unfinished()) {
        tools.queues().object(new ObjectRef(sync.key(), key), Duration.ZERO, Priority.NORMAL);
      }
    }
  }

  private Facts gather(Sync sync, SyncState state) {
    List<Observed> leftovers = tools.report().leftovers(sync, state);
    // Nothing can be done about them yet, but nothing is settled either.
    int unseen = state.unseen(tools.live()::get, clock.instant());
    HealthView health = tools.report().health(state);
    boolean rolledOut = !state.verifying() && health.changed() == HealthView.Changed.HEALTHY;
    // A wave that is healthy is not yet the commit.
    if (rolledOut && state.pending().isEmpty()) {
      state.attempt().map(Attempt::target).ifPresent(state.rollback()::worked);
    }
    Optional<SyncStatus.Rollback> rollback = state.rollback().inForce();
    return new Facts(
        sync.deleting(),
        sync.spec().suspend(),
        look(sync),
        state
            .attempt()
            .filter(a -> a.insteadOf().equals(rollback.map(SyncStatus.Rollback::from)))
            .map(Attempt::target),
        state.pending().isPresent(),
        state.attempt().isPresent() ? Optional.empty() : recorded(sync),
        RollbackStep.standing(sync, state),
        state.failed().map(Failed::target),
        state.failed().flatMap(Failed::retryAt),
        sync.generation(),
        rollback,
        rolledOut ? Rollout.DONE : Rollout.IN_PROGRESS,
        RollbackStep.verdict(sync, state, health, clock.instant()),
        leftovers.size() + unseen,
        (int) leftovers.stream().filter(state.prune()::isGoing).count() + unseen,
        // Whether it is allowed is asked only when it comes to it: it may cost requests.
        true,
        gate(sync, state, look(sync)),
        heirlooms(sync, state).size(),
        tools.settle().obstacles(sync, leftovers).size(),
        clock.instant());
  }

  /** Whether the newest commit has to wait, unless it is there already. */
  private Optional<DependencyGate.Closed> gate(Sync sync, SyncState state, Look look) {
    if (look instanceof Look.Seen(Commit commit)
        && !state
            .attempt()
            .map(Attempt::target)
            .or(() -> recorded(sync))
            .equals(Optional.of(new Target(commit.revision().commit(), sync.generation())))) {
      return tools.gate().closed(sync, commit);
    }
    tools.gate().open(sync.key());
    return Optional.empty();
  }

  /** What the newest commit that passed its check does not have and others wait for. */
  private Map<Observed, SyncKey> heirlooms(Sync sync, SyncState state) {
    if (tools.handOver().nobodyWaits()) {
      return Map.of();
    }
    Optional<Build> newest =
        state
            .build()
            .filter(b ->
                tools.rivals().onlyAwaitsOthers(sync.key(), b.target())
                    || state.isStandingBy(b.target()))
            .or(state::applied);
    if (newest.isEmpty() || tools.handOver().isPutOff(sync.key())) {
      return Map.of();
    }
    return tools.handOver().heirs(sync, tools.report().members(sync, state), newest.get().keys());
  }

  /**
   * Whether the newest commit has the same files for the sync as the one that is applied, so that
   * it costs no more than a status patch, which may wait for those that have more to do.
   */
  boolean isUntouched(SyncKey key) {
    Optional<Sync> sync = tools.syncs().valid(key);
    Optional<Build> applied = tools.syncs().state(key).applied();
    Optional<Commit> seen = tools.sources().seen(key);
    Optional<Mirror> mirror = tools.sources().mirror(key);
    if (sync.isEmpty() || applied.isEmpty() || seen.isEmpty() || mirror.isEmpty()) {
      return false;
    }
    if (sync.get().spec().verifySecret().isPresent()) {
      // Its directories may not be read yet.
      return false;
    }
    try {
      return Builder.treeId(sync.get(), mirror.get(), seen.get().revision().commit())
          .equals(Optional.of(applied.get().tree()));
    } catch (GitException e) {
      return false;
    }
  }

  /** The newest commit, if the last look found one. */
  private Optional<String> newest(Sync sync) {
    return outcome(sync) instanceof Source.Outcome.Seen seen
        ? Optional.of(seen.commit().revision().commit())
        : Optional.empty();
  }

  private Source.Outcome outcome(Sync sync) {
    return tools.sources().outcome(sync.key()).orElse(new Source.Outcome.Pending());
  }

  /** What status says was written before a restart. */
  static Optional<Target> recorded(Sync sync) {
    return sync.status()
        .condition(Condition.Type.APPLIED)
        .filter(c -> c.state() == Condition.State.TRUE)
        .flatMap(c ->
            sync.status()
                .applied()
                .map(a -> new Target(a.revision().commit(), c.observedGeneration())));
  }

  /** Acts; absent when the next step can be taken at once. */
  private Optional<Result> act(Sync sync, SyncState state, Step step)
      throws ApiException, InterruptedException {
    return switch (step) {
      case Step.Finish _ -> Optional.of(Result.done());
      case Step.Rest _ -> Optional.of(rest(sync, state));
      case Step.RestUntil until ->
          Optional.of(
              rest(sync, state)
                  .noLaterThan(Duration.between(clock.instant(), until.when()), Priority.LOW));
      case Step.Apply apply -> {
        if (state.pending().isPresent()) {
          tools.report().finishedJobs(sync, state);
        }
        tools.commit().apply(sync, state, CommitStep.Order.of(apply.commit()));
        tools.siblings().tried(sync.key());
        yield Optional.empty();
      }
      case Step.AwaitDependencies await -> {
        if (tools.commit().standBy(sync, state, await.commit())) {
          tools.siblings().tried(sync.key());
          yield Optional.empty();
        }
        yield Optional.of(tools.report().dependencies(sync, state, await.gate()));
      }
      case Step.Resume resume -> {
        tools.resume().resume(sync, state, CommitStep.Order.of(resume.commit()));
        tools.siblings().tried(sync.key());
        yield Optional.empty();
      }
      case Step.KeepUp keepUp -> {
        tools.rollback().keepUp(sync, state, keepUp.standing());
        yield Optional.empty();
      }
      case Step.GiveUp giveUp -> {
        tools.rollback().begin(sync, state, giveUp.verdict());
        yield Optional.empty();
      }
      case Step.RollBack rollBack -> {
        if (state.pending().isPresent()) {
          tools.report().finishedJobs(sync, state);
        }
        tools.rollback().apply(sync, state, rollBack.rollback());
        tools.siblings().tried(sync.key());
        yield Optional.empty();
      }
      case Step.ResumeRollback resume -> {
        tools.rollback().resume(sync, state, resume.rollback());
        tools.siblings().tried(sync.key());
        yield Optional.empty();
      }
      case Step.HandOver _ -> {
        tools.handOver().run(sync, heirlooms(sync, state));
        yield Optional.empty();
      }
      case Step.MakeWay _ -> tools.settle().makeWay(sync, state);
      case Step.AwaitRollout _ -> Optional.of(tools.settle().awaitRollout(sync, state));
      case Step.AskForApproval _, Step.AwaitGone _ ->
          Optional.of(tools.report().write(sync, state, Phase.PRUNING, Optional.empty()));
      case Step.Prune _ -> tools.settle().prune(sync, state);
      case Step.Settle _ -> Optional.of(tools.settle().settle(sync, state));
    };
  }

  private Result rest(Sync sync, SyncState state) throws ApiException, InterruptedException {
    Optional<Failure> failure = state.failed().map(Failed::failure);
    if (outcome(sync) instanceof Source.Outcome.Pending) {
      // The look is under way; until it is over, what status says still stands.
      return Result.done();
    }
    boolean waits = failure.filter(f -> f.reason() == Reason.PROGRESSING).isPresent();
    Phase phase =
        switch (outcome(sync)) {
          case Source.Outcome.Pending _ -> Phase.NEW;
          case Source.Outcome.Failed _ -> state.attempt().isPresent() ? Phase.SETTLED : Phase.NEW;
          case Source.Outcome.Seen _ -> waits ? Phase.APPLYING : Phase.FAILED;
        };
    return tools.report().write(sync, state, phase, failure);
  }

  private Result malformed(SyncReading.Malformed malformed)
      throws ApiException, InterruptedException {
    if (malformed.metadata().deleting()) {
      // Nobody can say what is to become of its objects, so they stay.
      Sync orphaning = FinishStep.orphaning(malformed.metadata(), malformed.status());
      return finish(orphaning, tools.syncs().state(orphaning.key()));
    }
    Instant now = clock.instant();
    List<Problem> problems =
        malformed.problems().stream()
            .map(p -> new Problem("", "", 0, Reason.BUILD_FAILED.toString(), p, now))
            .toList();
    Failure failure =
        new Failure(
            Reason.BUILD_FAILED,
            String.join("; ", malformed.problems()),
            problems,
            problems.size(),
            true);
    tools.syncs().state(malformed.metadata().key()).account().problems(problems);
    SyncStatus before = malformed.status();
    SyncStatus next =
        StatusReport.of(
            new StatusReport.Facts(
                before,
                malformed.metadata().generation(),
                false,
                Phase.FAILED,
                Optional.empty(),
                Optional.empty(),
                Optional.of(failure),
                Optional.empty(),
                Optional.empty(),
                before.objects(),
                List.of(),
                before,
                now));
    tools.reporter().status(malformed.metadata(), false, before, next, Optional.empty(), false);
    return Result.done();
  }
}
