package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.ManifestReader.Parsed;
import dev.fairlead.model.Json;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("a file becomes manifests, or findings that name the line")
final class ManifestReaderTest {
  private static final String OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
  private static final Limits SMALL = new Limits(100_000, 3, 3, 200, 1_000, 10 << 20);

  private final ManifestReader reader = new ManifestReader(Limits.DEFAULT);

  @ParameterizedTest
  @CsvSource({
    "a.yaml, true",
    "a/b.yml, true",
    "a.json, true",
    "a/Kustomization, true",
    "a.YAML, false",
    "README.md, false",
    "yaml, false",
    "a.yaml.bak, false"
  })
  void onlyThreeEndingsAreRead(String path, boolean read) {
    assertThat(ManifestReader.reads(path)).isEqualTo(read);
  }

  @Test
  void documentsAndListsBecomeObjectsWithTheirPlaces() {
    Parsed parsed =
        read(
            """
            # all of it
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a, namespace: one}
            ---
            ---
            apiVersion: v1
            kind: List
            items:
            - apiVersion: apps/v1
              kind: Deployment
              metadata:
                name: b
            - {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: c}}]}
            ---
            apiVersion: v1
            kind: ConfigMapList
            items:
            - metadata: {name: d}
            """);

    assertThat(parsed.findings()).isEmpty();
    assertThat(parsed.manifests())
        .extracting(m ->
            m.key() + " " + m.gvk().apiVersion() + " " + m.origin().document() + " " + m.origin())
        .containsExactly(
            "ConfigMap one/a v1 0 f.yaml:3",
            "Deployment b apps/v1 2 f.yaml:11",
            "Service c v1 2 f.yaml:15",
            "ConfigMap d v1 3 f.yaml:20");
    assertThat(parsed.manifests().getLast().body().toJson())
        .isEqualTo("{\"metadata\":{\"name\":\"d\"},\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\"}");
  }

  @Test
  void jsonIsReadWithItsLines() {
    String json =
        """
        {
          "apiVersion": "v1", "kind": "ConfigMap",
          "metadata": {"name": "a"},
          "data": {
            "x": "1"
          }
        }
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b"}}
        """;

    Parsed parsed = reader.read("f.json", json.getBytes(UTF_8));

    assertThat(parsed.findings()).isEmpty();
    assertThat(parsed.manifests())
        .extracting(m -> m.key() + " " + m.origin().document() + " " + m.origin())
        .containsExactly("ConfigMap a 0 f.json:1", "Secret b 1 f.json:8");
    Json.Obj data = parsed.manifests().getFirst().body().object("data").orElseThrow();
    assertThat(data.line()).isEqualTo(4);
    assertThat(data.get("x").orElseThrow().line()).isEqualTo(5);
    assertThat(data.get("x").orElseThrow().column()).isEqualTo(5);
  }

  @Test
  void bracesMayAlsoBeginYaml() {
    Parsed parsed = read("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n");

    assertThat(parsed.findings()).isEmpty();
    assertThat(parsed.manifests()).hasSize(1);
  }

  @Test
  void byteOrderMarksAreUnderstoodAsKubectlDoes() {
    String text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    assertThat(read("\uFEFF" + text).manifests()).hasSize(1);
    assertThat(reader.read("f.yaml", ("\uFEFF" + text).getBytes(UTF_16LE)).manifests()).hasSize(1);
  }

  /** A file and all that is to be said about it. */
  record Fault(String title, String file, String text, List<String> findings) {
    @Override
    public String toString() {
      return title;
    }
  }

  static Stream<Fault> faults() {
    return FAULTS.stream();
  }

  private static final List<Fault> FAULTS =
      List.of(
          fault(
              "tabs", "a:\n\tb: 1\n", "f.yaml:2: invalid YAML: a tab where only spaces may indent"),
          fault(
              "a key that is set twice",
              OBJECT + "data:\n  a: x\n  b: x\n  a: y\n  b: y\n",
              "f.yaml:8: key \"a\" is already set in line 6",
              "f.yaml:9: key \"b\" is already set in line 7"),
          fault(
              "a key that is set twice in JSON",
              "f.json",
              "{\"apiVersion\": \"v1\",\n\"kind\": \"A\",\n\"kind\": \"B\"}",
              "f.json:3: key \"kind\" is already set in line 2"),
          fault(
              "no kind",
              "apiVersion: v1\nmetadata: {name: a}\n",
              "f.yaml:1: is no Kubernetes object: it has no kind"),
          fault(
              "a file of another sort",
              "\nimage:\n  tag: x\n",
              "f.yaml:2: is no Kubernetes object: it has no apiVersion and no kind; move files of"
                  + " other sorts out of the path"),
          fault(
              "a list of objects",
              "- apiVersion: v1\n",
              "f.yaml:1: is no Kubernetes object: a mapping with apiVersion and kind was expected,"
                  + " not a list"),
          fault(
              "a number for a version",
              "apiVersion: 1\nkind: true\n",
              "f.yaml:1: apiVersion must be a string, not a number; quote it",
              "f.yaml:2: kind must be a string, not a boolean; quote it"),
          fault(
              "too many slashes",
              "kind: A\napiVersion: a/b/c\n",
              "f.yaml:2: apiVersion must be VERSION or GROUP/VERSION"),
          fault("no metadata", "apiVersion: v1\nkind: Pod\n", "f.yaml:1: Pod has no metadata.name"),
          fault(
              "no name",
              "apiVersion: v1\nkind: Pod\nmetadata: {namespace: a}\n",
              "f.yaml:3: Pod has no metadata.name"),
          fault(
              "a name for each apply",
              "apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n",
              "f.yaml:4: Pod has a metadata.generateName, which would make a new object at each"
                  + " apply; give it a metadata.name"),
          fault(
              "names and namespaces that no kind may have",
              "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 12\n  namespace: A_b\n",
              "f.yaml:4: metadata.name must be a string, not a number; quote it",
              "f.yaml:5: metadata.namespace \"A_b\" must consist of lower case letters, digits and"
                  + " \"-\", and begin and end with a letter or digit"),
          fault(
              "a name that is too long",
              "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\n".formatted("a".repeat(254)),
              "f.yaml:4: metadata.name has 254 characters, at most 253 are allowed"),
          fault(
              "a namespace that is too long",
              "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n".formatted("a".repeat(64)),
              "f.yaml:4: metadata.name has 64 characters, at most 63 are allowed"),
          fault(
              "a path for a name",
              "apiVersion: v1\nkind: Pod\nmetadata: {name: a/b}\n",
              "f.yaml:3: metadata.name must not be \".\" or \"..\" or contain \"/\" or \"%\""),
          fault(
              "labels that are no strings",
              OBJECT + "  labels:\n    version: 1.10\n    on: true\n  annotations: [a]\n",
              "f.yaml:6: metadata.labels: the value of \"version\" must be a string, not a number;"
                  + " quote it",
              "f.yaml:7: metadata.labels: the value of \"true\" must be a string, not a boolean;"
                  + " quote it",
              "f.yaml:8: metadata.annotations must be a mapping, not a list"),
          fault(
              "an item of a list",
              "apiVersion: v1\nkind: List\nitems:\n- 12\n- kind: Pod\n",
              "f.yaml:4: items[0] is no Kubernetes object: a mapping with apiVersion and kind was"
                  + " expected, not a number",
              "f.yaml:5: items[1] is no Kubernetes object: it has no apiVersion"),
          fault(
              "everything at once",
              "kind: A\n---\na: [\n---\napiVersion: v1\nkind: Pod\n",
              "f.yaml:1: is no Kubernetes object: it has no apiVersion",
              "f.yaml:3: invalid YAML: a value is missing or begins with a character that must be"
                  + " quoted",
              "f.yaml:5: Pod has no metadata.name"),
          fault(
              "a kustomization by its name",
              "deploy/kustomization.yaml",
              "resources: [a.yaml]\n",
              "deploy/kustomization.yaml: is a kustomization, and rendering these is not supported"
                  + " yet; put the rendered objects here"),
          fault(
              "a kustomization by its kind",
              "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
              "f.yaml:1: is a kustomization, and rendering these is not supported yet; put the"
                  + " rendered objects here"),
          fault(
              "broken JSON",
              "f.json",
              "{\"apiVersion\": \"v1\",\n \"kind\": \"A\"\n \"a\": 1}\n",
              "f.json:3: invalid JSON: a comma is missing"),
          fault(
              "JSON with comments",
              "f.json",
              "{\n // a comment\n \"a\": {\"b\": 1}}\n",
              "f.json:2: invalid JSON: comments are not allowed"),
          fault(
              "a key without quotes in JSON",
              "f.json",
              "{\n a: }: 1}\n",
              "f.json:2: invalid JSON: a key in double quotes is missing here; mind a comma after"
                  + " the last member"),
          fault(
              "cut JSON",
              "f.json",
              "{\"apiVersion\": \"v1\",\n \"kind\": \"A",
              "f.json:2: invalid JSON: it ends too early"),
          fault(
              "a template",
              "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n",
              "f.yaml:4: invalid YAML: a mapping or list cannot be a key; quote braces and brackets;"
                  + " if this is a template, render it first"),
          fault(
              "ten thousand levels of brackets",
              "a: " + "[".repeat(10_000) + "]".repeat(10_000) + "\n",
              "f.yaml:1: is nested deeper than 200 levels"),
          fault(
              "twenty thousand levels of dashes",
              "- ".repeat(20_000) + "x\n",
              "f.yaml:1: is nested deeper than 200 levels"),
          fault(
              "twenty thousand levels of JSON",
              "f.json",
              "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000),
              "f.json:1: is nested deeper than 200 levels"),
          fault(
              "levels behind aliases",
              "a: &a {a: {a: {a: {a: 1}}}}\n"
                  + "b: "
                  + "{a: ".repeat(197)
                  + "*a"
                  + "}".repeat(197)
                  + "\n",
              "f.yaml:2: is nested deeper than 200 levels"),
          fault(
              "an alias bomb",
              bomb(),
              "f.yaml:6: holds more than 300000 values, counting those behind an alias as often as it"
                  + " is used"),
          fault(
              "a bomb of merges",
              mergeBomb(),
              "f.yaml:6: holds more than 300000 values, counting those behind an alias as often as it"
                  + " is used"),
          fault(
              "a control character",
              "a: 1\nb: \u0001\n",
              "f.yaml:2: holds the character U+0001, which YAML does not allow"),
          fault(
              "a NUL byte",
              "a: 1\nb: \u0000\n",
              "f.yaml:2: is binary, not text: it holds a NUL byte"));

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void faultsAreToldWithTheirLines(Fault fault) {
    Parsed parsed = reader.read(fault.file(), fault.text().getBytes(UTF_8));

    assertThat(parsed.manifests()).isEmpty();
    assertThat(parsed.findings())
        .extracting(Finding::toString)
        .containsExactlyElementsOf(fault.findings());
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    byte[] latin = "apiVersion: v1\nkind: Pod\nmetadata: {name: caf\u00e9}\n".getBytes(ISO_8859_1);

    assertThat(reader.read("f.yaml", latin).findings())
        .extracting(Finding::toString)
        .containsExactly("f.yaml:3: is not text in UTF-8: byte 0xe9 is out of place");
  }

  @Test
  void randomBytesNeverBreakTheReader() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      for (int j = 0; j < bytes.length; j++) {
        // Half of them of the characters that mean something.
        if (i % 2 == 0) {
          bytes[j] = (byte) "\n\t :-?[]{},#&*!|>'\"%@`ab1~<=\r".charAt(random.nextInt(29));
        }
      }

      Parsed parsed = reader.read(i % 3 == 0 ? "f.json" : "f.yaml", bytes);

      assertThat(parsed.manifests()).isEmpty();
      assertThat(parsed.findings())
          .allSatisfy(f -> assertThat(f.message()).doesNotContain("Exception", "null pointer"));
    }
  }

  @Test
  void everyLimitIsHeld() {
    ManifestReader small = new ManifestReader(SMALL);

    assertThat(small.read("f.yaml", new byte[100_001]).findings())
        .extracting(Finding::toString)
        .containsExactly("f.yaml: has 100001 bytes, more than the limit of 100000 for one file");
    assertThat(small.tooLarge("f.yaml", 100_001)).isPresent();
    assertThat(small.tooLarge("f.yaml", 100_000)).isEmpty();
    assertThat(small.tooManyFiles("deploy", 3)).isEmpty();
    assertThat(small.tooManyFiles("deploy", 4).map(Finding::toString))
        .contains("deploy: holds 4 files to read, more than the limit of 3");
    assertThat(small.read("f.yaml", ("[" + "1,".repeat(1_000) + "]").getBytes(UTF_8)).findings())
        .singleElement()
        .satisfies(f -> assertThat(f.message()).startsWith("holds more than 1000 values"));
    assertThat(
            small
                .read("f.json", ("{\"a\":[" + "1,".repeat(999) + "1]}").getBytes(UTF_8))
                .findings())
        .singleElement()
        .satisfies(f -> assertThat(f.message()).startsWith("holds more than 1000 values"));
  }

  @Test
  void aSpentBudgetIsToldOnce() {
    String large = "[" + "1,".repeat(900) + "]";

    Parsed parsed =
        new ManifestReader(SMALL)
            .read("f.yaml", (large + "\n---\n" + large + "\n---\n" + large).getBytes(UTF_8));

    assertThat(parsed.findings())
        .extracting(Finding::toString)
        .contains(
            "f.yaml:3: holds more than 1000 values, counting those behind an alias as often"
                + " as it is used")
        .hasSize(2);
  }

  @Test
  void aReplacementCharacterIsACharacter() {
    Parsed parsed = read("apiVersion: v1\nkind: A\nmetadata: {name: a}\nx: '\uFFFD'\n");

    assertThat(parsed.findings()).isEmpty();
  }

  @Test
  void aFileFullOfMistakesDoesNotFlood() {
    Parsed parsed = read("a: 1\n---\n".repeat(500));

    assertThat(parsed.findings()).hasSize(101);
    assertThat(parsed.findings().getLast().message())
        .isEqualTo("and 400 more problems in this file");
  }

  private Parsed read(String yaml) {
    return reader.read("f.yaml", yaml.getBytes(UTF_8));
  }

  private static String bomb() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a%d: &a%d [%s%s]\n".formatted(i, i, (alias + ", ").repeat(9), alias));
    }
    return yaml.toString();
  }

  private static String mergeBomb() {
    StringBuilder yaml =
        new StringBuilder("a0: &a0 {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9}\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a%d: &a%d {<<: [%s%s]}\n".formatted(i, i, (alias + ", ").repeat(9), alias));
    }
    return yaml.toString();
  }

  private static Fault fault(String title, String text, String... findings) {
    return findings[0].startsWith("f.yaml")
        ? new Fault(title, "f.yaml", text, List.of(findings))
        : new Fault(title, text, findings[0], List.of(findings).subList(1, findings.length));
  }
}
