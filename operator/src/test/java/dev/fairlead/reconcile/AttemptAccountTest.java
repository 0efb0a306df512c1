package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.desired;
import static dev.fairlead.reconcile.Examples.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncView;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Plan;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class AttemptAccountTest {
  private static final DesiredObject WEB = desired("Deployment.apps", "web");
  private static final DesiredObject API = desired("Deployment.apps", "api");
  private static final DesiredObject SETTINGS = desired("ConfigMap", "settings");
  private static final DesiredObject OTHER = desired("ConfigMap", "other");
  private static final Plan PLAN =
      new Plan(
          List.of(WEB, API, SETTINGS), List.of(OTHER), List.of(), List.of(key("ConfigMap", "old")));

  @Test
  void what_was_written_was_created_or_updated() {
    SyncView.Attempt attempt =
        account(new ApplyStep.Outcome.Written(Set.of(WEB.key(), API.key()), Set.of(API.key())));

    assertThat(attempt.reason()).isEqualTo("Succeeded");
    assertThat(attempt.changes().create()).containsExactly(API.key());
    assertThat(attempt.changes().update()).containsExactly(WEB.key());
    assertThat(attempt.changes().unchanged()).containsExactly(OTHER.key(), SETTINGS.key());
    assertThat(attempt.changes().prune()).containsExactly(key("ConfigMap", "old"));
    assertThat(attempt.changes().refused()).isEmpty();
  }

  @Test
  void a_refused_attempt_says_what_it_would_have_done() {
    Refusal refusal =
        new Refusal(
            Optional.of(API),
            Reason.VALIDATION_FAILED,
            false,
            Optional.empty(),
            List.of(
                new Refusal.At(Origin.ofFile("a"), "no"),
                new Refusal.At(Origin.ofFile("a"), "and no")));

    SyncView.Attempt attempt =
        account(
            new ApplyStep.Outcome.Refused(
                Reason.VALIDATION_FAILED,
                List.of(refusal, refusal),
                false,
                Set.of(SETTINGS.key())));

    assertThat(attempt.reason()).isEqualTo("ValidationFailed");
    assertThat(attempt.changes().create()).isEmpty();
    assertThat(attempt.changes().update()).containsExactly(WEB.key(), SETTINGS.key());
    assertThat(attempt.changes().refused()).containsExactly(API.key());
  }

  private static SyncView.Attempt account(ApplyStep.Outcome outcome) {
    return AttemptAccount.of(
        commit("a"), 3, NOON, NOON.plusSeconds(2), PLAN, Set.of(WEB.key()), outcome);
  }
}
