package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.Finding;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.JsonPointer;
import dev.fairlead.model.Labels;
import dev.fairlead.plan.Treatment.Reconcile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TreatmentTest {
  private static Manifest manifest(String... annotations) {
    String yaml =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n"
            + (annotations.length == 0 ? "" : "  annotations:\n");
    StringBuilder text = new StringBuilder(yaml);
    for (String annotation : annotations) {
      text.append("    ").append(annotation).append('\n');
    }
    return new ManifestReader(Limits.DEFAULT)
        .read("web.yaml", text.toString().getBytes(StandardCharsets.UTF_8))
        .manifests()
        .getFirst();
  }

  private static IgnoreRule rule(String group, String kind, String name, String namespace) {
    return new IgnoreRule(
        part(group),
        part(kind),
        part(name),
        part(namespace),
        IgnoredFieldsTest.pointers("/spec/replicas"));
  }

  private static Optional<String> part(String text) {
    return text.equals("*") ? Optional.empty() : Optional.of(text);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an object without annotations is kept as Git says | a: b | ALWAYS | false |
          disabled                                          | fairlead.dev/reconcile: disabled | NEVER | false |
          create-only                                       | fairlead.dev/reconcile: create-only | CREATE_ONLY | false |
          enabled says nothing                              | fairlead.dev/reconcile: enabled | ALWAYS | false |
          may be replaced                                   | fairlead.dev/replace: allowed | ALWAYS | true |
          ignores a field                                   | fairlead.dev/ignore-fields: /spec/replicas | ALWAYS | false | /spec/replicas
          ignores two, spaces do not matter                 | fairlead.dev/ignore-fields: " /spec/replicas , /data/a~1b" | ALWAYS | false | /data/a~1b,/spec/replicas
          """)
  void annotations_in_git_say_how_an_object_is_treated(
      String name, String annotation, Reconcile reconcile, boolean replaceable, String ignored) {
    List<Finding> findings = new ArrayList<>();
    Treatment treatment = Treatment.of(manifest(annotation), List.of(), findings);

    assertThat(findings).isEmpty();
    assertThat(treatment)
        .isEqualTo(
            new Treatment(
                reconcile,
                replaceable,
                ignored == null ? List.of() : IgnoredFieldsTest.pointers(ignored.split(","))));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          an unknown word of reconcile | fairlead.dev/reconcile: "off"          | the annotation fairlead.dev/reconcile says "off"; it can say disabled or create-only
          another case                 | fairlead.dev/reconcile: Disabled       | the annotation fairlead.dev/reconcile says "Disabled"; it can say disabled or create-only
          an unknown word of prune     | fairlead.dev/prune: never              | the annotation fairlead.dev/prune says "never"; it can say disabled
          an unknown word of replace   | fairlead.dev/replace: "true"           | the annotation fairlead.dev/replace says "true"; it can say allowed
          a wave that is a word        | fairlead.dev/wave: first               | the annotation fairlead.dev/wave says "first"; it can say a whole number from -999999 to 999999, in quotes: "-1"
          half a wave                  | fairlead.dev/wave: "1.5"               | fairlead.dev/wave says "1.5"
          a wave too far               | fairlead.dev/wave: "2147483648"        | fairlead.dev/wave says "2147483648"
          an empty wave                | fairlead.dev/wave: ""                  | fairlead.dev/wave says ""
          a wave with a plus           | fairlead.dev/wave: "+1"                | fairlead.dev/wave says "+1"
          an empty list of fields      | fairlead.dev/ignore-fields: ""         | which is no JSON pointer
          a path with dots             | fairlead.dev/ignore-fields: spec.x     | says "spec.x", which is no JSON pointer
          one wrong one among others   | fairlead.dev/ignore-fields: /a,,/b     | says "", which is no JSON pointer
          the object's name            | fairlead.dev/ignore-fields: /metadata/name | says "/metadata/name", which Fairlead cannot do without
          all labels                   | fairlead.dev/ignore-fields: /metadata/labels | which Fairlead cannot do without
          all metadata                 | fairlead.dev/ignore-fields: /metadata  | which Fairlead cannot do without
          the label of the sync        | fairlead.dev/ignore-fields: /metadata/labels/applyset.kubernetes.io~1part-of | which Fairlead cannot do without
          """)
  void what_says_nothing_known_is_told_with_its_line(
      String name, String annotation, String message) {
    List<Finding> findings = new ArrayList<>();
    Treatment.of(manifest("a: b", annotation), List.of(), findings);

    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().toString())
        .startsWith("web.yaml:8: Deployment shop/web: the annotation ")
        .contains(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a rule for everything        | *     | *          | *   | *    | true
          a rule for the kind          | apps  | Deployment | *   | *    | true
          a rule for the object        | apps  | Deployment | web | shop | true
          a rule for another group     | batch | *          | *   | *    | false
          a rule for the core group    | ''    | *          | *   | *    | false
          a rule for another kind      | *     | Service    | *   | *    | false
          a rule for another name      | *     | *          | api | *    | false
          a rule for another namespace | *     | *          | *   | prod | false
          """)
  void a_rule_of_the_spec_is_about_what_matches_all_that_it_says(
      String name, String group, String kind, String object, String namespace, boolean matches) {
    Treatment treatment =
        Treatment.of(manifest(), List.of(rule(group, kind, object, namespace)), new ArrayList<>());

    assertThat(treatment.ignored().stream().map(JsonPointer::toString))
        .isEqualTo(matches ? List.of("/spec/replicas") : List.of());
  }

  @ParameterizedTest(name = "Git says {0}, the cluster {1}: {2}")
  @CsvSource({
    "enabled, enabled, ALWAYS",
    "enabled, disabled, NEVER",
    "enabled, create-only, CREATE_ONLY",
    "disabled, enabled, NEVER",
    "disabled, create-only, NEVER",
    "create-only, disabled, NEVER",
    "enabled, nonsense, ALWAYS"
  })
  void the_more_cautious_word_counts(String git, String cluster, Reconcile reconcile) {
    Treatment inGit =
        Treatment.of(manifest("fairlead.dev/reconcile: " + git), List.of(), new ArrayList<>());

    assertThat(inGit.with(Map.of(Labels.RECONCILE, cluster)).reconcile()).isEqualTo(reconcile);
  }

  @ParameterizedTest(name = "a wave of {0}")
  @CsvSource({"'\"-1\"', -1", "'\"0\"', 0", "'\" 10 \"', 10", "'\"-999999\"', -999999"})
  void git_alone_says_of_which_wave_an_object_is(String text, int wave) {
    List<Finding> findings = new ArrayList<>();
    Treatment inGit = Treatment.of(manifest("fairlead.dev/wave: " + text), List.of(), findings);

    assertThat(findings).isEmpty();
    assertThat(inGit.with(Map.of(Labels.WAVE, "7")).wave()).contains(wave);
    assertThat(Treatment.PLAIN.with(Map.of(Labels.WAVE, "7")).wave()).isEmpty();
  }

  @Test
  void the_cluster_adds_to_what_is_ignored() {
    Treatment inGit =
        Treatment.of(
            manifest("fairlead.dev/ignore-fields: /spec/replicas"), List.of(), new ArrayList<>());

    assertThat(inGit.with(Map.of(Labels.IGNORE_FIELDS, "/spec/paused", Labels.REPLACE, "allowed")))
        .isEqualTo(
            new Treatment(
                Reconcile.ALWAYS,
                true,
                IgnoredFieldsTest.pointers("/spec/paused", "/spec/replicas")));
  }

  @Test
  void what_the_cluster_says_and_nobody_understands_is_told() {
    assertThat(Treatment.unknown(Map.of(Labels.RECONCILE, "off", Labels.PRUNE, "disabled")))
        .containsExactly(
            "the annotation fairlead.dev/reconcile says \"off\"; it can say disabled or"
                + " create-only");
  }
}
