package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who owns what: fields left to others, objects left alone, objects that others made. */
final class OwnershipIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  OwnershipIT(ControlPlane cluster, @TempDir Path directory) {
    super("ownership", cluster, directory);
  }

  private static String deployment(int replicas, String tag, String... annotations) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, annotations: {%s}}
    spec:
      replicas: %d
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, image: "example.org/c:%s"}]}
    """
        .formatted(String.join(", ", annotations), replicas, tag);
  }

  private String web(String jsonPath) {
    return get("deployment", "web", jsonPath);
  }

  private String get(String kind, String name, String jsonPath) {
    return cluster
        .tryKubectl("", "get", kind, "-n", namespace, name, "-o", "jsonpath=" + jsonPath)
        .output();
  }

  private void await(String what, Supplier<Boolean> until) {
    SyncClient.await(PATIENCE, what, until, () -> syncs.status("sync").toJson() + operator.log());
  }

  /** Long enough for whatever the daemon does about an event. */
  private static void pause() {
    OperatorProcess.sleep(Duration.ofSeconds(2));
  }

  private double writes() {
    return operator.metric("fairlead_api_requests_total", "verb=\"apply\"")
        + operator.metric("fairlead_api_requests_total", "verb=\"patch\"");
  }

  private double drifts() {
    return operator.metric("fairlead_drift_total", "namespace=\"" + namespace + "\"");
  }

  private void scale(int replicas) {
    cluster.kubectl("scale", "deployment", "-n", namespace, "web", "--replicas=" + replicas);
  }

  @Test
  void an_autoscaler_owns_what_is_left_to_it() {
    String ignore = "fairlead.dev/ignore-fields: /spec/replicas";
    String first = repository.commit(Map.of("d.yaml", deployment(3, "1", ignore)), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    // A new object starts with what Git says.
    assertThat(web("{.spec.replicas}")).isEqualTo("3");

    for (int replicas = 4; replicas < 12; replicas++) {
      scale(replicas);
    }
    pause();
    assertThat(web("{.spec.replicas}")).isEqualTo("11");
    assertThat(drifts()).as(() -> operator.log()).isZero();

    // Another commit changes the rest, and what Git says of replicas does not matter.
    String second = repository.commit(Map.of("d.yaml", deployment(5, "2", ignore)), "two");
    syncs.awaitReady("sync", second);
    assertThat(web("{.spec.replicas} {.spec.template.spec.containers[0].image}"))
        .isEqualTo("11 example.org/c:2");
    assertThat(web("{.metadata.managedFields[*].manager}")).doesNotContain("fairlead-operator");

    restart();
    pause();
    assertThat(web("{.spec.replicas}")).isEqualTo("11");

    // Taken back, it is what Git says.
    String third = repository.commit(Map.of("d.yaml", deployment(5, "2")), "three");
    syncs.awaitReady("sync", third);
    assertThat(web("{.spec.replicas}")).isEqualTo("5");
  }

  @Test
  void a_field_that_is_handed_over_keeps_its_live_value() {
    String rule = "{target: {group: apps, kind: Deployment, name: web}, paths: [/spec/replicas]}";
    String commit = repository.commit(Map.of("d.yaml", deployment(3, "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    follow("sync", "ignoreFields: [" + rule + "]");
    syncs.await(
        "sync",
        "Ready under the new spec",
        s ->
            s.integer("observedGeneration").orElse(0L) == 2
                && SyncClient.condition(s, "Ready").startsWith("True"));
    assertThat(web("{.spec.replicas}")).isEqualTo("3");
    scale(7);

    // Git drops the field altogether; nobody else has ever owned it.
    String dropped =
        repository.commit(
            Map.of("d.yaml", deployment(0, "1").replace("  replicas: 0\n", "")), "dropped");
    syncs.awaitReady("sync", dropped);
    pause();
    assertThat(web("{.spec.replicas}")).isEqualTo("7");
    assertThat(drifts()).as(() -> operator.log()).isZero();
  }

  @Test
  void a_field_that_leaves_git_as_it_is_handed_over_keeps_its_value_too() {
    String first = repository.commit(Map.of("d.yaml", deployment(3, "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);

    String second =
        repository.commit(
            Map.of(
                "d.yaml",
                deployment(0, "1", "fairlead.dev/ignore-fields: /spec/replicas")
                    .replace("  replicas: 0\n", "")),
            "two");
    syncs.awaitReady("sync", second);
    assertThat(web("{.spec.replicas}")).isEqualTo("3");
  }

  @Test
  void fields_of_items_and_maps_are_left_to_others() {
    String ignored =
        "/spec/template/spec/containers/0/image,/metadata/annotations/example.org~1note";
    String manifest =
        deployment(
            1, "1", "example.org/note: git", "\"fairlead.dev/ignore-fields\": \"" + ignored + "\"");
    String data =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:"
            + " {fairlead.dev/ignore-fields: /data/key}\ndata: {key: git}\n";
    String commit = repository.commit(Map.of("d.yaml", manifest, "a.yaml", data), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    assertThat(valueOf("a")).isEqualTo("git");

    cluster.kubectl("set", "image", "-n", namespace, "deployment/web", "c=example.org/c:9");
    cluster.kubectl(
        "annotate", "--overwrite", "-n", namespace, "deployment/web", "example.org/note=hand");
    cluster.kubectl(
        "patch",
        "configmap",
        "-n",
        namespace,
        "a",
        "-p",
        "{\"data\":{\"key\":\"hand\",\"b\":\"c\"}}");
    pause();

    assertThat(web("{.spec.template.spec.containers[0].image}")).isEqualTo("example.org/c:9");
    assertThat(web("{.metadata.annotations.example\\.org/note}")).isEqualTo("hand");
    assertThat(valueOf("a")).isEqualTo("hand");
    assertThat(drifts()).as(() -> operator.log()).isZero();

    // What was deleted is created with what Git says.
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");
    awaitValue("a", "git");
  }

  @Test
  void what_cannot_be_left_by_itself_is_refused_with_its_line() {
    repository.commit(
        Map.of(
            "d.yaml",
            deployment(1, "1", "fairlead.dev/ignore-fields: /spec/selector/matchLabels/app")
                .replace("{app: web}", "{app: web, a: b}")),
        "one");
    follow("sync");

    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("d.yaml:3: Deployment " + namespace + "/web")
        .contains("/spec/selector/matchLabels/app cannot be left to others by itself")
        .contains("one owner for all of /spec/selector: ignore that instead");
    assertThat(web("{.metadata.name}")).isEmpty();
  }

  @Test
  void an_unknown_word_is_an_error_with_its_line() {
    repository.commit(Map.of("d.yaml", deployment(1, "1", "fairlead.dev/reconcile: never")), "one");
    follow("sync");

    assertThat(syncs.awaitReason("sync", "BuildFailed"))
        .contains("d.yaml:3: Deployment " + namespace + "/web: the annotation")
        .contains("fairlead.dev/reconcile says \"never\"; it can say disabled or create-only");
  }

  @Test
  void an_annotation_in_the_cluster_leaves_a_field_to_others() {
    String commit = repository.commit(Map.of("d.yaml", deployment(3, "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    annotate("deployment/web", "fairlead.dev/ignore-fields=/spec/replicas");
    pause();
    scale(6);
    pause();
    assertThat(web("{.spec.replicas}")).isEqualTo("6");
    assertThat(drifts()).as(() -> operator.log()).isZero();

    annotate("deployment/web", "fairlead.dev/ignore-fields-");
    await("replicas as in Git", () -> web("{.spec.replicas}").equals("3"));
  }

  private void annotate(String object, String annotation) {
    cluster.kubectl("annotate", "--overwrite", "-n", namespace, object, annotation);
  }

  private static String annotated(String name, String value, String annotation) {
    return configMap(name, value)
        .replace("name: " + name + "}", "name: " + name + ", annotations: {" + annotation + "}}");
  }

  @Test
  void what_is_disabled_in_git_is_neither_created_nor_changed_nor_pruned() {
    String disabled = "fairlead.dev/reconcile: disabled";
    String first =
        repository.commit(
            Map.of(
                "a.yaml", configMap("a", "1"),
                "b.yaml", configMap("b", "1"),
                "c.yaml", configMap("c", "1"),
                "no.yaml", annotated("not", "1", disabled)),
            "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    assertThat(get("configmap", "not", "{.metadata.name}")).isEmpty();

    String second =
        repository.commit(
            Map.of(
                "a.yaml", annotated("a", "2", disabled),
                "b.yaml", annotated("b", "2", disabled)),
            "two");
    syncs.awaitReady("sync", second);
    assertThat(valueOf("a")).isEqualTo("1");
    assertThat(syncs.status("sync").toJson())
        .contains(
            "a.yaml:1: ConfigMap "
                + namespace
                + "/a: is left alone, since the annotation fairlead.dev/reconcile says disabled in"
                + " Git");
    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"hand\"}}");
    pause();
    assertThat(valueOf("a")).isEqualTo("hand");
    double writes = writes();
    restart();
    pause();
    assertThat(valueOf("a")).isEqualTo("hand");
    assertThat(writes).isPositive();

    // Taken up again, and gone from Git.
    String third = repository.commit(Map.of("a.yaml", configMap("a", "3")), "three");
    syncs.awaitReady("sync", third);
    assertThat(valueOf("a")).isEqualTo("3");
    assertThat(get("configmap", "a", "{.metadata.annotations}")).isEmpty();
    String fourth = repository.delete("four", "b.yaml");
    syncs.awaitReady("sync", fourth);
    assertThat(valueOf("b")).isEqualTo("1");
  }

  @Test
  void what_is_disabled_in_the_cluster_is_left_until_it_is_enabled_again() {
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);

    annotate("configmap/a", "fairlead.dev/reconcile=disabled");
    pause();
    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"hand\"}}");
    String second = repository.commit(Map.of("a.yaml", configMap("a", "2")), "two");
    syncs.awaitReady("sync", second);
    pause();
    assertThat(valueOf("a")).isEqualTo("hand");
    assertThat(drifts()).as(() -> operator.log()).isZero();

    annotate("configmap/a", "fairlead.dev/reconcile-");
    awaitValue("a", "2");
  }

  @Test
  void what_is_create_only_is_created_and_then_left_alone() {
    String createOnly = "fairlead.dev/reconcile: create-only";
    String first =
        repository.commit(
            Map.of("a.yaml", annotated("a", "1", createOnly), "b.yaml", configMap("b", "1")),
            "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    assertThat(valueOf("a")).isEqualTo("1");

    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"hand\"}}");
    String second = repository.commit(Map.of("a.yaml", annotated("a", "2", createOnly)), "two");
    syncs.awaitReady("sync", second);
    pause();
    assertThat(valueOf("a")).isEqualTo("hand");
    restart();
    pause();
    assertThat(valueOf("a")).isEqualTo("hand");

    // Git says that it is to be there.
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");
    awaitValue("a", "2");

    String third = repository.commit(Map.of("a.yaml", configMap("a", "3")), "three");
    syncs.awaitReady("sync", third);
    assertThat(valueOf("a")).isEqualTo("3");
    String fourth = repository.delete("four", "a.yaml");
    syncs.awaitReady("sync", fourth);
    assertThat(valueOf("a")).isEmpty();
  }

  @Test
  void what_kubectl_applied_becomes_ours_with_all_that_it_wrote() {
    String made = configMap("a", "1").replace("\ndata: {", "\ndata: {old: kubectl, ");
    cluster.tryKubectl(made, "apply", "-n", namespace, "-f", "-").orFail();
    cluster.kubectl("label", "configmap", "-n", namespace, "a", "stale=yes");
    String uid = get("configmap", "a", "{.metadata.uid}");

    String first =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1").replace("\ndata: {", "\ndata: {more: git, ")),
            "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    assertThat(get("configmap", "a", "{.metadata.uid}")).isEqualTo(uid);
    assertThat(data("a")).isEqualTo("{\"key\":\"1\",\"more\":\"git\"}");
    assertThat(get("configmap", "a", "{.metadata.annotations}")).isEmpty();
    assertThat(get("configmap", "a", "{.metadata.labels.stale}")).isEmpty();
    assertThat(managers("a")).doesNotContain("kubectl");

    String second = repository.commit(Map.of("a.yaml", configMap("a", "1")), "two");
    syncs.awaitReady("sync", second);
    assertThat(data("a")).isEqualTo("{\"key\":\"1\"}");
  }

  private String data(String name) {
    return get("configmap", name, "{.data}");
  }

  private String managers(String name) {
    return get("configmap", name, "{.metadata.managedFields[*].manager}");
  }

  @Test
  void what_kubectl_created_and_others_edited_becomes_ours_too() {
    String made = configMap("a", "1").replace("\ndata: {", "\ndata: {old: kubectl, ");
    cluster.tryKubectl(made, "create", "-n", namespace, "-f", "-").orFail();
    cluster
        .tryKubectl(
            made.replace("old: kubectl", "old: replaced, b: c"),
            "replace",
            "-n",
            namespace,
            "-f",
            "-")
        .orFail();
    ApiClient.of(cluster)
        .apply(
            "/api/v1/namespaces/" + namespace + "/configmaps/a",
            "some-controller",
            "apiVersion: v1\nkind: ConfigMap\ndata: {theirs: stays}\n");

    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    assertThat(data("a")).isEqualTo("{\"key\":\"1\",\"theirs\":\"stays\"}");
    assertThat(managers("a")).contains("some-controller").doesNotContain("kubectl");
  }

  @Test
  void what_kubectl_applied_on_the_server_or_helm_installed_becomes_ours() {
    ApiClient api = ApiClient.of(cluster);
    String path = "/api/v1/namespaces/" + namespace + "/configmaps/";
    api.apply(
        path + "a",
        "kubectl",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: x, old: z}\n");
    api.create(
        path.substring(0, path.length() - 1) + "?fieldManager=helm",
        """
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"h",
         "labels":{"app.kubernetes.io/managed-by":"Helm"},
         "annotations":{"meta.helm.sh/release-name":"r","meta.helm.sh/release-namespace":"n"}},
         "data":{"key":"x","old":"y"}}
        """);

    String commit =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "h.yaml", configMap("h", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    for (String name : new String[] {"a", "h"}) {
      assertThat(data(name)).isEqualTo("{\"key\":\"1\"}");
      assertThat(get("configmap", name, "{.metadata.annotations}")).isEmpty();
      assertThat(get("configmap", name, "{.metadata.labels}")).doesNotContain("Helm");
      assertThat(managers(name)).isEqualTo("fairlead/" + namespace + "/sync");
    }
  }

  @Test
  void what_an_edit_has_in_common_with_git_goes_when_git_drops_it() {
    String both = configMap("a", "1").replace("\ndata: {", "\ndata: {more: git, ");
    String first = repository.commit(Map.of("a.yaml", both), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    // An edit that agrees with Git, one that does not, and an addition.
    cluster
        .tryKubectl(
            both.replace("more: git", "more: git, added: hand").replace("\"1\"", "\"hand\""),
            "apply",
            "--server-side",
            "--force-conflicts",
            "-n",
            namespace,
            "-f",
            "-")
        .orFail();
    awaitValue("a", "1");
    pause();
    assertThat(get("configmap", "a", "{.data.added}")).isEqualTo("hand");

    String second = repository.commit(Map.of("a.yaml", configMap("a", "1")), "two");
    syncs.awaitReady("sync", second);
    assertThat(data("a")).isEqualTo("{\"added\":\"hand\",\"key\":\"1\"}");
  }

  private static String job(String image, String... annotations) {
    return """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: migrate, annotations: {%s}}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: c, image: "example.org/c:%s"}]
    """
        .formatted(String.join(", ", annotations), image);
  }

  @Test
  void a_job_whose_template_changes_runs_again_where_that_is_allowed() {
    String allowed = "fairlead.dev/replace: allowed";
    String first = repository.commit(Map.of("job.yaml", job("1")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    String uid = get("job", "migrate", "{.metadata.uid}");

    repository.commit(Map.of("job.yaml", job("2"), "a.yaml", configMap("a", "1")), "two");
    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("job.yaml:5: Job " + namespace + "/migrate: spec.template")
        .contains("with the annotation fairlead.dev/replace: allowed");
    assertThat(get("job", "migrate", "{.metadata.uid}")).isEqualTo(uid);
    assertThat(valueOf("a")).isEmpty();

    String third = repository.commit(Map.of("job.yaml", job("2", allowed)), "three");
    syncs.awaitReady("sync", third);
    assertThat(get("job", "migrate", "{.spec.template.spec.containers[0].image}"))
        .isEqualTo("example.org/c:2");
    assertThat(get("job", "migrate", "{.metadata.uid}")).isNotEqualTo(uid);
    await(
        "an event about the replacement",
        () ->
            cluster
                .kubectl("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].message}")
                .contains("was deleted and created again from job.yaml:1, since spec.template"));
  }

  @Test
  void nothing_is_deleted_before_the_new_object_has_passed() {
    String allowed = "fairlead.dev/replace: allowed";
    String first = repository.commit(Map.of("d.yaml", deployment(1, "1", allowed)), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    String uid = web("{.metadata.uid}");

    // Another selector needs a new object; that one would not be valid.
    String other =
        deployment(1, "1", allowed)
            .replace("{matchLabels: {app: web}}", "{matchLabels: {app: other}}");
    repository.commit(Map.of("d.yaml", other), "two");
    String refused = syncs.awaitReason("sync", "ValidationFailed");
    assertThat(refused).contains("d.yaml:");
    assertThat(web("{.metadata.uid}")).isEqualTo(uid);

    String third =
        repository.commit(
            Map.of("d.yaml", other.replace("labels: {app: web}", "labels: {app: other}")), "three");
    syncs.awaitReady("sync", third);
    assertThat(web("{.spec.selector.matchLabels.app}")).isEqualTo("other");
    assertThat(web("{.metadata.uid}")).isNotEqualTo(uid);
  }

  @Test
  void what_waits_for_a_finalizer_says_so_and_a_restart_goes_on() {
    String allowed = "fairlead.dev/replace: allowed";
    String first = repository.commit(Map.of("job.yaml", job("1", allowed)), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    cluster.kubectl(
        "patch",
        "job",
        "-n",
        namespace,
        "migrate",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":[\"example.org/hold\"]}}");

    String second = repository.commit(Map.of("job.yaml", job("2", allowed)), "two");
    await(
        "what the replacement waits for",
        () ->
            syncs
                .condition("sync", "Ready")
                .contains(
                    "is being replaced: the old one is still going, which waits for"
                        + " example.org/hold"));
    operator.kill();
    cluster.kubectl(
        "patch",
        "job",
        "-n",
        namespace,
        "migrate",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":[]}}");
    await("the old Job gone", () -> get("job", "migrate", "{.metadata.name}").isEmpty());
    startAnother();

    syncs.awaitReady("sync", second);
    assertThat(get("job", "migrate", "{.spec.template.spec.containers[0].image}"))
        .isEqualTo("example.org/c:2");
  }

  @Test
  void a_claim_is_never_replaced() {
    String claim =
        """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data, annotations: {fairlead.dev/replace: allowed}}
        spec:
          accessModes: [%s]
          storageClassName: none
          resources: {requests: {storage: 1Gi}}
        """;
    repository.commit(Map.of("claim.yaml", claim.formatted("ReadWriteOnce")), "one");
    follow("sync");
    await("the claim", () -> !get("pvc", "data", "{.metadata.uid}").isEmpty());
    String uid = get("pvc", "data", "{.metadata.uid}");

    repository.commit(Map.of("claim.yaml", claim.formatted("ReadWriteMany")), "two");
    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("claim.yaml:")
        .contains("it is never deleted to be replaced");
    assertThat(get("pvc", "data", "{.metadata.uid}")).isEqualTo(uid);
  }

  @Test
  void a_rival_is_named_and_the_way_out_too() {
    String commit = repository.commit(Map.of("d.yaml", deployment(3, "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    ApiClient api = ApiClient.of(cluster);
    String path = "/apis/apps/v1/namespaces/" + namespace + "/deployments/web";
    for (int i = 0; i < 400 && !contested(); i++) {
      api.apply(
          path,
          "some-autoscaler",
          "apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: " + (4 + i % 2) + "}\n");
      OperatorProcess.sleep(Duration.ofMillis(100));
    }

    assertThat(syncs.awaitReason("sync", "Contested"))
        .contains("d.yaml:1: Deployment " + namespace + "/web")
        .contains("some-autoscaler and fairlead/" + namespace + "/sync keep changing")
        .contains("(spec.replicas)")
        .contains("the annotation fairlead.dev/ignore-fields: /spec/replicas");

    // The way out works, and the contest is over as soon as it is taken.
    String ignoring =
        repository.commit(
            Map.of("d.yaml", deployment(3, "1", "fairlead.dev/ignore-fields: /spec/replicas")),
            "two");
    syncs.awaitReady("sync", ignoring);
  }

  private boolean contested() {
    Json.Obj status = syncs.status("sync");
    return SyncClient.condition(status, "Ready").contains("Contested");
  }
}
