package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A commit that does not become healthy gives way to the last one that was. */
final class RollbackIT extends RolledBack {
  RollbackIT(ControlPlane cluster, @TempDir Path directory) {
    super("rollback", cluster, directory);
  }

  @Test
  void a_bad_image_gives_way_to_the_last_good_commit_until_the_next_one_comes() {
    String good = push("one");
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);
    List<String> pods = readyPods("web");
    assertThat(rollbacks()).isZero();

    String bad = push(BAD);
    awaitRolledBack(bad, good);

    assertThat(pods).hasSize(2);
    assertThat(readyPods("web")).as("the pods that served before").isEqualTo(pods);
    Json.Obj status = syncs.status("sync");
    assertThat(status.object("rollback").flatMap(r -> r.string("reason")).orElse(""))
        .startsWith("web.yaml:1: Deployment " + namespace + "/web: ");
    assertThat(SyncClient.condition(status, "Ready"))
        .startsWith("False RolledBack: " + brief(bad) + " is rolled back to " + brief(good))
        .contains("since web.yaml:1: Deployment")
        .endsWith("; fix it, or git revert " + bad.substring(0, 7) + ", and push");
    assertThat(SyncClient.condition(status, "Applied")).isEqualTo("True Succeeded: " + brief(good));
    assertThat(SyncClient.condition(status, "Healthy")).startsWith("True ");
    assertThat(SyncClient.condition(status, "Stalled")).startsWith("True RolledBack");
    assertThat(SyncClient.condition(status, "Reconciling")).isEmpty();
    assertThat(image("web")).isEqualTo("example.org/c:one");
    assertThat(results(status))
        .containsExactly(brief(bad) + " RolledBack", brief(good) + " Succeeded");
    assertThat(rollbacks()).isEqualTo(1);
    SyncClient.await(
        Duration.ofSeconds(10),
        "one event",
        () -> events().filter(e -> e.startsWith("RolledBack ")).count() == 1,
        () -> events().toList().toString());

    String better = push("two");
    syncs.awaitReady("sync", better);
    assertThat(syncs.status("sync").object("rollback")).isEmpty();
    assertThat(image("web")).isEqualTo("example.org/c:two");
    assertThat(rollbacks()).isEqualTo(1);
  }

  @Test
  void a_rolled_back_sync_stays_so_without_a_request_and_over_a_restart() {
    String good = push("one");
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);
    String bad = push(BAD);
    awaitRolledBack(bad, good);
    OperatorProcess.sleep(Duration.ofSeconds(2));
    String before = syncs.find("sync").orElseThrow().toJson();
    String web = get("deployment", "web", "jsonpath={.metadata.generation}");
    double requests = operator.metric("fairlead_api_requests_total", "");
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(operator.metric("fairlead_api_requests_total", "")).isEqualTo(requests);

    restart();
    SyncClient.await(
        Duration.ofSeconds(20),
        "the verification of the one object",
        () -> operator.metric("fairlead_api_requests_total", "verb=\"apply\"") >= 1,
        () -> operator.log());
    OperatorProcess.sleep(Duration.ofSeconds(2));

    assertThat(syncs.find("sync").orElseThrow().toJson()).isEqualTo(before);
    assertThat(get("deployment", "web", "jsonpath={.metadata.generation}")).isEqualTo(web);
    assertThat(rollbacks()).isZero();
    cluster.kubectl("set", "image", "-n", namespace, "deployment/web", "c=example.org/c:by-hand");
    SyncClient.await(
        Duration.ofSeconds(10),
        "the last good image",
        () -> image("web").equals("example.org/c:one"),
        () -> image("web"));

    String better = push("two");
    syncs.awaitReady("sync", better);
  }

  @Test
  void a_daemon_that_starts_beside_a_rollout_that_fails_rolls_it_back() {
    String good = push("one");
    follow("sync", "rollout: {timeout: 8s, onFailure: Rollback}");
    syncs.awaitReady("sync", good);
    String bad =
        repository.commit(
            Map.of("web.yaml", deployment("web", "never-ready")),
            "Never ready, and no deadline of its own");
    syncs.await(
        "sync",
        "in the rollout",
        s ->
            SyncClient.applied(s).equals(bad)
                && SyncClient.condition(s, "Applied").startsWith("True"));

    restart();

    awaitRolledBack(bad, good);
    assertThat(image("web")).isEqualTo("example.org/c:one");
  }

  @Test
  void a_force_push_takes_the_last_good_commit_from_the_branch_but_not_from_the_mirror() {
    String good = push("one");
    follow("sync", ROLLBACK, "ref: {branch: main}");
    syncs.awaitReady("sync", good);

    String bad =
        repository.commit(
            "rewritten", "Another history", List.of(write("web.yaml", deployment("web", BAD))));
    repository.branch(GitRepository.MAIN, bad);
    repository.deleteBranch("rewritten");
    awaitRolledBack(bad, good);
    assertThat(image("web")).isEqualTo("example.org/c:one");

    // The same commit as the one that runs, but now it is the one that is wanted.
    repository.branch(GitRepository.MAIN, good);
    syncs.awaitReady("sync", good);
    assertThat(syncs.status("sync").object("rollback")).isEmpty();
  }

  @Test
  void what_the_bad_commit_added_goes_and_what_it_removed_was_never_gone() {
    String good = push("one", write("old.yaml", configMap("old", "1")));
    follow("sync", ROLLBACK, "maxPrune: 0");
    syncs.awaitReady("sync", good);
    String old = uid("configmap", "old");
    // Not the sync's before the commit that names it: it is let go of, and stays.
    cluster.kubectl("create", "configmap", "-n", namespace, "found", "--from-literal=key=1");
    OperatorProcess.sleep(Duration.ofMillis(1100));

    String bad =
        push(
            BAD,
            delete("old.yaml"),
            write("a.yaml", configMap("a", "1")),
            write("b.yaml", configMap("b", "1")),
            write("found.yaml", configMap("found", "2")),
            write("job.yaml", job("added", "1")));
    awaitRolledBack(bad, good);

    assertThat(valueOf("a") + valueOf("b") + uid("job", "added")).isEmpty();
    assertThat(uid("configmap", "old")).isEqualTo(old);
    assertThat(valueOf("found")).isNotEmpty();
    assertThat(get("configmap", "found", "yaml"))
        .doesNotContain("part-of")
        .doesNotContain("fairlead");
  }

  @Test
  void what_was_there_before_the_bad_commit_stays_also_over_a_restart() {
    String good = push("one");
    String slowly = "rollout: {timeout: 8s, onFailure: Rollback}";
    follow("sync", slowly);
    syncs.awaitReady("sync", good);
    OperatorProcess.sleep(Duration.ofMillis(1100));
    cluster.kubectl("create", "configmap", "-n", namespace, "found", "--from-literal=key=1");
    OperatorProcess.sleep(Duration.ofMillis(1100));

    String bad =
        repository.commit(
            GitRepository.MAIN,
            "Never ready",
            List.of(
                write("web.yaml", deployment("web", "never-ready")),
                write("found.yaml", configMap("found", "2")),
                write("new.yaml", configMap("new", "1"))));
    syncs.await("sync", "in the rollout", s -> SyncClient.applied(s).equals(bad));
    restart();
    awaitRolledBack(bad, good);

    assertThat(valueOf("new"))
        .as(
            "what came with the bad commit, before the restart: %s %s",
            get("configmap", "new", "json"), syncs.status("sync").toJson())
        .isEmpty();
    assertThat(valueOf("found")).isNotEmpty();
    assertThat(get("configmap", "found", "yaml")).doesNotContain("part-of");
  }

  @Test
  void a_commit_that_fails_in_the_middle_of_its_waves_is_rolled_back() {
    String good =
        push(
            "one",
            write("early.yaml", wave(configMap("early", "1"), -1)),
            write("late.yaml", wave(configMap("late", "1"), 1)));
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);

    String bad =
        push(
            BAD,
            write("early.yaml", wave(configMap("early", "2"), -1)),
            write("late.yaml", wave(configMap("late", "2"), 1)),
            write("latest.yaml", wave(configMap("latest", "1"), 2)));
    awaitRolledBack(bad, good);

    assertThat(valueOf("early")).isEqualTo("1");
    assertThat(valueOf("late")).isEqualTo("1");
    assertThat(get("configmap", "late", "jsonpath={.metadata.managedFields[*].time}"))
        .as("it was never written")
        .doesNotContain(" ");
    assertThat(valueOf("latest")).isEmpty();
    assertThat(image("web")).isEqualTo("example.org/c:one");
    assertThat(results(syncs.status("sync")))
        .containsExactly(brief(bad) + " RolledBack", brief(good) + " Succeeded");
    restart();
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();
    assertThat(valueOf("early")).isEqualTo("1");

    String better =
        push(
            "two",
            write("early.yaml", wave(configMap("early", "2"), -1)),
            write("late.yaml", wave(configMap("late", "2"), 1)));
    syncs.awaitReady("sync", better);
    awaitValue("early", "2");
    awaitValue("late", "2");
    awaitValue("latest", "1");
  }

  private static String wave(String manifest, int wave) {
    return manifest.replace(
        "metadata: {", "metadata: {annotations: {fairlead.dev/wave: \"" + wave + "\"}, ");
  }

  @Test
  void a_commit_that_leaves_the_folder_as_it_is_is_not_tried() {
    String good = repository.commit(Map.of("site/web.yaml", deployment("web", "one")), "Site");
    follow("sync", ROLLBACK, "path: site");
    syncs.awaitReady("sync", good);
    String bad = repository.commit(Map.of("site/web.yaml", deployment("web", BAD)), "Bad");
    awaitRolledBack(bad, good);
    String generation = get("deployment", "web", "jsonpath={.metadata.generation}");

    String beside = repository.commit(Map.of("other/a.yaml", configMap("a", "1")), "Beside");
    awaitSeen(beside);
    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();
    operator.stop();
    String further = repository.commit(Map.of("other/a.yaml", configMap("a", "2")), "Further");
    startAnother();
    awaitSeen(further);
    OperatorProcess.sleep(Duration.ofSeconds(3));

    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();
    assertThat(get("deployment", "web", "jsonpath={.metadata.generation}")).isEqualTo(generation);
    String better = repository.commit(Map.of("site/web.yaml", deployment("web", "two")), "Better");
    syncs.awaitReady("sync", better);
  }

  private void awaitSeen(String commit) {
    syncs.await(
        "sync",
        "which has seen " + commit,
        s ->
            s.object("source")
                .flatMap(o -> o.string("revision"))
                .filter(r -> r.endsWith(commit))
                .isPresent());
  }

  @Test
  void definitions_namespaces_and_claims_stay_as_the_bad_commit_left_them() {
    String group = namespace + ".example.org";
    String another = "another." + group;
    String good =
        push(
            "one",
            write("crd.yaml", definition(group, "v1")),
            write("thing.yaml", thing(group, "v1", 3)));
    follow("sync", ROLLBACK, "maxPrune: 0");
    syncs.awaitReady("sync", good);

    String bad =
        push(
            BAD,
            write("crd.yaml", definition(group, "v1", "v2")),
            write("thing.yaml", thing(group, "v1", 4)),
            write("another.yaml", definition(another, "v1")),
            write("another-thing.yaml", thing(another, "v1", 1)),
            write(
                "ns.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s-data}\n"
                    .formatted(namespace)),
            write("claim.yaml", CLAIM));
    awaitRolledBack(bad, good);

    assertThat(get("things." + group, "t", "jsonpath={.spec.size}")).isEqualTo("3");
    assertThat(get("crd", "things." + group, "jsonpath={.spec.versions[*].name}"))
        .isEqualTo("v1 v2");
    assertThat(get("crd", "things." + another, "name")).isNotEmpty();
    assertThat(get("things." + another, "t", "name")).isEmpty();
    assertThat(get("ns", namespace + "-data", "name")).isNotEmpty();
    assertThat(get("pvc", "data", "name")).isNotEmpty();
    Json.Obj status = syncs.status("sync");
    String left = bad.substring(0, 7);
    assertThat(status.items("warnings").stream().map(Json::toJson).toList().toString())
        .contains("crd.yaml:1: CustomResourceDefinition things." + group + ": stays as " + left)
        .contains(
            "claim.yaml:1: PersistentVolumeClaim " + namespace + "/data: stays although " + left)
        .contains("ns.yaml:1: Namespace " + namespace + "-data: stays although " + left);
    assertThat(SyncClient.condition(status, "Healthy"))
        .as("the claim is bound by nobody")
        .startsWith("True");

    restart();
    OperatorProcess.sleep(Duration.ofSeconds(4));
    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();
    assertThat(get("crd", "things." + group, "jsonpath={.spec.versions[*].name}"))
        .isEqualTo("v1 v2");
    assertThat(get("pvc", "data", "name")).isNotEmpty();

    // The next commit is one like every other: it prunes them, but asks first.
    repository.restore(GitRepository.MAIN, good, "Revert");
    assertThat(syncs.awaitReason("sync", "PruneBlocked")).contains("delete 3 of");
  }

  @Test
  void jobs_that_have_finished_are_not_run_again() {
    String good = push("one", write("job.yaml", job("migrate", "1")));
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);
    awaitFinished(1);
    cluster.kubectl("delete", "job", "-n", namespace, "migrate");

    String bad = push(BAD, write("job.yaml", job("migrate", "2")));
    awaitRolledBack(bad, good);
    String second = uid("job", "migrate");
    assertThat(second).as("the bad commit's Job").isNotEmpty();
    awaitFinished(2);
    cluster.kubectl("delete", "job", "-n", namespace, "migrate");

    restart();
    OperatorProcess.sleep(Duration.ofSeconds(4));
    assertThat(uid("job", "migrate"))
        .as(() -> "the good commit's Job, which had finished, after " + second + operator.log())
        .isEmpty();

    String better = push("two");
    syncs.awaitReady("sync", better);
    assertThat(uid("job", "migrate")).as("the bad commit's Job, which had finished").isEmpty();
    awaitFinished(1);
  }

  private void awaitFinished(int jobs) {
    syncs.await(
        "sync", "with " + jobs + " finished Jobs", s -> s.items("finishedJobs").size() == jobs);
  }

  @Test
  void what_moved_to_another_sync_stays_there() {
    repository.commit(
        Map.of("one/x.yaml", configMap("x", "1"), "two/z.yaml", configMap("z", "1")),
        "Two folders");
    String good = repository.commit(Map.of("one/web.yaml", deployment("web", "one")), "Site");
    String slowly = "rollout: {timeout: 10s, onFailure: Rollback}";
    follow("one", slowly, "path: one");
    follow("two", slowly, "path: two");
    syncs.awaitReady("one", good);
    syncs.awaitReady("two", good);
    String x = uid("configmap", "x");

    List<GitChange> move =
        new ArrayList<>(
            List.of(
                delete("one/x.yaml"),
                write("two/x.yaml", configMap("x", "1")),
                write("one/web.yaml", deployment("web", "never-ready"))));
    String bad = repository.commit(GitRepository.MAIN, "Move x, and break the site", move);
    syncs.awaitReady("two", bad);
    awaitRolledBack("one", bad, good);

    assertThat(uid("configmap", "x")).isEqualTo(x);
    assertThat(get("configmap", "x", "jsonpath={.metadata.labels.fairlead\\.dev/name}"))
        .isEqualTo("two");
    assertThat(syncs.status("one").items("warnings").stream().map(Json::toJson).toList().toString())
        .contains("ConfigMap " + namespace + "/x: is another GitSync's");

    String better = repository.commit(Map.of("one/web.yaml", deployment("web", "two")), "Better");
    syncs.awaitReady("one", better);
    syncs.awaitReady("two", better);
    assertThat(uid("configmap", "x")).isEqualTo(x);
  }

  @Test
  void what_moved_here_with_the_bad_commit_stays_also_over_a_restart() {
    String good =
        repository.commit(
            Map.of(
                "one/x.yaml",
                job("x", "done"),
                "one/z.yaml",
                configMap("z", "1"),
                "two/web.yaml",
                deployment("web", "one")),
            "Two folders");
    follow("two", "rollout: {timeout: 10s, onFailure: Rollback}", "path: two");
    syncs.awaitReady("two", good);
    // So x is younger than the last good commit of the sync that it moves to.
    OperatorProcess.sleep(Duration.ofMillis(1100));
    follow("one", "path: one");
    syncs.awaitReady("one", good);
    // One that has run is not applied again where it arrives.
    cluster.kubectl("wait", "-n", namespace, "--for=condition=complete", "--timeout=60s", "job/x");
    String x = uid("job", "x");

    String bad =
        repository.commit(
            GitRepository.MAIN,
            "Move x, and break where it goes",
            List.of(
                delete("one/x.yaml"),
                write("two/x.yaml", job("x", "done")),
                write("two/web.yaml", deployment("web", "never-ready"))));
    syncs.await("two", "in the rollout", s -> SyncClient.applied(s).equals(bad));
    assertThat(get("job", "x", "jsonpath={.metadata.labels.fairlead\\.dev/name}")).isEqualTo("two");
    restart();
    awaitRolledBack("two", bad, good);

    assertThat(uid("job", "x")).isEqualTo(x);
    assertThat(get("job", "x", "yaml")).doesNotContain("part-of");
  }

  private static final String CLAIM =
      """
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: none
        resources: {requests: {storage: 1Gi}}
      """;

  private static String job(String name, String tag) {
    return """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: %s}
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: c, image: "example.org/c:%s"}]
    """
        .formatted(name, tag);
  }
}
