package dev.fairlead.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonPointerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/spec/replicas",
        "/metadata/annotations/example.org~1owner",
        "/data/a~0b",
        "/data/~01",
        "/spec/template/spec/containers/0/image"
      })
  void a_pointer_reads_as_it_was_written(String text) {
    assertThat(JsonPointer.parse(text)).get().hasToString(text);
  }

  @Test
  void escapes_stand_for_slash_and_tilde() {
    assertThat(JsonPointer.parse("/a~1b/~0~1/~01").orElseThrow().tokens())
        .containsExactly("a/b", "~/", "~1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "spec/replicas", "/spec/", "/spec//x", "/a~2", "/a~", "$.spec"})
  void anything_else_is_none(String text) {
    assertThat(JsonPointer.parse(text)).isEmpty();
  }

  @Test
  void a_position_in_a_list_has_no_leading_zero() {
    assertThat(JsonPointer.index("0")).isZero();
    assertThat(JsonPointer.index("12")).isEqualTo(12);
    assertThat(JsonPointer.index("01")).isNegative();
    assertThat(JsonPointer.index("-")).isNegative();
    assertThat(JsonPointer.index("web")).isNegative();
  }
}
