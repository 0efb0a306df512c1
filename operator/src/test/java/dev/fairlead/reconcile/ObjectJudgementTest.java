package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.PORTFOLIO;
import static dev.fairlead.reconcile.Examples.baseline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Damping;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.Task.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ObjectJudgementTest {
  private static final DesiredObject WEB = Examples.desired("Deployment.apps", "web");
  private static final Held UNVERIFIED = Held.unverified(WEB);
  private static final Held APPLIED = UNVERIFIED.applied(WEB, baseline("10"));
  private static final Health PULL = Health.failed("ImagePullBackOff", "cannot pull");

  static Stream<Arguments> states() {
    return Stream.of(
        Arguments.of("what was applied is as Git says", Optional.of(APPLIED), "Applied"),
        Arguments.of("what is looked at once more is not drifted", task(Work.VERIFY), "Applied"),
        Arguments.of("what was changed is drifted", task(Work.REPAIR), "Drifted"),
        Arguments.of("what may be gone is drifted", task(Work.LOOK), "Drifted"),
        Arguments.of("after a start nothing is proven", Optional.of(UNVERIFIED), "Unverified"),
        Arguments.of("what was never written is not proven", Optional.empty(), "Unverified"),
        Arguments.of("somebody keeps changing it", problem("Contested", contested()), "Contested"),
        Arguments.of(
            "the contest is over after quiet minutes",
            problem("Contested", Damping.CALM),
            "Applied"),
        Arguments.of(
            "what is another's is refused", problem("OwnedElsewhere", Damping.CALM), "Refused"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("states")
  void the_state_says_how_it_stands_to_git(String sentence, Optional<Held> held, String state) {
    assertThat(judge(held, Optional.empty(), false).state()).hasToString(state);
  }

  private static Optional<Held> task(Work work) {
    return Optional.of(APPLIED.withTask(Optional.of(new Task(work, Optional.empty(), false))));
  }

  private static Optional<Held> problem(String reason, Damping damping) {
    return Optional.of(
        APPLIED
            .with(damping)
            .withProblem(
                Optional.of(new Problem(WEB.key().toString(), "f", 1, reason, "why", NOON))));
  }

  private static Damping contested() {
    Damping damping = Damping.CALM;
    for (int i = 0; i < Damping.CONTESTED_REPAIRS; i++) {
      damping = damping.repaired(NOON, List.of("kubectl-edit"));
    }
    return damping;
  }

  @Test
  void a_finished_job_is_finished() {
    assertThat(judge(Optional.of(UNVERIFIED), Optional.empty(), true).state())
        .isEqualTo(ObjectView.State.FINISHED);
  }

  @Test
  void a_repair_that_waits_says_how_long_and_whom_for() {
    Held held =
        APPLIED
            .with(contested().drifted(NOON))
            .withTask(Optional.of(new Task(Work.REPAIR, Optional.empty(), false)));

    ObjectView view = judge(Optional.of(held), Optional.empty(), false);

    assertThat(view.work())
        .contains(new ObjectView.Work("Repair", Optional.of(NOON.plus(Duration.ofMinutes(1)))));
    assertThat(view.repairs()).contains(new ObjectView.Repairs(5, List.of("kubectl-edit")));
  }

  @Test
  void what_was_not_seen_yet_has_no_owners_and_no_health() {
    ObjectView view = judge(Optional.of(APPLIED), Optional.empty(), false);

    assertThat(view.ownership().manager()).isEqualTo("fairlead/fairlead-system/portfolio");
    assertThat(view.ownership().others()).isEmpty();
    assertThat(view.health()).isEmpty();
    assertThat(view.uid()).isEqualTo("uid");
    assertThat(view.resourceVersion()).isEqualTo("10");
  }

  @Test
  void the_newest_version_counts_and_the_health_that_was_told() {
    Instant now = NOON;
    ObjectView seen =
        ObjectJudgement.of(
            PORTFOLIO,
            WEB,
            Optional.of(APPLIED),
            Optional.of(observed("9", PULL)),
            Optional.of(Health.HEALTHY),
            false,
            now);

    assertThat(seen.resourceVersion()).isEqualTo("10");
    assertThat(seen.health()).contains(new ObjectView.Health("Healthy", "", "is there"));
    assertThat(seen.ownership().others()).contains(List.of("kubectl-edit"));
    assertThat(judge(Optional.of(APPLIED), Optional.of(observed("11", PULL)), false))
        .satisfies(view -> assertThat(view.resourceVersion()).isEqualTo("11"))
        .satisfies(view ->
            assertThat(view.health())
                .contains(new ObjectView.Health("Failed", "ImagePullBackOff", "cannot pull")));
  }

  @Test
  void what_left_git_has_no_place_there() {
    ObjectView view =
        ObjectJudgement.ofMember(
            PORTFOLIO, observed("12", Health.TERMINATING), ObjectView.State.LEFTOVER);

    assertThat(view.state()).isEqualTo(ObjectView.State.LEFTOVER);
    assertThat(view.origin()).isEmpty();
    assertThat(view.health())
        .contains(new ObjectView.Health("Terminating", "", "is being deleted"));
  }

  private static ObjectView judge(
      Optional<Held> held, Optional<Observed> observed, boolean finished) {
    return ObjectJudgement.of(
        PORTFOLIO, WEB, held, observed, Optional.empty(), finished, NOON.plusSeconds(1));
  }

  private static Observed observed(String resourceVersion, Health health) {
    return new Observed(
        WEB.key(),
        Labels.applySetId(PORTFOLIO),
        true,
        "uid",
        resourceVersion,
        false,
        List.of(),
        Map.of(),
        false,
        health,
        List.of("kubectl-edit"));
  }
}
