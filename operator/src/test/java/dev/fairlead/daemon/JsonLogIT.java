package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log as the image writes it. */
final class JsonLogIT extends OneDaemon {
  JsonLogIT(ControlPlane cluster, @TempDir Path directory) {
    super("json-log", cluster, directory, cluster.kubeconfig(), "--log-format=json");
  }

  @Test
  void each_line_is_an_object_and_a_commit_that_changes_something_has_one() {
    String one = repository.commit(Map.of("deploy/a.yaml", configMap("a", "1")), "One");
    follow("sync", "path: deploy");
    syncs.awaitReady("sync", one);
    String two = repository.commit(Map.of("deploy/a.yaml", configMap("a", "2")), "Two");
    syncs.awaitReady("sync", two);
    String bad = repository.commit(Map.of("deploy/a.yaml", "kind: {"), "Bad");
    syncs.awaitReason("sync", "BuildFailed");

    for (String commit : List.of(one, two)) {
      SyncClient.await(
          Duration.ofSeconds(60),
          "a line of " + commit,
          () -> messages("main@" + commit.substring(0, 7)).contains("Cluster and Git agree"),
          operator::log);
    }
    SyncClient.await(
        Duration.ofSeconds(60),
        "a line of the bad commit",
        () -> operator.log().contains("A commit is refused"),
        operator::log);
    assertThat(messages("main@" + one.substring(0, 7))).containsExactly("Cluster and Git agree");
    assertThat(messages("main@" + two.substring(0, 7))).containsExactly("Cluster and Git agree");
    assertThat(
            lines().stream()
                .filter(l -> l.string("revision").orElse("").contains(bad.substring(0, 7))))
        .singleElement()
        .satisfies(l -> {
          assertThat(l.string("level")).contains("WARN");
          assertThat(l.string("message")).contains("A commit is refused");
          assertThat(l.string("reason")).contains("BuildFailed");
          assertThat(l.string("detail").orElse("")).contains("deploy/a.yaml:1");
        });
  }

  /** What the log says of a commit of this test's GitSync. */
  private List<String> messages(String revision) {
    return lines().stream()
        .filter(l -> l.string("sync").orElse("").equals(namespace + "/sync"))
        .filter(l -> l.string("revision").orElse("").equals(revision))
        .map(l -> l.string("message").orElse(""))
        .toList();
  }

  /** All of it, but for a line that is being written; what is no object fails. */
  private List<Json.Obj> lines() {
    String log = operator.log();
    return log.substring(0, log.lastIndexOf('\n') + 1).lines().map(SyncClient::parse).toList();
  }
}
