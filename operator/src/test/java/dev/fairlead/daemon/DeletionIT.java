package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a GitSync's objects when it is deleted, and when it must not take them along. */
final class DeletionIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ApiClient api;

  DeletionIT(ControlPlane cluster, @TempDir Path directory) {
    super("deletion", cluster, directory, cluster.kubeconfig(), "--finish-patience", "6s");
    this.api = ApiClient.of(cluster);
  }

  /** Each row is a GitSync with the folder and the ConfigMap of its name. */
  @Test
  void objects_go_or_stay_as_the_policy_says() {
    Map<String, String> staying =
        Map.of(
            "mirror", "deletionPolicy: MirrorPrune",
            "unpruned", "prune: false",
            "orphan", "deletionPolicy: Orphan",
            "suspended", "prune: true");
    Map<String, String> files = new HashMap<>();
    staying.keySet().forEach(name -> files.put(name + "/it.yaml", configMap(name, "1")));
    String commit = repository.commit(files, "all");
    staying.forEach((name, policy) -> follow(name, "path: " + name, policy));
    staying.keySet().forEach(name -> syncs.awaitReady(name, commit));
    follow("suspended", "path: suspended", "suspend: true");

    syncs.delete("mirror", "unpruned", "orphan", "suspended");

    assertThat(valueOf("mirror")).isEmpty();
    for (String name : List.of("unpruned", "orphan", "suspended")) {
      assertThat(api.get(configMaps(namespace, name)).orElseThrow().toJson())
          .as(name)
          .contains("\"key\":\"1\"")
          .doesNotContain("applyset")
          .doesNotContain("fairlead");
    }
  }

  @Test
  void what_was_released_is_not_deleted_when_pruning_is_turned_on_later() {
    repository.commit(Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "two");
    follow("sync", "prune: false");
    syncs.awaitReady("sync", repository.resolve("refs/heads/main"));
    String one = repository.delete("without b", "b.yaml");
    syncs.awaitReady("sync", one);
    assertThat(api.get(configMaps(namespace, "b")).orElseThrow().toJson())
        .doesNotContain("applyset")
        .doesNotContain("fairlead");

    follow("sync", "prune: true", "maxPrune: 100%");
    String more = repository.commit(Map.of("c.yaml", configMap("c", "1")), "c");
    syncs.awaitReady("sync", more);
    String less = repository.delete("without c", "c.yaml");
    syncs.awaitReady("sync", less);
    syncs.delete("sync");

    assertThat(valueOf("c")).isEmpty();
    assertThat(valueOf("a")).isEmpty();
    assertThat(valueOf("b")).isEqualTo("1");
  }

  @Test
  void it_needs_no_git_to_finish_also_right_after_a_restart() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "a");
    follow("broken");
    syncs.awaitReady("broken", commit);
    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "broken",
        "--type=merge",
        "-p",
        "{\"spec\":{\"url\":\"http://127.0.0.1:1/gone.git\",\"secretRef\":{\"name\":\"missing\"}}}");
    syncs.awaitReason("broken", "AuthenticationFailed");

    operator.stop();
    api.delete("/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/broken");
    startAnother();

    SyncClient.await(
        PATIENCE, "the GitSync gone", () -> syncs.find("broken").isEmpty(), operator::log);
    assertThat(valueOf("a")).isEmpty();
  }

  @Test
  void what_does_not_go_is_released_after_some_time_and_named_in_an_event() {
    String commit =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "two");
    follow("sync");
    syncs.awaitReady("sync", commit);
    hold("a", "[\"example.org/hold\"]");

    syncs.delete("sync");

    Json.Obj left = api.get(configMaps(namespace, "a")).orElseThrow();
    assertThat(left.toJson()).contains("deletionTimestamp").doesNotContain("applyset");
    assertThat(valueOf("b")).isEmpty();
    SyncClient.await(
        PATIENCE,
        "an event Released",
        () ->
            events()
                .contains(
                    "Released gave up waiting for 1 object to be gone: ConfigMap "
                        + namespace
                        + "/a (example.org/hold)"),
        this::events);
    hold("a", "null");
  }

  @Test
  void a_gitsync_that_goes_with_its_namespace_leaves_its_objects_elsewhere() {
    String other = cluster.createTrustedNamespace("deletion-going");
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "a");
    SyncClient there = new SyncClient(cluster, other);
    there.apply("sync", repository.url(), "defaultNamespace: " + namespace);
    there.awaitReady("sync", commit);
    String uid = uid(configMaps(namespace, "a"));

    cluster.kubectl("delete", "namespace", other, "--timeout=60s");

    Json.Obj a = api.get(configMaps(namespace, "a")).orElseThrow();
    assertThat(uid(configMaps(namespace, "a"))).isEqualTo(uid);
    assertThat(a.toJson()).doesNotContain("applyset").doesNotContain("deletionTimestamp");
  }

  @Test
  void a_gitsync_that_is_pruned_prunes_its_own() {
    String commit =
        repository.commit(
            Map.of(
                "sync/child.yaml",
                """
                apiVersion: fairlead.dev/v1alpha1
                kind: GitSync
                metadata: {name: child, namespace: %1$s}
                spec: {url: "%2$s", path: app, interval: 1s, defaultNamespace: %1$s}
                """
                    .formatted(namespace, repository.url()),
                "app/a.yaml",
                configMap("a", "1")),
            "both");
    follow("parent", "path: sync");
    syncs.awaitReady("parent", commit);
    assertThat(valueOf("a")).isEqualTo("1");

    syncs.delete("parent");

    SyncClient.await(
        PATIENCE, "the child gone", () -> syncs.find("child").isEmpty(), operator::log);
    assertThat(valueOf("a")).isEmpty();
  }

  @Test
  void others_of_the_repository_are_waited_for_and_not_for_ever() {
    String commit =
        repository.commit(
            Map.of("app/a.yaml", configMap("a", "1"), "other/b.yaml", configMap("b", "1")), "two");
    follow("old", "path: app");
    follow("other", "path: other", "interval: 1h", "ref: {branch: main}");
    syncs.awaitReady("old", commit);
    syncs.awaitReady("other", commit);
    String uid = uid(configMaps(namespace, "a"));

    repository.commit(Map.of("other/a.yaml", configMap("a", "2")), "a moves");
    syncs.delete("old");

    SyncClient.await(PATIENCE, "the new value", () -> valueOf("a").equals("2"), operator::log);
    assertThat(uid(configMaps(namespace, "a"))).isEqualTo(uid);
  }

  private void hold(String configMap, String finalizers) {
    api.mergePatch(
        configMaps(namespace, configMap),
        "{\"metadata\":{\"finalizers\":%s}}".formatted(finalizers));
  }

  private String events() {
    return cluster.kubectl(
        "get",
        "events",
        "-n",
        namespace,
        "-o",
        "jsonpath={range .items[*]}{.reason} {.message}{\"\\n\"}{end}");
  }

  private static String configMaps(String namespace, String name) {
    return "/api/v1/namespaces/" + namespace + "/configmaps/" + name;
  }

  private String uid(String path) {
    Optional<Json.Obj> metadata = api.get(path).flatMap(o -> o.object("metadata"));
    return metadata.flatMap(m -> m.string("uid")).orElse("none");
  }
}
