package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An object that moves while the API server is not itself: one that has just started denies what it
 * allows a moment later.
 */
@ExtendWith(ControlPlaneExtension.class)
final class MoveFaultIT {
  private static final String DENIED =
      "configmaps \\\"x\\\" is forbidden: User \\\"system:serviceaccount:apps:default\\\" cannot patch"
          + " resource \\\"configmaps\\\" in API group \\\"\\\" in the namespace \\\"apps\\\"";

  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;

  MoveFaultIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
  }

  @ParameterizedTest(name = "{0} {1}, {2}")
  @CsvSource({
    "403, Forbidden, at once",
    "429, TooManyRequests, at once",
    "500, InternalError, at once",
    "503, ServiceUnavailable, at once",
    "403, Forbidden, after a",
    "503, ServiceUnavailable, after a"
  })
  void an_object_that_moves_stays_the_same_although_its_new_sync_is_refused_at_first(
      int status, String reason, String turn) {
    String namespace = cluster.createTrustedNamespace("move-fault");
    SyncClient syncs = new SyncClient(cluster, namespace);
    String x = "/api/v1/namespaces/" + namespace + "/configmaps/x";
    AtomicInteger refusals = new AtomicInteger();
    try (GitServer git = GitServer.start(directory.resolve("git-" + namespace));
        ApiProxy proxy = ApiProxy.start(cluster);
        OperatorProcess operator =
            OperatorProcess.start(proxy.kubeconfig(), directory.resolve(namespace))) {
      GitRepository repository = git.create(namespace);
      String commit =
          repository.commit(
              Map.of(
                  "a/x.yaml", configMap("x", "1"),
                  "a/stay.yaml", configMap("a1", "1"),
                  "b/stay.yaml", configMap("b1", "1")),
              "start");
      for (String name : List.of("a", "b")) {
        boolean waits = name.equals("b") && turn.equals("after a");
        syncs.apply(
            name,
            repository.url(),
            "path: " + name,
            "defaultNamespace: " + namespace,
            "dependsOn: " + (waits ? "[{name: a}]" : "[]"));
        syncs.awaitReady(name, commit);
      }
      String uid = uid(x);
      refusals.set(1);
      proxy.hook(request ->
          isOf(request, x, namespace + "/b") && refusals.getAndDecrement() > 0
              ? new ApiCourse.Answer(status, reason, DENIED)
              : ApiCourse.FORWARD);

      String next =
          repository.commit(
              GitRepository.MAIN,
              "move",
              List.of(
                  new GitChange.Delete("a/x.yaml"),
                  new GitChange.Write("b/x.yaml", configMap("x", "2"))));

      syncs.awaitReady("a", next);
      syncs.awaitReady("b", next);
      assertThat(refusals).as("how many are left to refuse").hasNonPositiveValue();
      assertThat(uid(x)).as("uid, with the log\n%s", operator.log()).isEqualTo(uid);
      syncs.delete("a", "b");
    }
  }

  /** Whether it is about an object, on behalf of a sync; a dry run too. */
  private static boolean isOf(ApiRequest request, String path, String sync) {
    return request.isApply()
        && request.path().equals(path)
        && request.query().contains(sync.replace("/", "%2F"));
  }

  private String uid(String path) {
    return api.get(path)
        .flatMap(o -> o.object("metadata"))
        .flatMap(m -> m.string("uid"))
        .orElse("none");
  }
}
