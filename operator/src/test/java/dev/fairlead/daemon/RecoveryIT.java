package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people and controllers do behind a sync's back, and how it finds its way again. */
final class RecoveryIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  RecoveryIT(ControlPlane cluster, @TempDir Path directory) {
    super("recovery", cluster, directory);
  }

  // Suspended

  @Test
  void drift_while_it_was_suspended_is_repaired_when_it_is_resumed() {
    String commit =
        repository.commit(
            Map.of("a.yaml", configMap("a", "git"), "b.yaml", configMap("b", "git")), "both");
    follow("sync");
    syncs.awaitReady("sync", commit);
    follow("sync", "suspend: true");
    patch("a", "hand");
    cluster.kubectl("delete", "configmap", "-n", namespace, "b");
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(valueOf("a")).isEqualTo("hand");
    assertThat(valueOf("b")).isEmpty();

    follow("sync", "suspend: false");

    awaitValue("a", "git");
    awaitValue("b", "git");
  }

  @Test
  void drift_while_it_was_suspended_is_repaired_also_by_a_process_that_began_meanwhile() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "git")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    follow("sync", "suspend: true");
    patch("a", "hand");
    restart();
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(valueOf("a")).isEqualTo("hand");

    follow("sync", "suspend: false");

    awaitValue("a", "git");
    syncs.awaitReady("sync", commit);
  }

  @Test
  void what_is_suspended_in_the_middle_of_its_work_prunes_nothing_more() {
    String first =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "few");
    follow("sync");
    syncs.awaitReady("sync", first);
    String many =
        IntStream.range(0, 1000)
            .mapToObj(i -> configMap("many-" + i, "1"))
            .collect(Collectors.joining("---\n"));
    repository.commit(Map.of("many.yaml", many), "many");
    repository.delete("without b", "b.yaml");
    SyncClient.await(
        PATIENCE, "the first of many", () -> !valueOf("many-0").isEmpty(), operator::log);

    follow("sync", "suspend: true");

    SyncClient.await(
        PATIENCE,
        "the last of many",
        () -> IntStream.range(990, 1000).noneMatch(i -> valueOf("many-" + i).isEmpty()),
        operator::log);
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(valueOf("b")).isEqualTo("1");
  }

  // Behind a commit that cannot be applied

  @Test
  void drift_of_what_runs_is_repaired_after_a_restart_while_the_newest_commit_is_refused() {
    String good =
        repository.commit(
            Map.of("a.yaml", configMap("a", "git"), "b.yaml", configMap("b", "git")), "good");
    follow("sync");
    syncs.awaitReady("sync", good);
    repository.commit(Map.of("b.yaml", "kind: {: ["), "broken");
    syncs.awaitReason("sync", "BuildFailed");
    operator.stop();
    patch("a", "by hand while nobody was there");
    startAnother();

    awaitValue("a", "git");
    patch("a", "by hand");
    cluster.kubectl("delete", "configmap", "-n", namespace, "b");
    awaitValue("a", "git");
    awaitValue("b", "git");
    assertThat(syncs.condition("sync", "Ready")).startsWith("False BuildFailed: b.yaml:1");
    assertThat(SyncClient.applied(syncs.status("sync"))).isEqualTo(good);
    assertThat(syncs.status("sync").items("history")).hasSize(2);
    String mended = repository.commit(Map.of("b.yaml", configMap("b", "2")), "mended");
    syncs.awaitReady("sync", mended);
    awaitValue("b", "2");
  }

  @Test
  void drift_of_what_runs_is_repaired_after_a_restart_while_a_commit_waits_for_another_sync() {
    String good = repository.commit(Map.of("a.yaml", configMap("a", "1")), "good");
    follow("sync");
    syncs.awaitReady("sync", good);
    follow("sync", "dependsOn: [{name: nobody}]");
    repository.commit(Map.of("a.yaml", configMap("a", "2")), "waits");
    syncs.awaitReason("sync", "DependencyNotReady");
    operator.stop();
    patch("a", "by hand");

    startAnother();

    awaitValue("a", "1");
    assertThat(syncs.condition("sync", "Ready")).startsWith("False DependencyNotReady: ");
  }

  @Test
  void what_another_sync_was_given_meanwhile_is_not_taken_back_after_a_restart() {
    String good =
        repository.commit(
            Map.of("old/a.yaml", configMap("a", "1"), "old/b.yaml", configMap("b", "1")), "good");
    follow("old", "path: old");
    syncs.awaitReady("old", good);
    String uid = uidOf("a");
    follow("old", "path: old", "dependsOn: [{name: nobody}]");
    syncs.await(
        "old", "with its new spec", s -> s.integer("observedGeneration").equals(Optional.of(2L)));
    repository.commit(
        GitRepository.MAIN,
        "Moved",
        List.of(
            new GitChange.Delete("old/a.yaml"),
            new GitChange.Write("new/a.yaml", configMap("a", "1")),
            new GitChange.Write("new/c.yaml", configMap("c", "1"))));
    syncs.awaitReason("old", "DependencyNotReady");
    follow("new", "path: new", "dependsOn: [{name: nobody}]");
    SyncClient.await(
        PATIENCE, "a given to the new one", () -> nameOn("a").equals("new"), () -> nameOn("a"));

    restart();
    OperatorProcess.sleep(Duration.ofSeconds(3));
    patch("b", "by hand");
    awaitValue("b", "1");

    assertThat(nameOn("a")).isEqualTo("new");
    assertThat(uidOf("a")).isEqualTo(uid);
    follow("old", "path: old", "dependsOn: []");
    syncs.await("old", "Ready", s -> SyncClient.condition(s, "Ready").startsWith("True"));
    follow("new", "path: new", "dependsOn: []");
    syncs.await("new", "Ready", s -> SyncClient.condition(s, "Ready").startsWith("True"));
    assertThat(uidOf("a")).isEqualTo(uid);
  }

  private String uidOf(String configMap) {
    return get(configMap, "{.metadata.uid}");
  }

  /** The sync that a ConfigMap says it is of. */
  private String nameOn(String configMap) {
    return get(configMap, "{.metadata.labels.fairlead\\.dev/name}");
  }

  private String get(String configMap, String path) {
    return cluster
        .tryKubectl("", "get", "configmap", "-n", namespace, configMap, "-o", "jsonpath=" + path)
        .output();
  }

  // Definitions and Namespaces

  @Test
  void a_definition_that_was_deleted_by_hand_comes_back_with_its_instance() {
    String group = namespace + ".example.org";
    String commit =
        repository.commit(
            Map.of("crd.yaml", definition(group, "v1"), "thing.yaml", thing(group, "v1", 3)),
            "both");
    follow("sync");
    syncs.awaitReady("sync", commit);

    cluster.kubectl("delete", "crd", "things." + group, "--timeout=60s");

    awaitSize(group, "3");
    syncs.awaitReady("sync", commit);
    resize(group, 4);
    awaitSize(group, "3");
  }

  @Test
  void an_instance_comes_back_when_somebody_makes_its_definition_again() {
    String group = namespace + ".example.org";
    cluster.apply(definition(group, "v1"));
    String commit = repository.commit(Map.of("thing.yaml", thing(group, "v1", 3)), "thing");
    follow("sync");
    syncs.awaitReady("sync", commit);
    cluster.kubectl("delete", "crd", "things." + group, "--timeout=60s");
    OperatorProcess.sleep(Duration.ofSeconds(5));

    cluster.apply(definition(group, "v1"));

    awaitSize(group, "3");
    syncs.awaitReady("sync", commit);
    resize(group, 4);
    awaitSize(group, "3");
    cluster.kubectl("delete", "crd", "things." + group, "--timeout=60s");
  }

  @Test
  void an_instance_comes_when_somebody_makes_its_definition_after_a_restart_without_it() {
    String group = namespace + ".example.org";
    cluster.apply(definition(group, "v1"));
    String commit = repository.commit(Map.of("thing.yaml", thing(group, "v1", 3)), "thing");
    follow("sync");
    syncs.awaitReady("sync", commit);
    operator.stop();
    cluster.kubectl("delete", "crd", "things." + group, "--timeout=60s");
    startAnother();
    OperatorProcess.sleep(Duration.ofSeconds(5));

    cluster.apply(definition(group, "v1"));

    SyncClient.await(
        Duration.ofSeconds(90), "the instance", () -> sizeOf(group).equals("3"), operator::log);
    syncs.awaitReady("sync", commit);
    resize(group, 4);
    awaitSize(group, "3");
    cluster.kubectl("delete", "crd", "things." + group, "--timeout=60s");
  }

  @Test
  void a_kind_is_watched_in_another_version_when_the_one_it_had_is_no_longer_served() {
    String group = namespace + ".example.org";
    String old =
        repository.commit(
            Map.of(
                "crd.yaml", definition(group, "v1beta1"), "thing.yaml", thing(group, "v1beta1", 3)),
            "beta");
    follow("sync");
    syncs.awaitReady("sync", old);

    String commit =
        repository.commit(
            Map.of(
                "crd.yaml",
                definition(group, "v1", "v1beta1"),
                "thing.yaml",
                thing(group, "v1", 5)),
            "stable");

    syncs.awaitReady("sync", commit);
    awaitSize(group, "5");
    resize(group, 4);
    awaitSize(group, "5");
  }

  @Test
  void a_namespace_that_was_deleted_by_hand_comes_back_with_what_was_in_it() {
    String other = namespace + "-other";
    String commit =
        repository.commit(
            Map.of(
                "all.yaml",
                """
                apiVersion: v1
                kind: Namespace
                metadata: {name: %1$s}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: a, namespace: %1$s}
                data: {key: git}
                """
                    .formatted(other)),
            "all");
    follow("sync");
    syncs.awaitReady("sync", commit);

    cluster.kubectl("delete", "namespace", other, "--timeout=60s");

    SyncClient.await(
        PATIENCE,
        "the ConfigMap in the new Namespace",
        () ->
            cluster
                .tryKubectl("", "get", "configmap", "-n", other, "a", "-o", "name")
                .output()
                .contains("configmap/a"),
        operator::log);
    syncs.awaitReady("sync", commit);
  }

  // Objects

  @Test
  void what_somebody_made_anew_and_deleted_before_it_was_repaired_is_repaired_all_the_same() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "git")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    String copy =
        cluster
            .kubectl(
                "get",
                "configmap",
                "-n",
                namespace,
                "a",
                "-o",
                "yaml",
                "--show-managed-fields=false")
            .replaceAll("(?m)^  (uid|resourceVersion|creationTimestamp): .*\\n", "");
    for (int i = 0; i < 3; i++) {
      cluster.kubectl("delete", "configmap", "-n", namespace, "a");
      awaitValue("a", "git");
    }

    // Now a repair waits for five seconds.
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");
    cluster.tryKubectl(copy, "create", "-f", "-").orFail();
    OperatorProcess.sleep(Duration.ofMillis(300));
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");

    awaitValue("a", "git");
  }

  @Test
  void what_is_on_its_way_out_when_it_is_wanted_again_comes_back() {
    String with =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "with");
    follow("sync");
    syncs.awaitReady("sync", with);
    hold("b");
    repository.delete("without", "b.yaml");
    SyncClient.await(
        PATIENCE, "b on its way out", () -> !deletionOf("configmap", "b").isEmpty(), operator::log);
    String again = repository.commit(Map.of("b.yaml", configMap("b", "2")), "with it again");
    OperatorProcess.sleep(Duration.ofSeconds(3));

    letGo("b");

    awaitValue("b", "2");
    syncs.awaitReady("sync", again);
    assertThat(deletionOf("configmap", "b")).isEmpty();
  }

  @Test
  void objects_that_move_to_another_namespace_leave_the_old_one_last() {
    String other = cluster.createNamespace("recovery-other");
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    syncs.apply("sync", repository.url(), "defaultNamespace: " + other);

    SyncClient.await(PATIENCE, "the old one gone", () -> valueOf("a").isEmpty(), operator::log);
    assertThat(cluster.kubectl("get", "configmap", "-n", other, "a", "-o", "jsonpath={.data.key}"))
        .isEqualTo("1");
    syncs.awaitReady("sync", commit);
    assertThat(operator.log())
        .as("asked for nothing")
        .doesNotContain(
            namespace + "/sync revision=main@" + commit.substring(0, 7) + " reason=PruneBlocked");
  }

  // The end

  @Test
  void a_sync_that_is_being_deleted_says_what_it_waits_for() {
    String commit =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "both");
    follow("sync");
    syncs.awaitReady("sync", commit);
    hold("a");

    cluster.kubectl("delete", "gitsync", "-n", namespace, "sync", "--wait=false");

    String expected =
        "waiting for 1 object to be gone: ConfigMap %s/a (example.org/hold)".formatted(namespace);
    syncs.await(
        "sync",
        "False: " + expected,
        s -> SyncClient.condition(s, "Ready").equals("False Progressing: " + expected));
    assertThat(syncs.condition("sync", "Reconciling")).isEqualTo("True Progressing: " + expected);
    assertThat(valueOf("b")).isEmpty();
    letGo("a");
    SyncClient.await(PATIENCE, "the sync gone", () -> syncs.find("sync").isEmpty(), operator::log);
  }

  @Test
  void a_volume_that_a_claim_holds_does_not_hold_a_sync_that_is_being_deleted() {
    String volume = namespace + "-volume";
    String commit =
        repository.commit(
            Map.of(
                "all.yaml",
                """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s}
                spec:
                  capacity: {storage: 1Gi}
                  accessModes: [ReadWriteOnce]
                  storageClassName: %1$s
                  hostPath: {path: /tmp/%1$s}
                ---
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: claim}
                spec:
                  accessModes: [ReadWriteOnce]
                  storageClassName: %1$s
                  volumeName: %1$s
                  resources: {requests: {storage: 1Gi}}
                """
                    .formatted(volume)),
            "volume");
    follow("sync");
    syncs.awaitReady("sync", commit);
    SyncClient.await(
        PATIENCE,
        "a bound volume",
        () ->
            cluster.kubectl("get", "pv", volume, "-o", "jsonpath={.status.phase}").equals("Bound"),
        operator::log);

    cluster.kubectl("delete", "gitsync", "-n", namespace, "sync", "--timeout=20s");

    assertThat(cluster.kubectl("get", "pvc", "-n", namespace, "claim", "-o", "yaml"))
        .doesNotContain("applyset")
        .doesNotContain("deletionTimestamp");
    assertThat(cluster.kubectl("get", "pv", volume, "-o", "yaml"))
        .doesNotContain("applyset")
        .doesNotContain("deletionTimestamp");
  }

  private String sizeOf(String group) {
    return cluster
        .tryKubectl(
            "", "get", "things." + group, "-n", namespace, "t", "-o", "jsonpath={.spec.size}")
        .output();
  }

  private void awaitSize(String group, String size) {
    SyncClient.await(
        PATIENCE,
        "a Thing of size " + size,
        () -> sizeOf(group).equals(size),
        () -> sizeOf(group) + "\n" + syncs.status("sync").toJson() + "\n" + operator.log());
  }

  private void resize(String group, int size) {
    cluster.kubectl(
        "patch",
        "things." + group,
        "-n",
        namespace,
        "t",
        "--type=merge",
        "-p",
        "{\"spec\":{\"size\":%d}}".formatted(size));
  }

  private void patch(String configMap, String value) {
    cluster.kubectl(
        "patch",
        "configmap",
        "-n",
        namespace,
        configMap,
        "-p",
        "{\"data\":{\"key\":\"%s\"}}".formatted(value));
  }

  private void hold(String configMap) {
    finalizers(configMap, "[\"example.org/hold\"]");
  }

  private void letGo(String configMap) {
    finalizers(configMap, "null");
  }

  private void finalizers(String configMap, String list) {
    cluster.kubectl(
        "patch",
        "configmap",
        "-n",
        namespace,
        configMap,
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":%s}}".formatted(list));
  }

  private String deletionOf(String kind, String name) {
    return cluster
        .tryKubectl(
            "", "get", kind, "-n", namespace, name, "-o", "jsonpath={.metadata.deletionTimestamp}")
        .output();
  }
}
