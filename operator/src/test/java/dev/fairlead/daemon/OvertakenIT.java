package dev.fairlead.daemon;

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
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Others write to an object while it is being verified, after it was looked at. */
@ExtendWith(ControlPlaneExtension.class)
final class OvertakenIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final String MANIFEST =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: %1$s, annotations: {fairlead.dev/ignore-fields: /spec/replicas}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: %1$s}}
        template:
          metadata: {labels: {app: %1$s}}
          spec: {containers: [{name: c, image: "example.org/c:1"}]}
      """;

  @Test
  void only_what_was_ours_is_told_as_drift(ControlPlane cluster, @TempDir Path directory) {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    String namespace = cluster.createTrustedNamespace("overtaken");
    String deployments = "/apis/apps/v1/namespaces/" + namespace + "/deployments/";
    String web = deployments + "web";
    String shop = deployments + "shop";
    SyncClient syncs = new SyncClient(cluster, namespace);
    ApiClient api = ApiClient.of(cluster);
    AtomicBoolean scaling = new AtomicBoolean();
    AtomicBoolean changing = new AtomicBoolean();
    try (GitServer git = GitServer.start(directory.resolve("git"));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      proxy.hook(request -> {
        boolean apply = request.isApply() && request.isWrite();
        if (apply && request.path().equals(web) && scaling.getAndSet(false)) {
          scale(api, web, 4);
        }
        if (apply && request.path().equals(shop) && changing.getAndSet(false)) {
          api.mergePatch(shop, image("example.org/c:9"));
        }
        return ApiCourse.FORWARD;
      });
      try (OperatorProcess operator =
          OperatorProcess.start(proxy.kubeconfig(), directory.resolve("daemon"))) {
        GitRepository repository = git.create("app");
        String commit =
            repository.commit(
                Map.of(
                    "web.yaml", MANIFEST.formatted("web"), "shop.yaml", MANIFEST.formatted("shop")),
                "Two that are scaled");
        syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
        syncs.awaitReady("sync", commit);

        // When it is scaled, it is verified a second later, and scaled again meanwhile.
        scaling.set(true);
        scale(api, web, 3);
        SyncClient.await(PATIENCE, "scaled again", () -> !scaling.get(), operator::log);
        OperatorProcess.sleep(Duration.ofSeconds(2));

        // Then
        assertThat(drifts(operator, namespace)).as(operator::log).isZero();
        assertThat(replicas(api, web)).contains(4L);

        // When a value of ours is taken meanwhile
        changing.set(true);
        scale(api, shop, 2);

        // Then
        SyncClient.await(
            PATIENCE, "a drift", () -> drifts(operator, namespace) == 1, operator::log);
        assertThat(operator.log()).contains("kubectl-patch changed spec.template.spec.containers");
        assertThat(api.get(shop).orElseThrow().toJson()).contains("example.org/c:1");
        assertThat(replicas(api, shop)).contains(2L);
        syncs.delete("sync");
      }
    }
  }

  private static double drifts(OperatorProcess operator, String namespace) {
    return operator.metric("fairlead_drift_total", "namespace=\"" + namespace + "\"");
  }

  private static void scale(ApiClient api, String path, int replicas) {
    assertThat(
            api.tryMergePatch(
                path + "/scale", "autoscaler", "{\"spec\": {\"replicas\": " + replicas + "}}"))
        .isPresent();
  }

  private static String image(String image) {
    return """
    {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "%s"}]}}}}
    """
        .formatted(image);
  }

  private static Optional<Long> replicas(ApiClient api, String path) {
    return api.get(path)
        .flatMap(o -> o.object("spec"))
        .flatMap((Json.Obj spec) -> spec.integer("replicas"));
  }
}
