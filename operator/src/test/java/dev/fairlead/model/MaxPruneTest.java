package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaxPruneTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          half is half                                  | 50%  | 5 | 10 | true
          more than half is more                        | 50%  | 6 | 10 | false
          a share of an odd number is never rounded up  | 50%  | 3 | 5  | false
          all are all                                   | 100% | 7 | 7  | true
          no share of anything is nothing               | 0%   | 0 | 7  | true
          no share allows not one                       | 0%   | 1 | 7  | false
          a count does not depend on how many there are | 3    | 3 | 3  | true
          one more than the count is too many           | 3    | 4 | 99 | false
          a count of zero allows nothing                | 0    | 1 | 99 | false
          numbers that overflow an int when multiplied  | 50%  | 2000000000 | 2100000000 | false
          """)
  void allowsUpToWhatItSays(String sentence, String text, int removed, int total, boolean allowed) {
    assertThat(MaxPrune.parse(text).allows(removed, total)).isEqualTo(allowed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10", "0%", "50%", "100%"})
  void isReadAsItIsWritten(String text) {
    assertThat(MaxPrune.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "-1", "-1%", "101%", "1.5", "50 %", "half"})
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> MaxPrune.parse(text));
  }

  @Test
  void moreThanAHundredIsACountButNoPercentage() {
    assertThat(MaxPrune.parse("101").allows(101, 1000)).isTrue();
  }
}
