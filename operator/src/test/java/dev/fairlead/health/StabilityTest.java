package dev.fairlead.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A story is a list of {@code second:state}, an {@code !} raises the epoch before it. */
class StabilityTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          before the first Healthy everything is told as it is seen     | 0:P 1:F 2:P 3:U 4:T 5:H      | P F P U T H
          after the first Healthy a hiccup is not told                  | 0:H 10:P 20:H                | H H H
          a minute of unavailability counts                             | 0:H 10:P 69:P 70:P           | H H H P
          a minute counts from its beginning, whatever it looks like    | 0:H 10:P 40:U 60:T 70:P      | H H H H P
          being healthy for a moment begins the minute anew             | 0:H 10:P 60:H 61:P 120:P 121:P | H H H H H P
          Failed counts at once                                         | 0:H 10:F                     | H F
          Failed counts at once within the minute too                   | 0:H 10:P 11:F                | H H F
          after Failed the details are told until it is healthy         | 0:H 10:F 11:P 12:F 13:H      | H F P F H
          after an unavailability that counted, Healthy is told at once | 0:H 0:P 60:P 61:H            | H H P H
          healthy again, it is calm again                               | 0:H 0:P 60:P 61:H 62:P       | H H P H H
          a new epoch starts afresh                                     | 0:H !10:P 11:H 12:P          | H P H H
          a new epoch forgets how long the old one was unwell           | 0:H 10:P !20:H 60:P 90:P     | H H H H H
          """)
  void tellsOnlyWhatLasts(String name, String story, String expected) {
    List<String> told = new ArrayList<>();
    Stability state = null;
    long epoch = 1;
    for (String step : story.trim().split(" +", -1)) {
      if (step.startsWith("!")) {
        epoch++;
      }
      String[] parts = step.replace("!", "").split(":", -1);
      Health seen = health(parts[1]);
      state =
          state == null
              ? Stability.first(epoch, seen)
              : state.next(epoch, seen, START.plusSeconds(Long.parseLong(parts[0])));
      told.add(state.told().state().name().substring(0, 1));
    }

    assertThat(String.join(" ", told)).isEqualTo(expected);
  }

  @Test
  void saysWhenToLookAgain() {
    Stability healthy = Stability.first(1, health("H"));
    Stability unwell = healthy.next(1, health("P"), START.plusSeconds(7));

    assertThat(healthy.due()).isEmpty();
    assertThat(unwell.due()).contains(START.plusSeconds(67));
    assertThat(unwell.next(1, health("P"), START.plusSeconds(67)).due()).isEmpty();
    assertThat(unwell.next(1, health("P"), START.plusSeconds(50)).due())
        .contains(START.plusSeconds(67));
  }

  private static Health health(String letter) {
    for (Health.State state : Health.State.values()) {
      if (state.name().startsWith(letter)) {
        return new Health(state, "", "seen");
      }
    }
    throw new IllegalArgumentException(letter);
  }
}
