package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static dev.fairlead.reconcile.Examples.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.health.Health;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncSpec.OnFailure;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.reconcile.HealthView.Unhealthy;
import dev.fairlead.reconcile.RollbackDecision.Facts;
import dev.fairlead.reconcile.RollbackDecision.Unavailable;
import dev.fairlead.reconcile.RollbackDecision.Verdict;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Commit b is written and has until a minute from now; a was good. Facts are words: {@code
 * slow:Deployment.apps} one of that kind is on its way, {@code failed:Pod} one has failed, {@code
 * stalled} a Deployment's own deadline is exceeded, {@code late} the minute is over, {@code
 * lost:+5} Git could not give a and is asked again in 5 seconds.
 */
class RollbackDecisionTest {
  private static final Set<String> WORDS =
      Set.of(
          "hold",
          "instead",
          "worked",
          "slow",
          "failed",
          "stalled",
          "late",
          "first",
          "again",
          "other-spec",
          "gone",
          "lost");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a commit that is healthy stands                     | late                                     | Stands
          one that is on its way has time                     | slow:Deployment.apps                     | Waits a +60
          when it is over the commit is rolled back           | slow:Deployment.apps late                | RollBack a
          so it is with a claim that nobody binds             | slow:PersistentVolumeClaim late          | RollBack a
          a Deployment that has waited for itself is enough   | stalled                                  | RollBack a
          a Deployment that failed otherwise is waited for    | failed:Deployment.apps                   | Waits a +60
          a Job that failed is enough                         | failed:Job.batch                         | RollBack a
          a Job of another group is waited for                | failed:Job.example.org                   | Waits a +60
          a Pod that crashes is waited for                    | failed:Pod                               | Waits a +60
          but not for ever                                    | failed:Pod late                          | RollBack a
          one failure in vain is enough among many            | slow:StatefulSet.apps failed:Job.batch   | RollBack a
          what was healthy once and fails later stands        | failed:Job.batch worked late             | Stands
          what takes a failed commit's place stands           | stalled instead late                     | Stands
          the last good commit itself stands                  | stalled again late                       | Stands
          but not when it was good under another spec         | stalled again other-spec late            | Holds SPEC_CHANGED b
          where it is to hold it holds                        | stalled hold                             | Holds ASKED a
          also before its time is over                        | failed:Pod hold                          | Holds ASKED a
          the first commit has nothing to go back to          | stalled first                            | Holds NOTHING_GOOD
          asked to hold it says so                            | stalled first hold                       | Holds ASKED
          what was good under another spec may not be now     | stalled other-spec                       | Holds SPEC_CHANGED a
          what Git does not have any more cannot come back    | stalled gone                             | Holds GONE a
          what Git cannot give now is asked for again         | stalled lost:+5                          | Waits a +5
          when it is time                                     | stalled lost:-5                          | RollBack a
          and not before it has failed                        | slow:Deployment.apps lost:-5             | Waits a +60
          """)
  void decides(String sentence, String facts, String verdict) {
    assertThat(words(RollbackDecision.decide(facts(facts)))).isEqualTo(verdict);
  }

  private static Facts facts(String text) {
    Map<String, String> facts =
        Arrays.stream(text.split(" ", -1))
            .map(word -> word.split(":", -1))
            .collect(Collectors.toMap(w -> w[0], w -> w.length > 1 ? w[1] : ""));
    assertThat(WORDS).containsAll(facts.keySet());
    List<Unhealthy> unwell =
        facts.entrySet().stream()
            .filter(e -> Set.of("slow", "failed", "stalled").contains(e.getKey()))
            .map(e -> unwell(e.getKey(), e.getValue()))
            .sorted((one, other) -> one.key().compareTo(other.key()))
            .toList();
    Revision a = commit("a").revision();
    Revision b = commit("b").revision();
    Optional<Unavailable> unavailable =
        facts.containsKey("gone")
            ? Optional.of(new Unavailable(a.commit(), "lost", Optional.empty()))
            : Optional.ofNullable(facts.get("lost"))
                .map(s ->
                    new Unavailable(
                        a.commit(), "away", Optional.of(NOON.plusSeconds(Long.parseLong(s)))));
    return new Facts(
        facts.containsKey("hold") ? OnFailure.HOLD : OnFailure.ROLLBACK,
        b,
        facts.containsKey("instead"),
        facts.containsKey("worked"),
        unwell,
        NOON.plusSeconds(facts.containsKey("late") ? 0 : 60),
        facts.containsKey("first")
            ? Optional.empty()
            : Optional.of(new LastGood(facts.containsKey("again") ? b : a, NOON, 1)),
        !facts.containsKey("other-spec"),
        unavailable,
        NOON);
  }

  private static Unhealthy unwell(String how, String kind) {
    ObjectKey key = key(how.equals("stalled") ? "Deployment.apps" : kind, how);
    return new Unhealthy(
        key,
        switch (how) {
          case "slow" -> Health.progressing("LessReady", "1 of 2");
          case "failed" -> Health.failed("Failed", "has failed");
          default -> Health.failed("ProgressDeadlineExceeded", "made no progress");
        });
  }

  private static String words(Verdict verdict) {
    String name = verdict.getClass().getSimpleName();
    return switch (verdict) {
      case Verdict.Stands _ -> name;
      case Verdict.Waits waits -> name + " " + letter(waits.to()) + " " + seconds(waits.until());
      case Verdict.RollBack back -> name + " " + letter(back.to());
      case Verdict.Holds holds ->
          name + " " + holds.because() + holds.lastGood().map(r -> " " + letter(r)).orElse("");
    };
  }

  private static String letter(Revision revision) {
    return revision.commit().substring(0, 1);
  }

  private static String seconds(Instant when) {
    return "+" + (when.getEpochSecond() - NOON.getEpochSecond());
  }
}
