package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Syncs that depend on others. */
final class DependsOnIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ApiClient api;

  DependsOnIT(ControlPlane cluster, @TempDir Path directory) {
    super("depends", cluster, directory);
    this.api = ApiClient.of(cluster);
  }

  @Test
  void a_commit_is_applied_when_the_dependency_is_ready_at_it() {
    String first = repository.commit(files("1"), "One");
    follow("base", "path: base");
    follow("app", "path: app", "dependsOn: [{name: base}]");
    syncs.awaitReady("app", first);

    String second = repository.commit(files("2"), "Two");
    syncs.awaitReady("app", second);

    assertThat(version("app")).isGreaterThan(version("base"));
    assertThat(operator.log()).doesNotContain(namespace + "/app reason=DependencyNotReady");
  }

  @Test
  void Ready_of_the_commit_before_is_not_enough() {
    String first = repository.commit(files("1"), "One");
    follow("base", "path: base");
    follow("app", "path: app", "dependsOn: [{name: base}]");
    syncs.awaitReady("app", first);

    Map<String, String> broken = new HashMap<>(files("2"));
    broken.put("base/x.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata: 1\n");
    repository.commit(broken, "Broken base");

    syncs.await(
        "app",
        "which says why the other one is not Ready",
        status -> {
          String ready = SyncClient.condition(status, "Ready");
          return ready.startsWith("False DependencyNotReady:")
              && ready.contains("waits for GitSync " + namespace + "/base")
              && ready.contains("ValidationFailed");
        });
    assertThat(valueOf("app")).isEqualTo("1");
    assertThat(syncs.condition("app", "Applied")).contains("False DependencyNotReady");

    String third = repository.commit(files("3"), "Mended");
    syncs.awaitReady("app", third);
    awaitValue("app", "3");
  }

  @Test
  void one_of_another_repository_and_namespace_has_to_be_Ready() {
    String other = createNamespace();
    GitRepository elsewhere = another();
    String there = elsewhere.commit(Map.of("x.yaml", configMap("there", "1")), "There");
    String here = repository.commit(Map.of("x.yaml", configMap("here", "1")), "Here");
    follow("app", "dependsOn: [{name: base, namespace: " + other + "}]");
    assertThat(syncs.awaitReason("app", "DependencyNotReady"))
        .contains("GitSync " + other + "/base, which does not exist");
    assertThat(valueOf("here")).isEmpty();

    SyncClient others = new SyncClient(cluster, other);
    others.apply("base", elsewhere.url(), "defaultNamespace: " + other);
    others.awaitReady("base", there);
    syncs.awaitReady("app", here);
    others.delete("base");

    // What is applied stays, and the next commit waits.
    repository.commit(Map.of("x.yaml", configMap("here", "2")), "Two");
    syncs.awaitReason("app", "DependencyNotReady");
    assertThat(valueOf("here")).isEqualTo("1");
  }

  @Test
  void of_a_failure_in_another_namespace_only_the_word_is_told() {
    String other = createNamespace();
    GitRepository elsewhere = another();
    elsewhere.commit(Map.of("secret-plan.yaml", "kind: ["), "Broken");
    SyncClient others = new SyncClient(cluster, other);
    others.apply("base", elsewhere.url(), "defaultNamespace: " + other);
    others.awaitReason("base", "BuildFailed");
    repository.commit(Map.of("x.yaml", configMap("here", "1")), "Here");
    follow("app", "dependsOn: [{name: base, namespace: " + other + "}]");

    String message = syncs.awaitReason("app", "DependencyNotReady");

    assertThat(message).contains("BuildFailed").doesNotContain("secret-plan");
    others.delete("base");
  }

  @Test
  void drift_is_repaired_while_a_commit_waits() {
    String first = repository.commit(files("1"), "One");
    follow("base", "path: base");
    follow("app", "path: app", "dependsOn: [{name: base}]");
    syncs.awaitReady("app", first);
    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "base",
        "--type=merge",
        "-p",
        "{\"spec\":{\"suspend\":true}}");
    repository.commit(files("2"), "Two");
    assertThat(syncs.awaitReason("app", "DependencyNotReady")).contains("is suspended");

    cluster.kubectl(
        "patch",
        "configmap",
        "-n",
        namespace,
        "app",
        "--type=merge",
        "-p",
        "{\"data\":{\"key\":\"x\"}}");
    awaitValue("app", "1");

    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "base",
        "--type=merge",
        "-p",
        "{\"spec\":{\"suspend\":false}}");
    awaitValue("app", "2");
  }

  @Test
  void a_circle_is_refused_and_printed_and_needs_no_restart_when_it_is_broken() {
    String first =
        repository.commit(
            Map.of(
                "a/x.yaml", configMap("a", "1"),
                "b/x.yaml", configMap("b", "1"),
                "c/x.yaml", configMap("c", "1")),
            "Three");
    follow("a", "path: a", "dependsOn: [{name: b}]");
    follow("b", "path: b", "dependsOn: [{name: c}]");
    follow("c", "path: c", "dependsOn: [{name: a}]");

    for (String[] ring : new String[][] {{"a", "b", "c"}, {"b", "c", "a"}, {"c", "a", "b"}}) {
      String circle =
          "%1$s/%2$s -> %1$s/%3$s -> %1$s/%4$s -> %1$s/%2$s"
              .formatted(namespace, ring[0], ring[1], ring[2]);
      syncs.await(
          ring[0],
          "refused with " + circle,
          status ->
              SyncClient.condition(status, "Ready").contains(circle)
                  && SyncClient.condition(status, "Stalled").startsWith("True DependencyNotReady"));
    }
    assertThat(valueOf("a")).isEmpty();

    follow("c", "path: c");
    for (String name : new String[] {"c", "b", "a"}) {
      syncs.awaitReady(name, first);
    }
  }

  @Test
  void who_depends_on_the_sync_that_brings_it_waits_in_a_circle() {
    String child =
        """
        apiVersion: fairlead.dev/v1alpha1
        kind: GitSync
        metadata: {name: child, namespace: %s}
        spec:
          url: %s
          interval: 1s
          path: app
          defaultNamespace: %s
          dependsOn: [{name: parent}]
        """
            .formatted(namespace, repository.url(), namespace);
    repository.commit(Map.of("root/child.yaml", child, "app/x.yaml", configMap("x", "1")), "Both");
    follow("parent", "path: root");

    syncs.await(
        "child",
        "refused as a circle",
        status ->
            SyncClient.condition(status, "Ready")
                .contains(namespace + "/parent contains the GitSync " + namespace + "/child"));
  }

  @Test
  void an_object_that_moves_to_who_waits_stays_the_same() {
    String first =
        repository.commit(
            Map.of(
                "base/x.yaml",
                configMap("x", "1"),
                "base/stays.yaml",
                configMap("stays", "1"),
                "app/own.yaml",
                configMap("own", "1")),
            "One");
    follow("base", "path: base");
    follow("app", "path: app", "dependsOn: [{name: base}]");
    syncs.awaitReady("base", first);
    syncs.awaitReady("app", first);
    String uid = uid("x");

    String second = move("base/x.yaml", "app/x.yaml");
    syncs.awaitReady("app", second);
    syncs.awaitReady("base", second);
    assertThat(uid("x")).isEqualTo(uid);

    String third = move("app/x.yaml", "base/x.yaml");
    syncs.awaitReady("base", third);
    syncs.awaitReady("app", third);
    assertThat(uid("x")).isEqualTo(uid);
  }

  @Test
  void a_chain_of_ten_needs_no_polling() {
    Map<String, String> one = new HashMap<>();
    Map<String, String> two = new HashMap<>();
    for (int i = 0; i < 10; i++) {
      one.put("s" + i + "/x.yaml", configMap("c" + i, "1"));
      two.put("s" + i + "/x.yaml", configMap("c" + i, "2"));
    }
    String first = repository.commit(one, "One");
    for (int i = 0; i < 10; i++) {
      String[] spec =
          i == 0
              ? new String[] {"path: s0"}
              : new String[] {"path: s" + i, "dependsOn: [{name: s" + (i - 1) + "}]"};
      follow("s" + i, spec);
    }
    syncs.awaitReady("s9", first);

    String second = repository.commit(two, "Two");
    syncs.await("s0", "at the second commit", status -> SyncClient.applied(status).equals(second));
    long began = System.nanoTime();
    SyncClient.await(PATIENCE, "the last of ten", () -> valueOf("c9").equals("2"), operator::log);
    System.out.printf(
        "chain of ten: %d ms from the first to the last%n",
        (System.nanoTime() - began) / 1_000_000);
    syncs.awaitReady("s9", second);
    for (int i = 1; i < 10; i++) {
      assertThat(version("c" + i)).isGreaterThan(version("c" + (i - 1)));
    }
  }

  @Test
  void a_restart_waits_for_nothing_that_is_applied() {
    String first = repository.commit(files("1"), "One");
    follow("base", "path: base");
    follow("app", "path: app", "dependsOn: [{name: base}]");
    syncs.awaitReady("app", first);
    cluster.kubectl("delete", "gitsync", "-n", namespace, "base");

    restart();
    cluster.kubectl("delete", "configmap", "-n", namespace, "app");

    awaitValue("app", "1");
    assertThat(syncs.condition("app", "Ready")).startsWith("True ");
  }

  private static Map<String, String> files(String value) {
    return Map.of("base/x.yaml", configMap("base", value), "app/x.yaml", configMap("app", value));
  }

  private String move(String from, String to) {
    return repository.commit(
        GitRepository.MAIN,
        "Move",
        List.of(new GitChange.Delete(from), new GitChange.Write(to, configMap("x", "1"))));
  }

  private long version(String name) {
    return Long.parseLong(metadata(name, "resourceVersion"));
  }

  private String uid(String name) {
    return metadata(name, "uid");
  }

  private String metadata(String name, String field) {
    Optional<Json.Obj> found = api.get("/api/v1/namespaces/" + namespace + "/configmaps/" + name);
    return found.flatMap(o -> o.object("metadata")).flatMap(m -> m.string(field)).orElseThrow();
  }
}
