package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailedTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # sentence                                          | reasons                        | again | attempts | certain
          it cannot be read, and so never will be             | BuildFailed                    | false | 1        | true
          it is wrong                                         | ValidationFailed               | true  | 1        | true
          another has it                                      | OwnedElsewhere                 | true  | 1        | true
          a server that has just started denies what it may   | AccessDenied                   | true  | 1        | false
          or is at a loss                                     | ApplyFailed                    | true  | 2        | false
          denied three times it is denied                     | AccessDenied                   | true  | 3        | true
          nobody knows whose that is which was denied         | OwnedElsewhere AccessDenied    | true  | 1        | false
          nor if it is told second                            | ValidationFailed ApplyFailed   | true  | 2        | false
          but three times is enough                           | OwnedElsewhere AccessDenied    | true  | 3        | true
          two have what it wants                              | OwnedElsewhere OwnedElsewhere  | true  | 1        | true
          """)
  void isBelievedWhenItIsNoChance(
      String sentence, String reasons, boolean again, int attempts, boolean certain) {
    List<Problem> problems =
        Arrays.stream(reasons.split(" ", -1))
            .map(reason -> new Problem("Pod a/b", "a.yaml", 1, reason, "why", NOON))
            .toList();
    Reason first =
        Arrays.stream(Reason.values())
            .filter(r -> r.toString().equals(problems.getFirst().reason()))
            .findFirst()
            .orElseThrow();
    Failed failed =
        new Failed(
            new Target("a".repeat(40), 1),
            new Failure(first, "why", problems, problems.size(), false),
            again ? Optional.of(NOON) : Optional.empty(),
            attempts);

    assertThat(failed.isCertain()).isEqualTo(certain);
  }
}
