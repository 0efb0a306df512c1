package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
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

/** A GitSync that goes asks who waits for its objects as late as it can. */
@ExtendWith(ControlPlaneExtension.class)
final class LateHeirIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String WAITS = "waiting for another GitSync";

  @Test
  void who_comes_to_wait_while_it_is_decided_what_goes_gets_it(
      ControlPlane cluster, @TempDir Path directory) {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    String namespace = cluster.createTrustedNamespace("late-heir");
    String object = "/api/v1/namespaces/" + namespace + "/configmaps/a";
    SyncClient syncs = new SyncClient(cluster, namespace);
    ApiClient api = ApiClient.of(cluster);
    CountDownLatch decided = new CountDownLatch(1);
    AtomicBoolean going = new AtomicBoolean();
    AtomicBoolean deciding = new AtomicBoolean();
    try (GitServer git = GitServer.start(directory.resolve("git"));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      proxy.hook(request -> {
        // It asks first whether its namespace goes too.
        if (going.get() && request.path().equals("/api/v1/namespaces/" + namespace)) {
          deciding.set(true);
          return new ApiCourse.Stall(decided);
        }
        // At once: it tries again a second later, and is awaited then.
        if (request.path().endsWith("/new/status") && request.body().contains(WAITS)) {
          decided.countDown();
        }
        return ApiCourse.FORWARD;
      });
      try (OperatorProcess operator =
          OperatorProcess.start(proxy.kubeconfig(), directory.resolve("daemon"))) {
        GitRepository repository = git.create("app");
        String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "a");
        String more = "defaultNamespace: " + namespace;
        syncs.apply("old", repository.url(), more);
        syncs.awaitReady("old", commit);
        String uid = uid(api, object);

        going.set(true);
        api.delete("/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/old");
        SyncClient.await(PATIENCE, "old decides", deciding::get, operator::log);
        // Until then it would wait for news in any case.
        OperatorProcess.sleep(Duration.ofMillis(1500));
        syncs.apply("new", repository.url(), more);
        SyncClient.await(PATIENCE, "new waits", () -> decided.getCount() == 0, operator::log);

        syncs.awaitReady("new", commit);
        assertThat(uid(api, object)).isEqualTo(uid);
        SyncClient.await(PATIENCE, "old gone", () -> syncs.find("old").isEmpty(), operator::log);
        assertThat(uid(api, object)).isEqualTo(uid);
        syncs.delete("new");
      }
    }
  }

  private static String uid(ApiClient api, String path) {
    return api.get(path)
        .flatMap(o -> o.object("metadata"))
        .flatMap((Json.Obj m) -> m.string("uid"))
        .orElse("");
  }
}
