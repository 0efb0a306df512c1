package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.MortalOperator.Moment;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL amid a hand-over: whoever starts next ends it, and nothing is lost or orphaned. */
@ExtendWith(ControlPlaneExtension.class)
final class MoveKillIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;

  MoveKillIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
  }

  /** The writes at which the daemon dies, in the order of a hand-over of x from one to another. */
  private enum Write {
    INVENTORY_OF_THE_HEIR,
    TRANSFER,
    APPLY_OF_THE_HEIR;

    Predicate<List<ApiRequest>> is(String heir) {
      return writes -> {
        ApiRequest last = writes.getLast();
        return switch (this) {
          case INVENTORY_OF_THE_HEIR ->
              last.path().endsWith("/gitsyncs/" + heir) && last.body().contains("annotations");
          case TRANSFER -> last.contentType().startsWith("application/json-patch");
          case APPLY_OF_THE_HEIR -> last.isApply() && last.path().endsWith("/configmaps/x");
        };
      };
    }
  }

  @Test
  void a_kill_amid_a_hand_over_leaves_no_trace() {
    String namespace = cluster.createTrustedNamespace("move-kill");
    SyncClient syncs = new SyncClient(cluster, namespace);
    String x = "/api/v1/namespaces/" + namespace + "/configmaps/x";
    try (GitServer git = GitServer.start(directory.resolve("git"));
        MortalOperator operator =
            MortalOperator.start(cluster, directory.resolve(namespace), namespace)) {
      GitRepository repository = git.create(namespace);
      String commit =
          repository.commit(
              Map.of(
                  "a/x.yaml",
                  configMap("x", "1"),
                  "a/stay.yaml",
                  "apiVersion: v1\nkind: Secret\nmetadata: {name: a1}\n",
                  "b/stay.yaml",
                  "apiVersion: v1\nkind: Secret\nmetadata: {name: b1}\n"),
              "start");
      for (String name : List.of("a", "b")) {
        // What b has it has in no ConfigMaps: its inventory has to grow first.
        syncs.apply(
            name,
            repository.url(),
            "path: " + name,
            "maxPrune: 100%",
            "defaultNamespace: " + namespace);
        syncs.awaitReady(name, commit);
      }
      String uid = metadata(x, "uid");
      String from = "a";
      String to = "b";
      for (Write write : Write.values()) {
        for (Moment moment : Moment.values()) {
          operator.dieAt(write.is(to), moment);
          commit =
              repository.commit(
                  GitRepository.MAIN,
                  write + " " + moment,
                  List.of(
                      new GitChange.Delete(from + "/x.yaml"),
                      new GitChange.Write(to + "/x.yaml", configMap("x", write + "-" + moment))));
          SyncClient.await(
              PATIENCE,
              "a kill " + moment + " " + write,
              () -> operator.killedAt().isPresent(),
              () -> syncs.status("a").toJson() + "\n" + syncs.status("b").toJson());
          operator.restart();

          syncs.awaitReady(from, commit);
          syncs.awaitReady(to, commit);
          assertThat(metadata(x, "uid")).as("%s %s", moment, write).isEqualTo(uid);
          assertThat(api.get(x).orElseThrow().toJson())
              .contains("\"key\":\"" + write + "-" + moment)
              .contains("\"fairlead.dev/name\":\"" + to + "\"")
              .doesNotContain("\"manager\":\"fairlead/" + namespace + "/" + from + "\"");
          String other = from;
          from = to;
          to = other;
        }
      }
      // Given away, and not wanted any more by whom it was given to.
      operator.dieAt(Write.TRANSFER.is(to), Moment.BEFORE_THE_ANSWER);
      repository.commit(
          GitRepository.MAIN,
          "once more",
          List.of(
              new GitChange.Delete(from + "/x.yaml"),
              new GitChange.Write(to + "/x.yaml", configMap("x", "last"))));
      SyncClient.await(
          PATIENCE,
          "a kill",
          () -> operator.killedAt().isPresent(),
          () -> syncs.status("a").toJson());
      commit = repository.delete("no x at all", to + "/x.yaml");
      operator.restart();

      syncs.awaitReady("a", commit);
      syncs.awaitReady("b", commit);
      assertThat(api.get(x)).isEmpty();
      syncs.delete("a", "b");
    }
  }

  private String metadata(String path, String field) {
    Optional<Json.Obj> metadata = api.get(path).flatMap(o -> o.object("metadata"));
    return metadata.flatMap(m -> m.string(field)).orElse("none");
  }
}
