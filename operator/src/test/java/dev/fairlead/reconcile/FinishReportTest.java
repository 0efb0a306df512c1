package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FinishReportTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          one that is held                | a:x/hold         | waiting for 1 object to be gone: ConfigMap apps/a (x/hold)
          one that nothing holds          | a                | waiting for 1 object to be gone: ConfigMap apps/a
          one that two hold               | a:x/one+x/two    | waiting for 1 object to be gone: ConfigMap apps/a (x/one, x/two)
          in the order of their names     | c b:x/hold a     | waiting for 3 objects to be gone: ConfigMap apps/a, ConfigMap apps/b (x/hold), ConfigMap apps/c
          only the first of many          | e d c b a        | waiting for 5 objects to be gone: ConfigMap apps/a, ConfigMap apps/b, ConfigMap apps/c and 2 more
          """)
  void namesWhatIsWaitedFor(String sentence, String left, String expected) {
    List<Observed> objects = Arrays.stream(left.split(" ")).map(FinishReportTest::left).toList();

    assertThat(FinishReport.waiting(objects)).isEqualTo(expected);
  }

  private static Observed left(String word) {
    String[] parts = word.split(":", 2);
    return new Observed(
        Examples.key("ConfigMap", parts[0]),
        Labels.applySetId(Examples.PORTFOLIO),
        true,
        "uid",
        "10",
        parts.length > 1,
        parts.length > 1 ? List.of(parts[1].split("\\+")) : List.of(),
        Map.of(),
        false,
        Health.HEALTHY,
        List.of());
  }

  @Test
  void whileObjectsAreWaitedForItIsAtWork() {
    SyncStatus settled = Given.settled().report();

    SyncStatus status =
        FinishReport.status(settled, 2, Reason.PROGRESSING, "waiting for 2 objects", NOON);

    assertThat(Given.words(status))
        .isEqualTo(
            """
            Ready False Progressing: waiting for 2 objects
            Reconciling True Progressing: waiting for 2 objects
            Fetched True Succeeded:
            Applied Unknown Progressing: is being deleted
            Healthy Unknown Progressing: is being deleted\
            """);
    assertThat(status.message()).isEqualTo("waiting for 2 objects");
    assertThat(status.observedGeneration()).isEqualTo(2);
  }

  @Test
  void whatCannotBeDeletedIsToldWithItsReason() {
    SyncStatus settled = Given.settled().report();

    SyncStatus status = FinishReport.status(settled, 2, Reason.ACCESS_DENIED, "may not", NOON);

    assertThat(Given.words(status))
        .startsWith("Ready False AccessDenied: may not")
        .doesNotContain("Reconciling");
  }

  @Test
  void theSameAgainIsNoChange() {
    SyncStatus first =
        FinishReport.status(
            Given.settled().report(), 2, Reason.PROGRESSING, "waiting for 2 objects", NOON);

    SyncStatus again =
        FinishReport.status(
            first, 2, Reason.PROGRESSING, "waiting for 2 objects", NOON.plusSeconds(30));

    assertThat(again).isEqualTo(first);
  }
}
