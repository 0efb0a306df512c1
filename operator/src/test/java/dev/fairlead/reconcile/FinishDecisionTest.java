package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.plan.PruneTurn.Turn;
import dev.fairlead.reconcile.FinishDecision.Facts;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Facts are words; {@code after} is for how many seconds the GitSync has been going, of 600. */
final class FinishDecisionTest {
  private static final Set<String> WORDS =
      Set.of(
          "free",
          "writing",
          "unknown",
          "members",
          "heirlooms",
          "orphans",
          "awaited",
          "unserved",
          "after");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          one without our finalizer is no business of ours     | free members:2                          | NOTHING
          a write that is under way is awaited                 | writing members:2                       | AWAIT_WRITES
          what it has must be known first                      | unknown                                 | AWAIT_LISTS
          also when some of it is                              | unknown members:2 after:599             | AWAIT_LISTS
          but not for ever                                     | unknown members:2 after:600             | GIVE_UP
          nor when nothing is known                            | unknown after:600                       | LET_GO
          one that has nothing is let go                       | members:0                               | LET_GO
          at once a moment is waited                           | members:2                               | AWAIT_NEWS
          then its objects are deleted                         | members:2 after:1                       | DELETE
          an object that another waits for is handed over      | members:2 heirlooms:1                   | HAND_OVER
          whatever else is to become of it                     | members:2 heirlooms:1 orphans           | HAND_OVER
          also when the time is over                           | members:2 heirlooms:1 after:600         | HAND_OVER
          others that may want some are waited for             | members:2 awaited after:5               | AWAIT_SIBLINGS
          no longer than there is time                         | members:2 awaited after:600             | GIVE_UP
          what is to stay is released at once                  | members:2 orphans                       | RELEASE
          nobody is waited for then                            | members:2 orphans awaited               | RELEASE
          what does not go is released                         | members:2 after:600                     | GIVE_UP
          what cannot be released is left                      | members:2 after:660                     | LET_GO
          also when another waits for it                       | members:2 heirlooms:1 after:660         | LET_GO
          where no kind is served any more nothing can be done | members:2 unserved after:600            | LET_GO
          until then it may be served again                    | members:2 unserved after:30             | DELETE
          """)
  void decides(String sentence, String text, FinishDecision.Step step) {
    Map<String, String> facts =
        Arrays.stream(text.split(" ", -1))
            .map(word -> word.split(":", -1))
            .collect(Collectors.toMap(w -> w[0], w -> w.length > 1 ? w[1] : ""));
    assertThat(WORDS).containsAll(facts.keySet());

    assertThat(
            FinishDecision.decide(
                new Facts(
                    !facts.containsKey("free"),
                    facts.containsKey("writing"),
                    !facts.containsKey("unknown"),
                    Integer.parseInt(facts.getOrDefault("members", "0")),
                    Integer.parseInt(facts.getOrDefault("heirlooms", "0")),
                    facts.containsKey("orphans"),
                    facts.containsKey("awaited")
                        ? new Turn.Await(List.of(new SyncKey("team", "b")), true, NOON)
                        : new Turn.Now(),
                    !facts.containsKey("unserved"),
                    NOON,
                    Duration.ofMinutes(10),
                    NOON.plusSeconds(Long.parseLong(facts.getOrDefault("after", "0"))))))
        .isEqualTo(step);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          by default objects go along        | MIRROR_PRUNE | true  | false | true
          with prune: false they stay        | MIRROR_PRUNE | false | false | false
          with Orphan they stay              | ORPHAN       | true  | false | false
          so they do while it is suspended   | MIRROR_PRUNE | true  | true  | false
          or all of that                     | ORPHAN       | false | true  | false
          """)
  void says_whether_objects_go_along(
      String sentence, DeletionPolicy policy, boolean prune, boolean suspend, boolean deletes) {
    SyncSpec spec =
        new SyncSpec(
            "https://git.example.org/portfolio.git",
            new RefSelector.Head(),
            "",
            false,
            List.of(),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SyncSpec.Mode.APPLY,
            prune,
            MaxPrune.parse("50%"),
            policy,
            suspend,
            List.of(),
            Duration.ofMinutes(5),
            SyncSpec.OnFailure.HOLD,
            List.of());

    assertThat(FinishDecision.deletes(spec)).isEqualTo(deletes);
  }
}
