package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class YamlWriterTest {
  private static final List<String> WORDS =
      List.of(
          "yes",
          "no",
          "on",
          "y",
          "null",
          "~",
          "",
          " ",
          "1",
          "0x1f",
          "1e3",
          "1_000",
          "1:30",
          "2024-01-01",
          ".inf",
          ".nan",
          "=",
          "<<",
          "-",
          "--- a",
          "...",
          "a: b",
          "a #b",
          "#",
          "&a",
          "*a",
          "!x",
          "|",
          ">",
          "%",
          "@",
          "`",
          "'",
          "\"",
          "{",
          "[a]",
          ", ",
          "a\nb",
          "a\nb\n",
          "a\nb\n\n",
          "\na",
          " a\nb",
          "a\n\n b\n",
          "tab\there",
          "\ttab",
          "a\n\t\nb",
          "cr\r\n",
          "\u0000",
          "\u0085",
          "\u2028",
          "\ufeff",
          "🚀",
          "é",
          "a ",
          "?",
          "? a",
          "0o17",
          "+1",
          "-1",
          "1.",
          ".5",
          "True",
          "NULL",
          "http://x:80/y?z#a",
          "\\",
          "a\\nb",
          "\ud800",
          "k: |\n  x",
          "- a\n- b",
          "a\n---\nb",
          "a\n...\nb\n",
          "\n",
          "\n\n",
          "x\n ",
          "ENV=${A:-b}",
          "x".repeat(700));

  @Test
  void what_is_written_reads_as_the_same() {
    Random random = new Random(Seed.of(YamlWriterTest.class));
    for (int i = 0; i < Seed.cases(3_000); i++) {
      Json value = object(random, 0);

      String yaml = YamlWriter.write(value);

      List<Finding> findings = new ArrayList<>();
      assertThat(ConfigDocument.read("x", yaml.getBytes(UTF_8), findings))
          .as("%s%n%s", yaml, findings)
          .contains((Json.Obj) value);
    }
  }

  private static Json.Obj object(Random random, int depth) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      members.put(text(random), value(random, depth + 1));
    }
    return Json.of(members);
  }

  private static Json value(Random random, int depth) {
    return switch (random.nextInt(depth > 4 ? 4 : 6)) {
      case 0 -> Json.of(random.nextBoolean());
      case 1 -> Json.of(random.nextLong());
      case 2 -> Json.Null.NULL;
      case 3 -> Json.of(text(random));
      case 4 -> object(random, depth);
      default -> {
        List<Json> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(random, depth + 1));
        }
        yield Json.of(items);
      }
    };
  }

  private static String text(Random random) {
    String word = WORDS.get(random.nextInt(WORDS.size()));
    String text = random.nextInt(3) == 0 ? word + WORDS.get(random.nextInt(WORDS.size())) : word;
    // Half of a character is no text, and the server would not take it either.
    return text.replace("\ud800", "?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"web", "apps/v1", "ghcr.io/me/site", "a b", "100m", "/var/run", "it-is_fine"})
  void plain_words_stay_plain(String word) {
    assertThat(YamlWriter.write(Json.of(Map.of("key", Json.of(word)))))
        .isEqualTo("key: " + word + "\n");
  }

  @Test
  void it_reads_as_people_write_it() {
    Map<String, Json> container = new LinkedHashMap<>();
    container.put("name", Json.of("c"));
    container.put("args", Json.of(List.of(Json.of("-x"), Json.of("80"))));
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("empty", Json.Obj.empty());
    body.put("containers", Json.of(List.of(Json.of(container))));
    body.put("script", Json.of("one\ntwo\n"));

    assertThat(YamlWriter.write(Json.of(body)))
        .isEqualTo(
            """
            empty: {}
            containers:
            - name: c
              args:
              - "-x"
              - "80"
            script: |
              one
              two
            """);
  }
}
