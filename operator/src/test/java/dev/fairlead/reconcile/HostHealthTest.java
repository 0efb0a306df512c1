package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.reconcile.HostHealth.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostHealthTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  /**
   * @param past what happened, each {@code second:event}: {@code fail}, {@code ok}, or {@code
   *     peace} for so many seconds, of looks that began a second before unless {@code @second} says
   *     when
   * @param looking whether a look is under way
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a host that nobody asked yet is asked,                     '',                          0,   no,  no,  GO",
    "a host that failed is left alone for a moment,             '1:fail',                    1,   no,  no,  LATER",
    "then one look tries,                                       '1:fail',                    3,   no,  no,  GO",
    "and no other meanwhile,                                    '1:fail',                    3,   no,  yes, LATER",
    "who knows of something new is not held up,                 '1:fail',                    1,   yes, no,  GO",
    "nor by a look that tries,                                  '1:fail',                    1,   yes, yes, GO",
    "the pause grows,                                           '1:fail 3:fail',             4,   no,  no,  LATER",
    "but not beyond a minute,                                   '1:fail 10:fail 20:fail 40:fail 80:fail 160:fail 320:fail 640:fail', 701, no, no, GO",
    "looks that failed together are one failure,                '1:fail 1.1:fail@0 1.2:fail@0 1.3:fail@0', 3, no, no, GO",
    "an answer ends it,                                         '1:fail 3:ok',               3,   no,  no,  GO",
    "an answer to a question before the failure does not,       '2:fail 2.5:ok@1',           2.6, no,  no,  LATER",
    "who wants peace has it from everybody,                     '1:peace60',                 60,  yes, no,  PEACE",
    "until it is over,                                          '1:peace60',                 62,  no,  no,  GO",
    "a shorter peace does not end a longer one,                 '1:peace60 2:peace5',        30,  yes, no,  PEACE",
    "an answer does not end a peace,                            '1:peace60 2:ok',            30,  yes, no,  PEACE",
  })
  void a_look_may_begin(
      String what, String past, double at, String urgent, String looking, Verdict expected) {
    HostHealth health = HostHealth.FINE;
    for (String event : past.isBlank() ? new String[0] : past.split(" ", -1)) {
      String[] parts = event.split("[:@]", -1);
      Instant now = second(Double.parseDouble(parts[0]));
      Instant began = parts.length > 2 ? second(Double.parseDouble(parts[2])) : now.minusMillis(1);
      health = happens(health, parts[1], began, now);
    }

    assertThat(health.verdict(urgent.equals("yes"), looking.equals("yes"), second(at)))
        .isEqualTo(expected);
  }

  private static HostHealth happens(HostHealth health, String event, Instant began, Instant now) {
    return switch (event) {
      case "ok" -> health.answered(began);
      case "fail" ->
          health.failed("answers 503", Optional.empty(), began, now, MINUTE, new Random(7));
      default ->
          health.failed(
              "answers 429",
              Optional.of(Duration.ofSeconds(Long.parseLong(event.substring("peace".length())))),
              began,
              now,
              MINUTE,
              new Random(7));
    };
  }

  @Test
  void who_waits_comes_when_the_pause_or_the_peace_is_over() {
    HostHealth failed = happens(HostHealth.FINE, "fail", NOON, NOON);
    assertThat(failed.again(NOON)).isAfter(NOON).isBefore(NOON.plusSeconds(2));
    assertThat(happens(failed, "peace60", NOON.plusSeconds(1), NOON.plusSeconds(1)).again(NOON))
        .isEqualTo(NOON.plusSeconds(61));
    assertThat(failed.again(NOON.plusSeconds(10))).isEqualTo(NOON.plusSeconds(11));
  }

  @Test
  void nobody_waits_longer_than_the_interval_that_he_has_chosen() {
    HostHealth health = HostHealth.FINE;
    for (int i = 0; i < 9; i++) {
      health =
          health.failed(
              "does not answer",
              Optional.empty(),
              NOON.plusSeconds(i),
              NOON.plusSeconds(i),
              Duration.ofSeconds(3),
              new Random(7));
    }

    assertThat(health.retryAt()).isEqualTo(NOON.plusSeconds(11));
  }

  private static Instant second(double seconds) {
    return NOON.plusMillis((long) (seconds * 1000));
  }
}
