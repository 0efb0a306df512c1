package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Given.CONTEST;
import static dev.fairlead.reconcile.Given.INVALID;
import static dev.fairlead.reconcile.Given.PULL;
import static dev.fairlead.reconcile.Given.REFUSED;
import static dev.fairlead.reconcile.Given.UNREACHABLE;
import static dev.fairlead.reconcile.Given.WAITS;
import static dev.fairlead.reconcile.Given.words;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Condition.State;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What each situation reads like. */
class StatusReportTest {
  record Golden(String sentence, Given given, String conditions) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"onTheWay", "inTrouble", "whileGitIsAway", "afterARestart"})
  void tells(Golden golden) {
    SyncStatus status = golden.given().report();

    assertThat(words(status)).isEqualTo(golden.conditions().strip());
    assertThat(status.message())
        .as("what kubectl get prints")
        .isEqualTo(status.condition(Condition.Type.READY).orElseThrow().message());
  }

  static List<Golden> onTheWay() {
    return List.of(
        new Golden(
            "nobody has looked at Git yet",
            Given.in(Phase.NEW).nothingSeen().nothingApplied(),
            """
            Ready Unknown Progressing: looking at Git
            Fetched Unknown Progressing: looking at Git
            Applied Unknown Progressing: nothing applied yet
            Healthy Unknown Progressing: nothing applied yet
            """),
        new Golden(
            "the first commit is being written",
            Given.in(Phase.APPLYING).nothingApplied(),
            """
            Ready False Progressing: applying main@aaaaaaa
            Reconciling True Progressing: applying main@aaaaaaa
            Fetched True Succeeded:
            Applied False Progressing: nothing applied yet
            Healthy Unknown Progressing: nothing applied yet
            """),
        new Golden(
            "a new commit is being written while the old one works",
            Given.in(Phase.APPLYING).seen("b"),
            """
            Ready False Progressing: applying main@bbbbbbb
            Reconciling True Progressing: applying main@bbbbbbb
            Fetched True Succeeded:
            Applied False Progressing: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "a new commit is being written while the old one is ill",
            Given.in(Phase.APPLYING).seen("b").objects(2, 0, 1, PULL),
            """
            Ready False Progressing: applying main@bbbbbbb
            Reconciling True Progressing: applying main@bbbbbbb
            Fetched True Succeeded:
            Applied False Progressing: the cluster holds main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            """),
        new Golden(
            "a rollout names what it waits for",
            Given.in(Phase.ROLLING_OUT).objects(2, 1, 0, WAITS),
            """
            Ready False Progressing: waiting for main@aaaaaaa to become healthy: deploy/it.yaml:3: Deployment apps/api: 1 of 2 are available
            Reconciling True Progressing: waiting for main@aaaaaaa to become healthy: deploy/it.yaml:3: Deployment apps/api: 1 of 2 are available
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False Progressing: deploy/it.yaml:3: Deployment apps/api: 1 of 2 are available
            """),
        new Golden(
            "a prune is under way",
            Given.in(Phase.PRUNING),
            """
            Ready False Progressing: pruning what main@aaaaaaa removed
            Reconciling True Progressing: pruning what main@aaaaaaa removed
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "cluster and Git agree",
            Given.settled(),
            """
            Ready True Succeeded: applied main@aaaaaaa, 3 objects
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """));
  }

  static List<Golden> inTrouble() {
    return List.of(
        new Golden(
            "a commit that was refused waits for a person",
            Given.in(Phase.FAILED).seen("b").failed(INVALID),
            """
            Ready False ValidationFailed: deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer
            Stalled True ValidationFailed: deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer
            Fetched True Succeeded:
            Applied False ValidationFailed: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "the first commit was refused",
            Given.in(Phase.FAILED).failed(INVALID).nothingApplied(),
            """
            Ready False ValidationFailed: deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer
            Stalled True ValidationFailed: deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer
            Fetched True Succeeded:
            Applied False ValidationFailed: nothing applied yet
            Healthy Unknown Progressing: nothing applied yet
            """),
        new Golden(
            "what may pass by itself does not stall",
            Given.in(Phase.FAILED)
                .seen("b")
                .failed(new Failure(Reason.APPLY_FAILED, "no answer", List.of(), 1, false)),
            """
            Ready False ApplyFailed: no answer
            Fetched True Succeeded:
            Applied False ApplyFailed: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "it did not become healthy",
            Given.in(Phase.UNHEALTHY).objects(1, 1, 1, PULL, WAITS),
            """
            Ready False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            """),
        new Golden(
            "it did not become healthy, and what the commit removed stays for that",
            Given.in(Phase.UNHEALTHY)
                .objects(2, 0, 1, PULL)
                .leftovers("2 objects that left Git stay until it is healthy"),
            """
            Ready False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image; 2 objects that left Git stay until it is healthy
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            """),
        new Golden(
            "a prune waits for a finalizer",
            Given.in(Phase.PRUNING)
                .leftovers("waiting for 1 object to be gone: ConfigMap apps/a (example.org/hold)"),
            """
            Ready False Progressing: pruning what main@aaaaaaa removed: waiting for 1 object to be gone: ConfigMap apps/a (example.org/hold)
            Reconciling True Progressing: pruning what main@aaaaaaa removed: waiting for 1 object to be gone: ConfigMap apps/a (example.org/hold)
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "a prune waits for approval",
            Given.in(Phase.ASKING).blocked("the prune waits for approval: it would delete 2 of 3"),
            """
            Ready False PruneBlocked: main@aaaaaaa is applied, but the prune waits for approval: it would delete 2 of 3
            Stalled True PruneBlocked: main@aaaaaaa is applied, but the prune waits for approval: it would delete 2 of 3
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "somebody keeps changing an object back",
            Given.in(Phase.CONTESTED).objects(2, 0, 1, CONTEST),
            """
            Ready False Contested: deploy/it.yaml:3: ConfigMap apps/settings: kubectl-edit and we keep changing it
            Stalled True Contested: deploy/it.yaml:3: ConfigMap apps/settings: kubectl-edit and we keep changing it
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "a contest is named although something worse comes first",
            Given.in(Phase.CONTESTED).objects(1, 0, 2, PULL, CONTEST),
            """
            Ready False Contested: deploy/it.yaml:3: ConfigMap apps/settings: kubectl-edit and we keep changing it
            Stalled True Contested: deploy/it.yaml:3: ConfigMap apps/settings: kubectl-edit and we keep changing it
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            """));
  }

  static List<Golden> whileGitIsAway() {
    return List.of(
        new Golden(
            "Git is away and what runs goes on running",
            Given.settled().git(UNREACHABLE),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git refuses us until a person does something",
            Given.settled().git(REFUSED),
            """
            Ready False AuthenticationFailed: 401
            Stalled True AuthenticationFailed: 401
            Fetched False AuthenticationFailed: 401
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git is away and what runs is ill",
            Given.settled().git(UNREACHABLE).objects(2, 0, 1, PULL),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied True Succeeded: main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Deployment apps/web: cannot pull the image
            """),
        new Golden(
            "Git is away in the middle of a rollout",
            Given.settled().git(UNREACHABLE).objects(2, 1, 0, WAITS),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied True Succeeded: main@aaaaaaa
            Healthy Unknown Progressing: deploy/it.yaml:3: Deployment apps/api: 1 of 2 are available
            """),
        new Golden(
            "Git is away after a commit that was refused",
            Given.settled().seen("b").git(UNREACHABLE).failed(INVALID),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied False ValidationFailed: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git is away when another spec is to be applied",
            Given.settled().git(UNREACHABLE).generation(2, 1),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied Unknown Progressing: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git was never there",
            Given.in(Phase.NEW).nothingSeen().nothingApplied().git(REFUSED),
            """
            Ready False AuthenticationFailed: 401
            Stalled True AuthenticationFailed: 401
            Fetched False AuthenticationFailed: 401
            Applied Unknown Progressing: nothing applied yet
            Healthy Unknown Progressing: nothing applied yet
            """),
        new Golden(
            "Git is away while a prune waits for approval",
            Given.in(Phase.ASKING).blocked("the prune waits").git(UNREACHABLE),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """));
  }

  static List<Golden> afterARestart() {
    SyncStatus settled = Given.settled().report();
    SyncStatus ill = Given.in(Phase.UNHEALTHY).objects(2, 0, 1, PULL).report();
    return List.of(
        new Golden(
            "what was Ready stays Ready while it is verified",
            Given.in(Phase.VERIFYING).after(settled).objects(0, 3, 0, WAITS),
            words(settled)),
        new Golden(
            "what was ill stays ill while it is verified",
            Given.in(Phase.VERIFYING).after(ill).objects(0, 3, 0, WAITS),
            words(ill)),
        new Golden(
            "without an earlier status verifying is a rollout",
            Given.in(Phase.VERIFYING).objects(0, 3, 0, WAITS),
            """
            Ready False Progressing: waiting for main@aaaaaaa to become healthy: deploy/it.yaml:3: Deployment apps/api: 1 of 2 are available
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy Unknown Progressing:
            """),
        new Golden(
            "Git is away at a restart",
            Given.in(Phase.NEW).after(settled).nothingSeen().git(UNREACHABLE),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git is away at a restart after which another commit was seen",
            Given.in(Phase.NEW)
                .after(Given.in(Phase.FAILED).seen("b").failed(INVALID).report())
                .nothingSeen()
                .git(UNREACHABLE),
            """
            Ready False FetchFailed: no route to host
            Fetched False FetchFailed: no route to host
            Applied Unknown Progressing: the cluster holds main@aaaaaaa
            Healthy True Succeeded:
            """));
  }

  /** Health and spec may change between the decision and the report. */
  static List<Golden> whatWasDecidedTooEarly() {
    return List.of(
        new Golden("an object failed since", Given.settled().objects(2, 0, 1, PULL), "UNHEALTHY"),
        new Golden("an object waits since", Given.settled().objects(2, 1, 0, WAITS), "ROLLING_OUT"),
        new Golden("another commit was seen since", Given.settled().seen("b"), "APPLYING"),
        new Golden("the commit was refused", Given.settled().failed(INVALID), "FAILED"),
        new Golden("the spec changed since", Given.settled().generation(2, 1), "APPLYING"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("whatWasDecidedTooEarly")
  void nothingIsCalledSettledThatIsNotAnyMore(Golden golden) {
    Given given = golden.given();
    Given decidedNow = given.rather(Phase.valueOf(golden.conditions()));

    assertThat(given.report()).isEqualTo(decidedNow.report());
    assertThat(given.report().condition(Condition.Type.READY).orElseThrow().state())
        .isEqualTo(State.FALSE);
  }
}
