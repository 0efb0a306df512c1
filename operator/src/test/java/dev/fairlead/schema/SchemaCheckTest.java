package dev.fairlead.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.schema.SchemaTable.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("the check of a manifest by its schema says of")
class SchemaCheckTest {
  private static final Path RESOURCES = Path.of("src", "test", "resources");
  private static final SchemaCompiler COMPILER = new SchemaCompiler();
  private static final SchemaDocument SERVED = served();
  private static final KindSchema GADGET = gadget();

  private static SchemaDocument served() {
    try {
      Json.Obj document =
          (Json.Obj)
              JsonReader.parse(
                  Files.readAllBytes(RESOURCES.resolve("openapi").resolve("excerpt.json")));
      SchemaDocument.Reader reader = COMPILER.document();
      document
          .object("components")
          .flatMap(c -> c.object("schemas"))
          .orElseThrow()
          .members()
          .forEach((name, schema) -> reader.add(name, (Json.Obj) schema));
      return reader.done();
    } catch (IOException e) {
      throw new AssertionError("the excerpt cannot be read", e);
    }
  }

  private static KindSchema gadget() {
    try {
      byte[] file = Files.readAllBytes(RESOURCES.resolve("schema").resolve("gadgets.yaml"));
      return COMPILER
          .definition(read(new String(file, UTF_8)).getFirst().body(), SERVED)
          .getFirst();
    } catch (IOException e) {
      throw new AssertionError("the definition cannot be read", e);
    }
  }

  private static List<Manifest> read(String file) {
    ManifestReader.Parsed parsed =
        new ManifestReader(Limits.DEFAULT).read("f.yaml", file.getBytes(UTF_8));
    assertThat(parsed.findings()).isEmpty();
    return parsed.manifests();
  }

  static Stream<Row> rows() {
    return SchemaTable.ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void a_built_in_kind(Row row) {
    Manifest manifest = read(row.manifest()).getFirst();
    KindSchema schema = SERVED.find(manifest.gvk()).orElseThrow();

    assertThat(schema.custom()).isFalse();
    assertThat(told(manifest, schema)).isEqualTo(row.expected());
  }

  static Stream<Row> customRows() {
    return DefinitionTable.ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("customRows")
  void a_custom_kind(Row row) {
    Manifest manifest = read(row.manifest()).getFirst();

    assertThat(GADGET.gvk()).isEqualTo(manifest.gvk());
    assertThat(told(manifest, GADGET)).isEqualTo(row.expected());
  }

  private static String told(Manifest manifest, KindSchema schema) {
    return SchemaCheck.check(manifest.body(), schema).stream()
        .map(f ->
            f.line() + ":" + f.column() + ": " + (f.malformed() ? "" : "? ") + f.message() + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void the_same_thousand_mistakes_no_more_than_so_many_times() {
    String manifest =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
            + "  k%d: 5\n".repeat(1_000).formatted((Object[]) numbers());

    List<FieldFinding> findings =
        SchemaCheck.check(
            read(manifest).getFirst().body(),
            SERVED.find(GroupVersionKind.of("v1", "ConfigMap")).orElseThrow());

    assertThat(findings).hasSize(Findings.MAX);
    assertThat(findings.getFirst().message())
        .isEqualTo("data[k0]: expected a string, got 5; quote it");
  }

  private static Integer[] numbers() {
    return Stream.iterate(0, i -> i + 1).limit(1_000).toArray(Integer[]::new);
  }

  @Test
  void what_a_pattern_takes_too_long_for_is_left_to_the_server() {
    BoundedPattern evil = BoundedPattern.of("^(.*a){12}$").orElseThrow();
    BoundedPattern deep = BoundedPattern.of("^(a|b)*$").orElseThrow();

    assertThat(evil.mayMatch("a".repeat(40) + "!")).isTrue();
    assertThat(deep.mayMatch("ab".repeat(200))).isTrue();
    assertThat(deep.mayMatch("ab".repeat(200) + "c")).isFalse();
    assertThat(evil.mayMatch("b")).isFalse();
    assertThat(BoundedPattern.of("(?P<go>a)")).isEmpty();
  }
}
