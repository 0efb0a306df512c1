package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a commit that failed stays, and when a rollback does not get through. */
final class RollbackHoldsIT extends RolledBack {
  private static final String HOLD = "rollout: {timeout: 2s}";

  RollbackHoldsIT(ControlPlane cluster, @TempDir Path directory) {
    super("holds", cluster, directory);
  }

  private String unhealthy() {
    return syncs.awaitReason("sync", "HealthCheckFailed");
  }

  @Test
  void by_default_it_stays_and_ready_says_what_to_revert_until_somebody_wants_otherwise() {
    String good = push("one");
    follow("sync", HOLD);
    syncs.awaitReady("sync", good);
    String bad = push(BAD);

    assertThat(unhealthy())
        .contains(
            brief(good)
                + " was the last good commit; to undo it: git revert "
                + bad.substring(0, 7));
    syncs.await(
        "sync",
        "with the pods' own words",
        status -> SyncClient.condition(status, "Ready").contains("pods"));
    String before = syncs.find("sync").orElseThrow().toJson();
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(syncs.find("sync").orElseThrow().toJson()).as("it does not flap").isEqualTo(before);
    assertThat(image("web")).isEqualTo("example.org/c:" + BAD);

    follow("sync", ROLLBACK);
    awaitRolledBack(bad, good);

    follow("sync", ROLLBACK, "interval: 2s", "suspend: true");
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(syncs.condition("sync", "Ready")).startsWith("False RolledBack");
    follow("sync", ROLLBACK, "interval: 2s");
    OperatorProcess.sleep(Duration.ofSeconds(4));
    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();
    assertThat(rollbacks()).isEqualTo(1);
    String worse = push(BAD, write("a.yaml", configMap("a", "1")));
    awaitRolledBack(worse, good);
  }

  @Test
  void a_spec_that_changed_since_is_nobodys_last_good_state() {
    String good = push("one");
    follow("sync", HOLD);
    syncs.awaitReady("sync", good);
    String bad = push(BAD);
    unhealthy();

    follow("sync", ROLLBACK, "ignoreFields: [{paths: [/spec/paused]}]");

    syncs.await(
        "sync",
        "held",
        s ->
            SyncClient.condition(s, "Ready")
                .contains(
                    "not rolled back: the spec changed since " + brief(good) + " was healthy"));
    assertThat(syncs.status("sync").object("rollback")).isEmpty();
    assertThat(SyncClient.applied(syncs.status("sync"))).isEqualTo(bad);
  }

  @Test
  void a_changed_spec_has_the_newest_commit_tried_again() {
    String good = push("one");
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);
    String bad = push(BAD);
    awaitRolledBack(bad, good);

    follow("sync", ROLLBACK, "ignoreFields: [{paths: [/spec/paused]}]");

    assertThat(unhealthy()).contains("not rolled back: the spec changed since " + brief(good));
    assertThat(syncs.status("sync").object("rollback")).isEmpty();
    assertThat(image("web")).isEqualTo("example.org/c:" + BAD);
  }

  @Test
  void before_the_first_good_commit_there_is_nothing_to_go_back_to() {
    push(BAD);
    follow("sync", ROLLBACK);

    assertThat(unhealthy()).contains("not rolled back: no commit was healthy before");

    String good = push("one");
    syncs.awaitReady("sync", good);
  }

  @Test
  void what_is_new_and_broken_is_the_commits_fault_and_what_was_ill_before_is_not() {
    String good = push("one", write("odd.yaml", deployment("odd", "one")));
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);

    String bad = push("one", write("new.yaml", deployment("new", BAD)));
    awaitRolledBack(bad, good);
    assertThat(get("deployment", "new", "name")).isEmpty();
    String better = push("two", delete("new.yaml"));
    syncs.awaitReady("sync", better);

    syncs.delete("sync");
    String label = namespace + "=yes";
    String node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
    cluster.kubectl("label", "node", node, label);
    String fine = repository.commit(Map.of("odd.yaml", picky("odd", "one")), "Fine");
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", fine);
    // Ill by itself: nobody's commit makes it so.
    cluster.kubectl("label", "node", node, namespace + "-");
    cluster.kubectl("delete", "pods", "-n", namespace, "-l", "app=odd", "--wait=false");
    SyncClient.await(
        Duration.ofSeconds(20),
        "no ready pod",
        () -> readyPods("odd").isEmpty(),
        () -> readyPods("odd").toString());
    String changed =
        repository.commit(
            Map.of("odd.yaml", picky("odd", "two"), "a.yaml", configMap("a", "1")),
            "Changes what is ill");
    syncs.await("sync", "applied", s -> SyncClient.applied(s).equals(changed));
    OperatorProcess.sleep(Duration.ofSeconds(5));
    assertThat(syncs.status("sync").object("rollback")).isEmpty();
    assertThat(image("odd")).isEqualTo("example.org/c:two");
  }

  @Test
  void a_rollback_that_is_not_healthy_either_stops_there() {
    String label = namespace + "=yes";
    String node = cluster.kubectl("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
    cluster.kubectl("label", "node", node, label);
    String good = repository.commit(Map.of("web.yaml", picky("web", "one")), "Good");
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);
    cluster.kubectl("label", "node", node, namespace + "-");

    String bad = repository.commit(Map.of("web.yaml", picky("web", BAD)), "Bad");
    syncs.await(
        "sync",
        "told of both",
        s ->
            isRolledBack(s, bad, good)
                && SyncClient.condition(s, "Ready").contains("which is not healthy either"));

    Json.Obj status = syncs.status("sync");
    assertThat(SyncClient.condition(status, "Ready"))
        .startsWith(
            "False RolledBack: "
                + brief(bad)
                + " is rolled back to "
                + brief(good)
                + ", which is not healthy either: web.yaml:1: Deployment")
        .contains("; " + brief(bad) + " failed: web.yaml:1: Deployment");
    assertThat(SyncClient.condition(status, "Healthy")).startsWith("False HealthCheckFailed");
    assertThat(SyncClient.condition(status, "Stalled")).startsWith("True ");
    OperatorProcess.sleep(Duration.ofSeconds(5));
    assertThat(image("web")).isEqualTo("example.org/c:one");
    assertThat(rollbacks()).isEqualTo(1);

    cluster.kubectl("label", "node", node, label);
    syncs.await(
        "sync",
        "healthy at last",
        s -> SyncClient.condition(s, "Healthy").startsWith("True") && isRolledBack(s, bad, good));
    cluster.kubectl("label", "node", node, namespace + "-");
  }

  /** Old pods go first, and new ones are scheduled on one node only. */
  private String picky(String name, String tag) {
    return deployment(name, tag)
        .replace("{rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}", "{type: Recreate}")
        .replace(
            "spec: {containers", "spec: {nodeSelector: {" + namespace + ": \"yes\"}, containers");
  }

  @Test
  void a_rollback_that_is_refused_says_so_and_is_tried_again() {
    String group = namespace + ".example.org";
    String good =
        push(
            "one",
            write("crd.yaml", bounded(group, 9)),
            write("thing.yaml", SampleManifests.thing(group, "v1", 7)));
    follow("sync", ROLLBACK);
    syncs.awaitReady("sync", good);

    String bad =
        push(
            BAD,
            write("crd.yaml", bounded(group, 5)),
            write("thing.yaml", SampleManifests.thing(group, "v1", 3)));
    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("rolling " + brief(bad) + " back to " + brief(good) + " failed: thing.yaml:4");
    assertThat(image("web")).as("nothing was written").isEqualTo("example.org/c:" + BAD);
    assertThat(syncs.status("sync").object("rollback")).isPresent();

    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "sync",
        "--type=merge",
        "-p",
        "{\"metadata\":{\"annotations\":{\"fairlead.dev/requested-at\":\"now\"}}}");
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(syncs.condition("sync", "Ready")).contains("back to " + brief(good) + " failed");
    String better =
        push(
            "two",
            write("crd.yaml", bounded(group, 9)),
            write("thing.yaml", SampleManifests.thing(group, "v1", 8)));
    syncs.awaitReady("sync", better);
  }

  private static String bounded(String group, int maximum) {
    return SampleManifests.definition(group, "v1")
        .replace("size: {type: integer}", "size: {type: integer, maximum: " + maximum + "}");
  }

  @Test
  void
      a_last_good_commit_that_is_on_no_branch_is_gone_with_the_mirror_until_somebody_brings_it_back() {
    String good = push("one");
    follow("sync", HOLD, "ref: {branch: main}");
    syncs.awaitReady("sync", good);
    String bad =
        repository.commit(
            "rewritten", "Another history", List.of(write("web.yaml", deployment("web", BAD))));
    repository.branch(GitRepository.MAIN, bad);
    repository.deleteBranch("rewritten");
    unhealthy();
    restart();
    SyncClient.await(
        Duration.ofSeconds(20),
        "the verification",
        () -> operator.metric("fairlead_api_requests_total", "verb=\"apply\"") >= 1,
        () -> operator.log());

    follow("sync", ROLLBACK, "ref: {branch: main}");
    syncs.await(
        "sync",
        "held",
        s ->
            SyncClient.condition(s, "Ready")
                .contains("; not rolled back: " + brief(good) + " is gone: "));
    assertThat(syncs.status("sync").object("rollback")).isEmpty();

    repository.branch("rescue", good);
    cluster.kubectl(
        "annotate", "gitsync", "-n", namespace, "sync", "fairlead.dev/requested-at=now");
    awaitRolledBack(bad, good);
  }
}
