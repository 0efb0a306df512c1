package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.model.Commit;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.PlannedObject.Action;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Plan;
import dev.fairlead.plan.Preview;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what applying a commit would do, and takes note of it.
 *
 * <p>Guarantees: nothing is written, not even who owns what; nobody waits for anything because of
 * it, and no other sync gives anything away. One thread a sync.
 */
final class PlanStep {
  private static final Logger LOG = LoggerFactory.getLogger(PlanStep.class);

  /** How often the cluster is looked at again, give or take a tenth, although nothing is heard. */
  static final Duration AGAIN = Duration.ofMinutes(10);

  /** Everything that the work needs. */
  record Tools(
      ApiServer api,
      Tenancy tenancy,
      Syncs syncs,
      BuildStep build,
      Builder builder,
      Sources sources,
      LiveObjects live,
      ApplyStep.Tools apply,
      LeftAlone leftAlone,
      PruneStep prune,
      Rivals rivals,
      SyncReport report,
      PlanReport planReport,
      Scheduler scheduler,
      Failures failures,
      Guard.Own own) {}

  private final Tools tools;
  private final InstantSource clock;
  private final RandomGenerator random;

  PlanStep(Tools tools, InstantSource clock, RandomGenerator random) {
    this.tools = tools;
    this.clock = clock;
    this.random = random;
  }

  /** Reads the commit and asks the server about all of it. */
  void run(Sync sync, SyncState state, Commit commit) throws ApiException, InterruptedException {
    Target target = new Target(commit.revision().commit(), sync.generation());
    try (WorkNotice _ = notice(sync, state, target)) {
      run(sync, state, commit, target);
    }
  }

  /** What is planned again is told when that has come to something. */
  private WorkNotice notice(Sync sync, SyncState state, Target target) {
    boolean again =
        state.planning().outcome().filter(o -> o.target().equals(target)).isPresent()
            || state.failed().isPresent();
    return again
        ? WorkNotice.silent(state)
        : WorkNotice.of(
            sync,
            state,
            tools.syncs(),
            tools.scheduler(),
            current -> tools.planReport().write(current, state));
  }

  private void run(Sync sync, SyncState state, Commit commit, Target target)
      throws ApiException, InterruptedException {
    Instant startedAt = clock.instant();
    long changes = state.planning().changes();
    Optional<Build> built = tools.build().build(sync, state, target);
    if (built.isEmpty()) {
      state.planning().failed();
      state
          .failed()
          .map(f ->
              AttemptAccount.ofNone(
                  commit, sync.generation(), startedAt, clock.instant(), f.failure().reason()))
          .ifPresent(state.account()::attempted);
      return;
    }
    Build build = built.get();
    List<Observed> members = tools.report().members(sync, state);
    Plan plan =
        Plan.of(
            build.desired(),
            Map.of(),
            state::hasDone,
            members.stream().map(Observed::key).toList(),
            o -> tools.leftAlone().test(sync.key(), o));
    PlanCheck found = new PlanCheck(tools.api(), tools.api().as(tools.tenancy().identity(sync)));
    ApplyCalls calls = new ApplyCalls(tools.apply().calls(), sync, build, Optional.of(found));
    ChangeCheck check =
        new ChangeCheck(
            calls,
            new Validation(tools.apply().schemas(), calls),
            tools.apply().own(),
            build,
            plan.apply());
    List<Refusal> refusals = tools.rivals().told(sync, check.run());
    Optional<Build> before = applied(sync, state, members, build);
    List<PlannedObject> objects = new ArrayList<>();
    PlannedObjects planned =
        new PlannedObjects(
            found, calls.toReplace(), check.deferrals().waiting(), refused(refusals));
    Set<ObjectKey> apply =
        plan.apply().stream().map(DesiredObject::key).collect(Collectors.toSet());
    Set<ObjectKey> leftAlone =
        plan.leftAlone().stream().map(DesiredObject::key).collect(Collectors.toSet());
    Map<ObjectKey, DesiredObject> wantedBefore = byKey(before);
    for (DesiredObject object : build.desired()) {
      objects.add(
          apply.contains(object.key())
              ? planned.of(object, Optional.ofNullable(wantedBefore.get(object.key())))
              : PlannedObjects.plain(
                  object,
                  leftAlone.contains(object.key()) ? Action.LEAVE_ALONE : Action.UNCHANGED));
    }
    Optional<Failure> failure =
        refusals.isEmpty()
            ? Optional.empty()
            : Optional.of(
                CommitStep.failure(ApplyStep.refused(refusals, check.present()), clock.instant()));
    try {
      objects.addAll(leaving(sync, members, build));
    } catch (ApiException e) {
      failure = failure.or(() -> Optional.of(failure(e)));
    }
    List<Warning> warnings = warnings(build, calls, plan);
    done(state, commit, startedAt, changes, target, found, new Preview(objects), warnings, failure);
  }

  private void done(
      SyncState state,
      Commit commit,
      Instant startedAt,
      long changes,
      Target target,
      PlanCheck found,
      Preview preview,
      List<Warning> warnings,
      Optional<Failure> failure) {
    Instant now = clock.instant();
    double factor = 0.9 + 0.2 * random.nextDouble();
    Planning.Outcome outcome =
        new Planning.Outcome(
            target, preview, warnings, failure, now, Duration.between(startedAt, now));
    Instant again = now.plusMillis((long) (AGAIN.toMillis() * factor));
    state.planning().planned(outcome, again, found.marks(), changes);
    if (failure.isPresent()) {
      tools.failures().passing(state, target, failure.get());
    } else {
      state.forgive();
    }
    state
        .account()
        .attempted(
            new SyncView.Attempt(
                commit.revision(),
                target.generation(),
                startedAt,
                now,
                PlanStatus.reason(preview, failure).toString(),
                PlannedObjects.changes(preview.objects()),
                Optional.of(preview.objects())));
  }

  private static Set<ObjectKey> refused(List<Refusal> refusals) {
    Set<ObjectKey> refused = new HashSet<>();
    refusals.forEach(r -> r.desired().ifPresent(d -> refused.add(d.key())));
    return refused;
  }

  private static Map<ObjectKey, DesiredObject> byKey(Optional<Build> build) {
    Map<ObjectKey, DesiredObject> byKey = new HashMap<>();
    build.ifPresent(b -> b.desired().forEach(d -> byKey.put(d.key(), d)));
    return byKey;
  }

  /** What becomes of the members that the commit does not want. */
  private List<PlannedObject> leaving(Sync sync, List<Observed> members, Build build)
      throws ApiException, InterruptedException {
    Set<ObjectKey> wanted = build.keys();
    List<Observed> leftovers =
        members.stream().filter(m -> !wanted.contains(m.key()) && !m.deleting()).toList();
    if (leftovers.isEmpty()) {
      return List.of();
    }
    if (!sync.spec().prune()) {
      return leftovers.stream()
          .map(m -> PlannedObjects.leaving(m.key(), Action.RELEASE, "spec.prune is false"))
          .toList();
    }
    Guard.Verdict verdict =
        Guard.decide(
            members.size(),
            tools.prune().candidates(leftovers),
            sync.spec().maxPrune(),
            Optional.empty(),
            Set.of(),
            tools.own());
    List<PlannedObject> leaving = new ArrayList<>();
    switch (verdict) {
      case Guard.Verdict.Allowed allowed ->
          allowed.prune().forEach(k -> leaving.add(PlannedObjects.leaving(k, Action.PRUNE, "")));
      case Guard.Verdict.Blocked blocked ->
          blocked
              .prune()
              .forEach(k ->
                  leaving.add(PlannedObjects.leaving(k, Action.PRUNE, "would wait for approval")));
    }
    verdict
        .excluded()
        .forEach(
            e -> leaving.add(PlannedObjects.leaving(e.key(), Action.RELEASE, e.kept().because())));
    return leaving;
  }

  /**
   * What the commit that status says is applied wanted: what differs although Git wants the same
   * has drifted. Nothing when nothing was applied, or when what that was cannot be told any more.
   */
  private Optional<Build> applied(Sync sync, SyncState state, List<Observed> members, Build build)
      throws InterruptedException {
    Optional<SyncStatus.Applied> applied = sync.status().applied();
    if (applied.isEmpty()) {
      return Optional.empty();
    }
    String commit = applied.get().revision().commit();
    Optional<Build> known =
        state
            .applied()
            .or(state.planning()::applied)
            .filter(b -> b.target().commit().equals(commit));
    if (known.isPresent()) {
      return known;
    }
    Set<ObjectKey> present =
        members.stream().filter(m -> !m.deleting()).map(Observed::key).collect(Collectors.toSet());
    Optional<Build> read =
        (commit.equals(build.target().commit()) ? Optional.of(build) : read(sync, commit, build))
            .filter(b -> Planning.isWhatWasApplied(b, applied.get(), present));
    read.map(Build::withoutManifests).ifPresent(state.planning()::applied);
    return read;
  }

  private Optional<Build> read(Sync sync, String commit, Build build) throws InterruptedException {
    Optional<Mirror> mirror = tools.sources().mirror(sync.key());
    if (mirror.isEmpty()) {
      return Optional.empty();
    }
    try {
      mirror.get().look(new RefSelector.Hash(commit), clock.instant(), sync.spec().fetchTimeout());
      return Optional.of(
          tools
              .builder()
              .build(
                  sync, mirror.get(), new Target(commit, sync.generation()), Optional.of(build)));
    } catch (GitException | BuildException | ApiException e) {
      return Optional.empty();
    }
  }

  private List<Warning> warnings(Build build, ApplyCalls calls, Plan plan)
      throws InterruptedException {
    List<Warning> warnings = new ArrayList<>(build.warnings());
    for (DesiredObject object : plan.apply()) {
      try {
        for (ServerWarning warning : calls.warnings(object, List.of())) {
          warnings.add(
              Warning.of(
                  object.key(),
                  warning.line() > 0 ? object.origin().atLine(warning.line()) : object.origin(),
                  warning.message()));
        }
      } catch (GitException | BuildException | ApiException e) {
        // It could be read a moment ago; the next plan tells.
        LOG.atDebug().addKeyValue(LogKeys.OBJECT, object.key()).setCause(e).log("No warnings");
      }
    }
    for (DesiredObject object : build.desired()) {
      LeftAlone.note(object, tools.live().get(object.key()).filter(Observed::proven), warnings);
    }
    return warnings.stream().sorted().distinct().toList();
  }

  private Failure failure(ApiException e) {
    Reason reason = Refusal.reasonOf(e.error());
    String message = "what leaves Git cannot be told: " + e.getMessage();
    return new Failure(
        reason,
        message,
        List.of(new Problem("", "", 0, reason.toString(), message, clock.instant())),
        1,
        false);
  }
}
