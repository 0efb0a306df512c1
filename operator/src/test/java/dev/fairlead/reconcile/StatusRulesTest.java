package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Given.CONTEST;
import static dev.fairlead.reconcile.Given.INVALID;
import static dev.fairlead.reconcile.Given.PULL;
import static dev.fairlead.reconcile.Given.REFUSED;
import static dev.fairlead.reconcile.Given.UNREACHABLE;
import static dev.fairlead.reconcile.Given.WAITS;
import static dev.fairlead.reconcile.Given.problem;
import static dev.fairlead.reconcile.Given.words;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Condition.State;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds of a status in every situation. */
class StatusRulesTest {
  @ParameterizedTest
  @EnumSource(Phase.class)
  void readyIsTrueOnlyWhenEverythingElseIs(Phase phase) {
    for (Given given : everyCombination(phase)) {
      SyncStatus status = given.report();

      if (state(status, Condition.Type.READY) == State.TRUE) {
        assertThat(
                Stream.of(Condition.Type.FETCHED, Condition.Type.APPLIED, Condition.Type.HEALTHY))
            .as(words(status))
            .allMatch(type -> state(status, type) == State.TRUE);
        assertThat(status.problems()).isEmpty();
        assertThat(kstatus(status)).isEqualTo("Current");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void reconcilingAndStalledAreThereOnlyWhenTrueAndNeverTogether(Phase phase) {
    for (Given given : everyCombination(phase)) {
      SyncStatus status = given.report();

      assertThat(status.conditions())
          .filteredOn(
              c -> c.type() == Condition.Type.RECONCILING || c.type() == Condition.Type.STALLED)
          .as(words(status))
          .hasSizeLessThanOrEqualTo(1)
          .allMatch(c -> c.state() == State.TRUE);
      assertThat(kstatus(status)).isNotEqualTo("a contradiction");
    }
  }

  /**
   * What kstatus makes of it: whoever waits for a GitSync with {@code kubectl wait} or a tool that
   * uses kstatus gives up at Failed and is content with Current.
   */
  private static String kstatus(SyncStatus status) {
    boolean reconciling = state(status, Condition.Type.RECONCILING) == State.TRUE;
    boolean stalled = state(status, Condition.Type.STALLED) == State.TRUE;
    boolean ready = state(status, Condition.Type.READY) == State.TRUE;
    if (ready && (reconciling || stalled)) {
      return "a contradiction";
    }
    return reconciling ? "InProgress" : stalled ? "Failed" : ready ? "Current" : "InProgress";
  }

  private static List<Given> everyCombination(Phase phase) {
    List<Given> all = new ArrayList<>();
    Given base = Given.in(phase);
    for (Given git : List.of(base, base.git(UNREACHABLE), base.git(REFUSED), base.seen("b"))) {
      for (Given failure : List.of(git, git.failed(INVALID), git.generation(2, 1))) {
        for (Given objects :
            List.of(
                failure,
                failure.nothingApplied(),
                failure.objects(2, 0, 1, PULL),
                failure.objects(2, 1, 0, WAITS),
                failure.objects(2, 0, 1, CONTEST))) {
          all.add(objects);
        }
      }
    }
    return all;
  }

  @Test
  void aConditionKeepsTheTimeOfItsLastTransition() {
    SyncStatus before = Given.settled().report();
    Instant then = NOON.minusSeconds(3600);
    SyncStatus earlier = at(before, then);
    SyncStatus now = Given.settled().git(UNREACHABLE).after(earlier).report();

    assertThat(now.condition(Condition.Type.READY).orElseThrow().lastTransition()).isEqualTo(NOON);
    assertThat(now.condition(Condition.Type.FETCHED).orElseThrow().lastTransition())
        .isEqualTo(NOON);
    assertThat(now.condition(Condition.Type.APPLIED).orElseThrow().lastTransition())
        .isEqualTo(then);
    assertThat(now.condition(Condition.Type.HEALTHY).orElseThrow().lastTransition())
        .isEqualTo(then);
  }

  @Test
  void anotherReasonForTheSameStateIsNoTransition() {
    Instant then = NOON.minusSeconds(3600);
    SyncStatus earlier = at(Given.in(Phase.UNHEALTHY).objects(2, 0, 1, PULL).report(), then);
    SyncStatus now = Given.settled().git(UNREACHABLE).after(earlier).report();

    Condition ready = now.condition(Condition.Type.READY).orElseThrow();
    assertThat(ready.reason()).isEqualTo("FetchFailed");
    assertThat(ready.lastTransition()).isEqualTo(then);
  }

  @Test
  void everyConditionIsAboutTheGenerationOfTheSpec() {
    SyncStatus status = Given.in(Phase.UNHEALTHY).objects(2, 0, 1, PULL).generation(7, 7).report();

    assertThat(status.observedGeneration()).isEqualTo(7);
    assertThat(status.conditions()).allMatch(c -> c.observedGeneration() == 7);
  }

  @Test
  void aCommitIsSeenOnce() {
    SyncStatus first = Given.settled().report();
    SyncStatus earlier =
        withSource(first, new SyncStatus.Source(commit("a"), NOON.minusSeconds(60)));

    assertThat(first.source()).contains(new SyncStatus.Source(commit("a"), NOON));
    assertThat(Given.settled().after(earlier).report().source()).isEqualTo(earlier.source());
    assertThat(Given.settled().after(earlier).seen("b").report().source())
        .contains(new SyncStatus.Source(commit("b"), NOON));
    assertThat(Given.in(Phase.NEW).after(earlier).nothingSeen().report().source())
        .as("what was seen before a restart")
        .isEqualTo(earlier.source());
  }

  @Test
  void aProblemKeepsTheTimeAtWhichItWasFirstReportedWhateverItsWords() {
    Problem older =
        new Problem(
            PULL.object(),
            PULL.file(),
            PULL.line(),
            PULL.reason(),
            "earlier words",
            NOON.minusSeconds(60));
    SyncStatus before = Given.in(Phase.UNHEALTHY).objects(2, 0, 1, older).report();
    SyncStatus now = Given.in(Phase.UNHEALTHY).after(before).objects(1, 1, 1, PULL, WAITS).report();

    assertThat(now.problems())
        .containsExactly(
            new Problem(
                PULL.object(),
                PULL.file(),
                PULL.line(),
                PULL.reason(),
                PULL.message(),
                older.since()),
            WAITS);
  }

  @Test
  void problemsAreBoundedButAllAreCounted() {
    Problem[] many =
        IntStream.range(0, 25)
            .mapToObj(i -> problem("Deployment apps/web-" + i, "ImagePullBackOff", "no"))
            .toArray(Problem[]::new);
    SyncStatus status =
        Given.settled().git(UNREACHABLE).failed(INVALID).objects(0, 0, 25, many).report();

    assertThat(status.problemCount()).isEqualTo(27);
    assertThat(status.problems()).hasSize(SyncStatus.MAX_PROBLEMS);
    assertThat(status.problems().stream().map(Problem::reason).distinct())
        .as("Git first, then the commit, then health")
        .containsExactly("FetchFailed", "ValidationFailed", "ImagePullBackOff");
  }

  @Test
  void messagesAreCutToSize() {
    String huge = "x".repeat(5_000);
    SyncStatus status =
        Given.in(Phase.UNHEALTHY)
            .objects(2, 0, 1, problem("Deployment apps/web", "Failed", huge))
            .report();

    assertThat(status.message()).hasSize(ProblemText.MAX_MESSAGE).endsWith("x…");
    assertThat(status.conditions()).allMatch(c -> c.message().length() <= ProblemText.MAX_MESSAGE);
    assertThat(status.problems().getFirst().message()).hasSize(ProblemText.MAX_MESSAGE);
  }

  @Test
  void aMessageIsNotCutWithinACharacter() {
    String message = "x".repeat(ProblemText.MAX_MESSAGE - 2) + "\uD83D\uDE00".repeat(2);

    assertThat(ProblemText.cut(message)).isEqualTo("x".repeat(ProblemText.MAX_MESSAGE - 2) + "…");
    assertThat(ProblemText.cut("x".repeat(ProblemText.MAX_MESSAGE)))
        .hasSize(ProblemText.MAX_MESSAGE)
        .endsWith("x");
  }

  @Test
  void aProblemReadsFromItsPlaceOn() {
    assertThat(ProblemText.describe(PULL))
        .isEqualTo("deploy/it.yaml:3: Deployment apps/web: cannot pull the image");
    assertThat(ProblemText.describe(new Problem("", "deploy", 0, "BuildFailed", "empty", NOON)))
        .isEqualTo("deploy: empty");
    assertThat(ProblemText.describe(new Problem("", "", 0, "FetchFailed", "no route", NOON)))
        .isEqualTo("no route");
  }

  private static State state(SyncStatus status, Condition.Type type) {
    return status.condition(type).map(Condition::state).orElse(State.UNKNOWN);
  }

  private static SyncStatus at(SyncStatus status, Instant time) {
    return with(
        status,
        status.conditions().stream()
            .map(c ->
                new Condition(
                    c.type(), c.state(), c.reason(), c.message(), c.observedGeneration(), time))
            .toList(),
        status.source());
  }

  private static SyncStatus withSource(SyncStatus status, SyncStatus.Source source) {
    return with(status, status.conditions(), Optional.of(source));
  }

  private static SyncStatus with(
      SyncStatus status, List<Condition> conditions, Optional<SyncStatus.Source> source) {
    return new SyncStatus(
        status.observedGeneration(),
        status.handledRequest(),
        conditions,
        source,
        status.applied(),
        status.lastGood(),
        status.rollback(),
        Optional.empty(),
        status.objects(),
        status.message(),
        status.inventory(),
        status.pendingPrune(),
        status.plan(),
        status.finishedJobs(),
        status.problemCount(),
        status.problems(),
        status.warnings(),
        status.history());
  }
}
