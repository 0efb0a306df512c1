package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two reports of one sync that meet: what comes last counts. */
@ExtendWith(ControlPlaneExtension.class)
final class StatusTurnIT {
  private final ControlPlane cluster;
  private final Path directory;
  private final List<ApiRequest> reports = new CopyOnWriteArrayList<>();

  StatusTurnIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
  }

  @Test
  void a_refusal_that_says_what_status_said_before_the_work_is_told_again() {
    String namespace = cluster.createTrustedNamespace("status-turn");
    SyncClient syncs = new SyncClient(cluster, namespace);
    try (GitServer git = GitServer.start(directory.resolve("git"));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      GitRepository repository = git.create(namespace);
      repository.commit(
          Map.of(
              "a.yaml",
              configMap("a", "1"),
              "b.yaml",
              configMap("b", "1").replace("\ndata:", "\ndota:")),
          "a mistake");
      try (OperatorProcess first = start(proxy)) {
        syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
        syncs.awaitReason("sync", "ValidationFailed");
        first.stop();
      }
      String next =
          repository.commit(Map.of("README.md", "Not for the cluster."), "the same mistake");
      proxy.hook(this::slowly);

      try (OperatorProcess second = start(proxy)) {
        SyncClient.await(
            Duration.ofSeconds(30),
            "a report of the work on " + next,
            () -> !reports.isEmpty(),
            second::log);

        syncs.awaitReason("sync", "ValidationFailed");
        assertThat(syncs.status("sync").toJson()).contains(next);
        syncs.delete("sync");
      }
    }
  }

  private OperatorProcess start(ApiProxy proxy) {
    return OperatorProcess.start(proxy.kubeconfig(), directory.resolve("daemon"));
  }

  /**
   * The work takes so long that it is reported, and that report so long that the next one waits.
   */
  private ApiCourse slowly(ApiRequest request) {
    if (request.isDryRun()) {
      OperatorProcess.sleep(Duration.ofMillis(1500));
    } else if (request.path().endsWith("/status") && request.body().contains("applying ")) {
      OperatorProcess.sleep(Duration.ofSeconds(4));
      reports.add(request);
    }
    return ApiCourse.FORWARD;
  }
}
