package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("the objects of all files are put together")
final class ManifestSetTest {
  private static final Map<String, Scope> SCOPES =
      Map.of(
          "ConfigMap", Scope.NAMESPACED,
          "Secret", Scope.NAMESPACED,
          "Namespace", Scope.CLUSTER,
          "ClusterRole.rbac.authorization.k8s.io", Scope.CLUSTER);

  @Test
  void theDefaultNamespaceFillsInWhereNoneIsNamed() {
    ManifestSet set =
        assemble(
            Optional.of("portfolio"),
            """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: b, namespace: own}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: c}
            """);

    assertThat(set.findings()).isEmpty();
    assertThat(set.manifests())
        .extracting(m -> m.key().toString())
        .containsExactly("ConfigMap portfolio/a", "ConfigMap own/b", "Namespace c");
    Manifest filled = set.manifests().getFirst();
    assertThat(filled.body().toJson())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\","
                + "\"metadata\":{\"name\":\"a\",\"namespace\":\"portfolio\"}}");
    assertThat(Locator.locate(filled.body(), "metadata.name")).isEqualTo(4);
    assertThat(Locator.locate(filled.body(), "metadata.namespace")).isEqualTo(3);
  }

  @Test
  void anObjectWithoutNamespaceIsAFindingWhenThereIsNoDefault() {
    ManifestSet set =
        assemble(Optional.empty(), "{apiVersion: v1, kind: Secret, metadata: {name: a}}");

    assertThat(set.findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f0.yaml:1: Secret a names no namespace; add metadata.namespace, or set"
                + " defaultNamespace on the GitSync");
  }

  @Test
  void aNamespaceOnAClusterScopedObjectIsDroppedAsKubectlDoes() {
    ManifestSet set =
        assemble(
            Optional.empty(),
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: a, namespace: b}
            """);

    assertThat(set.findings()).isEmpty();
    assertThat(set.manifests().getFirst().key().toString()).isEqualTo("ClusterRole a");
    assertThat(set.manifests().getFirst().body().toJson()).doesNotContain("namespace");
  }

  @Test
  void theScopeOfAKindMayComeFromItsDefinitionInTheSameChange() {
    ManifestSet set =
        assemble(
            Optional.of("portfolio"),
            """
            apiVersion: example.org/v1
            kind: Ship
            metadata: {name: a}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: ships.example.org}
            spec: {group: example.org, scope: Namespaced, names: {kind: Ship}}
            ---
            apiVersion: example.org/v1
            kind: Unheard
            metadata: {name: a}
            """);

    assertThat(set.findings()).isEmpty();
    assertThat(set.manifests())
        .extracting(m -> m.key().toString())
        .containsExactly(
            "Ship portfolio/a", "CustomResourceDefinition ships.example.org", "Unheard a");
  }

  @Test
  void theSameObjectTwiceNamesBothPlaces() {
    ManifestSet set =
        assemble(
            Optional.of("x"),
            "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n");

    assertThat(set.findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f1.yaml:1: ConfigMap x/a is defined a second time, the first is in f0.yaml:2");
    assertThat(set.manifests()).hasSize(1);
  }

  @Test
  void tooManyObjectsAreRefused() {
    List<Manifest> three = read("f.yaml", map("a") + "---\n" + map("b") + "---\n" + map("c"));
    Limits two = new Limits(1_000, 10, 2, 10, 1_000, 1 << 20);

    ManifestSet set = ManifestSet.assemble(three, Optional.of("x"), kind -> Scope.NAMESPACED, two);

    assertThat(set.manifests()).isEmpty();
    assertThat(set.findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f.yaml:9: is one object too many: the sync has 3, more than the limit of 2");
  }

  @Test
  void stringDataBecomesDataAndWins() {
    ManifestSet set =
        assemble(
            Optional.of("x"),
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: a}
            stringData:
              user: admin
              port: "80"
            data:
              user: b2xk
              other: eA==
            """);

    assertThat(set.findings()).isEmpty();
    Json.Obj body = set.manifests().getFirst().body();
    assertThat(body.get("stringData")).isEmpty();
    assertThat(body.get("data"))
        .contains(parsed("{\"user\":\"YWRtaW4=\",\"other\":\"eA==\",\"port\":\"ODA=\"}"));
    assertThat(Locator.locate(body, "data.user")).isEqualTo(5);
    assertThat(Locator.locate(body, "data.other")).isEqualTo(9);
  }

  @Test
  void stringDataAloneBecomesDataInItsPlace() {
    ManifestSet set =
        assemble(
            Optional.of("x"),
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: x\n",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData: {}\n");

    Json.Obj body = set.manifests().getFirst().body();
    assertThat(body.get("data")).contains(parsed("{\"a\":\"eA==\"}"));
    assertThat(Locator.locate(body, "data")).isEqualTo(4);
    assertThat(set.manifests().getLast().body().members()).doesNotContainKeys("data", "stringData");
  }

  @Test
  void wrongSecretValuesAreToldWithoutTheirContent() {
    ManifestSet set =
        assemble(
            Optional.of("x"),
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: a}
            stringData:
              pin: 4711
            data:
              password: hunter2
            """);

    assertThat(set.findings())
        .extracting(Finding::toString)
        .containsExactly(
            "f0.yaml:7: Secret x/a: data.password is not base64; encode it, or write it below"
                + " stringData",
            "f0.yaml:5: Secret x/a: stringData.pin must be a string, not a number; quote it");
  }

  @Test
  void labelsAreAddedWithoutDisturbingLines() {
    Manifest manifest =
        read(
                "f.yaml",
                """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: a
                  labels:
                    app: b
                data: {c: d}
                """)
            .getFirst();

    Manifest labelled = manifest.withLabels(Map.of("part-of", "x"));
    Manifest fresh = read("f.yaml", map("a")).getFirst().withLabels(Map.of("part-of", "x"));

    assertThat(labelled.body().object("metadata").orElseThrow().get("labels"))
        .contains(parsed("{\"app\":\"b\",\"part-of\":\"x\"}"));
    assertThat(Locator.locate(labelled.body(), "metadata.labels.app")).isEqualTo(6);
    assertThat(Locator.locate(labelled.body(), "metadata.labels.part-of")).isEqualTo(5);
    assertThat(Locator.locate(labelled.body(), "data.c")).isEqualTo(7);
    assertThat(Locator.locate(fresh.body(), "metadata.labels[part-of]")).isEqualTo(3);
  }

  @Test
  void theDigestIsThatOfTheContent() {
    String digest = digest("{apiVersion: v1, kind: A, metadata: {name: a}, x: [1, 2], y: {}}");

    assertThat(digest).matches("[0-9a-f]{32}");
    assertThat(digest("x:\n- 1\n- 0x2\ny: {}\nmetadata: {name: a}\nkind: A\napiVersion: v1\n"))
        .isEqualTo(digest);
    assertThat(
            List.of(
                digest("{apiVersion: v1, kind: A, metadata: {name: a}, x: [2, 1], y: {}}"),
                digest("{apiVersion: v1, kind: A, metadata: {name: a}, x: [1, '2'], y: {}}"),
                digest("{apiVersion: v1, kind: A, metadata: {name: a}, x: [1, 2], y: []}"),
                digest("{apiVersion: v1, kind: A, metadata: {name: a}, x: [1, 2], y: null}")))
        .doesNotContain(digest)
        .doesNotHaveDuplicates();
  }

  private static String digest(String yaml) {
    return read("f.yaml", yaml).getFirst().digest();
  }

  private static String map(String name) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n";
  }

  private static ManifestSet assemble(Optional<String> defaultNamespace, String... files) {
    List<Manifest> all = new ArrayList<>();
    for (int i = 0; i < files.length; i++) {
      all.addAll(read("f" + i + ".yaml", files[i]));
    }
    return ManifestSet.assemble(all, defaultNamespace, ManifestSetTest::scope, Limits.DEFAULT);
  }

  private static Scope scope(GroupKind kind) {
    return SCOPES.getOrDefault(kind.toString(), Scope.UNKNOWN);
  }

  private static List<Manifest> read(String file, String yaml) {
    ManifestReader.Parsed parsed =
        new ManifestReader(Limits.DEFAULT).read(file, yaml.getBytes(UTF_8));
    assertThat(parsed.findings()).isEmpty();
    return parsed.manifests();
  }

  private static Json parsed(String json) {
    try {
      return JsonReader.parse(json.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
