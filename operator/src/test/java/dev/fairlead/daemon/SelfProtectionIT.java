package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A GitSync that holds Fairlead itself can neither delete nor break it. */
@ExtendWith(ControlPlaneExtension.class)
final class SelfProtectionIT {
  private final ControlPlane cluster;
  private final ApiClient api;
  private final GitServer git;
  private final GitRepository repository;
  private String home = "";
  private SyncClient syncs;
  private OperatorProcess operator;
  private List<String> own = List.of();
  private String good = "";

  SelfProtectionIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("self");
    cluster.kubectl("apply", "-f", crdFile().toString());
    home = cluster.createNamespace("self");
    this.syncs = new SyncClient(cluster, home);
    this.operator = OperatorProcess.start(cluster.kubeconfig(), directory, "--namespace", home);
  }

  @BeforeEach
  void a_sync_of_its_own() {
    String rbac = "/apis/rbac.authorization.k8s.io/v1/";
    own =
        List.of(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gitsyncs.fairlead.dev",
            "/api/v1/namespaces/" + home,
            "/api/v1/namespaces/" + home + "/serviceaccounts/fairlead",
            "/apis/apps/v1/namespaces/" + home + "/deployments/fairlead",
            rbac + "clusterroles/fairlead",
            rbac + "clusterrolebindings/fairlead");
    good =
        repository.commit(
            Map.of(
                "crd.yaml",
                crd(),
                "deployment.yaml",
                deployment(1, "one"),
                "rbac.yaml",
                rbac(home, "patch"),
                "home.yaml",
                """
                apiVersion: v1
                kind: Namespace
                metadata: {name: %1$s}
                ---
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: fairlead}
                """
                    .formatted(home),
                "other.yaml",
                configMap("other", "1")),
            "all of it");
    syncs.apply("self", repository.url(), "defaultNamespace: " + home, "maxPrune: 100%");
    syncs.awaitReady("self", good);
  }

  @AfterEach
  void stop() {
    if (syncs.find("self").isPresent()) {
      syncs.delete("self");
    }
    operator.close();
    git.close();
    cluster.kubectl("delete", "clusterrole,clusterrolebinding", "fairlead", "--ignore-not-found");
    cluster.kubectl("apply", "-f", crdFile().toString());
  }

  @Test
  void what_leaves_git_at_once_stays() {
    repository.delete("gone", "crd.yaml", "deployment.yaml", "rbac.yaml", "home.yaml");
    syncs.awaitReady("self", repository.commit(Map.of("x.yaml", configMap("x", "1")), "x"));
    SyncClient.await(
        Duration.ofSeconds(20),
        "all released",
        () -> own.stream().noneMatch(path -> json(path).contains("part-of\":")),
        () -> String.join("\n", own.stream().map(this::json).toList()));

    for (String path : own) {
      assertThat(json(path)).as(path).isNotEmpty().doesNotContain("deletionTimestamp");
    }
    syncs.await(
        "self",
        "that says so",
        s ->
            s.toJson()
                .contains(
                    "Deployment "
                        + home
                        + "/fairlead: left Git and stays: Fairlead never deletes it"));
    assertThat(cluster.kubectl("get", "events", "-n", home, "-o", "jsonpath={.items[*].message}"))
        .contains("left Git and stay", "CustomResourceDefinition gitsyncs.fairlead.dev");
  }

  @Test
  void what_would_break_it_is_refused_with_its_line() {
    refused(
        Map.of("deployment.yaml", deployment(0, "one")),
        "deployment.yaml:5: Deployment %s/fairlead: spec.replicas: would stop Fairlead for good"
            .formatted(home));
    refused(
        Map.of("deployment.yaml", deployment(1, "one").replace("app: fairlead", "app: other")),
        "field is immutable");
    refused(
        Map.of("crd.yaml", crd().replace("served: true", "served: false")),
        "CustomResourceDefinition gitsyncs.fairlead.dev: spec.versions: has to serve v1alpha1");
    refused(
        Map.of("rbac.yaml", rbac(home, "get")),
        "rbac.yaml:4: ClusterRole fairlead: rules: would take from Fairlead a right");
    refused(
        Map.of("rbac.yaml", rbac("elsewhere", "patch")),
        "ClusterRoleBinding fairlead: subjects: would take all rights of this binding");
    refused(
        Map.of(
            "lease.yaml",
            "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: fairlead}\n"),
        "Lease %s/fairlead: metadata.name: is how several Fairleads agree".formatted(home));

    assertThat(json(own.get(3))).contains("\"replicas\":1");
    assertThat(json(own.get(4))).contains("patch");
  }

  @Test
  void another_image_and_a_second_replica_pass() {
    String commit = repository.commit(Map.of("deployment.yaml", deployment(2, "two")), "better");

    syncs.awaitReady("self", commit);

    assertThat(json(own.get(3))).contains("\"replicas\":2", "example.org/fairlead:two");
  }

  @Test
  void it_outlives_its_gitsync() {
    syncs.delete("self");

    for (String path : own) {
      assertThat(json(path))
          .as(path)
          .isNotEmpty()
          .doesNotContain("deletionTimestamp")
          .doesNotContain("part-of\":");
    }
    assertThat(api.get("/api/v1/namespaces/" + home + "/configmaps/other")).isEmpty();
  }

  /** Commits, sees it refused, and takes it back. */
  private void refused(Map<String, String> files, String message) {
    String commit = repository.commit(files, "breaks");
    syncs.await(
        "self",
        "refused: " + message,
        s ->
            SyncClient.condition(s, "Ready").startsWith("False ValidationFailed:")
                && s.toJson().contains(commit)
                && SyncClient.condition(s, "Ready").contains(message));
    syncs.awaitReady("self", repository.restore(GitRepository.MAIN, good, "as it was"));
  }

  private String json(String path) {
    return api.get(path).map(Json.Obj::toJson).orElse("");
  }

  private static Path crdFile() {
    return Path.of("..", "manifests", "crd.yaml");
  }

  private static String crd() {
    try {
      return Files.readString(crdFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String deployment(int replicas, String tag) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: fairlead}
    spec:
      replicas: %d
      selector: {matchLabels: {app: fairlead}}
      template:
        metadata: {labels: {app: fairlead}}
        spec:
          containers:
          - {name: fairlead, image: "example.org/fairlead:%s", args: [operator]}
    """
        .formatted(replicas, tag);
  }

  private static String rbac(String namespace, String verb) {
    return """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: fairlead}
    rules:
    - {apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}
    - {apiGroups: [fairlead.dev], resources: [gitsyncs, gitsyncs/status], verbs: [%s]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: fairlead}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: fairlead}
    subjects:
    - {kind: ServiceAccount, name: fairlead, namespace: %s}
    """
        .formatted(verb, namespace);
  }
}
