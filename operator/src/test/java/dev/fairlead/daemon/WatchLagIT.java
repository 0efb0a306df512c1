package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What was written is pruned also when no watch has told of it in the meantime. */
@ExtendWith(ControlPlaneExtension.class)
final class WatchLagIT {
  @Test
  void what_comes_and_goes_while_a_watch_is_silent_leaves_no_orphan(
      ControlPlane cluster, @TempDir Path directory) {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    String namespace = cluster.createTrustedNamespace("watch-lag");
    // Without b the inventory does not name that namespace, and then nobody takes b for a member.
    String elsewhere = cluster.createNamespace("watch-lag-too");
    SyncClient syncs = new SyncClient(cluster, namespace);
    ApiClient api = ApiClient.of(cluster);
    CountDownLatch silence = new CountDownLatch(1);
    AtomicBoolean muted = new AtomicBoolean();
    try (GitServer git = GitServer.start(directory.resolve("git"));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      proxy.hook(request ->
          request.isWatch() && request.path().endsWith("/configmaps") && !muted.get()
              ? new ApiCourse.Mute(silence)
              : ApiCourse.FORWARD);
      try (OperatorProcess operator =
          OperatorProcess.start(
              proxy.kubeconfig(), directory.resolve("daemon"), "--watch-silence", "10s")) {
        GitRepository repository = git.create("app");
        String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "a");
        syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
        syncs.awaitReady("sync", first);
        muted.set(true);
        silence.countDown();
        String there =
            configMap("b", "1").replace("{name: b}", "{name: b, namespace: " + elsewhere + "}");
        String second = repository.commit(Map.of("b.yaml", there), "b comes");
        syncs.awaitReady("sync", second);

        String third = repository.delete("b goes", "b.yaml");
        syncs.await("sync", "at the commit", s -> SyncClient.applied(s).equals(third));

        String b = "/api/v1/namespaces/" + elsewhere + "/configmaps/b";
        SyncClient.await(
            Duration.ofSeconds(40), "b gone", () -> api.get(b).isEmpty(), operator::log);
        syncs.awaitReady("sync", third);
        assertThat(syncs.status("sync").toJson()).doesNotContain("PruneBlocked");
        syncs.delete("sync");
      }
    }
  }
}
