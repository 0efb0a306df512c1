package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourceVersionsTest {
  @ParameterizedTest(name = "{0} against {1}: {2}")
  @CsvSource({
    "9, 10, -1",
    "10, 9, 1",
    "10, 10, 0",
    "0, 1, -1",
    "18446744073709551616, 18446744073709551615, 1",
    "99999999999999999999, 100000000000000000000, -1",
    "7, odd, -1",
    "odd, 7, 1",
    "07, 7, 1",
    "'', 7, 1",
  })
  void versions_compare_as_numbers_of_any_length(String a, String b, int expected) {
    assertThat(Integer.signum(ResourceVersions.compare(a, b))).isEqualTo(expected);
    assertThat(Integer.signum(ResourceVersions.compare(b, a))).isEqualTo(-expected);
    assertThat(ResourceVersions.newer(a, b)).isEqualTo(expected > 0);
  }
}
