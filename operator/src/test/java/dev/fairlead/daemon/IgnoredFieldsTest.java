package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.ObjectKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IgnoredFieldsTest {
  private static final ObjectKey SERVICE = new ObjectKey("", "Service", "corpus", "web");
  private static final ObjectKey JOB = new ObjectKey("batch", "Job", "corpus", "web");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a field | /a/b | {\"a\":{\"b\":1,\"c\":2}} | {} | {\"a\":{\"c\":2}}",
        "a map that is empty then | /a/b | {\"a\":{\"b\":1},\"c\":2} | {} | {\"c\":2}",
        "and the one around it | /a/b/c | {\"a\":{\"b\":{\"c\":1}}} | {} | {}",
        "no map that was empty before | /a/b | {\"a\":{}} | {} | {\"a\":{}}",
        "a whole map | /a | {\"a\":{\"b\":1},\"c\":2} | {} | {\"c\":2}",
        "a key with a slash and a tilde | /a~1~0b | {\"a/~b\":1,\"c\":2} | {} | {\"c\":2}",
        "a field of every item | /a/*/b | {\"a\":[{\"b\":1,\"c\":1},{\"b\":2}]} | {} "
            + "| {\"a\":[{\"c\":1},{}]}",
        "a field of one item | /a/1/b | {\"a\":[{\"b\":1},{\"b\":2,\"c\":1}]} | {} "
            + "| {\"a\":[{\"b\":1},{\"c\":1}]}",
        "a field of every member | /a/*/b | {\"a\":{\"x\":{\"b\":1,\"c\":1}}} | {} "
            + "| {\"a\":{\"x\":{\"c\":1}}}",
        "not what only begins like it | /a/b | {\"a\":{\"bc\":1}} | {} | {\"a\":{\"bc\":1}}",
        "nothing below a scalar | /a/b | {\"a\":\"b\"} | {} | {\"a\":\"b\"}",
        "a map that is empty | /a/b{} | {\"a\":{\"b\":{},\"c\":1}} | {} | {\"a\":{\"c\":1}}",
        "but not one that is not | /a/b{} | {\"a\":{\"b\":{\"d\":1}}} | {} | {\"a\":{\"b\":{\"d\":1}}}",
        "nor an empty list | /a/b{} | {\"a\":{\"b\":[]}} | {} | {\"a\":{\"b\":[]}}",
        "a field that the manifest leaves open | ?/a/b | {\"a\":{\"b\":1,\"c\":1}} "
            + "| {\"a\":{\"c\":1}} | {\"a\":{\"c\":1}}",
        "or writes as null | ?/a/b | {\"a\":{\"b\":1,\"c\":1}} | {\"a\":{\"b\":null}} "
            + "| {\"a\":{\"c\":1}}",
        "but not one that it sets | ?/a/b | {\"a\":{\"b\":1,\"c\":1}} | {\"a\":{\"b\":2}} "
            + "| {\"a\":{\"b\":1,\"c\":1}}",
        "item by item | ?/a/*/b | {\"a\":[{\"b\":1,\"c\":1},{\"b\":2,\"c\":2}]} "
            + "| {\"a\":[{\"b\":9}]} | {\"a\":[{\"b\":1,\"c\":1},{\"c\":2}]}",
      })
  void takes_out(String what, String pointer, String live, String manifest, String left) {
    IgnoredFields ignored = IgnoredFields.parse("Service " + pointer + " for a reason");

    assertThat(ignored.strip(SERVICE, SyncClient.parse(live), SyncClient.parse(manifest)))
        .as(what)
        .isEqualTo(SyncClient.parse(left));
    assertThat(ignored.unused())
        .as("used when something is gone")
        .isEqualTo(live.equals(left) ? List.of("Service " + pointer) : List.of());
  }

  @Test
  void a_line_holds_for_its_kind_and_a_star_for_all() {
    IgnoredFields ignored =
        IgnoredFields.parse("# a comment\n\nJob.batch /a reason\n*  /b  another reason\n");
    String live = "{\"a\":1,\"b\":2,\"c\":3}";

    assertThat(ignored.strip(SERVICE, SyncClient.parse(live), SyncClient.parse("{}")).toJson())
        .isEqualTo("{\"a\":1,\"c\":3}");
    assertThat(ignored.unused()).containsExactly("Job.batch /a");
    assertThat(ignored.strip(JOB, SyncClient.parse(live), SyncClient.parse("{}")).toJson())
        .isEqualTo("{\"c\":3}");
    assertThat(ignored.unused()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Service /spec/clusterIP",
        "Service spec/clusterIP no slash before it",
        "Service",
        "/spec/clusterIP no kind",
        "Service /a reason\nService ?/a another",
      })
  void refuses_a_line_that_says_too_little_or_what_was_said(String list) {
    assertThatThrownBy(() -> IgnoredFields.parse(list))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
