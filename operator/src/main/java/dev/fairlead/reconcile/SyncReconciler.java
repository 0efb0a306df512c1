package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.manifest.Finding;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Plan;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Facts;
import dev.fairlead.reconcile.SyncDecision.Look;
import dev.fairlead.reconcile.SyncDecision.Rollout;
import dev.fairlead.reconcile.SyncDecision.Step;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.reconcile.SyncState.Attempt;
import dev.fairlead.reconcile.SyncState.Failed;
import dev.fairlead.reconcile.SyncState.Held;
import dev.fairlead.runtime.Backoff;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Reconciler;
import dev.fairlead.runtime.Result;
import dev.fairlead.runtime.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Brings one sync a step further: gather facts, decide, act, report, until there is nothing to do
 * but wait for an event.
 *
 * <p>Guarantees: never waits for health. The engine calls it, never twice at once for one sync.
 */
final class SyncReconciler implements Reconciler<SyncKey> {
  /** How long the first list of a kind may take. */
  static final Duration LIST_TIMEOUT = Duration.ofSeconds(30);

  /** Also for what was refused: the cluster may change so that it passes. */
  private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

  private static final Duration VERIFY_EVERY = Duration.ofHours(24);
  private static final int MAX_STEPS = 10;

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      Sources sources,
      Builder builder,
      Discovery discovery,
      LiveObjects live,
      SyncWriter writer,
      ApplyStep.Tools apply,
      PruneStep prune,
      FinishStep finish,
      Drifts.Queues queues,
      Reporter reporter,
      Guard.Own own,
      Scheduler scheduler) {}

  private final Tools tools;
  private final Unrecorded unrecorded;
  private final InstantSource clock;
  private final RandomGenerator random;

  SyncReconciler(Tools tools, InstantSource clock, RandomGenerator random) {
    this.tools = tools;
    this.unrecorded = new Unrecorded(tools.builder(), clock);
    this.clock = clock;
    this.random = random;
  }

  @Override
  public Result reconcile(SyncKey key) throws InterruptedException {
    Optional<SyncReading> reading = tools.syncs().get(key);
    if (reading.isEmpty()) {
      tools.sources().unfollow(key);
      tools.syncs().forget(key);
      tools.reporter().gone(key);
      return Result.done();
    }
    try {
      return switch (reading.get()) {
        case SyncReading.Valid valid -> reconcile(valid.sync(), tools.syncs().state(key));
        case SyncReading.Malformed malformed -> malformed(malformed);
      };
    } catch (ApiException e) {
      // One that is gone is reported by the watch; what else was not found may come.
      return Result.retry();
    }
  }

  private Result reconcile(Sync sync, SyncState state) throws ApiException, InterruptedException {
    if (!prepare(sync, state, LIST_TIMEOUT)) {
      return Result.retry();
    }
    if (sync.deleting()) {
      tools.sources().unfollow(sync.key());
      return tools.finish().run(sync);
    }
    if (sync.spec().suspend()) {
      tools.sources().unfollow(sync.key());
      return report(sync, state, Phase.SETTLED, Optional.empty());
    }
    tools.sources().follow(sync);
    request(sync, state);
    takeUp(sync, state);
    Result result = Result.done();
    for (int steps = 0; steps < MAX_STEPS; steps++) {
      // Our own writes change what is known of the sync.
      Sync current = tools.syncs().valid(sync.key()).orElse(sync);
      Step step = SyncDecision.decide(gather(current, state));
      Optional<Result> rest = act(current, state, step);
      if (rest.isPresent()) {
        result = rest.get();
        break;
      }
    }
    return result;
  }

  /**
   * Watches the kinds that the sync's members may have, so that nothing is decided before all of
   * them are known; false when the server does not list them.
   */
  boolean prepare(Sync sync, SyncState state, Duration patience)
      throws ApiException, InterruptedException {
    if (state.prepared()) {
      return true;
    }
    if (!tools.live().awaitListed(watchMembers(sync), patience)) {
      return false;
    }
    for (SyncStatus.FinishedJob job : sync.status().finishedJobs()) {
      JobKeys.parse(job.object()).ifPresent(key -> state.finished(key, job.digest()));
    }
    sync.status().handledRequest().ifPresent(state::handledRequest);
    state.nextVerify(clock.instant().plus(jittered(VERIFY_EVERY)));
    state.markPrepared();
    return true;
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
    Look look =
        switch (outcome(sync)) {
          case Source.Outcome.Pending _ -> new Look.Pending();
          case Source.Outcome.Failed _ -> new Look.Failed();
          case Source.Outcome.Seen seen -> new Look.Seen(seen.commit());
        };
    List<Observed> leftovers = leftovers(sync, state);
    HealthView health = health(state);
    return new Facts(
        sync.deleting(),
        sync.spec().suspend(),
        look,
        state.attempt().map(Attempt::target),
        recorded(sync),
        state.failed().map(Failed::target),
        state.failed().flatMap(Failed::retryAt),
        sync.generation(),
        state.verifying() || health.changed() != HealthView.Changed.HEALTHY
            ? Rollout.IN_PROGRESS
            : Rollout.DONE,
        leftovers.size(),
        (int) leftovers.stream().filter(state::isGoing).count(),
        // Whether it is allowed is asked only when it comes to it: it may cost requests.
        true,
        clock.instant());
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
    try {
      return mirror
          .get()
          .treeId(seen.get().revision().commit(), sync.get().spec().path())
          .equals(Optional.of(applied.get().tree()));
    } catch (GitException e) {
      return false;
    }
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

  private List<Observed> leftovers(Sync sync, SyncState state) {
    Optional<Build> build = state.applied();
    if (build.isEmpty()) {
      return List.of();
    }
    Set<ObjectKey> wanted =
        build.get().desired().stream().map(DesiredObject::key).collect(Collectors.toSet());
    return tools.live().members(sync.key()).stream()
        .filter(m -> !wanted.contains(m.key()))
        .toList();
  }

  private HealthView health(SyncState state) {
    return state.health(
        state.applied().map(Build::desired).orElse(List.of()),
        tools.live()::get,
        state.attempt().map(Attempt::changed).orElse(Set.of()),
        clock.instant());
  }

  /** Acts; absent when the next step can be taken at once. */
  private Optional<Result> act(Sync sync, SyncState state, Step step)
      throws ApiException, InterruptedException {
    return switch (step) {
      case Step.Finish _ -> Optional.of(Result.done());
      case Step.Rest _ -> Optional.of(rest(sync, state));
      case Step.RestUntil until ->
          Optional.of(sooner(rest(sync, state), until.when(), Priority.LOW));
      case Step.Apply apply -> apply(sync, state, apply.commit());
      case Step.Resume resume -> resume(sync, state, resume.commit());
      case Step.AwaitRollout _ -> Optional.of(awaitRollout(sync, state));
      case Step.AskForApproval _, Step.AwaitGone _ ->
          Optional.of(report(sync, state, Phase.PRUNING, Optional.empty()));
      case Step.Prune _ -> prune(sync, state);
      case Step.Settle _ -> Optional.of(settle(sync, state));
    };
  }

  private Result rest(Sync sync, SyncState state) throws ApiException, InterruptedException {
    Optional<Failure> failure = state.failed().map(Failed::failure);
    if (outcome(sync) instanceof Source.Outcome.Pending) {
      // The look is under way; until it is over, what status says still stands.
      return Result.done();
    }
    Phase phase =
        switch (outcome(sync)) {
          case Source.Outcome.Pending _ -> Phase.NEW;
          case Source.Outcome.Failed _ -> state.attempt().isPresent() ? Phase.SETTLED : Phase.NEW;
          case Source.Outcome.Seen _ -> Phase.FAILED;
        };
    return report(sync, state, phase, failure);
  }

  private Optional<Result> apply(Sync sync, SyncState state, Commit commit)
      throws ApiException, InterruptedException {
    Target target = new Target(commit.revision().commit(), sync.generation());
    Instant startedAt = clock.instant();
    Set<ObjectKey> illBefore = ill(state);
    Scheduler.Timer timer =
        state.failed().isPresent()
            ? () -> {}
            : tools.scheduler().schedule(Duration.ofSeconds(1), () -> reportWork(sync, state));
    state.atWork(true);
    try {
      Optional<Build> built = build(sync, state, target);
      if (built.isEmpty()) {
        return Optional.empty();
      }
      Build build = built.get();
      List<ObjectKey> members =
          tools.live().members(sync.key()).stream().map(Observed::key).toList();
      Plan plan = Plan.of(build.desired(), state.proven(), state.finishedJobs(), members);
      ApplyStep.Outcome outcome =
          plan.apply().isEmpty()
              ? new ApplyStep.Outcome.Written(Set.of(), 0, 0, List.of())
              : new ApplyStep(tools.apply(), sync, state, build, plan.apply()).run();
      switch (outcome) {
        case ApplyStep.Outcome.Refused refused -> refused(state, target, refused);
        case ApplyStep.Outcome.Written written ->
            written(
                state,
                build,
                commit,
                startedAt,
                written,
                state.attempt().isPresent()
                    ? Unrecorded.Done.of(written)
                    : unrecorded.with(
                        sync,
                        tools.sources().mirror(sync.key()),
                        build,
                        written,
                        Set.copyOf(members)),
                illBefore,
                plan);
      }
      return Optional.empty();
    } finally {
      timer.cancel();
      state.atWork(false);
    }
  }

  private Set<ObjectKey> ill(SyncState state) {
    Set<ObjectKey> ill = new HashSet<>();
    // What the commit before this one changed, and what is not healthy for that, is not ill: it is
    // superseded.
    Set<ObjectKey> rollingOut = state.attempt().map(Attempt::changed).orElse(Set.of());
    for (Held held : state.held()) {
      ObjectKey key = held.desired().key();
      Optional<Observed> observed = tools.live().get(key);
      if (!rollingOut.contains(key)
          && observed.isPresent()
          && !observed.get().health().isHealthy()) {
        ill.add(key);
      }
    }
    return ill;
  }

  private void written(
      SyncState state,
      Build build,
      Commit commit,
      Instant startedAt,
      ApplyStep.Outcome.Written written,
      Unrecorded.Done done,
      Set<ObjectKey> illBefore,
      Plan plan) {
    Set<ObjectKey> changed = new HashSet<>(done.changed());
    // A rollout that this commit supersedes is still to become healthy.
    state.attempt().map(Attempt::changed).ifPresent(changed::addAll);
    changed.removeAll(illBefore);
    Set<ObjectKey> wanted =
        build.desired().stream().map(DesiredObject::key).collect(Collectors.toSet());
    changed.retainAll(wanted);
    for (DesiredObject unchanged : plan.unchanged()) {
      // The same content may have moved to another line.
      state.change(unchanged.key(), h -> h.withDesired(unchanged));
    }
    state.retain(wanted);
    if (!written.changed().isEmpty()) {
      state.nextEpoch();
      tools.reporter().applied(written.created(), written.updated());
    }
    state.resetPruned();
    state.addPruned(done.pruned());
    state.written(
        new Attempt(
            build.target(),
            commit,
            startedAt,
            clock.instant(),
            done.created(),
            done.updated(),
            changed,
            done.wrote()),
        build.withoutManifests(),
        written.warnings());
    pin(state, build.target());
  }

  private void pin(SyncState state, Target target) {
    tools
        .sources()
        .mirror(state.key())
        .ifPresent(mirror -> {
          state.pin(target.commit()).ifPresent(mirror::unpin);
          mirror.pin(target.commit());
        });
  }

  private void refused(SyncState state, Target target, ApplyStep.Outcome.Refused refused) {
    Instant now = clock.instant();
    List<Problem> problems =
        refused.refusals().stream().flatMap(r -> r.problems(now).stream()).toList();
    tools.reporter().refused(refused.refusals().size());
    fail(
        state,
        target,
        new Failure(
            refused.reason(), summary(problems), problems, problems.size(), !refused.retryable()),
        Optional.of(RETRY));
  }

  private static String summary(List<Problem> problems) {
    String first = ProblemText.describe(problems.getFirst());
    int more = problems.size() - 1;
    return more == 0 ? first : first + " (and " + more + " more)";
  }

  private void fail(SyncState state, Target target, Failure failure, Optional<Backoff> backoff) {
    int attempts =
        state.failed().filter(f -> f.target().equals(target)).map(f -> f.attempts() + 1).orElse(1);
    state.fail(
        new Failed(
            target,
            failure,
            backoff.map(b -> clock.instant().plus(b.delay(attempts, random))),
            attempts));
  }

  private Optional<Build> build(Sync sync, SyncState state, Target target)
      throws ApiException, InterruptedException {
    Optional<Mirror> mirror = tools.sources().mirror(sync.key());
    if (mirror.isEmpty()) {
      gitFailed(state, target, Reason.FETCH_FAILED, "the repository has to be fetched again");
      return Optional.empty();
    }
    try {
      Build build = tools.builder().build(sync, mirror.get(), target, state.build());
      state.built(build);
      return Optional.of(build);
    } catch (GitException e) {
      gitFailed(state, target, e.reason(), e.getMessage());
      return Optional.empty();
    } catch (BuildException e) {
      Instant now = clock.instant();
      List<Problem> problems = e.findings().stream().map(f -> problem(f, e.reason(), now)).toList();
      fail(
          state,
          target,
          new Failure(e.reason(), summary(problems), problems, problems.size(), true),
          Optional.empty());
      return Optional.empty();
    }
  }

  private void gitFailed(SyncState state, Target target, Reason reason, String message) {
    boolean mayPass = reason == Reason.FETCH_FAILED;
    fail(
        state,
        target,
        new Failure(
            reason,
            message,
            List.of(new Problem("", "", 0, reason.toString(), message, clock.instant())),
            1,
            !mayPass),
        mayPass ? Optional.of(RETRY) : Optional.empty());
  }

  private static Problem problem(Finding finding, Reason reason, Instant now) {
    Origin origin = finding.origin();
    return new Problem("", origin.file(), origin.line(), reason.toString(), finding.message(), now);
  }

  /** After a restart: what status says is there is verified object by object, without a dry run. */
  private Optional<Result> resume(Sync sync, SyncState state, Commit commit)
      throws ApiException, InterruptedException {
    Target target = new Target(commit.revision().commit(), sync.generation());
    Optional<Build> built = build(sync, state, target);
    if (built.isEmpty()) {
      return Optional.empty();
    }
    Build build = built.get();
    if (!build.knowsAllKinds()) {
      return apply(sync, state, commit);
    }
    Instant now = clock.instant();
    boolean ready =
        sync.status()
            .condition(Condition.Type.READY)
            .filter(c -> c.state() == Condition.State.TRUE)
            .isPresent();
    if (ready) {
      state.presumeHealthy(build.desired());
    }
    Set<ObjectKey> changed =
        ready
            ? Set.of()
            : build.desired().stream().map(DesiredObject::key).collect(Collectors.toSet());
    Unrecorded.Done done =
        unrecorded.resumed(
            sync,
            tools.sources().mirror(sync.key()),
            build,
            tools.live().members(sync.key()).stream()
                .map(Observed::key)
                .collect(Collectors.toSet()));
    state.addPruned(done.pruned());
    state.written(
        new Attempt(
            target,
            commit,
            now,
            sync.status().applied().map(SyncStatus.Applied::at).orElse(now),
            done.created(),
            done.updated(),
            changed,
            done.wrote()),
        build.withoutManifests(),
        sync.status().warnings());
    pin(state, target);
    state.verifying(true);
    for (DesiredObject object : build.desired()) {
      state.put(Held.unverified(object));
      tools.live().get(object.key()).ifPresent(state::sawFinished);
    }
    Map<ObjectKey, String> finished = state.finishedJobs();
    for (DesiredObject object : build.desired()) {
      if (!object.digest().toString().equals(finished.get(object.key()))) {
        tools.queues().object(new ObjectRef(sync.key(), object.key()), Duration.ZERO, Priority.LOW);
      }
    }
    return Optional.empty();
  }

  private Result awaitRollout(Sync sync, SyncState state)
      throws ApiException, InterruptedException {
    if (state.verifying()) {
      if (state.allVerified()) {
        state.verifying(false);
        return new Result.After(Duration.ZERO, Priority.NORMAL);
      }
      return report(sync, state, Phase.VERIFYING, Optional.empty());
    }
    Instant deadline = deadline(sync, state);
    boolean late = !deadline.isAfter(clock.instant());
    Result result = report(sync, state, health(state).awaited(late), Optional.empty());
    return late ? result : sooner(result, deadline, Priority.NORMAL);
  }

  private Instant deadline(Sync sync, SyncState state) {
    return state
        .attempt()
        .map(a -> a.writtenAt().plus(sync.spec().rolloutTimeout()))
        .orElse(Instant.MAX);
  }

  private Optional<Result> prune(Sync sync, SyncState state)
      throws ApiException, InterruptedException {
    List<Observed> leftovers = leftovers(sync, state);
    List<Observed> staying = leftovers.stream().filter(m -> !state.isGoing(m)).toList();
    Set<ObjectKey> doomed = new HashSet<>();
    Set<ObjectKey> released = new HashSet<>();
    if (sync.spec().prune()) {
      int total = present(sync, state);
      Guard.Verdict verdict =
          Guard.decide(
              total,
              tools.prune().candidates(staying),
              sync.spec().maxPrune(),
              sync.metadata().approvedPrune(),
              state.pruning(),
              tools.own());
      verdict.excluded().forEach(e -> released.add(e.key()));
      switch (verdict) {
        case Guard.Verdict.Blocked blocked -> {
          state.pendingPrune(Optional.of(blocked));
          return Optional.of(report(sync, state, Phase.ASKING, Optional.empty()));
        }
        case Guard.Verdict.Allowed allowed -> doomed.addAll(allowed.prune());
      }
    } else {
      staying.forEach(m -> released.add(m.key()));
    }
    state.pendingPrune(Optional.empty());
    state.pruning(doomed);
    try {
      PruneStep.Done done = tools.prune().run(sync, doomed, released, false);
      state.addPruned(done.deleted());
    } catch (ApiException e) {
      Attempt attempt = state.attempt().orElseThrow();
      Problem problem =
          new Problem(
              "", "", 0, Refusal.reasonOf(e.error()).toString(), e.getMessage(), clock.instant());
      fail(
          state,
          attempt.target(),
          new Failure(
              Refusal.reasonOf(e.error()),
              "the prune failed: " + e.getMessage(),
              List.of(problem),
              1,
              !e.error().retryable()),
          Optional.of(RETRY));
      return Optional.empty();
    }
    return Optional.of(report(sync, state, Phase.PRUNING, Optional.empty()));
  }

  /** How many objects the sync has, those among them that were written but not yet seen. */
  private int present(Sync sync, SyncState state) {
    Set<ObjectKey> present = new HashSet<>(state.proven().keySet());
    tools.live().members(sync.key()).forEach(m -> present.add(m.key()));
    return present.size();
  }

  private Result settle(Sync sync, SyncState state) throws ApiException, InterruptedException {
    state.pendingPrune(Optional.empty());
    state.pruning(Set.of());
    Build build = state.applied().orElseThrow();
    Inventory exact = ApplyStep.inventoryOf(build.desired());
    Optional<Live> narrowed = tools.writer().adopt(sync.metadata(), exact);
    narrowed.ifPresent(live -> tools.syncs().wroteMetadata(sync.key(), live, true));
    Phase phase = health(state).reached(!deadline(sync, state).isAfter(clock.instant()));
    Sync current = tools.syncs().valid(sync.key()).orElse(sync);
    Result result = report(current, state, phase, Optional.empty());
    if (phase == Phase.ROLLING_OUT) {
      result = sooner(result, deadline(sync, state), Priority.NORMAL);
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
      state.nextVerify(now.plus(jittered(VERIFY_EVERY)));
    }
    return sooner(result, state.nextVerify(), Priority.LOW);
  }

  private Duration jittered(Duration base) {
    return Duration.ofMillis((long) (base.toMillis() * (0.9 + 0.2 * random.nextDouble())));
  }

  /** Tells that the work takes longer than a second. */
  private void reportWork(Sync sync, SyncState state) {
    try {
      // The lock keeps this from overtaking the report at the end of the work.
      synchronized (state.reporting()) {
        if (state.atWork()) {
          Sync current = tools.syncs().valid(sync.key()).orElse(sync);
          report(current, state, Phase.APPLYING, Optional.empty());
        }
      }
    } catch (ApiException | InterruptedException e) {
      // The report at the end of the work says the same and more.
      return;
    }
  }

  private Result malformed(SyncReading.Malformed malformed)
      throws ApiException, InterruptedException {
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
                before.objects(),
                List.of(),
                before,
                now));
    tools.reporter().status(malformed.metadata(), false, before, next, Optional.empty(), false);
    return Result.done();
  }

  private Result report(Sync sync, SyncState state, Phase phase, Optional<Failure> failure)
      throws ApiException, InterruptedException {
    synchronized (state.reporting()) {
      return new SyncReport(tools.sources(), tools.reporter(), clock)
          .write(sync, state, phase, failure, health(state));
    }
  }

  static Result sooner(Result result, Instant when, Priority priority, InstantSource clock) {
    Duration wait = Duration.between(clock.instant(), when);
    Duration bounded = wait.isNegative() ? Duration.ZERO : wait;
    return switch (result) {
      case Result.After after ->
          after.delay().compareTo(bounded) <= 0 ? after : new Result.After(bounded, priority);
      case Result.Done _ -> new Result.After(bounded, priority);
      case Result.Retry retry -> retry;
    };
  }

  private Result sooner(Result result, Instant when, Priority priority) {
    return sooner(result, when, priority, clock);
  }
}
