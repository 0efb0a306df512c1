package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScreenTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  @ParameterizedTest(name = "{0} s: {1}, {2}")
  @CsvSource({
    "-60, 0s, just now",
    "0, 0s, just now",
    "45, 45s, 45 seconds ago",
    "119, 119s, 119 seconds ago",
    "190, 3m10s, 3 minutes ago",
    "180, 3m, 3 minutes ago",
    "4000, 66m, 66 minutes ago",
    "16200, 4h30m, 4 hours ago",
    "86400, 24h, 24 hours ago",
    "259200, 3d, 3 days ago",
    "270000, 3d3h, 3 days ago",
    "23328000, 270d, 9 months ago",
    "94608000, 3y, 3 years ago",
    "315360000, 10y, 10 years ago",
  })
  void ages_are_told_as_kubectl_and_as_people_do(long seconds, String brief, String ago) {
    Instant then = NOW.minusSeconds(seconds);

    assertThat(Ages.brief(then, NOW)).isEqualTo(brief);
    assertThat(Ages.ago(then, NOW)).isEqualTo(ago);
  }

  @Test
  void text_takes_the_room_that_terminals_give_it() {
    assertThat(Screen.width("abc")).isEqualTo(3);
    assertThat(Screen.width("Zoë")).isEqualTo(3);
    assertThat(Screen.width("Zoe\u0308")).isEqualTo(3);
    assertThat(Screen.width("大きく")).isEqualTo(6);
    assertThat(Screen.width("🚀")).isEqualTo(2);
    assertThat(Screen.width(Style.COLOURED.bad("no"))).isEqualTo(2);
  }

  @Test
  void text_is_cut_between_characters_and_never_too_long() {
    for (int columns = 0; columns < 12; columns++) {
      String cut = Screen.cut("a大🚀b大🚀c", columns);

      assertThat(Screen.width(cut)).isLessThanOrEqualTo(columns);
      assertThat(cut.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000)).isTrue();
    }
    assertThat(Screen.cut("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Screen.cut("abcdefg", 6)).isEqualTo("abcde…");
  }

  @Test
  void a_table_gives_way_in_one_column_only() {
    TextTable table = new TextTable(List.of("A", "SUBJECT", "C"));
    table.add(List.of("name", "a very long subject that does not fit", "12/12"));

    assertThat(table.lines(40, 1))
        .containsExactly(
            "A     SUBJECT                      C", "name  a very long subject that d…  12/12");
    assertThat(table.lines(0, 1).get(1)).endsWith("does not fit  12/12");
  }
}
