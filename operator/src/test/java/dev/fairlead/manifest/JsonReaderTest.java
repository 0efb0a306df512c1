package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fairlead.model.Json;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("answers of the API server are read without places")
final class JsonReaderTest {
  @Test
  void aValueComesBackAsItWasWritten() throws Exception {
    String json =
        "{\"a\":[1,-2,0.5,true,false,null,\"\\u00e9\\n\\\"\",[],{}],\"b\":{\"c\":\"\"},\"\":1}";

    Json value = JsonReader.parse(json.getBytes(UTF_8));

    assertThat(value.toJson()).isEqualTo(json.replace("\\u00e9", "é"));
    assertThat(value.line()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "-0, 0",
    "1.0, 1",
    "1e3, 1000",
    "1E21, 1e+21",
    "1e-7, 1e-7",
    "9223372036854775807, 9223372036854775807",
    "9223372036854775808, 9223372036854776000",
    "0.1, 0.1",
    "100000000000000000000000, 1e+23"
  })
  void numbersAreThoseThatKubectlWouldSend(String written, String read) throws Exception {
    assertThat(JsonReader.parse(written.getBytes(UTF_8)).toJson()).isEqualTo(read);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | no JSON at all",
        "{\"a\":1 | invalid JSON: it ends too early",
        "{\"a\":secret} | invalid JSON: a value is missing or misspelled",
        "{\"a\" 1} | invalid JSON: a colon is missing",
        "{} {} | more than one JSON value"
      })
  void whatIsNoJsonIsToldWithoutQuotingIt(String text, String message) {
    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> JsonReader.parse(text.getBytes(UTF_8)))
        .withMessage(message);
  }

  @Test
  void depthIsBounded() {
    byte[] deep = ("[".repeat(20_000) + "]".repeat(20_000)).getBytes(UTF_8);

    assertThatExceptionOfType(MalformedJson.class)
        .isThrownBy(() -> JsonReader.parse(deep))
        .withMessage("the JSON is nested deeper than 1000 levels");
  }
}
