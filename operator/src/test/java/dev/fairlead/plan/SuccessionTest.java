package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.plan.Succession.Facts;
import dev.fairlead.plan.Succession.Step;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuccessionTest {
  private static final Duration DURATION = Duration.ofSeconds(12);

  /**
   * The lease is {@code holder duration renewed}; the clock that wrote {@code renewed} is never
   * asked.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # a standby                                            | leads | lease        | for  | rival | step
          a first process makes the lease                        | no    | none         | 0s   | no    | create
          a lease of another that was just seen is left          | no    | b 12 t1      | 0s   | yes   | wait b 12s
          so it is until it was long enough without a change     | no    | b 12 t1      | 11s  | yes   | wait b 1s
          then it is taken                                       | no    | b 12 t1      | 12s  | yes   | take
          a renewal a year ago, by its clock, still counts       | no    | b 12 1970    | 0s   | yes   | wait b 12s
          a renewal in a year, by its clock, runs out            | no    | b 12 2999    | 12s  | yes   | take
          what was released is taken at once                     | no    | - 1 t1       | 0s   | yes   | take
          what was emptied by hand may still be in use           | no    | - 12 t1      | 0s   | yes   | wait - 12s
          and is taken when it cannot be any more                | no    | - 12 t1      | 12s  | yes   | take
          a longer promise of another version is kept            | no    | b 30 t1      | 29s  | yes   | wait b 1s
          a promise that never ends is not                       | no    | b 9999 t1    | 60s  | yes   | take
          a shorter one does not make it sooner                  | no    | b 2 t1       | 5s   | yes   | wait b 7s
          no promise neither                                     | no    | b 0 t1       | 5s   | yes   | wait b 7s
          what somebody wrote with the own name is another's     | no    | a 12 t1      | 0s   | yes   | wait a 12s
          the own write that was not answered counts             | no    | a 12 mine    | 0s   | yes   | renew
          the lease of a rival deleted by hand may be in use     | no    | none         | 3s   | yes   | wait - 9s
          and is made anew when it cannot be any more            | no    | none         | 12s  | yes   | create
          # a leader                                             |       |              |      |       |
          a leader renews                                        | yes   | a 12 t1      | 5s   | no    | renew
          a leader whose lease was annotated by hand renews      | yes   | a 12 t1      | 0s   | no    | renew
          a leader that paused, and nobody took it, goes on      | late  | a 12 t1      | 60s  | no    | renew
          a leader that paused, and another took it, loses       | late  | b 12 t2      | 0s   | no    | lose b
          a leader whose lease was stolen loses at once          | yes   | b 12 t1      | 0s   | no    | lose b
          a leader whose lease was emptied by hand loses         | yes   | - 12 t1      | 0s   | no    | lose -
          a leader makes a lease anew that was deleted by hand   | yes   | none         | 0s   | no    | create
          but not after a pause, when another may have led       | late  | none         | 0s   | no    | lose -
          """)
  void what_is_done_about_the_lease(
      String sentence, String leads, String lease, String unchanged, String rival, String step) {
    if (leads == null) {
      return;
    }
    Facts facts =
        new Facts(
            "a",
            !leads.equals("no"),
            leads.equals("yes"),
            parse(lease),
            Duration.parse("PT" + unchanged),
            rival.equals("yes"),
            Optional.of("mine"),
            DURATION);

    assertThat(word(Succession.decide(facts))).isEqualTo(step);
  }

  private static Optional<Lease> parse(String text) {
    if (text.equals("none")) {
      return Optional.empty();
    }
    String[] parts = text.split(" ", -1);
    String holder = parts[0].equals("-") ? "" : parts[0];
    return Optional.of(
        new Lease(holder, Duration.ofSeconds(Long.parseLong(parts[1])), 0, parts[2], "", "1"));
  }

  private static String word(Step step) {
    return switch (step) {
      case Step.Create() -> "create";
      case Step.Take(Lease _) -> "take";
      case Step.Renew(Lease _) -> "renew";
      case Step.Lose(String holder) -> "lose " + (holder.isEmpty() ? "-" : holder);
      case Step.Wait(String holder, Duration left) ->
          "wait " + (holder.isEmpty() ? "-" : holder) + " " + left.toSeconds() + "s";
    };
  }
}
