package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fairlead upgrades itself from a repository that holds install.yaml. Its pod is one that the
 * testbed pretends to run; the daemon with that pod's account is a process.
 */
@ExtendWith(ControlPlaneExtension.class)
final class SelfManagedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ControlPlane cluster;
  private final Path directory;
  private final GitServer git;
  private final GitRepository repository;
  private final Installation installation;
  private final OperatorProcess daemon;
  private final SyncClient syncs;
  private String first = "";

  SelfManagedIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("self");
    this.installation = Installation.ofInstallYaml(cluster);
    this.daemon = installation.start(directory.resolve("daemon"));
    this.syncs = new SyncClient(cluster, installation.namespace);
  }

  @BeforeEach
  void it_is_in_its_own_gitsync() {
    first = commit("0.1.0");
    syncs.apply(
        "fairlead", repository.url(), "maxPrune: 100%", "rollout: {timeout: 8s, onFailure: Hold}");
    syncs.awaitReady("fairlead", first);
  }

  @AfterEach
  void remove() {
    if (syncs.find("fairlead").isPresent()) {
      syncs.delete("fairlead");
    }
    daemon.close();
    installation.close();
    git.close();
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
  }

  private String commit(String tag) {
    return repository.commit(
        Map.of(
            "install.yaml",
            Installation.installYaml(installation.namespace)
                .replaceAll("image: \"(.*):[^:]*\"", "image: \"$1:" + tag + "\"")),
        tag);
  }

  /** The images of the pods that are ready. */
  private String ready() {
    return cluster.kubectl(
        "get",
        "pods",
        "-n",
        installation.namespace,
        "-o",
        "go-template={{range .items}}{{$p := .}}{{range .status.conditions}}{{if and (eq .type \"Ready\")"
            + " (eq .status \"True\")}}{{(index $p.spec.containers 0).image}} {{end}}{{end}}{{end}}");
  }

  @Test
  void a_new_image_is_a_commit_like_any_other() {
    syncs.awaitReady("fairlead", commit("0.2.0"));

    SyncClient.await(
        PATIENCE,
        "one pod of the new image",
        () -> ready().strip().endsWith(":0.2.0") && ready().strip().indexOf(' ') < 0,
        this::ready);
    assertThat(daemon.log()).doesNotContain("cannot be", "not allowed");
  }

  @Test
  void a_bad_image_leaves_the_old_pod_running_and_a_revert_undoes_it() {
    String bad = commit("never-ready");

    assertThat(syncs.awaitReason("fairlead", "HealthCheckFailed"))
        .contains("install.yaml:", "Deployment " + installation.namespace + "/fairlead");
    assertThat(syncs.status("fairlead").toJson()).contains(bad);
    assertThat(ready()).contains(":0.1.0").doesNotContain("never-ready");

    syncs.awaitReady("fairlead", repository.restore(GitRepository.MAIN, first, "revert"));
    assertThat(ready()).contains(":0.1.0");
  }

  @Test
  void what_it_lives_by_outlives_its_gitsync_and_the_rest_goes() {
    syncs.delete("fairlead");

    assertThat(
            cluster
                .kubectl(
                    "get",
                    "clusterrole,clusterrolebinding,role,rolebinding,deployment,networkpolicy",
                    "-n",
                    installation.namespace,
                    "-l",
                    "app.kubernetes.io/part-of=fairlead",
                    "-o",
                    "name")
                .lines())
        .containsExactlyInAnyOrder(
            "clusterrole.rbac.authorization.k8s.io/fairlead",
            "clusterrolebinding.rbac.authorization.k8s.io/fairlead",
            "clusterrolebinding.rbac.authorization.k8s.io/fairlead-apply",
            "role.rbac.authorization.k8s.io/fairlead",
            "rolebinding.rbac.authorization.k8s.io/fairlead",
            "deployment.apps/fairlead");
  }

  @Test
  void a_second_replica_comes_and_goes_by_commits() {
    String two =
        repository.commit(
            Map.of(
                "install.yaml",
                Installation.installYaml(installation.namespace)
                    .replace("\n  replicas: 1\n", "\n  replicas: 2\n")),
            "two");
    syncs.awaitReady("fairlead", two);
    assertThat(ready().strip().split(" ")).hasSize(2);

    try (OperatorProcess second = installation.start(directory.resolve("second"))) {
      SyncClient.await(
          PATIENCE, "a standby", () -> second.readyz().startsWith("200 standby; "), second::log);
      daemon.stop();
      SyncClient.await(
          PATIENCE, "its lead", () -> second.readyz().startsWith("200 at work"), second::log);
      syncs.awaitReady("fairlead", commit("0.3.0"));
      syncs.delete("fairlead");
    }
  }
}
