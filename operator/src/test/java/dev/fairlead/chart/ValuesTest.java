package dev.fairlead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.manifest.MalformedJson;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Every value of the chart has a default, a schema with a description, and a row in the docs. */
final class ValuesTest {
  private static final Path CHART = Path.of("..", "charts", "fairlead");
  private static final Pattern ROW = Pattern.compile("\\| `([a-zA-Z.]+)` \\| `(.*?)` \\| (.+) \\|");

  /** Whose members are the pod's own, and not values of ours. */
  private static final Set<String> WHOLE = Set.of("resources");

  @Test
  void every_value_is_documented_with_its_default() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "values.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertThat(documented.put(row.group(1), row.group(2))).as(row.group(1)).isNull();
      }
    }

    assertThat(documented).isEqualTo(defaults());
  }

  @Test
  void every_value_has_a_schema_that_says_what_it_is_and_there_are_no_others() throws IOException {
    Json.Obj schema = json(CHART.resolve("values.schema.json"));
    Map<String, Json.Obj> leaves = new TreeMap<>();

    collect("", schema, leaves);

    // Helm's own.
    assertThat(leaves.remove("global")).isNotNull();
    assertThat(leaves.keySet()).isEqualTo(defaults().keySet());
    leaves.forEach(
        (name, leaf) -> assertThat(leaf.string("description").orElse("")).as(name).isNotBlank());
  }

  @Test
  void the_versions_are_those_of_the_build_and_the_definition_is_the_same() throws IOException {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    Matcher version = Pattern.compile("<version>(.*?)</version>").matcher(pom);
    assertThat(version.find()).isTrue();

    assertThat(Files.readString(CHART.resolve("Chart.yaml")))
        .contains("\nversion: " + version.group(1) + "\n")
        .contains("\nappVersion: " + version.group(1) + "\n");
    assertThat(CHART.resolve("crd.yaml"))
        .as("run 'make manifests'")
        .hasSameTextualContentAs(Path.of("..", "manifests", "crd.yaml"));
  }

  /** Every value by its path, its default as JSON. */
  private static Map<String, String> defaults() throws IOException {
    Object values =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(CHART.resolve("values.yaml")));
    Map<String, String> leaves = new TreeMap<>();
    flatten("", values, leaves);
    return leaves;
  }

  private static void flatten(String path, Object value, Map<String, String> leaves) {
    if (value instanceof Map<?, ?> map && !map.isEmpty() && !WHOLE.contains(path)) {
      map.forEach((name, member) ->
          flatten(path.isEmpty() ? name.toString() : path + "." + name, member, leaves));
    } else {
      leaves.put(path, tree(value).toJson());
    }
  }

  private static Json tree(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Json> members = new TreeMap<>();
        map.forEach((name, member) -> members.put(name.toString(), tree(member)));
        yield Json.of(members);
      }
      case List<?> list -> Json.of(list.stream().map(ValuesTest::tree).toList());
      case Boolean bool -> Json.of(bool);
      case Integer number -> Json.of(number);
      case String text -> Json.of(text);
      default -> throw new AssertionError("a default of another type: " + value);
    };
  }

  private static void collect(String path, Json.Obj schema, Map<String, Json.Obj> leaves) {
    Json.Obj properties = schema.object("properties").orElse(Json.Obj.empty());
    if (properties.members().isEmpty()) {
      leaves.put(path, schema);
      return;
    }
    assertThat(schema.bool("additionalProperties"))
        .as("others than those of " + path)
        .contains(false);
    properties
        .members()
        .forEach((name, member) ->
            collect(path.isEmpty() ? name : path + "." + name, (Json.Obj) member, leaves));
  }

  private static Json.Obj json(Path file) throws IOException {
    try {
      return (Json.Obj) JsonReader.parse(Files.readAllBytes(file));
    } catch (MalformedJson e) {
      throw new AssertionError(file + " is no JSON", e);
    }
  }
}
