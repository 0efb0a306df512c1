package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.PORTFOLIO;
import static dev.fairlead.reconcile.Examples.baseline;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.desired;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Damping;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Plan;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.reconcile.SyncState.Request;
import dev.fairlead.reconcile.Task.Work;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyncStateTest {
  private static final DesiredObject WEB = desired("Deployment.apps", "web");
  private static final DesiredObject SETTINGS = desired("ConfigMap", "settings");
  private static final DesiredObject MIGRATE = desired("Job.batch", "migrate");
  private static final DesiredObject OTHER = desired("Job.batch", "migrate", "another");
  private static final Target TARGET = new Target(commit("a").revision().commit(), 1);
  private static final Problem DENIED =
      new Problem(
          "ConfigMap apps/settings", "", 0, Reason.ACCESS_DENIED.toString(), "forbidden", NOON);

  private final SyncState state = new SyncState(PORTFOLIO);

  // What is proven

  @Test
  void onlyABaselineWithoutAProblemProvesAnObject() {
    state.put(Held.unverified(WEB));
    state.applied(SETTINGS, baseline("10"));
    state.applied(MIGRATE, baseline("11"));
    state.change(MIGRATE.key(), h -> h.withProblem(Optional.of(DENIED)));

    assertThat(state.proven()).isEqualTo(Map.of(SETTINGS.key(), SETTINGS));
  }

  @Test
  void anApplyEndsTasksAndProblemsButNotTheMemoryOfDrift() {
    Damping disturbed = Damping.CALM.drifted(NOON).repaired(NOON, List.of("kubectl-edit"));
    state.put(Held.unverified(WEB).with(disturbed).withProblem(Optional.of(DENIED)));
    DesiredObject changed = desired("Deployment.apps", "web", "another content");
    state.applied(changed, baseline("10"));

    assertThat(state.held(WEB.key()))
        .contains(Held.unverified(changed).with(disturbed).applied(changed, baseline("10")));
    assertThat(state.held(WEB.key()).flatMap(Held::task)).isEmpty();
    assertThat(state.held(WEB.key()).flatMap(Held::problem)).isEmpty();
  }

  @Test
  void whatIsNoLongerProvenIsStillWanted() {
    state.applied(WEB, baseline("10"));
    state.unprove(WEB.key());

    assertThat(state.proven()).isEmpty();
    assertThat(state.held(WEB.key())).isPresent();
  }

  @Test
  void whatGitNoLongerWantsIsForgotten() {
    state.applied(WEB, baseline("10"));
    state.applied(SETTINGS, baseline("11"));
    state.applied(MIGRATE, baseline("12"));
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.retain(Set.of(WEB.key()), NOON);

    assertThat(state.held()).extracting(Held::desired).containsExactly(WEB);
    assertThat(state.finishedJobs()).isEmpty();
    assertThat(state.change(SETTINGS.key(), h -> h)).as("there is nothing to change").isEmpty();
    assertThat(state.held(SETTINGS.key())).as("and it does not come back").isEmpty();
  }

  @Test
  void whatWasWrittenAndIsNotWantedAnyMoreIsAwaitedUntilAWatchTellsOfIt() {
    state.applied(WEB, baseline("10"));
    state.retain(Set.of(), NOON);

    assertThat(state.unseen(_ -> Optional.empty(), NOON)).as("never seen").isOne();
    assertThat(state.awaitsSight(WEB.key())).isTrue();
    assertThat(state.unseen(_ -> Optional.of(seen(WEB, "9")), NOON)).as("as it was").isOne();
    assertThat(state.unseen(_ -> Optional.of(seen(WEB, "10")), NOON)).as("as written").isZero();
    assertThat(state.awaitsSight(WEB.key())).isFalse();
  }

  @Test
  void whatIsGoneOrAnothersOrWantedAgainIsNotAwaited() {
    state.applied(WEB, baseline("10"));
    state.retain(Set.of(), NOON);
    assertThat(state.gone(WEB.key())).isTrue();
    assertThat(state.gone(WEB.key())).as("told once").isFalse();

    state.applied(WEB, baseline("11"));
    state.retain(Set.of(), NOON);
    state.gaveAway(seen(WEB, "12"));
    assertThat(state.unseen(_ -> Optional.empty(), NOON)).isZero();

    state.applied(WEB, baseline("13"));
    state.retain(Set.of(), NOON);
    state.retain(Set.of(WEB.key()), NOON);
    assertThat(state.unseen(_ -> Optional.empty(), NOON)).isZero();
  }

  @Test
  void whatMayBeGoneIsNotAwaitedAndNothingForEver() {
    state.applied(WEB, baseline("10"));
    state.change(WEB.key(), h -> h.withTask(Optional.of(Task.LOOK)));
    state.applied(MIGRATE, baseline("11"));
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.retain(Set.of(), NOON);
    assertThat(state.unseen(_ -> Optional.empty(), NOON)).as("deleted, perhaps by hand").isZero();

    state.applied(SETTINGS, baseline("12"));
    state.retain(Set.of(), NOON);
    assertThat(state.unseen(_ -> Optional.empty(), NOON.plusSeconds(299))).isOne();
    assertThat(state.unseen(_ -> Optional.empty(), NOON.plusSeconds(301))).isZero();
  }

  private static Observed seen(DesiredObject object, String version) {
    return new Observed(
        object.key(),
        Labels.applySetId(PORTFOLIO),
        true,
        "uid",
        version,
        false,
        List.of(),
        Map.of(),
        false,
        Health.HEALTHY,
        List.of());
  }

  @Test
  void everythingIsVerifiedWhenEachObjectIsAppliedFoundWantingOrAFinishedJob() {
    state.put(Held.unverified(WEB));
    state.put(Held.unverified(SETTINGS));
    state.put(Held.unverified(MIGRATE));

    assertThat(state.allVerified()).isFalse();
    state.applied(WEB, baseline("10"));
    state.change(SETTINGS.key(), h -> h.withProblem(Optional.of(DENIED)));
    assertThat(state.allVerified()).as("the Job is left").isFalse();
    state.finished(MIGRATE.key(), desired("Job.batch", "migrate", "old").digest().toString());
    assertThat(state.allVerified()).as("another content finished").isFalse();
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    assertThat(state.allVerified()).isTrue();
  }

  @Test
  void verifyingEverythingDoesNotReplaceARepair() {
    Task repair = new Task(Work.REPAIR, Optional.empty(), false);
    state.applied(WEB, baseline("10"));
    state.applied(SETTINGS, baseline("11"));
    state.change(SETTINGS.key(), h -> h.withTask(Optional.of(repair)));

    assertThat(state.verifyAll()).containsExactlyInAnyOrder(WEB.key(), SETTINGS.key());
    assertThat(state.held(WEB.key()).flatMap(Held::task).map(Task::work)).contains(Work.VERIFY);
    assertThat(state.held(SETTINGS.key()).flatMap(Held::task)).contains(repair);
  }

  @Test
  void whatIsLeftToBeDoneIsKnownUntilItIsApplied() {
    state.put(Held.unverified(WEB));
    state.applied(SETTINGS, baseline("10"));
    state.applied(MIGRATE, baseline("11"));
    state.change(MIGRATE.key(), h -> h.withTask(Optional.of(Task.LOOK)));

    assertThat(state.unfinished()).containsExactlyInAnyOrder(WEB.key(), MIGRATE.key());
    state.applied(WEB, baseline("12"));
    assertThat(state.unfinished()).containsExactly(MIGRATE.key());
  }

  @Test
  void whatWasPutOffIsTakenUpOnceUnderEachSpec() {
    assertThat(state.takesUp(1)).isTrue();
    assertThat(state.takesUp(1)).isFalse();
    assertThat(state.takesUp(3)).as("suspended and resumed").isTrue();
    assertThat(state.takesUp(3)).isFalse();
  }

  @Test
  void aJobThatFinishedBeforeAnybodyLookedIsTakenNoteOfWhenItIsApplied() {
    assertThat(state.sawFinished(job("uid", true))).as("nobody knows its content yet").isFalse();
    state.applied(MIGRATE, baseline("10"));

    assertThat(state.sawFinished(job("uid", false))).as("it runs").isFalse();
    assertThat(state.sawFinished(job("before", true))).as("one before it").isFalse();
    assertThat(state.finishedJobs()).isEmpty();

    assertThat(state.sawFinished(job("uid", true))).isTrue();
    assertThat(state.sawFinished(job("uid", true))).as("told once").isFalse();
    assertThat(state.finishedJobs())
        .containsExactly(Map.entry(MIGRATE.key(), MIGRATE.digest().toString()));
  }

  @Test
  void aJobThatStatusSaysWasAppliedIsTakenNoteOfBeforeItIsVerified() {
    state.put(Held.unverified(MIGRATE));

    assertThat(state.sawFinished(job("uid", true))).isTrue();
  }

  @Test
  void aJobThatFinishedSinceTheLastGoodCommitIsDoneWithEachContent() {
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.finished(MIGRATE.key(), OTHER.digest().toString());
    assertThat(state.hasDone(MIGRATE)).isTrue();
    assertThat(state.hasDone(OTHER)).isTrue();

    state.retain(Set.of(), NOON);
    assertThat(state.hasDone(MIGRATE)).as("the commit without it may be given up").isTrue();
    assertThat(state.finishedJobs()).as("nobody wants it").isEmpty();

    state.applied(OTHER, baseline("10"));
    state.good();
    assertThat(state.hasDone(OTHER)).as("this is the good one").isTrue();
    assertThat(state.hasDone(MIGRATE)).as("it was removed for good").isFalse();
  }

  @Test
  void aJobThatRunsAsAnotherCommitWroteItFinishesAsThat() {
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.applied(OTHER, baseline("10"));
    // The commit before is wanted again, whose Job had finished: this one is left alone.
    state.unchanged(MIGRATE, null);

    assertThat(state.sawFinished(job("uid", true))).isTrue();
    assertThat(state.sawFinished(job("uid", true))).as("told once").isFalse();
    assertThat(state.hasFinished(MIGRATE.key())).isTrue();
    assertThat(state.hasDone(OTHER)).isTrue();
  }

  @Test
  void aJobThatFinishesWhileTheCommitBeforeIsTakenUpAgainDoesNotRunThatOneAgain() {
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.applied(OTHER, baseline("10"));
    Plan back = Plan.of(List.of(MIGRATE), state.proven(), state::hasDone, List.of(), o -> false);
    assertThat(back.unchanged()).as("it is decided to go back").containsExactly(MIGRATE);

    assertThat(state.sawFinished(job("uid", true))).as("just now").isTrue();
    state.unchanged(MIGRATE, null);

    assertThat(state.hasFinished(MIGRATE.key())).isTrue();
    assertThat(state.finishedJobs())
        .containsExactly(Map.entry(MIGRATE.key(), MIGRATE.digest().toString()));
  }

  @Test
  void aJobThatWasDoneBeforeTheSyncWantedItStaysDoneWhenItIsGood() {
    state.finished(MIGRATE.key(), MIGRATE.digest().toString());
    state.unchanged(MIGRATE, null);
    state.good();

    assertThat(state.hasFinished(MIGRATE.key())).isTrue();
    assertThat(state.held(MIGRATE.key()).flatMap(Held::task)).isEmpty();
  }

  private static Observed job(String uid, boolean finished) {
    return new Observed(
        MIGRATE.key(),
        "",
        true,
        uid,
        "10",
        false,
        List.of(),
        Map.of(),
        finished,
        Health.HEALTHY,
        List.of());
  }

  @Test
  void aJobThatFinishesIsNewsOnceForEachContent() {
    assertThat(state.finished(MIGRATE.key(), "one")).isTrue();
    assertThat(state.finished(MIGRATE.key(), "one")).isFalse();
    assertThat(state.finished(MIGRATE.key(), "two")).isTrue();
    assertThat(state.finished(MIGRATE.key(), "one")).as("of the two").isFalse();
  }

  // Attempts

  @Test
  void aCommitThatIsWrittenEndsWhatFailedAndWhatWasToBePruned() {
    state.fail(failed());
    state.prune().doomed(Set.of(WEB.key()));
    state
        .prune()
        .blocked(
            Optional.of(
                new Guard.Verdict.Blocked("digest", "too many", 1, List.of(WEB.key()), List.of())));
    state.written(attempt(Set.of()), build(WEB));

    assertThat(state.failed()).isEmpty();
    assertThat(state.prune().doomed()).isEmpty();
    assertThat(state.prune().blocked()).isEmpty();
    assertThat(state.attempt()).contains(attempt(Set.of()));
    assertThat(state.applied()).contains(build(WEB));
    assertThat(state.build()).contains(build(WEB));
  }

  @Test
  void aFailedAttemptCanBeRepeatedAtOnce() {
    state.retryNow(NOON);
    assertThat(state.failed()).as("nothing failed").isEmpty();
    state.fail(failed());
    state.retryNow(NOON);

    assertThat(state.failed().flatMap(Failed::retryAt)).contains(NOON);
    assertThat(state.failed().map(Failed::attempts)).contains(3);
  }

  @Test
  void aRepairReadsFromWhatWasAppliedNotFromWhatWasOnlyRead() {
    state.written(attempt(Set.of()), build(WEB));
    state.built(build(WEB, SETTINGS));

    assertThat(state.source(WEB)).contains(build(WEB));
  }

  @Test
  void pinningOtherCommitsNamesThoseToUnpin() {
    assertThat(state.pin(Set.of("a"))).isEmpty();
    assertThat(state.pin(Set.of("a"))).as("the same again").isEmpty();
    assertThat(state.pin(Set.of("a", "b"))).as("one more").isEmpty();
    assertThat(state.pin(Set.of("b", "c"))).containsExactly("a");
  }

  @Test
  void aRequestEndsWhenItIsHandled() {
    state.request(Optional.of(new Request("now", NOON)));
    state.handledRequest("now");

    assertThat(state.request()).isEmpty();
    assertThat(state.handledRequest()).contains("now");
  }

  // Health

  @Test
  void whatWasHealthyBeforeARestartIsNotToldToBeOtherwiseAtOnce() {
    state.put(Held.unverified(WEB));
    state.presumeHealthy(List.of(WEB));

    HealthView view = view(Set.of());
    assertThat(view.counts().healthy()).isEqualTo(1);
    assertThat(view.due()).contains(NOON.plusSeconds(60));
  }

  @Test
  void aNewCommitBeginsAnew() {
    state.put(Held.unverified(WEB));
    state.presumeHealthy(List.of(WEB));
    state.nextEpoch();

    assertThat(view(Set.of(WEB.key())).changed()).isEqualTo(HealthView.Changed.PROGRESSING);
  }

  @Test
  void whatWasToldIsNotPresumedOtherwise() {
    state.put(Held.unverified(WEB));
    view(Set.of());
    state.presumeHealthy(List.of(WEB));

    assertThat(view(Set.of()).problems())
        .extracting(Problem::reason)
        .containsExactly(Health.progressing("NotFound", "").reason());
  }

  private HealthView view(Set<ObjectKey> changed) {
    return state.health(List.of(WEB), _ -> Optional.empty(), changed, NOON);
  }

  private static Failed failed() {
    Failure failure =
        new Failure(Reason.VALIDATION_FAILED, "deploy/web.yaml:3: no", List.of(), 1, true);
    return new Failed(TARGET, failure, Optional.empty(), 3);
  }

  private static Attempt attempt(Set<ObjectKey> changed) {
    return new Attempt(TARGET, commit("a"), NOON, NOON, 1, 0, changed, true);
  }

  private static Build build(DesiredObject... objects) {
    return new Build(
        TARGET, "tree", "print", List.of(objects), Map.of(), Set.of(), List.of(), Map.of());
  }
}
