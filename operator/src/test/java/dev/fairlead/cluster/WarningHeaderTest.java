package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WarningHeaderTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0000',
      value = {
        "one                        | 299 - \"v1 Endpoints is deprecated\"                  | v1 Endpoints is deprecated",
        "with an agent and a date   | 299 api.example:6443 \"a\" \"Wed, 21 Oct 2015 07:28:00 GMT\" | a",
        "two in one header          | 299 - \"a\", 299 - \"b\"                              | a/b",
        "two, the first with a date | 299 - \"a\" \"Wed, 21 Oct 2015\",299 - \"b\"           | a/b",
        "commas within a text       | 299 - \"a, 299 - b\",299 - \"c\"                       | a, 299 - b/c",
        "escaped quotes             | 299 - \"annotation \\\"x\\\" is \\\\old\"              | annotation \"x\" is \\old",
        "the same twice             | 299 - \"a\", 299 - \"a\"                              | a",
        "another code               | 199 - \"a\", 299 - \"b\", 214 - \"c\"                 | b",
        "without an agent           | 299 \"a\"                                             | ",
        "without quotes             | 299 - a                                               | ",
        "quotes that do not end     | 299 - \"a                                             | ",
        "an escape at the end       | 299 - \"a\\                                           | ",
        "rubbish before a good one  | rubbish, 299 - \"a\"                                  | a",
        "an empty text              | 299 - \"\", 299 - \" \"                               | ",
        "nothing                    | ,,  ,                                                 | ",
      })
  void texts_are_read(String sentence, String header, String texts) {
    assertThat(String.join("/", WarningHeader.texts(List.of(header))))
        .isEqualTo(texts == null ? "" : texts);
  }

  @Test
  void several_headers_are_read_in_their_order() {
    assertThat(WarningHeader.texts(List.of("299 - \"b\"", "299 - \"a\"", "299 - \"b\"")))
        .containsExactly("b", "a");
  }

  @Test
  void control_characters_are_blanks_and_utf_8_is_understood() {
    String sent =
        new String(
            "299 - \"gr\u00fc\u00dfe \u2028 x\u001b[31m\u0085\""
                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
            java.nio.charset.StandardCharsets.ISO_8859_1);

    assertThat(WarningHeader.texts(List.of(sent))).containsExactly("gr\u00fc\u00dfe   x [31m");
    assertThat(WarningHeader.texts(List.of("299 - \"gr\u00fc\u00dfe\"")))
        .containsExactly("gr\u00fc\u00dfe");
  }

  @Test
  void length_and_number_are_bounded() {
    assertThat(WarningHeader.texts(List.of("299 - \"" + "x".repeat(100_000) + "\"")).getFirst())
        .hasSizeLessThan(5_000)
        .endsWith("…");
    List<String> many = IntStream.range(0, 1_000).mapToObj(i -> "299 - \"w" + i + "\"").toList();
    assertThat(WarningHeader.texts(many)).hasSize(WarningHeader.MOST);
    assertThat(WarningHeader.texts(List.of(String.join(",", many)))).hasSize(WarningHeader.MOST);
  }
}
