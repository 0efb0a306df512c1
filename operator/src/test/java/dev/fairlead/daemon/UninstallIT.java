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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever removes Fairlead, in whatever order, keeps what it has deployed. */
@ExtendWith(ControlPlaneExtension.class)
final class UninstallIT {
  private static final Path CRD = Path.of("..", "manifests", "crd.yaml");

  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;
  private final GitServer git;
  private String home = "";
  private String work = "";
  private OperatorProcess operator;
  private GitRepository repository;
  private String uid = "";

  UninstallIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("app");
    install();
    this.operator = OperatorProcess.start(cluster.kubeconfig(), directory);
  }

  @BeforeEach
  void it_has_deployed_something() {
    home = cluster.createTrustedNamespace("uninstall");
    work = cluster.createNamespace("uninstall-work");
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "app");
    new SyncClient(cluster, home).apply("app", repository.url(), "defaultNamespace: " + work);
    new SyncClient(cluster, home).awaitReady("app", commit);
    uid = metadata("uid");
    assertThat(uid).isNotEmpty();
  }

  @AfterEach
  void stop() {
    operator.close();
    git.close();
    // Other tests need it again.
    install();
  }

  private void install() {
    define(cluster);
  }

  /** Applies the definition; again, if the one before was still on its way out. */
  static void define(ControlPlane cluster) {
    ApiClient api = ApiClient.of(cluster);
    String crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gitsyncs.fairlead.dev";
    SyncClient.await(
        Duration.ofSeconds(30),
        "the definition of GitSync",
        () -> {
          cluster.kubectl("apply", "-f", CRD.toString());
          return api.get(crd)
              .map(Json.Obj::toJson)
              .filter(d -> !d.contains("deletionTimestamp"))
              .filter(d -> d.contains("\"Established\""))
              .isPresent();
        },
        () -> api.get(crd).map(Json.Obj::toJson).orElse("none"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          the definition first    | crd
          the namespace first     | namespace
          the GitSync first       | sync,crd,namespace
          the namespace, then all | namespace,crd,sync
          the GitSync last        | crd,namespace,sync
          """)
  void no_workload_goes_with_it(String sentence, String order) {
    StringBuilder all = new StringBuilder();
    for (String part : order.split(",", -1)) {
      all.append(
              switch (part) {
                case "crd" -> read(CRD);
                case "namespace" ->
                    "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(home);
                default ->
                    """
                    apiVersion: fairlead.dev/v1alpha1
                    kind: GitSync
                    metadata: {name: app, namespace: %s}
                    """
                        .formatted(home);
              })
          .append("\n---\n");
    }

    cluster
        .tryKubectl(all.toString(), "delete", "--ignore-not-found", "--timeout=60s", "-f", "-")
        .orFail();

    assertItStays();
  }

  @ParameterizedTest(name = "then {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          its definition | /apis/apiextensions.k8s.io/v1/customresourcedefinitions/gitsyncs.fairlead.dev
          its namespace  | /api/v1/namespaces/HOME
          """)
  void no_workload_goes_although_the_gitsync_was_deleted_a_moment_before(
      String sentence, String path) {
    api.delete("/apis/fairlead.dev/v1alpha1/namespaces/" + home + "/gitsyncs/app");
    OperatorProcess.sleep(Duration.ofMillis(300));
    api.delete(path.replace("HOME", home));

    SyncClient.await(
        Duration.ofSeconds(30),
        "the GitSync gone",
        () -> new SyncClient(cluster, home).find("app").isEmpty(),
        operator::log);
    assertItStays();
  }

  private void assertItStays() {
    OperatorProcess.sleep(Duration.ofSeconds(1));
    assertThat(metadata("uid")).as(operator.log()).isEqualTo(uid);
    assertThat(configMapJson()).doesNotContain("applyset").doesNotContain("deletionTimestamp");
  }

  @Test
  void without_a_daemon_it_goes_by_hand_and_who_installs_again_finds_everything() {
    operator.kill();
    cluster.kubectl("delete", "-f", CRD.toString(), "--wait=false");

    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        home,
        "app",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":null}}");
    cluster.kubectl("wait", "--for=delete", "crd/gitsyncs.fairlead.dev", "--timeout=30s");
    assertThat(metadata("uid")).isEqualTo(uid);

    install();
    operator = OperatorProcess.start(cluster.kubeconfig(), directory);
    String commit = repository.commit(Map.of("b.yaml", configMap("b", "1")), "more");
    SyncClient syncs = new SyncClient(cluster, home);
    syncs.apply("renamed", repository.url(), "defaultNamespace: " + work);
    syncs.awaitReady("renamed", commit);
    assertThat(metadata("uid")).isEqualTo(uid);
    assertThat(configMapJson()).contains("fairlead/" + home + "/renamed");
    syncs.delete("renamed");
  }

  @Test
  void a_gitsync_that_cannot_be_read_goes_and_leaves_its_objects() {
    cluster.kubectl(
        "patch",
        "crd",
        "gitsyncs.fairlead.dev",
        "--type=json",
        "-p",
        """
        [{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema",
          "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]
        """);
    SyncClient syncs = new SyncClient(cluster, home);
    SyncClient.await(
        Duration.ofSeconds(20),
        "a spec that nobody can read",
        () ->
            cluster
                    .tryKubectl(
                        "",
                        "patch",
                        "gitsync",
                        "-n",
                        home,
                        "app",
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"interval\":\"never\"}}")
                    .exitCode()
                == 0,
        operator::log);
    syncs.awaitReason("app", "BuildFailed");

    syncs.delete("app");

    assertThat(metadata("uid")).isEqualTo(uid);
    assertThat(configMapJson()).doesNotContain("applyset").doesNotContain("deletionTimestamp");
  }

  private String configMapJson() {
    return api.get("/api/v1/namespaces/" + work + "/configmaps/a").map(Json.Obj::toJson).orElse("");
  }

  private String metadata(String field) {
    return api.get("/api/v1/namespaces/" + work + "/configmaps/a")
        .flatMap(o -> o.object("metadata"))
        .flatMap(m -> m.string(field))
        .orElse("");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
