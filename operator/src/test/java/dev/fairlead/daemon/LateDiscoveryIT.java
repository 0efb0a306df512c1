package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A busy API server establishes a definition and tells of its kind in discovery later. */
@ExtendWith(ControlPlaneExtension.class)
final class LateDiscoveryIT {
  private static final int LATE = 3;

  @Test
  void a_kind_that_discovery_tells_of_late_is_waited_for(
      ControlPlane cluster, @TempDir Path directory) throws Exception {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    String namespace = cluster.createTrustedNamespace("late");
    String group = namespace + ".example.org";
    SyncClient syncs = new SyncClient(cluster, namespace);
    try (GitServer git = GitServer.start(Files.createDirectory(directory.resolve("git")));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      GitRepository repository = git.create("late");
      String commit =
          repository.commit(
              Map.of("crd.yaml", definition(group, "v1"), "thing.yaml", thing(group, "v1", 3)),
              "both");
      ApiCourse.Answer outdated = groups(proxy);
      AtomicInteger late = new AtomicInteger();
      proxy.hook(request -> {
        if (defines(request)) {
          late.set(LATE);
        }
        boolean stale = request.path().equals("/apis") && late.getAndDecrement() > 0;
        return stale ? outdated : ApiCourse.FORWARD;
      });
      try (OperatorProcess operator = OperatorProcess.start(proxy.kubeconfig(), directory)) {
        assertThat(operator.isAlive()).isTrue();
        syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
        syncs.awaitReady("sync", commit);

        assertThat(late.get()).as("outdated answers left").isNotPositive();
        assertThat(syncs.status("sync").items("history"))
            .extracting(h -> ((Json.Obj) h).string("result").orElse(""))
            .containsExactly("Succeeded");
        syncs.delete("sync");
      }
    }
  }

  @Test
  void instances_of_a_kind_that_discovery_does_not_tell_of_are_not_deleted_with_it(
      ControlPlane cluster, @TempDir Path directory) throws Exception {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    String namespace = cluster.createTrustedNamespace("untold");
    String group = namespace + ".example.org";
    SyncClient syncs = new SyncClient(cluster, namespace);
    try (GitServer git = GitServer.start(Files.createDirectory(directory.resolve("git")));
        ApiProxy proxy = ApiProxy.start(cluster)) {
      GitRepository repository = git.create("untold");
      String commit =
          repository.commit(
              Map.of(
                  "crd.yaml", definition(group, "v1"),
                  "a.yaml", configMap("a", "1"),
                  "b.yaml", configMap("b", "1"),
                  "c.yaml", configMap("c", "1")),
              "a definition and three");
      ApiCourse.Answer outdated = groups(proxy);
      proxy.hook(request -> request.path().equals("/apis") ? outdated : ApiCourse.FORWARD);
      try (OperatorProcess operator = OperatorProcess.start(proxy.kubeconfig(), directory)) {
        assertThat(operator.isAlive()).isTrue();
        syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
        syncs.awaitReady("sync", commit);
        cluster.kubectl(
            "wait", "crd/things." + group, "--for=condition=Established", "--timeout=60s");
        cluster.tryKubectl(thing(group, "v1", 1), "apply", "-n", namespace, "-f", "-").orFail();

        repository.delete("without the definition", "crd.yaml");
        syncs.await("sync", "a prune that waits", s -> s.object("pendingPrune").isPresent());

        assertThat(syncs.condition("sync", "Ready"))
            .contains("CustomResourceDefinition things." + group + " with its instances");
        cluster.kubectl("get", "things." + group, "-n", namespace, "t");
        cluster.kubectl("delete", "crd", "things." + group);
        syncs.delete("sync");
      }
    }
  }

  private static boolean defines(ApiRequest request) {
    return request.isWrite() && request.path().contains("/customresourcedefinitions/");
  }

  /** What discovery says as long as the kind is not there. */
  private static ApiCourse.Answer groups(ApiProxy proxy) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(proxy.url() + "/apis"))
                  .version(HttpClient.Version.HTTP_1_1)
                  .header(
                      "Accept",
                      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      return new ApiCourse.Answer(
          200,
          Map.of("Content-Type", response.headers().firstValue("Content-Type").orElseThrow()),
          response.body());
    }
  }
}
