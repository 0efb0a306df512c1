package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Objects that move from one sync to another are the same objects afterwards: their uid says so.
 */
final class MovesIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /**
   * With {@link #MAIN}: a source of its own, beside that of HEAD, which is looked at each second.
   */
  private static final String RARELY = "interval: 1h";

  private static final String MAIN = "ref: {branch: main}";

  private static final String JOB =
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: migrate}
      spec:
        template:
          spec:
            restartPolicy: Never
            containers: [{name: c, image: "example.org/c:1"}]
      """;

  private final ApiClient api;

  MovesIT(ControlPlane cluster, @TempDir Path directory) {
    super("moves", cluster, directory);
    this.api = ApiClient.of(cluster);
  }

  // Between two syncs of one repository

  @Test
  void an_object_moves_between_two_syncs_that_look_at_the_same_time() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "1"));

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(owner(configMaps("x"))).isEqualTo("b");
  }

  @Test
  void an_object_moves_when_the_sync_that_loses_it_looks_first() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    follow("b", "path: b", RARELY, MAIN);
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "1"));

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(owner(configMaps("x"))).isEqualTo("b");
  }

  @Test
  void an_object_moves_when_the_sync_that_gets_it_looks_first() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a", RARELY, MAIN);
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "1"));

    settled(commit, "b", "a");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(operator.log()).doesNotContain(namespace + "/b reason=OwnedElsewhere");
  }

  @Test
  void what_the_manifest_loses_on_the_way_the_object_loses_too() {
    String first =
        start(
            Map.of(
                "a/x.yaml",
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: x, labels: {old: "1"}}
                data: {key: "1", gone: "1"}
                """));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "2"));

    settled(commit, "a", "b");
    Json.Obj x = api.get(configMaps("x")).orElseThrow();
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(x.object("data").orElseThrow().toJson()).isEqualTo("{\"key\":\"2\"}");
    assertThat(x.toJson()).doesNotContain("\"old\"").doesNotContain("fairlead/" + namespace + "/a");
  }

  @Test
  void two_objects_change_places() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1"), "b/z.yaml", configMap("z", "1")));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    String x = uid(configMaps("x"));
    String z = uid(configMaps("z"));

    String commit =
        repository.commit(
            GitRepository.MAIN,
            "swap",
            List.of(
                new GitChange.Delete("a/x.yaml"),
                new GitChange.Delete("b/z.yaml"),
                new GitChange.Write("a/z.yaml", configMap("z", "2")),
                new GitChange.Write("b/x.yaml", configMap("x", "2"))));

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(x);
    assertThat(uid(configMaps("z"))).isEqualTo(z);
    assertThat(owner(configMaps("x"))).isEqualTo("b");
    assertThat(owner(configMaps("z"))).isEqualTo("a");
    assertThat(valueOf("x")).isEqualTo("2");
  }

  @Test
  void who_gives_an_object_does_not_take_it_back_as_drift() {
    String commit = start(Map.of("a/x.yaml", configMap("x", "1"), "b/z.yaml", configMap("z", "1")));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(commit, "a", "b");

    for (int swap = 0; swap < 8; swap++) {
      String here = swap % 2 == 0 ? "a/" : "b/";
      String there = swap % 2 == 0 ? "b/" : "a/";
      commit =
          repository.commit(
              GitRepository.MAIN,
              "swap",
              List.of(
                  new GitChange.Delete(here + "x.yaml"),
                  new GitChange.Delete(there + "z.yaml"),
                  // The same values, so that labels alone are in conflict.
                  new GitChange.Write(here + "z.yaml", configMap("z", "1")),
                  new GitChange.Write(there + "x.yaml", configMap("x", "1"))));
      settled(commit, "a", "b");
    }

    assertThat(operator.log()).doesNotContain("Drift repaired sync=" + namespace);
  }

  @Test
  void a_definition_moves_with_its_instance_and_a_namespace_with_what_is_in_it() {
    String group = namespace + ".example.org";
    String inside = namespace + "-inside";
    String content =
        String.join(
            "---\n",
            definition(group, "v1"),
            thing(group, "v1", 3),
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(inside),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: %s}\n"
                .formatted(inside));
    String first = start(Map.of("a/x.yaml", content));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    List<String> paths =
        List.of(
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things." + group,
            "/apis/" + group + "/v1/namespaces/" + namespace + "/things/t",
            "/api/v1/namespaces/" + inside,
            "/api/v1/namespaces/" + inside + "/configmaps/x");
    List<String> uids = paths.stream().map(this::uid).toList();

    String commit = move("a/x.yaml", "b/x.yaml", content);

    settled(commit, "a", "b");
    assertThat(paths.stream().map(this::uid).toList()).isEqualTo(uids);
    assertThat(paths.stream().map(this::owner)).containsOnly("b");
  }

  @Test
  void most_of_a_sync_may_move_away_without_approval_although_its_rollout_hangs() {
    Map<String, String> files = new HashMap<>();
    for (String name : List.of("p", "q", "r", "s", "t", "u")) {
      files.put("a/" + name + ".yaml", configMap(name, "1"));
    }
    String first = start(files);
    follow("a", "path: a", "maxPrune: 0");
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("u"));

    List<GitChange> changes = new ArrayList<>();
    files.forEach((file, content) -> {
      changes.add(new GitChange.Delete(file));
      changes.add(new GitChange.Write(file.replace("a/", "b/"), content));
    });
    changes.add(
        new GitChange.Write(
            "a/pod.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: ill}
            spec: {containers: [{name: c, image: "example.org/c:never-ready"}]}
            """));
    String commit = repository.commit(GitRepository.MAIN, "move most", changes);

    settled(commit, "b");
    assertThat(uid(configMaps("u"))).isEqualTo(uid);
    assertThat(owner(configMaps("u"))).isEqualTo("b");
    assertThat(syncs.awaitReason("a", "Progressing")).contains("ill");
  }

  @Test
  void a_sync_that_does_not_prune_hands_over_all_the_same() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a", "prune: false");
    follow("b", "path: b", RARELY, MAIN);
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "2"));

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
    assertThat(owner(configMaps("x"))).isEqualTo("b");
  }

  @Test
  void an_object_moves_while_the_daemon_is_away() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));
    operator.stop();

    String commit = move("a/x.yaml", "b/x.yaml", configMap("x", "2"));
    startAnother();

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
  }

  @Test
  void who_waits_for_another_still_waits_after_a_restart() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1"), "b/x.yaml", configMap("x", "2")));
    follow("a", "path: a");
    syncs.awaitReady("a", first);
    follow("b", "path: b");
    syncs.awaitReason("b", "OwnedElsewhere");
    String uid = uid(configMaps("x"));
    restart();

    String commit = repository.delete("without a's", "a/x.yaml");

    settled(commit, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
  }

  @Test
  void a_sync_that_cannot_read_the_repository_holds_up_no_prune() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    follow("b", "path: b", "secretRef: {name: missing}");
    settled(first, "a");
    syncs.awaitReason("b", "AuthenticationFailed");

    String commit = repository.delete("without x", "a/x.yaml");

    SyncClient.await(
        Duration.ofSeconds(10), "x pruned", () -> valueOf("x").isEmpty(), operator::log);
    settled(commit, "a");
  }

  @Test
  void a_mistake_beside_a_file_that_moves_costs_the_object_nothing() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    String uid = uid(configMaps("x"));

    repository.commit(
        GitRepository.MAIN,
        "move x, badly",
        List.of(
            new GitChange.Delete("a/x.yaml"),
            new GitChange.Write("b/x.yaml", configMap("x", "2")),
            new GitChange.Write("b/bad.yaml", "a: [\n")));
    syncs.awaitReason("b", "BuildFailed");
    syncs.await(
        "a",
        "that waits for b",
        s ->
            SyncClient.condition(s, "Ready").contains("moved to one of them: " + namespace + "/b"));
    assertThat(uid(configMaps("x"))).isEqualTo(uid);

    String mended = repository.delete("mended", "b/bad.yaml");

    settled(mended, "a", "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
  }

  @Test
  void a_job_that_was_run_before_it_moved_is_not_run_again() {
    String first = start(Map.of("a/job.yaml", JOB));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    syncs.await("a", "with a finished Job", s -> !s.items("finishedJobs").isEmpty());
    cluster.kubectl("delete", "job", "-n", namespace, "migrate");

    String commit = move("a/job.yaml", "b/job.yaml", JOB);

    settled(commit, "a", "b");
    assertThat(api.get("/apis/batch/v1/namespaces/" + namespace + "/jobs/migrate")).isEmpty();
    assertThat(syncs.status("b").items("finishedJobs")).hasSize(1);
  }

  /**
   * The labels of what was handed over are in the operator's own name until the heir applies it,
   * which another mistake of its commit can hold up until the object moves back.
   */
  @ParameterizedTest
  @ValueSource(strings = {"a/job.yaml", "a/x.yaml"})
  void what_moves_back_before_the_heir_could_apply_it_is_its_first_syncs_alone(String file) {
    boolean job = file.equals("a/job.yaml");
    String content = job ? JOB : configMap("x", "1");
    String path =
        job ? "/apis/batch/v1/namespaces/" + namespace + "/jobs/migrate" : configMaps("x");
    String heirs = file.replace("a/", "b/");
    String first = start(Map.of(file, content));
    follow("a", "path: a");
    follow("b", "path: b");
    settled(first, "a", "b");
    if (job) {
      syncs.await("a", "with a finished Job", s -> !s.items("finishedJobs").isEmpty());
    }
    String uid = uid(path);

    repository.commit(
        GitRepository.MAIN,
        "move it, with a mistake beside it",
        List.of(
            new GitChange.Delete(file),
            new GitChange.Write(heirs, content),
            new GitChange.Write("b/wrong.yaml", configMap("Wrong_Name", "1"))));
    syncs.await("b", "owner of it", s -> owner(path).equals("b"));
    assertThat(appliers(path)).containsExactly("fairlead/" + namespace + "/b");
    String back =
        repository.commit(
            GitRepository.MAIN,
            "take it back",
            List.of(
                new GitChange.Write(file, content),
                new GitChange.Delete(heirs),
                new GitChange.Delete("b/wrong.yaml")));
    settled(back, "a", "b");

    assertThat(appliers(path)).containsExactly("fairlead/" + namespace + "/a");
    assertThat(owner(path)).isEqualTo("a");
    assertThat(uid(path)).isEqualTo(uid);
  }

  // Between repositories

  @Test
  void an_object_moves_to_another_repository_once_both_have_changed() {
    String there = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    settled(there, "a");
    String uid = uid(configMaps("x"));
    GitRepository other = another();
    String here = other.commit(Map.of("x.yaml", configMap("x", "2")), "x too");
    syncs.apply("b", other.url(), "defaultNamespace: " + namespace);
    syncs.awaitReason("b", "OwnedElsewhere");

    String without = repository.delete("without x", "a/x.yaml");

    settled(without, "a");
    settled(here, "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
  }

  @Test
  void an_object_moves_to_another_repository_although_the_daemon_ends_before_it_is_given_up() {
    String there = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    settled(there, "a");
    String uid = uid(configMaps("x"));
    GitRepository other = another();
    String here = other.commit(Map.of("x.yaml", configMap("x", "2")), "x too");
    syncs.apply("b", other.url(), "defaultNamespace: " + namespace);
    syncs.awaitReason("b", "OwnedElsewhere");
    operator.stop();
    String without = repository.delete("without x", "a/x.yaml");
    String path = other.url().substring(git.url().length());
    git.failWhere(request -> request.path().startsWith(path), new GitFault.Stall());

    // The one that gives up is at work long before the other one knows what it wants.
    startAnother();
    OperatorProcess.sleep(Duration.ofSeconds(8));
    git.heal();

    settled(without, "a");
    settled(here, "b");
    assertThat(uid(configMaps("x"))).isEqualTo(uid);
    assertThat(valueOf("x")).isEqualTo("2");
  }

  // Two that want the same

  @Test
  void both_places_are_named_where_that_tells_nobody_anything_new() {
    String first =
        start(Map.of("a/x.yaml", "# web\n" + configMap("x", "1"), "b/x.yaml", configMap("x", "2")));
    follow("a", "path: a");
    settled(first, "a");

    follow("b", "path: b");

    assertThat(syncs.awaitReason("b", "OwnedElsewhere"))
        .isEqualTo(
            "False OwnedElsewhere: b/x.yaml:1: ConfigMap %1$s/x: GitSync %1$s/a has it"
                    .formatted(namespace)
                + " (a/x.yaml:2); remove it from one of them");
    assertThat(syncs.condition("a", "Ready")).startsWith("True");
  }

  @Test
  void a_tenant_learns_no_file_names_of_another() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1")));
    follow("a", "path: a");
    settled(first, "a");
    String elsewhere = cluster.createNamespace("moves-tenant");
    cluster.kubectl(
        "create",
        "rolebinding",
        "-n",
        namespace,
        "tenant",
        "--clusterrole=cluster-admin",
        "--serviceaccount=" + elsewhere + ":default");
    SyncClient tenant = new SyncClient(cluster, elsewhere);
    GitRepository other = another();
    other.commit(Map.of("x.yaml", configMap("x", "2")), "x too");

    tenant.apply("b", other.url(), "defaultNamespace: " + namespace);

    assertThat(tenant.awaitReason("b", "OwnedElsewhere"))
        .isEqualTo(
            "False OwnedElsewhere: x.yaml:1: ConfigMap %1$s/x: GitSync %1$s/a has it; remove it"
                    .formatted(namespace)
                + " from one of them");
    tenant.delete("b");
  }

  @Test
  void who_deletes_an_object_by_hand_does_not_decide_whose_it_is() {
    String first = start(Map.of("a/x.yaml", configMap("x", "1"), "b/x.yaml", configMap("x", "2")));
    follow("a", "path: a");
    settled(first, "a");
    follow("b", "path: b");
    syncs.awaitReason("b", "OwnedElsewhere");

    for (int i = 0; i < 4; i++) {
      // Each time its repair waits longer.
      cluster.kubectl("delete", "configmap", "-n", namespace, "x", "--ignore-not-found");
      request("b", "after-" + i);
      OperatorProcess.sleep(Duration.ofSeconds(1));
    }

    awaitValue("x", "1");
    assertThat(owner(configMaps("x"))).isEqualTo("a");
    assertThat(syncs.condition("b", "Ready")).startsWith("False OwnedElsewhere");
  }

  // A GitSync with another name

  @Test
  void a_renamed_gitsync_keeps_its_objects_when_the_new_one_comes_first() {
    String first = start(Map.of());
    follow("old", "path: a");
    settled(first, "old");
    String uid = uid(configMaps("a1"));
    follow("new", "path: a");
    assertThat(syncs.awaitReason("new", "OwnedElsewhere")).contains("old has it (a/stay.yaml:1)");

    syncs.delete("old");

    settled(first, "new");
    assertThat(uid(configMaps("a1"))).isEqualTo(uid);
    assertThat(owner(configMaps("a1"))).isEqualTo("new");
  }

  @Test
  void a_renamed_gitsync_keeps_its_objects_when_the_old_one_goes_first() {
    String first = start(Map.of());
    follow("old", "path: a");
    settled(first, "old");
    String uid = uid(configMaps("a1"));

    api.delete("/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/old");
    OperatorProcess.sleep(Duration.ofMillis(300));
    follow("new", "path: a");

    settled(first, "new");
    assertThat(uid(configMaps("a1"))).isEqualTo(uid);
    SyncClient.await(PATIENCE, "old gone", () -> syncs.find("old").isEmpty(), operator::log);
    assertThat(uid(configMaps("a1"))).isEqualTo(uid);
  }

  @Test
  void a_gitsync_that_its_parent_renames_keeps_its_objects() {
    String first = start(Map.of("sync/old.yaml", child("old")));
    follow("parent", "path: sync");
    settled(first, "parent");
    settled(first, "old");
    String uid = uid(configMaps("a1"));

    String commit = move("sync/old.yaml", "sync/new.yaml", child("new"));

    settled(commit, "new");
    settled(commit, "parent");
    assertThat(uid(configMaps("a1"))).isEqualTo(uid);
    assertThat(owner(configMaps("a1"))).isEqualTo("new");
    assertThat(syncs.find("old")).isEmpty();
  }

  @Test
  void what_a_gitsync_left_that_was_removed_by_force_is_taken_over() {
    String first = start(Map.of());
    follow("old", "path: a");
    settled(first, "old");
    String uid = uid(configMaps("a1"));
    operator.stop();
    api.delete("/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/old");
    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "old",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"finalizers\":null}}");
    startAnother();

    follow("new", "path: a");

    settled(first, "new");
    assertThat(uid(configMaps("a1"))).isEqualTo(uid);
    assertThat(owner(configMaps("a1"))).isEqualTo("new");
  }

  private String child(String name) {
    return """
    apiVersion: fairlead.dev/v1alpha1
    kind: GitSync
    metadata: {name: %1$s, namespace: %2$s}
    spec: {url: "%3$s", path: a, interval: 1s, defaultNamespace: %2$s}
    """
        .formatted(name, namespace, repository.url());
  }

  /** Each sync has objects that stay with it, so that what moves is not the most of it. */
  private String start(Map<String, String> files) {
    Map<String, String> all = new HashMap<>(files);
    all.put("a/stay.yaml", configMap("a1", "1") + "---\n" + configMap("a2", "1"));
    all.put("b/stay.yaml", configMap("b1", "1") + "---\n" + configMap("b2", "1"));
    return repository.commit(all, "start");
  }

  private String move(String from, String to, String content) {
    return repository.commit(
        GitRepository.MAIN,
        "move " + from,
        List.of(new GitChange.Delete(from), new GitChange.Write(to, content)));
  }

  private void settled(String commit, String... names) {
    for (String name : names) {
      SyncClient.await(
          PATIENCE,
          "GitSync " + name + " Ready at " + commit,
          () ->
              SyncClient.condition(syncs.status(name), "Ready").startsWith("True ")
                  && SyncClient.applied(syncs.status(name)).equals(commit),
          () -> syncs.status(name).toJson() + "\n" + operator.log());
    }
  }

  private void request(String name, String value) {
    api.mergePatch(
        "/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/" + name,
        "{\"metadata\":{\"annotations\":{\"fairlead.dev/requested-at\":\"%s\"}}}".formatted(value));
  }

  private String configMaps(String name) {
    return "/api/v1/namespaces/" + namespace + "/configmaps/" + name;
  }

  private String uid(String path) {
    return metadata(path).flatMap(m -> m.string("uid")).orElse("none");
  }

  private List<String> appliers(String path) {
    return metadata(path).orElseThrow().items("managedFields").stream()
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .filter(m -> m.string("operation").orElse("").equals("Apply"))
        .map(m -> m.string("manager").orElse(""))
        .toList();
  }

  private String owner(String path) {
    return metadata(path)
        .flatMap(m -> m.object("labels"))
        .flatMap(l -> l.string("fairlead.dev/name"))
        .orElse("nobody");
  }

  private Optional<Json.Obj> metadata(String path) {
    return api.get(path).flatMap(o -> o.object("metadata"));
  }
}
