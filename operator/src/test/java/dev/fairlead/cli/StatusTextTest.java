package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.ConfigDocument;
import dev.fairlead.manifest.Finding;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is printed of GitSyncs: each directory of {@code cli/status} is a case, {@code in.yaml} has
 * the GitSyncs and {@code out.txt} what is printed of them, in how many columns, and how they were
 * asked for.
 */
final class StatusTextTest {
  private static final Path CASES = Path.of("src", "test", "resources", "cli", "status");
  private static final Instant NOW = Instant.parse("2026-11-23T10:04:00Z");

  static List<String> cases() throws IOException {
    try (Stream<Path> directories = Files.list(CASES)) {
      return directories.map(d -> d.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void is_printed(String name) throws IOException {
    Path directory = CASES.resolve(name);
    Json.Obj in = read(directory.resolve("in.yaml"));
    String printed = print(in, Style.PLAIN);
    Path out = directory.resolve("out.txt");
    if (Boolean.getBoolean("fairlead.golden")) {
      Files.writeString(out, printed);
    }

    assertThat(printed).isEqualTo(Files.readString(out));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void colours_change_no_letter_and_no_column(String name) throws IOException {
    Json.Obj in = read(CASES.resolve(name).resolve("in.yaml"));

    String coloured = print(in, Style.COLOURED);

    assertThat(coloured.replaceAll("\u001b\\[[0-9]+m", "")).isEqualTo(print(in, Style.PLAIN));
    assertThat(coloured).contains("\u001b[");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void nothing_that_others_wrote_moves_the_cursor(String name) throws IOException {
    String printed = print(read(CASES.resolve(name).resolve("in.yaml")), Style.PLAIN);

    assertThat(printed.chars().filter(c -> c != '\n').noneMatch(Character::isISOControl)).isTrue();
  }

  @Test
  void there_are_cases() throws IOException {
    assertThat(cases()).hasSizeGreaterThan(10);
  }

  private static String print(Json.Obj in, Style style) {
    Json.Obj asked = in.object("asked").orElse(Json.Obj.empty());
    List<SyncItem> syncs = in.items("items").stream().map(i -> SyncItem.of((Json.Obj) i)).toList();
    List<String> lines =
        new StatusText(
                new StatusTable.Shape(
                    asked.bool("everywhere").orElse(false), asked.bool("wide").orElse(false)),
                style,
                asked.integer("columns").orElse(0L).intValue(),
                NOW,
                namespace -> namespace.equals("fairlead-system") ? "" : " -n " + namespace)
            .lines(syncs, asked.bool("single").orElse(false));
    return String.join("", lines.stream().map(l -> l + "\n").toList());
  }

  private static Json.Obj read(Path file) throws IOException {
    List<Finding> findings = new ArrayList<>();
    Json.Obj read =
        ConfigDocument.read(file.toString(), Files.readAllBytes(file), findings)
            .orElse(Json.Obj.empty());
    assertThat(findings).isEmpty();
    return read;
  }
}
