package dev.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What holds for the CRD as it is checked in, and for its page in the documentation. */
final class CrdTest {
  private static final Path CRD = Path.of("../manifests/crd.yaml");
  private static final Path PAGE = Path.of("../docs/gitsync.md");

  /** The first cell of a row, and the rest of the row. */
  private static final Pattern ROW =
      Pattern.compile("^\\| `((?:spec|status)\\.[^`]+)` \\| (.*) \\|$");

  @Test
  void everyFieldIsDescribed() throws IOException {
    assertThat(fields()).isNotEmpty();
    fields()
        .forEach((field, schema) ->
            assertThat(schema.string("description").orElse("")).as(field).endsWith("."));
  }

  @Test
  void everyFieldIsInTheDocumentationAndNoOther() throws IOException {
    assertThat(rows().keySet()).containsExactlyInAnyOrderElementsOf(fields().keySet());
  }

  @Test
  void theDocumentationSaysTheDefaults() throws IOException {
    Map<String, String> rows = rows();
    fields()
        .forEach((field, schema) ->
            schema
                .get("default")
                .ifPresent(value -> {
                  String text = value instanceof Json.Str s ? s.value() : value.toJson();
                  assertThat(rows.getOrDefault(field, ""))
                      .as(field)
                      .contains(" | `" + text + "` |");
                }));
  }

  @Test
  void theDocumentationSaysEveryBoundOfLength() throws IOException {
    Map<String, String> rows = rows();
    fields()
        .forEach((field, schema) -> {
          // Bounded more tightly by what it must look like.
          boolean tighter =
              List.of("spec.ref.commit", "spec.ref.tag", "spec.defaultNamespace").contains(field)
                  || schema.integer("maxLength").equals(Optional.of(20L));
          if (schema.get("maxLength").isPresent() && !tighter) {
            assertThat(rows.getOrDefault(field, ""))
                .as(field)
                .contains("at most " + schema.integer("maxLength").orElseThrow() + " characters");
          }
        });
  }

  @Test
  void theExamplesOfTheDocumentationAreValid() throws IOException {
    Matcher example =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    List<SyncReading> readings = new ArrayList<>();
    while (example.find()) {
      readings.add(GitSyncs.read(Trees.object(example.group(1))));
    }
    assertThat(readings).hasSize(3).allMatch(SyncReading.Valid.class::isInstance);
  }

  @Test
  void noRuleIsSaidTwice() throws IOException {
    fields()
        .forEach((field, schema) ->
            assertThat(schema.items("x-kubernetes-validations")).as(field).doesNotHaveDuplicates());
  }

  private static Map<String, String> rows() throws IOException {
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(rows.put(row.group(1), row.group(2))).as("twice: " + line).isNull();
      }
    }
    return rows;
  }

  private static Map<String, Json.Obj> fields() throws IOException {
    Json.Obj spec = Trees.object(Files.readString(CRD)).object("spec").orElseThrow();
    Json.Obj schema =
        ((Json.Obj) spec.items("versions").getFirst())
            .object("schema")
            .flatMap(s -> s.object("openAPIV3Schema"))
            .orElseThrow();
    Map<String, Json.Obj> fields = new TreeMap<>();
    collect("", schema, fields);
    fields.remove("spec");
    fields.remove("status");
    return fields;
  }

  private static void collect(String prefix, Json.Obj schema, Map<String, Json.Obj> fields) {
    schema
        .object("properties")
        .orElse(Json.Obj.empty())
        .members()
        .forEach((name, value) -> {
          String field = prefix + name;
          fields.put(field, (Json.Obj) value);
          collect(field + ".", (Json.Obj) value, fields);
          ((Json.Obj) value).object("items").ifPresent(i -> collect(field + "[].", i, fields));
        });
  }
}
