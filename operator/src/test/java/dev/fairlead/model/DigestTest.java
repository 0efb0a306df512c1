package dev.fairlead.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  /** The first half of what {@code printf abc | sha256sum} says. */
  private static final String ABC = "ba7816bf8f01cfea414140de5dae2223";

  @Test
  void isTheFirstHalfOfASha256() {
    assertThat(Digest.of("abc").toString()).isEqualTo(ABC);
    assertThat(Digest.of("abc".getBytes(UTF_8))).isEqualTo(Digest.of("abc"));
    assertThat(Digest.of("abd")).isNotEqualTo(Digest.of("abc"));
  }

  @ParameterizedTest
  @ValueSource(strings = {ABC, "00000000000000000000000000000001"})
  void isReadAsItIsWritten(String hex) {
    assertThat(Digest.parse(hex).toString()).isEqualTo(hex);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ba78", "ba7816bf8f01cfea414140de5dae22zz", ABC + "00"})
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Digest.parse(text));
  }
}
