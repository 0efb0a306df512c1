package dev.fairlead.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.api.GitSyncFields;
import dev.fairlead.model.Json;
import dev.fairlead.plan.Requirements.Definition;
import dev.fairlead.plan.Requirements.Facts;
import dev.fairlead.plan.Requirements.Finding;
import dev.fairlead.plan.Requirements.Memory;
import dev.fairlead.plan.Requirements.Right;
import dev.fairlead.plan.Requirements.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What is missing is told in one sentence each, with what to do. */
final class RequirementsTest {
  private static final long MIB = 1L << 20;
  private static final Version SERVER = new Version(1, 37, "v1.37.2");
  private static final Memory MEMORY = new Memory(192 * MIB, 64 * MIB);

  /** A case, the definition as YAML is changed for it, and the sentence. */
  record Row(String name, UnaryOperator<String> change, String sentence) {
    @Override
    public String toString() {
      return name;
    }
  }

  static final List<Row> DEFINITIONS =
      List.of(
          new Row("the definition of this version", d -> d, ""),
          new Row(
              "that of a later one, which has a field more",
              d ->
                  d.replace(
                      "              suspend:",
                      "              later: {type: string}\n              suspend:"),
              ""),
          new Row(
              "one that lacks a field",
              d -> d.replace("              suspend:", "              suspended:"),
              "the CRD gitsyncs.fairlead.dev is older than this Fairlead, it lacks spec.suspend: kubectl apply"
                  + " --server-side -f manifests/crd.yaml of this version"),
          new Row(
              "one that lacks fields of a list",
              d -> d.replace("                    namespace:", "                    home:"),
              "the CRD gitsyncs.fairlead.dev is older than this Fairlead, it lacks"
                  + " spec.dependsOn[].namespace, spec.ignoreFields[].target.namespace: kubectl apply"
                  + " --server-side -f manifests/crd.yaml of this version"),
          new Row(
              "one without spec",
              d -> d.replace("          spec:\n", "          specification:\n"),
              "the CRD gitsyncs.fairlead.dev cannot be used:"
                  + " spec.versions[name=\"v1alpha1\"].schema.openAPIV3Schema.properties has to have spec:"
                  + " without it the API server drops what all GitSyncs say there. Apply the"
                  + " manifests/crd.yaml of this version of Fairlead"),
          new Row(
              "one that serves another version",
              d -> d.replace("  - name: v1alpha1", "  - name: v1"),
              "the CRD gitsyncs.fairlead.dev cannot be used: spec.versions has to serve v1alpha1: without it"
                  + " this Fairlead can read no GitSync any more. Apply the manifests/crd.yaml of its"
                  + " own version, or of a later one"),
          new Row(
              "one that is being deleted",
              d ->
                  d.replace(
                      "metadata:\n", "metadata:\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n"),
              "the CRD gitsyncs.fairlead.dev is being deleted, and all GitSyncs with it: wait until it is"
                  + " gone, then apply manifests/crd.yaml"));

  private static Facts facts(
      Version server,
      Optional<Json.Obj> there,
      List<Right> missing,
      Duration ahead,
      Memory memory) {
    return new Facts(
        server,
        Optional.of(new Definition(there, GitSyncFields::missingIn)),
        missing,
        ahead,
        memory);
  }

  private static Facts good() {
    return facts(SERVER, Optional.of(definition(d -> d)), List.of(), Duration.ZERO, MEMORY);
  }

  private static String only(Facts facts, boolean stops) {
    List<Finding> findings = Requirements.judge(facts);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().stops()).isEqualTo(stops);
    return findings.getFirst().sentence();
  }

  @ParameterizedTest
  @FieldSource("DEFINITIONS")
  void the_definition(Row row) {
    Facts facts =
        facts(SERVER, Optional.of(definition(row.change())), List.of(), Duration.ZERO, MEMORY);

    if (row.sentence().isEmpty()) {
      assertThat(Requirements.judge(facts)).isEmpty();
    } else {
      assertThat(only(facts, true)).isEqualTo(row.sentence());
    }
  }

  @Test
  void no_definition() {
    assertThat(only(facts(SERVER, Optional.empty(), List.of(), Duration.ZERO, MEMORY), true))
        .isEqualTo(
            "the CRD gitsyncs.fairlead.dev is not there: kubectl apply --server-side -f manifests/crd.yaml");
  }

  @Test
  void a_definition_that_may_not_be_read_is_told_by_the_right_alone() {
    Right right =
        new Right(
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "get",
            "",
            "gitsyncs.fairlead.dev");
    Facts facts = new Facts(SERVER, Optional.empty(), List.of(right), Duration.ZERO, MEMORY);

    assertThat(only(facts, true)).contains("resources: [customresourcedefinitions], verbs: [get]}");
  }

  @ParameterizedTest
  @CsvSource({"1, 31, true", "1, 30, false", "0, 99, false", "2, 0, true", "1, 100, true"})
  void the_version(int major, int minor, boolean good) {
    Version version = new Version(major, minor, "v" + major + "." + minor + ".0");
    Facts facts = facts(version, Optional.of(definition(d -> d)), List.of(), Duration.ZERO, MEMORY);

    if (good) {
      assertThat(Requirements.judge(facts)).isEmpty();
    } else {
      assertThat(only(facts, true))
          .isEqualTo(
              "the API server is Kubernetes v%d.%d.0, and this Fairlead needs v1.31 at least: upgrade the cluster"
                  .formatted(major, minor));
    }
  }

  @Test
  void all_rights_that_are_missing_are_the_rules_to_add() {
    List<Right> all = Requirements.rights("home", true);

    assertThat(
            only(
                facts(
                    SERVER, good().definition().orElseThrow().there(), all, Duration.ZERO, MEMORY),
                true))
        .isEqualTo(
            "Fairlead's own account lacks rights; add to a ClusterRole that is bound to it by a"
                + " ClusterRoleBinding: {apiGroups: [fairlead.dev], resources: [gitsyncs], verbs:"
                + " [get, list, watch, patch]}, {apiGroups: [fairlead.dev], resources:"
                + " [gitsyncs/status], verbs: [patch]}, {apiGroups: [apiextensions.k8s.io],"
                + " resources: [customresourcedefinitions], verbs: [get]}; add to a Role in home"
                + " that is bound to it: {apiGroups: [coordination.k8s.io], resources: [leases],"
                + " verbs: [create, get, patch]}");
    assertThat(Requirements.rights("home", false)).noneMatch(r -> r.resource().equals("leases"));
  }

  @ParameterizedTest
  @CsvSource({"30, ''", "-30, ''", "31, 31 s ahead of that", "-7200, 7200 s behind that"})
  void the_clock_stops_nothing(int seconds, String told) {
    Facts facts =
        facts(
            SERVER,
            Optional.of(definition(d -> d)),
            List.of(),
            Duration.ofSeconds(seconds),
            MEMORY);

    if (told.isEmpty()) {
      assertThat(Requirements.judge(facts)).isEmpty();
    } else {
      assertThat(only(facts, false)).startsWith("this clock is " + told + " of the API server: ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "128, ''",
    "127, a memory limit of 127 MiB is too little for a heap of 64 MiB: set the container's limit to 128 MiB at least"
  })
  void the_memory(long limit, String told) {
    Facts facts =
        facts(
            SERVER,
            Optional.of(definition(d -> d)),
            List.of(),
            Duration.ZERO,
            new Memory(limit * MIB, 64 * MIB));

    if (told.isEmpty()) {
      assertThat(Requirements.judge(facts)).isEmpty();
    } else {
      assertThat(only(facts, true)).isEqualTo(told);
    }
  }

  @Test
  void everything_at_once_is_a_sentence_each() {
    Facts facts =
        facts(
            new Version(1, 9, "v1.9.0"),
            Optional.empty(),
            Requirements.rights("home", true),
            Duration.ofHours(1),
            new Memory(MIB, MIB));

    assertThat(Requirements.judge(facts)).hasSize(5);
  }

  @Test
  void the_fields_of_this_version_are_those_of_its_definition() {
    assertThat(GitSyncFields.all())
        .contains("spec.dependsOn[].name", "status.conditions[].type")
        .doesNotContain("metadata");
  }

  private static Json.Obj definition(UnaryOperator<String> change) {
    try {
      String yaml = Files.readString(Path.of("..", "manifests", "crd.yaml"));
      return (Json.Obj)
          tree(new Yaml(new SafeConstructor(new LoaderOptions())).load(change.apply(yaml)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Json tree(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, Json> members = new LinkedHashMap<>();
        map.forEach((name, member) -> members.put(name.toString(), tree(member)));
        yield Json.of(members);
      }
      case List<?> list -> Json.of(list.stream().map(RequirementsTest::tree).toList());
      case Boolean bool -> Json.of(bool);
      case Number number -> Json.of(number.longValue());
      default -> Json.of(value.toString());
    };
  }
}
