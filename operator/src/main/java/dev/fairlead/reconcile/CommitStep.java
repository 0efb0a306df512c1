package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Commit;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.SyncView;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Plan;
import dev.fairlead.plan.Waves;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts a commit into the cluster: builds it, has it checked and written, and takes note of what
 * became of it.
 *
 * <p>Guarantees: what it notes in {@link SyncState} is what was written, also when only a part was.
 * One thread a sync.
 */
final class CommitStep {
  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      Sources sources,
      Rivals rivals,
      FinishedJobs finishedJobs,
      BuildStep build,
      LiveObjects live,
      ApplyStep.Tools apply,
      LeftAlone leftAlone,
      Drifts.Queues queues,
      Unrecorded unrecorded,
      Reporter reporter,
      SyncReport report,
      Failures failures,
      Scheduler scheduler) {}

  /**
   * What is to be put into the cluster.
   *
   * @param insteadOf the commit in whose place that is, since it failed
   */
  record Order(Commit commit, Optional<Revision> insteadOf, BuildStep.Change change) {
    static Order of(Commit commit) {
      return new Order(commit, Optional.empty(), build -> build);
    }
  }

  private final Tools tools;
  private final InstantSource clock;

  CommitStep(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  /** Reads the commit, has the whole change checked, and writes it. */
  void apply(Sync sync, SyncState state, Order order) throws ApiException, InterruptedException {
    Commit commit = order.commit();
    Target target = new Target(commit.revision().commit(), sync.generation());
    Instant startedAt = clock.instant();
    Set<ObjectKey> illBefore = ill(state);
    long wakes = state.wakes();
    try (WorkNotice _ = notice(sync, state)) {
      Optional<Build> built = tools.build().build(sync, state, target, order.change());
      if (built.isEmpty()) {
        state
            .failed()
            .map(f ->
                AttemptAccount.ofNone(
                    commit, sync.generation(), startedAt, clock.instant(), f.failure().reason()))
            .ifPresent(state.account()::attempted);
        return;
      }
      Build build = built.get();
      List<ObjectKey> members =
          tools.live().members(sync.key()).stream().map(Observed::key).toList();
      tools.finishedJobs().inherit(state, build);
      Plan plan =
          Plan.of(
              build.desired(),
              state.proven(),
              state::hasDone,
              members,
              o -> tools.leftAlone().test(sync.key(), o));
      Set<ObjectKey> present = present(plan);
      Waves waves = Waves.of(plan.apply(), rollingOut(state, plan));
      Optional<Attempt> begun =
          state.attempt().filter(a -> a.target().equals(target) && state.pending().isPresent());
      ApplyStep.Outcome outcome = write(sync, state, build, plan, waves, begun.isPresent());
      SyncView.Attempt account =
          AttemptAccount.of(
              commit, sync.generation(), startedAt, clock.instant(), plan, present, outcome);
      state
          .account()
          .attempted(
              begun.isPresent()
                  ? AttemptAccount.andBefore(state.account().attempt(), account)
                  : account);
      switch (outcome) {
        case ApplyStep.Outcome.Refused refused -> {
          refused(state, target, refused);
          if (state.wakes() != wakes) {
            // What it was refused for was given to it while it was trying.
            state.retryNow(clock.instant());
          }
        }
        case ApplyStep.Outcome.Written written -> {
          tools.leftAlone().mark(sync, plan.leftAlone());
          written(
              sync,
              state,
              build,
              order,
              begun.map(Attempt::startedAt).orElse(startedAt),
              written,
              state.attempt().isPresent()
                  ? Unrecorded.Done.of(written).after(begun)
                  : tools
                      .unrecorded()
                      .with(
                          sync,
                          tools.sources().mirror(sync.key()),
                          build,
                          written,
                          Set.copyOf(members)),
              illBefore,
              plan);
          if (!waves.later().isEmpty()) {
            state.pending(
                new PendingWaves(
                    target,
                    waves.wave(),
                    waves.later().stream().map(DesiredObject::key).collect(Collectors.toSet())));
          }
        }
      }
    }
  }

  private WorkNotice notice(Sync sync, SyncState state) {
    return state.failed().isPresent()
        ? WorkNotice.silent(state)
        : WorkNotice.of(
            sync,
            state,
            tools.syncs(),
            tools.scheduler(),
            current -> tools.report().write(current, state, Phase.APPLYING, Optional.empty()));
  }

  /**
   * Before a commit that has to wait for other syncs is applied: has those that have objects of it
   * told that they are wanted here, so that they do not delete them. Once for each target.
   *
   * @return whether there was anything to do
   */
  boolean standBy(Sync sync, SyncState state, Commit commit)
      throws ApiException, InterruptedException {
    Target target = new Target(commit.revision().commit(), sync.generation());
    if (state.isStandingBy(target)) {
      return false;
    }
    Optional<Build> built = tools.build().build(sync, state, target);
    if (built.isEmpty()) {
      return true;
    }
    Build build = built.get();
    List<DesiredObject> others =
        build.desired().stream()
            .filter(o ->
                tools
                    .live()
                    .get(o.key())
                    .filter(Observed::proven)
                    .flatMap(live -> tools.syncs().owner(live.partOf()))
                    .filter(owner -> !owner.equals(sync.key()))
                    .isPresent())
            .toList();
    if (!others.isEmpty()) {
      // The server's word that this sync may write them is what makes others let go.
      List<Refusal> refusals =
          new ApplyStep(tools.apply(), sync, state, build, others, Waves.of(others)).check();
      if (!refusals.isEmpty() && isChance(sync, state, build, refusals)) {
        return true;
      }
    }
    var _ = state.standsBy(target);
    return true;
  }

  /**
   * Has those told that have what is wanted.
   *
   * @return whether an object was refused by the chance of a moment, so that nobody knows who has
   *     it: then it is tried again before others may take the sync for one that only waits
   */
  private boolean isChance(Sync sync, SyncState state, Build build, List<Refusal> refusals)
      throws InterruptedException {
    ApplyStep.Outcome.Refused told =
        tools
            .rivals()
            .refused(
                sync,
                build,
                new ApplyStep.Outcome.Refused(Reason.OWNED_ELSEWHERE, refusals, true, Set.of()));
    List<Refusal> others = refusals.stream().filter(r -> r.rivals().isEmpty()).toList();
    if (others.isEmpty()) {
      return false;
    }
    tools
        .failures()
        .passing(
            state,
            build.target(),
            failure(
                new ApplyStep.Outcome.Refused(
                    others.getFirst().reason(), others, true, told.present()),
                clock.instant()));
    boolean chance = !state.failed().orElseThrow().isCertain();
    if (!chance) {
      state.forgive();
    }
    return chance;
  }

  /**
   * @param begun whether lower waves of the commit are written, and so all of it was checked then
   */
  private ApplyStep.Outcome write(
      Sync sync, SyncState state, Build build, Plan plan, Waves waves, boolean begun)
      throws InterruptedException {
    if (plan.apply().isEmpty()) {
      return ApplyStep.Outcome.Written.NOTHING;
    }
    List<Refusal> absent = tools.rivals().absent(sync.key(), plan.apply());
    ApplyStep.Outcome outcome =
        absent.isEmpty()
            ? new ApplyStep(
                    tools.apply(), sync, state, build, begun ? waves.now() : plan.apply(), waves)
                .run()
            : new ApplyStep.Outcome.Refused(Reason.OWNED_ELSEWHERE, absent, false, Set.of());
    return outcome instanceof ApplyStep.Outcome.Refused refused
        ? tools.rivals().refused(sync, build, refused)
        : outcome;
  }

  private Set<ObjectKey> present(Plan plan) {
    return plan.apply().stream()
        .map(DesiredObject::key)
        .filter(k -> tools.live().get(k).isPresent())
        .collect(Collectors.toSet());
  }

  /** What an earlier commit changed, this one leaves as it is, and is not healthy yet. */
  private List<DesiredObject> rollingOut(SyncState state, Plan plan) {
    Set<ObjectKey> changed = rollingOut(state);
    return plan.unchanged().stream()
        .filter(o -> changed.contains(o.key()))
        .filter(
            o -> tools.live().get(o.key()).filter(live -> !live.health().isHealthy()).isPresent())
        .toList();
  }

  private Set<ObjectKey> ill(SyncState state) {
    Set<ObjectKey> ill = new HashSet<>();
    // What the commit before this one changed, and what is not healthy for that, is not ill: it is
    // superseded.
    Set<ObjectKey> rollingOut = rollingOut(state);
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

  /** What the commit before changed; nothing once all of that has been healthy. */
  private static Set<ObjectKey> rollingOut(SyncState state) {
    return state
        .attempt()
        .filter(a -> !state.rollback().hasWorked(a.target()))
        .map(Attempt::changed)
        .orElse(Set.of());
  }

  private void written(
      Sync sync,
      SyncState state,
      Build build,
      Order order,
      Instant startedAt,
      ApplyStep.Outcome.Written written,
      Unrecorded.Done done,
      Set<ObjectKey> illBefore,
      Plan plan) {
    Set<ObjectKey> changed = new HashSet<>(done.changed());
    // A rollout that this commit supersedes is still to become healthy.
    changed.addAll(rollingOut(state));
    changed.removeAll(illBefore);
    Set<ObjectKey> wanted =
        build.desired().stream().map(DesiredObject::key).collect(Collectors.toSet());
    changed.retainAll(wanted);
    for (DesiredObject unchanged : plan.unchanged()) {
      state.unchanged(unchanged, build.manifests().get(unchanged.key()));
    }
    state
        .finishedJobs()
        .forEach((job, digest) -> {
          if (!wanted.contains(job)) {
            tools.finishedJobs().left(state.key(), job, digest, build.target().commit());
          }
        });
    plan.leftAlone().forEach(state::leaveAlone);
    state.retain(wanted, clock.instant());
    tools.rivals().written(state.key());
    if (!written.changed().isEmpty()) {
      state.nextEpoch();
      tools.reporter().applied(written.created(), written.updated());
    }
    if (state.attempt().isEmpty()) {
      build.desired().stream().filter(o -> state.hasDone(o)).forEach(job -> lookFor(state, job));
    }
    state
        .attempt()
        .filter(before -> before.wrote() && before.insteadOf().isEmpty())
        .filter(before -> !before.commit().revision().equals(order.commit().revision()))
        .map(before -> new History.Overtaken(before, startedAt))
        .ifPresent(state.account()::overtaken);
    state.prune().resetCount();
    state.prune().count(done.pruned());
    state.written(
        new Attempt(
            build.target(),
            order.commit(),
            startedAt,
            clock.instant(),
            done.created(),
            done.updated(),
            changed,
            done.wrote(),
            changed,
            order.insteadOf()),
        build.withoutManifests());
    tools.build().pin(sync, state, build.target());
  }

  private void refused(SyncState state, Target target, ApplyStep.Outcome.Refused refused) {
    Failure failure = failure(refused, clock.instant());
    if (refused.reason() == Reason.PROGRESSING) {
      String awaited = "waiting for another GitSync to let go: " + failure.message();
      Failure waiting = new Failure(refused.reason(), awaited, List.of(), 0, false);
      tools.failures().passing(state, target, waiting);
      return;
    }
    tools.reporter().refused(refused.refusals().size());
    tools.failures().passing(state, target, failure);
  }

  /** What is told of a change that was refused. */
  static Failure failure(ApplyStep.Outcome.Refused refused, Instant now) {
    List<Problem> problems =
        AccessRefusals.merged(refused.refusals()).stream()
            .flatMap(r -> r.problems(now).stream())
            .toList();
    String summary =
        AccessRefusals.summary(refused.reason(), refused.refusals())
            .map(ProblemText::cut)
            .orElseGet(() -> Failure.summary(problems));
    return new Failure(refused.reason(), summary, problems, problems.size(), !refused.retryable());
  }

  /** A Job that finished: if nobody sees it as the sync's, it may be gone or without its label. */
  void lookFor(SyncState state, DesiredObject job) {
    boolean seen = tools.live().get(job.key()).isPresent();
    state.put(Held.unverified(job).withTask(seen ? Optional.empty() : Optional.of(Task.LOOK)));
    if (!seen) {
      tools.queues().object(new ObjectRef(state.key(), job.key()), Duration.ZERO, Priority.LOW);
    }
  }
}
