package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Given.problem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RefusedCommitTest {
  private static final Problem WEB = problem("Deployment apps/web", "ValidationFailed", "no");
  private static final Problem API = problem("Deployment apps/api", "ValidationFailed", "nor");

  private final Account account = new Account();

  @Test
  void one_line_holds_all_problems_in_their_order() {
    assertThat(refused(WEB, API).lines())
        .isEqualTo(
            """
            deploy/it.yaml:3: Deployment apps/web: no
            deploy/it.yaml:3: Deployment apps/api: nor\
            """);
  }

  @Test
  void it_holds_fifty_and_is_bounded_nevertheless() {
    assertThat(refused(many(50, "wrong")).lines().lines()).hasSize(50);
    assertThat(refused(many(1_000, "wrong")).lines().lines())
        .hasSize(RefusedCommit.MOST_PROBLEMS + 1)
        .last()
        .isEqualTo("and 800 more, see /api/v1");
    assertThat(refused(many(100, "x".repeat(5_000))).lines())
        .hasSizeLessThan(RefusedCommit.MOST_CHARACTERS + 100)
        .endsWith("and 69 more, see /api/v1");
  }

  private static Problem[] many(int count, String message) {
    return IntStream.range(0, count)
        .mapToObj(i -> problem("ConfigMap apps/c" + i, "ValidationFailed", message))
        .toArray(Problem[]::new);
  }

  @Test
  void it_is_logged_once_and_again_when_it_changes() {
    account.refused(refused(WEB, API));
    assertThat(account.toLog()).as("the first time").isPresent();
    assertThat(account.toLog()).as("nothing new").isEmpty();

    account.refused(
        refused(API, problem("Deployment apps/web", "ValidationFailed", "in other words")));
    assertThat(account.toLog()).as("other words, another order").isEmpty();
    account.notRefused(false);
    assertThat(account.toLog()).as("tried again").isEmpty();
    account.refused(refused(WEB, API));
    assertThat(account.toLog()).as("in vain").isEmpty();

    account.refused(refused(WEB));
    assertThat(account.toLog()).as("less is wrong").isPresent();
    account.refused(new RefusedCommit("main@bbbbbbb", Reason.VALIDATION_FAILED, List.of(WEB)));
    assertThat(account.toLog()).as("another commit").isPresent();

    account.notRefused(true);
    account.refused(new RefusedCommit("main@bbbbbbb", Reason.VALIDATION_FAILED, List.of(WEB)));
    assertThat(account.toLog()).as("it had passed in between").isPresent();
  }

  @Test
  void the_same_class_of_problem_of_one_object_is_one() {
    assertThat(refused(Collections.nCopies(3, WEB).toArray(Problem[]::new)).identity())
        .isEqualTo(refused(WEB).identity());
  }

  private static RefusedCommit refused(Problem... problems) {
    return new RefusedCommit("main@aaaaaaa", Reason.VALIDATION_FAILED, List.of(problems));
  }
}
