package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commits that make possible what they need: the server refuses a part of them as long as another
 * part is not there. Nothing but this other part is written before all has passed.
 */
final class DependentChangeIT extends OneDaemon {
  /** Refused by the server alone: 1 is below the minimum that it knows for this field. */
  private static final String BAD =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: bad}
      spec: {ports: [{port: 80}], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}}
      """;

  DependentChangeIT(ControlPlane cluster, @TempDir Path directory) {
    super("dependent", cluster, directory);
  }

  @Test
  void a_pod_comes_with_its_account_and_its_priority() {
    String commit =
        repository.commit(
            Map.of(
                "pod.yaml", pod("first", priority()),
                "account.yaml", account(),
                "priority.yaml", priorityClass(),
                "settings.yaml", configMap("settings", "1")),
            "a pod and what it needs");
    follow("sync");

    await_applied("sync", commit);
    assertThat(get("pod", "first", "{.spec.priority}")).isEqualTo("7");
  }

  @Test
  void a_pod_with_its_account_is_not_written_when_something_else_is_refused() {
    repository.commit(
        Map.of(
            "pod.yaml", pod("first", priority()),
            "account.yaml", account(),
            "priority.yaml", priorityClass(),
            "settings.yaml", configMap("settings", "1"),
            "bad.yaml", BAD),
        "a pod, what it needs, and a mistake");
    follow("sync");

    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("bad.yaml")
        .doesNotContain("pod.yaml");
    assertThat(get("serviceaccount", "runner", "{.metadata.name}")).isEmpty();
    assertThat(get("configmap", "settings", "{.metadata.name}")).isEmpty();
    assertThat(get("pod", "first", "{.metadata.name}")).isEmpty();
  }

  @Test
  void what_is_wrong_only_once_its_namespace_is_there_leaves_the_rest_unwritten() {
    String other = namespace + "-new";
    repository.commit(
        Map.of(
            "namespace.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(other),
            "settings.yaml", configMap("settings", "1"),
            "bad.yaml", BAD.replace("{name: bad}", "{name: bad, namespace: " + other + "}")),
        "a namespace and a mistake in it");
    follow("sync");

    assertThat(syncs.awaitReason("sync", "ValidationFailed")).contains("bad.yaml");
    assertThat(cluster.kubectl("get", "namespace", other, "-o", "name")).contains(other);
    assertThat(get("configmap", "settings", "{.metadata.name}")).isEmpty();
  }

  @Test
  void an_instance_uses_a_field_that_its_definition_gains_in_the_same_commit() {
    String group = namespace + ".example.org";
    String commit =
        repository.commit(
            Map.of("crd.yaml", definition(group, "v1"), "thing.yaml", thing(group, "v1", 3)),
            "small");
    follow("sync");
    syncs.awaitReady("sync", commit);

    commit =
        repository.commit(
            Map.of(
                "crd.yaml",
                    definition(group, "v1")
                        .replace(
                            "size: {type: integer}",
                            "size: {type: integer}, wide: {type: boolean}"),
                "thing.yaml", thing(group, "v1", 3).replace("size: 3", "size: 3, wide: true")),
            "wide");

    syncs.awaitReady("sync", commit);
    assertThat(get("things." + group, "t", "{.spec.wide}")).isEqualTo("true");
  }

  @Test
  void an_instance_that_is_wrong_for_the_new_definition_holds_up_all_but_the_definition() {
    String group = namespace + ".example.org";
    repository.commit(
        Map.of(
            "crd.yaml",
                definition(group, "v1")
                    .replace(
                        "size: {type: integer}",
                        "size: {type: integer, x-kubernetes-validations: [{rule: self < 10}]}"),
            "thing.yaml", thing(group, "v1", 30),
            "settings.yaml", configMap("settings", "1")),
        "too large");
    follow("sync");

    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("thing.yaml")
        .contains("self < 10");
    assertThat(cluster.kubectl("get", "crd", "things." + group, "-o", "name")).contains(group);
    assertThat(get("configmap", "settings", "{.metadata.name}")).isEmpty();
  }

  @Test
  void a_node_port_moves_from_one_service_to_another() {
    int port = 30_100 + Math.floorMod(namespace.hashCode(), 1000);
    String commit =
        repository.commit(Map.of("services.yaml", service("a", port)), "a has the port");
    follow("sync");
    await_applied("sync", commit);

    commit =
        repository.commit(
            Map.of("services.yaml", service("b", port) + "---\n" + service("a", 0)), "b has it");

    await_applied("sync", commit);
    assertThat(get("service", "b", "{.spec.ports[0].nodePort}")).isEqualTo("" + port);
    assertThat(get("service", "a", "{.spec.type}")).isEqualTo("ClusterIP");
  }

  @Test
  void services_that_swap_their_ports_are_refused_and_keep_them() {
    int port = 31_100 + 2 * Math.floorMod(namespace.hashCode(), 500);
    String commit =
        repository.commit(
            Map.of("services.yaml", service("a", port) + "---\n" + service("b", port + 1)),
            "a and b");
    follow("sync");
    await_applied("sync", commit);

    repository.commit(
        Map.of(
            "services.yaml",
            service("a", port + 1) + "---\n" + service("b", port),
            "settings.yaml",
            configMap("settings", "1")),
        "swapped");

    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("services.yaml")
        .contains("already allocated")
        .contains("wait for each other");
    assertThat(get("service", "a", "{.spec.ports[0].nodePort}")).isEqualTo("" + port);
    assertThat(get("configmap", "settings", "{.metadata.name}")).isEmpty();
  }

  @Test
  void a_pod_comes_with_the_quota_that_leaves_room_for_it() {
    String commit =
        repository.commit(Map.of("quota.yaml", quota(0), "account.yaml", account()), "no room");
    follow("sync");
    await_applied("sync", commit);
    OperatorProcess.sleep(Duration.ofSeconds(1));

    commit =
        repository.commit(Map.of("quota.yaml", quota(1), "pod.yaml", pod("first", "")), "room");

    await_applied("sync", commit);
    assertThat(get("pod", "first", "{.metadata.name}")).isEqualTo("first");
  }

  @Test
  void a_pod_comes_with_the_label_that_lets_it_in() {
    String other = namespace + "-safe";
    String commit =
        repository.commit(
            Map.of(
                "namespace.yaml", secured(other, "restricted"),
                "account.yaml",
                    account().replace("name: runner", "name: runner, namespace: " + other)),
            "restricted");
    follow("sync");
    await_applied("sync", commit);

    commit =
        repository.commit(
            Map.of(
                "namespace.yaml", secured(other, "privileged"),
                "pod.yaml",
                    pod("first", "").replace("name: first", "name: first, namespace: " + other)),
            "privileged");

    await_applied("sync", commit);
    assertThat(cluster.kubectl("get", "pod", "-n", other, "-o", "name")).contains("first");
  }

  /** Pods of the test never get ready: there is nobody to run them. */
  private void await_applied(String sync, String commit) {
    syncs.await(
        sync,
        "applied at " + commit,
        status ->
            SyncClient.applied(status).equals(commit)
                && SyncClient.condition(status, "Applied").startsWith("True"));
  }

  private String get(String kind, String name, String path) {
    return cluster
        .tryKubectl("", "get", kind, "-n", namespace, name, "-o", "jsonpath=" + path)
        .output();
  }

  private String priority() {
    return ", priorityClassName: " + namespace;
  }

  private String priorityClass() {
    return "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: %s}\nvalue: 7\n"
        .formatted(namespace);
  }

  private static String account() {
    return "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\n";
  }

  private static String pod(String name, String more) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s}
    spec: {serviceAccountName: runner, containers: [{name: c, image: example.org/c:1}]%s}
    """
        .formatted(name, more);
  }

  private static String quota(int pods) {
    return "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few}\nspec: {hard: {pods: \"%d\"}}\n"
        .formatted(pods);
  }

  private static String secured(String name, String level) {
    return """
    apiVersion: v1
    kind: Namespace
    metadata: {name: %s, labels: {pod-security.kubernetes.io/enforce: %s}}
    """
        .formatted(name, level);
  }

  /** A Service with a node port, or without one. */
  private static String service(String name, int port) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s}
    spec:
      type: %s
      ports: [{name: web, port: 80%s}]
    """
        .formatted(
            name, port == 0 ? "ClusterIP" : "NodePort", port == 0 ? "" : ", nodePort: " + port);
  }
}
