package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookPaceTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nothing is asked for five seconds                | 0  | -  | -  | false | 5
          what moves is given five more                    | 0  | 3  | -  | false | 8
          but not for ever                                 | 0  | 14 | -  | false | 15
          after the first look it is five seconds          | 1  | -  | 5  | false | 10
          then ten                                         | 2  | -  | 10 | true  | 20
          then twenty                                      | 3  | -  | 20 | true  | 40
          then forty                                       | 4  | -  | 40 | true  | 80
          then a minute                                    | 5  | -  | 80 | true  | 140
          and a minute                                     | 20 | -  | 80 | true  | 140
          whoever leaves it like that has time             | 21 | -  | 80 | true  | 680
          news after something was found are looked at     | 5  | 90 | 80 | true  | 90
          news right after a look wait a little            | 5  | 81 | 80 | true  | 82
          what moves and is well otherwise has to stall    | 5  | 90 | 80 | false | 95
          the news were there when it was looked at        | 5  | 79 | 80 | true  | 140
          """)
  void looksWhenNothingMoves(
      String sentence, int looks, String changed, String looked, boolean found, long due) {
    LookPace pace = LookPace.first(NOON);
    LookPace given =
        new LookPace(
            NOON,
            changed.equals("-") ? NOON : NOON.plusSeconds(Long.parseLong(changed)),
            looks,
            looked.equals("-") ? pace.looked() : NOON.plusSeconds(Long.parseLong(looked)),
            found);

    assertThat(Duration.between(NOON, given.due())).isEqualTo(Duration.ofSeconds(due));
  }

  @Test
  void countsItsLooks() {
    LookPace pace =
        LookPace.first(NOON).changed(NOON.plusSeconds(1)).looked(NOON.plusSeconds(6), true);

    assertThat(pace)
        .isEqualTo(new LookPace(NOON, NOON.plusSeconds(1), 1, NOON.plusSeconds(6), true));
  }
}
