package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fairlead.testbed.Seed;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GoDurationTest {
  @ParameterizedTest(name = "{0} is {1}, written {2}")
  @CsvSource({
    "0,PT0S,0s",
    "0s,PT0S,0s",
    "1ns,PT0.000000001S,1ns",
    "1500ns,PT0.0000015S,1.5µs",
    "1us,PT0.000001S,1µs",
    "250ms,PT0.25S,250ms",
    "0.25s,PT0.25S,250ms",
    "4.1s,PT4.1S,4.1s",
    ".5s,PT0.5S,500ms",
    "5.s,PT5S,5s",
    "60s,PT1M,1m0s",
    "1m30s,PT1M30S,1m30s",
    "1.5h,PT1H30M,1h30m0s",
    "24h,PT24H,24h0m0s",
    "1s1s,PT2S,2s",
    "100s,PT100S,1m40s",
    "-1m,PT-1M,-1m0s",
    "+2s,PT2S,2s"
  })
  void readsAndWritesAsGoDoes(String text, Duration duration, String written) {
    assertThat(GoDuration.parse(text)).isEqualTo(duration);
    assertThat(GoDuration.format(duration)).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "1",
        "60",
        "1d",
        "s",
        ".s",
        "1 s",
        "1s ",
        "--1s",
        "1e3s",
        "9999999h9h",
        "٣s"
      })
  void refusesWhatGoRefuses(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> GoDuration.parse(text));
  }

  @Test
  void readsWhatItWrote() {
    long seed = Seed.of(GoDurationTest.class);
    Random random = new Random(seed);
    for (int i = 0; i < Seed.cases(2_000); i++) {
      Duration duration = Duration.ofNanos(random.nextLong() >> random.nextInt(60));
      assertThat(GoDuration.parse(GoDuration.format(duration)))
          .as("seed %d", seed)
          .isEqualTo(duration);
    }
  }
}
