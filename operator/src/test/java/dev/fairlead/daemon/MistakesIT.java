package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits with mistakes: all of them are told at once, and the same ones every time. */
final class MistakesIT extends OneDaemon {
  private static final int PAIRS = 10;
  private static final String REFUSED = "A commit is refused";

  MistakesIT(ControlPlane cluster, @TempDir Path directory) {
    super("mistakes", cluster, directory);
  }

  @Test
  void fifty_mistakes_in_twenty_files_are_fifty_lines_in_the_same_order_each_time() {
    Map<String, String> files = new HashMap<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      files.put("deploy/%02d-app.yaml".formatted(i), app(i));
      files.put("deploy/%02d-service.yaml".formatted(i), service(i));
      expected.addAll(linesOf(i));
    }
    files.put("deploy/good.yaml", configMap("good", "1"));
    repository.commit(files, "many mistakes");

    follow("many", "path: deploy");
    String ready = syncs.awaitReason("many", "ValidationFailed");
    repository.commit(Map.of("deploy/good.yaml", configMap("good", "2")), "the same mistakes");
    List<List<String>> told = awaitTold("many", 2);

    assertThat(expected).hasSize(50);
    assertThat(told.getFirst()).containsExactlyElementsOf(expected);
    assertThat(told.getLast()).containsExactlyElementsOf(expected);
    assertThat(ready)
        .startsWith("False ValidationFailed: " + expected.getFirst())
        .endsWith(" (and 49 more)");
    Json.Obj status = syncs.status("many");
    assertThat(status.integer("problemCount")).contains(50L);
    assertThat(status.items("problems").stream().map(p -> described((Json.Obj) p)))
        .containsExactlyElementsOf(
            expected.subList(0, 10).stream().map(MistakesIT::withoutColumn).toList());
    assertThat(valueOf("good")).isEmpty();
  }

  /** Two mistakes, which the API server would tell one of, or both. */
  private static String app(int i) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: app-%1$d}
    spec:
      replcas: 2
      selector: {matchLabels: {app: app-%1$d}}
      template:
        metadata: {labels: {app: app-%1$d}}
        spec:
          containers:
          - name: app
            image: 5
    """
        .formatted(i);
  }

  /** Three, of which the API server would not tell the last together with the others. */
  private static String service(int i) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: service-%d}
    spec:
      selector: [app]
      ports: [{port: http}]
      type: Public
    """
        .formatted(i);
  }

  private List<String> linesOf(int i) {
    String app = "deploy/%02d-app.yaml:%%s: Deployment %s/app-%d: %%s".formatted(i, namespace, i);
    String service =
        "deploy/%02d-service.yaml:%%s: Service %s/service-%d: %%s".formatted(i, namespace, i);
    return List.of(
        app.formatted("5:3", "unknown field \"spec.replcas\"; did you mean \"replicas\"?"),
        app.formatted(
            "12:9", "spec.template.spec.containers[0].image: expected a string, got 5; quote it"),
        service.formatted("5:3", "spec.selector: expected a mapping, got a list"),
        service.formatted("6:12", "spec.ports[0].port: expected an integer, got \"http\""),
        service.formatted(
            "7:3",
            "spec.type: Unsupported value: \"Public\": supported values: \"ClusterIP\","
                + " \"ExternalName\", \"LoadBalancer\", \"NodePort\""));
  }

  @Test
  void an_instance_is_held_against_the_definition_of_the_same_commit() {
    String group = namespace + ".example.org";
    repository.commit(
        Map.of(
            "crd.yaml", definition(group, "v1"),
            "thing.yaml", thing(group, "v1", 3).replace("{size: 3}", "{size: big, wdth: 3}"),
            "good.yaml", configMap("good", "1")),
        "a definition and an instance with mistakes");

    follow("defined");
    syncs.awaitReason("defined", "ValidationFailed");

    assertThat(awaitTold("defined", 1).getFirst())
        .containsExactly(
            "thing.yaml:4:8: Thing %s/t: spec.size: expected an integer, got \"big\""
                .formatted(namespace),
            "thing.yaml:4:19: Thing %s/t: unknown field \"spec.wdth\"".formatted(namespace));
    assertThat(cluster.tryKubectl("", "get", "crd", "things." + group, "-o", "name").output())
        .isEmpty();
    assertThat(valueOf("good")).isEmpty();
  }

  @Test
  void what_the_schemas_cannot_know_is_told_together_with_what_they_know() {
    repository.commit(
        Map.of(
            "a.yaml",
            app(0),
            "b.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: bad}
            spec: {ports: [{port: 123456}]}
            """),
        "a mistake of both sorts");

    follow("both");
    syncs.awaitReason("both", "ValidationFailed");

    List<String> told = awaitTold("both", 1).getFirst();
    assertThat(told).hasSize(4);
    assertThat(told.get(0)).startsWith("a.yaml:5:3: ");
    assertThat(told.get(1)).startsWith("a.yaml:12:9: ");
    assertThat(told.get(2)).startsWith("b.yaml:4: ").contains("spec.ports[0].port: ");
    assertThat(told.get(3)).startsWith("b.yaml:4: ").contains("spec.ports[0].targetPort: ");
  }

  @Test
  void a_file_that_cannot_be_read_does_not_hide_the_mistakes_of_others() {
    repository.commit(
        Map.of(
            "a.yaml",
            app(0),
            "b.yaml",
            "apiVersion: v1\nkind: [\n",
            "c.yaml",
            service(0).replace("  type: Public\n", ""),
            "d.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d, labels: {a: 5}}\n"),
        "mistakes of all sorts");

    follow("sorts");
    syncs.awaitReason("sorts", "BuildFailed");

    assertThat(awaitTold("sorts", 1).getFirst().stream().map(l -> l.substring(0, l.indexOf(' '))))
        .containsExactly(
            "a.yaml:5:3:", "a.yaml:12:9:", "b.yaml:2:", "c.yaml:5:3:", "c.yaml:6:12:", "d.yaml:3:");
  }

  @Test
  void nothing_of_a_secret_is_told() {
    repository.commit(
        Map.of(
            "secret.yaml",
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: keys}
            immutable: hunter2
            typ: hunter2
            """),
        "a secret with mistakes");

    follow("secret");
    syncs.awaitReason("secret", "ValidationFailed");

    assertThat(awaitTold("secret", 1).getFirst())
        .containsExactly(
            "secret.yaml:4:1: Secret %s/keys: immutable: expected a boolean, got a string"
                .formatted(namespace),
            "secret.yaml:5:1: Secret %s/keys: unknown field \"typ\"; did you mean \"type\"?"
                .formatted(namespace));
    assertThat(operator.log()).doesNotContain("hunter2");
    assertThat(syncs.status("secret").toJson()).doesNotContain("hunter2");
  }

  /** The problems of each log line about the sync, once there are so many. */
  private List<List<String>> awaitTold(String sync, int lines) {
    SyncClient.await(
        Duration.ofSeconds(30),
        lines + " log lines about " + sync,
        () -> told(sync).size() >= lines,
        () -> operator.log());
    return told(sync);
  }

  private List<List<String>> told(String sync) {
    String start = "detail=\"";
    return operator
        .log()
        .lines()
        .filter(l -> l.contains(REFUSED) && l.contains("sync=" + namespace + "/" + sync + " "))
        .filter(l -> l.contains(start))
        .map(l -> l.substring(l.indexOf(start) + start.length()))
        .map(l -> l.substring(0, l.lastIndexOf('"')))
        .map(l -> Arrays.asList(l.replace("\\\"", "\"").split("\\\\n", -1)))
        .toList();
  }

  private static String described(Json.Obj problem) {
    return problem.string("file").orElse("")
        + ":"
        + problem.integer("line").orElse(0L)
        + ": "
        + problem.string("object").orElse("")
        + ": "
        + problem.string("message").orElse("");
  }

  private static String withoutColumn(String line) {
    return line.replaceFirst(":(\\d+):\\d+: ", ":$1: ");
  }
}
