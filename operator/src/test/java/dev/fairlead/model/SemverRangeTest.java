package dev.fairlead.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SemverRangeTest {
  private static SemVersion version(String tag) {
    return SemVersion.ofTag(tag).orElseThrow();
  }

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          v1.9.9        ; >=1.0.0 <2.0.0      ; true
          v2.0.0        ; >=1.0.0 <2.0.0      ; false
          1.4.0         ; 1.x                 ; true
          1.2.9         ; ~1.2                ; true
          1.3.0         ; ~1.2                ; false
          1.9.0         ; ^1.2.3              ; true
          0.3.0         ; ^0.2.3              ; false
          2.3.7         ; 1.2 - 2.3           ; true
          2.4.0         ; 1.2 - 2.3           ; false
          3.0.0         ; 1.x, !=1.2.3 || 3.x ; true
          2.0.0-rc.1    ; *                   ; false
          2.0.0-rc.1    ; <3 || >=2.0.0-0     ; true
          1.2.3+build.7 ; 1.2.3               ; true
          """)
  void a_range_is_read_as_people_know_it(String version, String range, boolean in) {
    assertThat(SemverRange.parse(range).contains(version(version))).isEqualTo(in);
  }

  @Test
  void all_ranges_are_read_as_the_library_of_flux_and_helm_reads_them() throws IOException {
    List<String> lines;
    try (InputStream table =
        requireNonNull(getClass().getResourceAsStream("/semver/masterminds.tsv"))) {
      lines = new String(table.readAllBytes(), UTF_8).lines().skip(1).toList();
    }
    List<SemVersion> versions =
        List.of(lines.getFirst().split(" ", -1)).stream().map(SemverRangeTest::version).toList();

    List<String> ours = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String quoted = line.substring(0, line.indexOf("\"\t") + 1);
      String text = quoted.substring(1, quoted.length() - 1).translateEscapes();
      ours.add(quoted + "\t" + row(text, versions));
    }

    assertThat(ours)
        .hasSizeGreaterThan(700)
        .containsExactlyElementsOf(lines.subList(1, lines.size()));
  }

  private static String row(String range, List<SemVersion> versions) {
    try {
      SemverRange read = SemverRange.parse(range);
      var row = new StringBuilder();
      versions.forEach(v -> row.append(read.contains(v) ? '+' : '.'));
      return row.toString();
    } catch (IllegalArgumentException e) {
      return "!";
    }
  }

  @Test
  void a_long_text_that_is_no_range_is_refused_at_once() {
    for (String part : List.of("1  ", "1 - 2, ", "1.x||", ">= 1 , ", "1-a.", "  ")) {
      String text = part.repeat(SemverRange.MAX_LENGTH / part.length() - 1) + "!";
      assertThatThrownBy(() -> SemverRange.parse(text))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> SemverRange.parse("1" + " || 1".repeat(60)))
        .as("longer than the CRD allows")
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tags_are_ordered_by_precedence_and_then_by_their_build() {
    List<String> ascending =
        List.of(
            "v0.9.10",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-beta.99999999999999999999999",
            "1.0.0-rc.1",
            "v1.0.0",
            "1.0.0+9",
            "1.0.0+10",
            "1.0.0+10.1",
            "1.0.0+a",
            "1.0.1",
            "1.10.0",
            "2.0.0");

    List<String> sorted =
        ascending.reversed().stream()
            .sorted((a, b) -> SemVersion.ORDER.compare(version(a), version(b)))
            .toList();

    assertThat(sorted).isEqualTo(ascending);
    assertThat(SemVersion.PRECEDENCE.compare(version("1.0.0+a"), version("v1.0.0"))).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v",
        "1",
        "v1.2",
        "1.2.3.4",
        "01.2.3",
        "1.2.03",
        "1.2.3-01",
        "1.2.3-",
        "1.2.3+",
        "V1.2.3",
        "vv1.2.3",
        "release-1.2.3",
        "1.2.x",
        "1.2.3 ",
        "app/v1.2.3",
        "1000000000000000000.0.0"
      })
  void a_tag_that_is_no_semantic_version_is_none(String tag) {
    assertThat(SemVersion.ofTag(tag)).isEqualTo(Optional.empty());
  }
}
