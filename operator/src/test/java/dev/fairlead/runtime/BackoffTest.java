package dev.fairlead.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BackoffTest {
  private static final RandomGenerator LOWEST = fixed(0.0);
  private static final RandomGenerator MIDDLE = fixed(0.5);
  private static final RandomGenerator HIGHEST = fixed(Math.nextDown(1.0));

  @ParameterizedTest(name = "failure {0}: {1} to {3} ms, {2} without jitter")
  @CsvSource({
    "1,          500,    500,    600",
    "2,          800,    1000,   1200",
    "3,          1600,   2000,   2400",
    "9,          102400, 128000, 153600",
    "10,         204800, 256000, 300000",
    "11,         240000, 300000, 300000",
    "1000,       240000, 300000, 300000",
    "2147483647, 240000, 300000, 300000",
  })
  void doubles_from_half_a_second_to_five_minutes(int failures, long low, long middle, long high) {
    assertThat(Backoff.DEFAULT.delay(failures, LOWEST).toMillis()).isEqualTo(low);
    assertThat(Backoff.DEFAULT.delay(failures, MIDDLE).toMillis()).isEqualTo(middle);
    assertThat(Backoff.DEFAULT.delay(failures, HIGHEST).plusNanos(1000).toMillis()).isEqualTo(high);
  }

  @Test
  void many_keys_that_failed_together_come_back_at_different_times() {
    Random random = new Random(1);

    long different =
        java.util.stream.IntStream.range(0, 100)
            .mapToObj(i -> Backoff.DEFAULT.delay(3, random).toMillis())
            .distinct()
            .count();

    assertThat(different).isGreaterThan(50);
  }

  @Test
  void bounds_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Backoff.DEFAULT.delay(0, MIDDLE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RandomGenerator fixed(double value) {
    return new RandomGenerator() {
      @Override
      public double nextDouble() {
        return value;
      }

      @Override
      public long nextLong() {
        return 0;
      }
    };
  }
}
