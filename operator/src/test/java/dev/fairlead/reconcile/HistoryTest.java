package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Deployment;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A commit is a letter, and began so many seconds after noon as its place in the alphabet says.
 * Entries are {@code letter=result}, the newest first.
 */
class HistoryTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          # sentence                                   | before                    | written | overtaken | rollback | phase       | refused | after
          nothing was written                          | -                         | -       | -         | -        | NEW         | -       | -
          while it rolls out nothing is said           | a=Succeeded               | b       | -         | -        | ROLLING_OUT | -       | a=Succeeded
          the first commit is good                     | -                         | a       | -         | -        | SETTLED     | -       | a=Succeeded
          the next one is good                         | a=Succeeded               | b       | -         | -        | SETTLED     | -       | b=Succeeded a=Succeeded
          it is said once                              | b=Succeeded a=Succeeded   | b       | -         | -        | SETTLED     | -       | b=Succeeded a=Succeeded
          it does not become healthy                   | a=Succeeded               | b       | -         | -        | UNHEALTHY   | -       | b=HealthCheckFailed a=Succeeded
          it becomes healthy late                      | b=HealthCheckFailed       | b       | -         | -        | SETTLED     | -       | b=Succeeded
          it is rolled back                            | a=Succeeded               | b       | -         | ba       | ROLLING_OUT | -       | b=RolledBack a=Succeeded
          and then nothing more is said                | b=RolledBack a=Succeeded  | a       | -         | ba       | SETTLED     | -       | b=RolledBack a=Succeeded
          it is refused                                | a=Succeeded               | a       | -         | -        | FAILED      | b       | b=BuildFailed a=Succeeded
          it is refused again                          | b=BuildFailed a=Succeeded | a       | -         | -        | FAILED      | b       | b=BuildFailed a=Succeeded
          an old commit comes back                     | b=Succeeded a=Succeeded   | a       | -         | -        | SETTLED     | -       | b=Succeeded a=Succeeded
          one was overtaken                            | a=Succeeded               | c       | b         | -        | ROLLING_OUT | -       | b=Superseded a=Succeeded
          by one that is good by now                   | a=Succeeded               | c       | b         | -        | SETTLED     | -       | c=Succeeded b=Superseded a=Succeeded
          two were overtaken                           | a=Succeeded               | d       | bc        | -        | SETTLED     | -       | d=Succeeded c=Superseded b=Superseded a=Succeeded
          one was overtaken before another was refused | a=Succeeded               | c       | b         | -        | FAILED      | d       | d=BuildFailed b=Superseded a=Succeeded
          one was overtaken by one that is rolled back | a=Succeeded               | c       | b         | ca       | ROLLING_OUT | -       | c=RolledBack b=Superseded a=Succeeded
          """)
  void says(
      String sentence,
      String before,
      String written,
      String overtaken,
      String rollback,
      Phase phase,
      String refused,
      String after) {
    List<Deployment> history =
        History.of(
            new History.Facts(
                entries(before),
                Optional.ofNullable(refused)
                    .or(() -> Optional.ofNullable(written))
                    .map(Examples::commit),
                Optional.ofNullable(written).map(HistoryTest::attempt),
                0,
                letters(overtaken)
                    .map(l -> new History.Overtaken(attempt(l), began(l).plusSeconds(1)))
                    .toList(),
                Optional.ofNullable(rollback)
                    .map(r ->
                        new Rollback(
                            commit(r.substring(0, 1)).revision(),
                            commit(r.substring(1)).revision(),
                            "why",
                            NOON)),
                phase,
                phase == Phase.SETTLED,
                Optional.ofNullable(refused)
                    .map(_ -> new Failure(Reason.BUILD_FAILED, "why", List.of(), 1, true)),
                refused == null ? NOON.plusSeconds(60) : began(refused)));

    assertThat(words(history)).isEqualTo(after == null ? "" : after);
    assertThat(history.stream().map(Deployment::startedAt).toList())
        .isSortedAccordingTo((x, y) -> y.compareTo(x));
  }

  private static Stream<String> letters(String text) {
    return text == null ? Stream.of() : text.chars().mapToObj(c -> String.valueOf((char) c));
  }

  private static Instant began(String letter) {
    return NOON.plusSeconds(letter.charAt(0) - 'a');
  }

  private static Attempt attempt(String letter) {
    return new Attempt(
        new Target(commit(letter).revision().commit(), 1),
        commit(letter),
        began(letter),
        began(letter),
        1,
        0,
        Set.of(),
        true);
  }

  private static List<Deployment> entries(String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" ", -1)).map(HistoryTest::entry).toList();
  }

  private static Deployment entry(String text) {
    String letter = text.substring(0, 1);
    return new Deployment(
        commit(letter).revision(),
        "Commit " + letter,
        "Fairlead Tests",
        began(letter),
        Duration.ofSeconds(1),
        text.substring(2),
        1,
        0,
        0);
  }

  private static String words(List<Deployment> history) {
    return history.stream()
        .map(d -> d.revision().commit().charAt(0) + "=" + d.result())
        .collect(Collectors.joining(" "));
  }
}
