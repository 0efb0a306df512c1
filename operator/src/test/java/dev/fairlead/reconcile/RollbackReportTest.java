package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Given.problem;
import static dev.fairlead.reconcile.Given.words;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.RollbackDecision.Because;
import dev.fairlead.reconcile.RollbackDecision.Verdict;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people are told while commit a takes the place of b, and of a commit that failed. */
class RollbackReportTest {
  private static final Problem ILL = problem("Pod apps/web", "CrashLoopBackOff", "crashes");

  record Golden(String sentence, Given given, String conditions) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conditions")
  void tells(Golden golden) {
    assertThat(words(golden.given().report())).isEqualTo(golden.conditions().strip());
  }

  static List<Golden> conditions() {
    Failure refused =
        new Failure(Reason.VALIDATION_FAILED, "web.yaml:4: no", List.of(ILL), 1, true);
    return List.of(
        new Golden(
            "it is decided, and nothing is written yet",
            Given.in(Phase.APPLYING).rolledBack().applied("b"),
            """
            Ready False Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken
            Reconciling True Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken
            Fetched True Succeeded:
            Applied False Progressing: the cluster holds main@bbbbbbb
            Healthy True Succeeded:
            """),
        new Golden(
            "the rollback is refused",
            Given.in(Phase.FAILED).rolledBack().applied("b").failed(refused),
            """
            Ready False ValidationFailed: rolling main@bbbbbbb back to main@aaaaaaa failed: web.yaml:4: no
            Stalled True ValidationFailed: rolling main@bbbbbbb back to main@aaaaaaa failed: web.yaml:4: no
            Fetched True Succeeded:
            Applied False ValidationFailed: the cluster holds main@bbbbbbb
            Healthy True Succeeded:
            """),
        new Golden(
            "the last good commit becomes healthy",
            Given.in(Phase.ROLLING_OUT).rolledBack().objects(2, 1, 1, ILL),
            """
            Ready False Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken; waiting for it to become healthy: deploy/it.yaml:3: Pod apps/web: crashes
            Reconciling True Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken; waiting for it to become healthy: deploy/it.yaml:3: Pod apps/web: crashes
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False Progressing: deploy/it.yaml:3: Pod apps/web: crashes
            """),
        new Golden(
            "what the failed commit added goes",
            Given.in(Phase.PRUNING).rolledBack().leftovers("waiting for ConfigMap a to go"),
            """
            Ready False Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken; removing what main@bbbbbbb added: waiting for ConfigMap a to go
            Reconciling True Progressing: rolling main@bbbbbbb back to main@aaaaaaa, since web.yaml:3: broken; removing what main@bbbbbbb added: waiting for ConfigMap a to go
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "the last good commit runs",
            Given.settled().rolledBack(),
            """
            Ready False RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, since web.yaml:3: broken; fix it, or git revert bbbbbbb, and push
            Stalled True RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, since web.yaml:3: broken; fix it, or git revert bbbbbbb, and push
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "it is not healthy either",
            Given.in(Phase.UNHEALTHY).rolledBack().objects(2, 1, 0, ILL),
            """
            Ready False RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, which is not healthy either: deploy/it.yaml:3: Pod apps/web: crashes; main@bbbbbbb failed: web.yaml:3: broken
            Stalled True RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, which is not healthy either: deploy/it.yaml:3: Pod apps/web: crashes; main@bbbbbbb failed: web.yaml:3: broken
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy False HealthCheckFailed: deploy/it.yaml:3: Pod apps/web: crashes
            """),
        new Golden(
            "what neither of the two wants is asked for",
            Given.in(Phase.ASKING).rolledBack().blocked("the prune waits"),
            """
            Ready False RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, since web.yaml:3: broken; the prune waits
            Stalled True RolledBack: main@bbbbbbb is rolled back to main@aaaaaaa, since web.yaml:3: broken; the prune waits
            Fetched True Succeeded:
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """),
        new Golden(
            "Git is away meanwhile",
            Given.settled().rolledBack().git(Given.git(Reason.FETCH_FAILED, "no answer", false)),
            """
            Ready False FetchFailed: no answer; main@bbbbbbb is rolled back to main@aaaaaaa
            Fetched False FetchFailed: no answer
            Applied True Succeeded: main@aaaaaaa
            Healthy True Succeeded:
            """));
  }

  record Advice(String sentence, Verdict verdict, String text) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("advice")
  void advises(Advice advice) {
    assertThat(RollbackWords.advice(commit("b").revision(), advice.verdict()).orElse(""))
        .isEqualTo(advice.text());
  }

  static List<Advice> advice() {
    Revision good = commit("a").revision();
    return List.of(
        new Advice("a commit that works", new Verdict.Stands(), ""),
        new Advice(
            "one that has time",
            new Verdict.Waits(good, NOON, Optional.empty()),
            "unless it is healthy by 2026-01-01T12:00:00Z, it is rolled back to main@aaaaaaa"),
        new Advice(
            "one that cannot be rolled back yet",
            new Verdict.Waits(good, NOON, Optional.of("no answer")),
            "it is to be rolled back to main@aaaaaaa, but no answer"),
        new Advice(
            "one that is to stay",
            new Verdict.Holds(Because.ASKED, Optional.of(good), ""),
            "main@aaaaaaa was the last good commit; to undo it: git revert bbbbbbb"),
        new Advice(
            "the first one, which is to stay",
            new Verdict.Holds(Because.ASKED, Optional.empty(), ""),
            ""),
        new Advice(
            "one that was healthy under another spec",
            new Verdict.Holds(Because.ASKED, Optional.of(commit("b").revision()), ""),
            "it was healthy under another spec"),
        new Advice(
            "the first one",
            new Verdict.Holds(Because.NOTHING_GOOD, Optional.empty(), ""),
            "not rolled back: no commit was healthy before"),
        new Advice(
            "one under another spec",
            new Verdict.Holds(Because.SPEC_CHANGED, Optional.of(good), ""),
            "not rolled back: the spec changed since main@aaaaaaa was healthy"),
        new Advice(
            "one whose predecessor is gone",
            new Verdict.Holds(Because.GONE, Optional.of(good), "the server does not have it"),
            "not rolled back: main@aaaaaaa is gone: the server does not have it; to undo it: git"
                + " revert bbbbbbb"));
  }
}
