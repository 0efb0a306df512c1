package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.K3s;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fairlead as K3s installs it, by the parts of K3s that do it. {@code make test-k3s} builds them
 * and runs these tests on K3s' datastore; {@code make test} leaves them out.
 */
@ExtendWith(ControlPlaneExtension.class)
final class K3sIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Pattern KIND = Pattern.compile("(?m)^kind: ");

  private final ControlPlane cluster;
  private final Path directory;
  private final Path manifests;
  private final String namespace;

  K3sIT(ControlPlane cluster, @TempDir Path directory) throws IOException {
    this.cluster = cluster;
    this.directory = directory;
    this.manifests = Files.createDirectory(directory.resolve("manifests"));
    this.namespace = cluster.createNamespace("k3s");
    cluster.kubectl("delete", "namespace", namespace);
  }

  @AfterEach
  void remove() {
    cluster.kubectl(
        "delete",
        "clusterrole,clusterrolebinding",
        "-l",
        "app.kubernetes.io/part-of=fairlead",
        "--ignore-not-found");
    cluster.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false");
  }

  private String installYaml(String tag) {
    return Installation.installYaml(namespace)
        .replaceAll("image: \"(.*):[^:]*\"", "image: \"$1:" + tag + "\"");
  }

  /** As {@code cp} does it, but never half of it. */
  private void drop(String content) throws IOException {
    Path scratch = Files.writeString(directory.resolve("scratch"), content);
    Files.move(scratch, manifests.resolve("fairlead.yaml"), StandardCopyOption.REPLACE_EXISTING);
  }

  private String deployment(String path) {
    return cluster
        .tryKubectl(
            "", "get", "deployment", "fairlead", "-n", namespace, "-o", "jsonpath={" + path + "}")
        .output();
  }

  private void awaitTag(String tag) {
    SyncClient.await(
        PATIENCE,
        "an image " + tag,
        () -> deployment(".spec.template.spec.containers[0].image").endsWith(":" + tag),
        () -> deployment(""));
    cluster.kubectl("rollout", "status", "-n", namespace, "deployment/fairlead", "--timeout=60s");
  }

  private static void awaitApplied(K3s deploy, int times) {
    SyncClient.await(
        PATIENCE,
        "the file applied " + times + " times",
        () ->
            deploy.log().lines().filter(l -> l.startsWith("applied fairlead.yaml")).count()
                == times,
        deploy::log);
  }

  @Test
  void objects_are_kept_by_kine() {
    assertThat(cluster.directory().resolve("etcd").resolve("state.db")).isRegularFile();
  }

  @Test
  void a_file_in_server_manifests_installs_and_upgrades_and_outlives_its_removal()
      throws IOException {
    drop(installYaml("0.1.0"));
    try (K3s deploy = K3s.deploy(cluster, manifests, directory)) {
      awaitApplied(deploy, 1);
      awaitTag("0.1.0");
      String names =
          cluster.tryKubectl(installYaml("0.1.0"), "get", "-f", "-", "-o", "name").orFail();
      assertThat(names.lines())
          .hasSize((int) KIND.matcher(installYaml("")).results().count())
          .hasSizeGreaterThan(10);

      String newer =
          installYaml("0.2.0").replaceFirst("(?ms)^apiVersion: v1\nkind: Service\n.*?(?=^---)", "");
      assertThat(newer).doesNotContain("kind: Service\n");
      drop(newer);
      awaitTag("0.2.0");
      awaitApplied(deploy, 2);
      assertThat(cluster.kubectl("get", "services", "-n", namespace, "-o", "name")).isEmpty();

      Files.delete(manifests.resolve("fairlead.yaml"));
    }
    try (K3s deploy = K3s.deploy(cluster, manifests, directory)) {
      OperatorProcess.sleep(Duration.ofSeconds(3));
      assertThat(deploy.log()).doesNotContain("failed");
    }
    assertThat(deployment(".status.readyReplicas")).isEqualTo("1");
  }

  @Test
  void a_gitsync_of_its_own_takes_it_over_and_the_file_has_to_go() throws IOException {
    drop(installYaml("0.1.0"));
    try (K3s deploy = K3s.deploy(cluster, manifests, directory)) {
      awaitApplied(deploy, 1);
    }
    try (GitServer git = GitServer.start(directory.resolve("git"))) {
      awaitTag("0.1.0");
      String uid = deployment(".metadata.uid");
      GitRepository repository = git.create("self");
      SyncClient syncs = new SyncClient(cluster, namespace);
      try (OperatorProcess daemon =
          OperatorProcess.start(
              cluster.kubeconfig(namespace, "fairlead"),
              directory.resolve("daemon"),
              "--namespace",
              namespace)) {
        String commit = repository.commit(Map.of("install.yaml", installYaml("0.2.0")), "0.2.0");
        syncs.apply("fairlead", repository.url(), "maxPrune: 100%");
        syncs.awaitReady("fairlead", commit);
        awaitTag("0.2.0");
        assertThat(deployment(".metadata.uid")).isEqualTo(uid);
        double before = daemon.metric("fairlead_drift_total", "");

        // K3s starts again: what is in the file is applied, whatever it was meanwhile.
        try (K3s again = K3s.deploy(cluster, manifests, directory)) {
          awaitApplied(again, 2);
          SyncClient.await(
              PATIENCE,
              "a repair",
              () -> daemon.metric("fairlead_drift_total", "") > before,
              daemon::log);
          awaitTag("0.2.0");
          syncs.awaitReady("fairlead", commit);
        }

        // Without the file it stays as it is.
        Files.delete(manifests.resolve("fairlead.yaml"));
        String generation = deployment(".metadata.generation");
        try (K3s without = K3s.deploy(cluster, manifests, directory)) {
          OperatorProcess.sleep(Duration.ofSeconds(3));
          assertThat(without.log()).doesNotContain("failed");
        }
        assertThat(deployment(".metadata.generation")).isEqualTo(generation);
        syncs.awaitReady("fairlead", commit);
        assertThat(daemon.log()).doesNotContain("cannot be", "not allowed");
        syncs.delete("fairlead");
      }
    }
  }

  @Test
  void the_helm_chart_resource_of_the_docs_becomes_a_job_with_our_values() {
    try (K3s helm = K3s.helmController(cluster, directory)) {
      SyncClient.await(
          PATIENCE,
          "the definition of HelmChart",
          () -> cluster.tryKubectl("", "get", "helmcharts", "-A").exitCode() == 0,
          helm::log);
      String chart = DocsYaml.block("install.md", "kind: HelmChart");
      cluster.tryKubectl(chart, "apply", "--server-side", "--validate=strict", "-f", "-").orFail();
      try {
        SyncClient.await(
            PATIENCE, "its Job", () -> !helmChart("{.status.jobName}").isEmpty(), helm::log);
        String job =
            cluster.kubectl(
                "get", "job", helmChart("{.status.jobName}"), "-n", "kube-system", "-o", "yaml");
        assertThat(job)
            .contains("install", "--namespace", "fairlead-system", "--create-namespace")
            .contains("/static/charts/fairlead-");
        String values =
            cluster.kubectl(
                "get",
                "secret",
                "chart-values-fairlead",
                "-n",
                "kube-system",
                "-o",
                "go-template={{.data.HelmChartValuesContent | base64decode}}");
        assertThat(values).contains("repository: registry.example.org/fairlead", "hooksFrom:");
      } finally {
        cluster.kubectl("delete", "helmchart", "fairlead", "-n", "kube-system", "--timeout=60s");
      }
    }
  }

  private String helmChart(String path) {
    return cluster
        .tryKubectl(
            "", "get", "helmchart", "fairlead", "-n", "kube-system", "-o", "jsonpath=" + path)
        .output();
  }
}
