package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job, end to end: what is pushed runs, what is reverted runs again, what drifts comes
 * back.
 */
final class MainJobIT extends OneDaemon {
  MainJobIT(ControlPlane cluster, @TempDir Path directory) {
    super("main-job", cluster, directory);
  }

  @Test
  void a_push_deploys_and_a_revert_undoes_it() {
    String first = repository.commit(Map.of("a.yaml", configMap("a", "one")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);

    String second = repository.commit(Map.of("a.yaml", configMap("a", "two")), "two");
    syncs.awaitReady("sync", second);
    assertThat(valueOf("a")).isEqualTo("two");

    String third = repository.restore(GitRepository.MAIN, first, "Revert two");
    syncs.awaitReady("sync", third);
    assertThat(valueOf("a")).isEqualTo("one");
  }

  @Test
  void drift_is_repaired_and_the_event_names_tool_field_and_line() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "git")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);

    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"hand\"}}");
    awaitValue("a", "git");
    cluster.kubectl("delete", "configmap", "-n", namespace, "a");
    awaitValue("a", "git");
    cluster.kubectl("label", "configmap", "-n", namespace, "a", "applyset.kubernetes.io/part-of-");
    SyncClient.await(
        Duration.ofSeconds(20),
        "the label again",
        () ->
            cluster
                .kubectl("get", "configmap", "-n", namespace, "a", "--show-labels")
                .contains("part-of"),
        () -> operator.log());

    SyncClient.await(
        Duration.ofSeconds(10),
        "an event about the patch",
        () -> events().contains("kubectl-patch changed data.key; restored from a.yaml:4"),
        this::events);
  }

  private String events() {
    return cluster.kubectl(
        "get",
        "events",
        "-n",
        namespace,
        "-o",
        "jsonpath={range .items[*]}{.message}{\"\\n\"}{end}");
  }

  @Test
  void what_leaves_git_is_pruned_but_not_most_of_it_without_approval() {
    String all =
        repository.commit(
            Map.of(
                "a.yaml", configMap("a", "1"),
                "b.yaml", configMap("b", "1"),
                "c.yaml", configMap("c", "1")),
            "all");
    follow("sync");
    syncs.awaitReady("sync", all);

    String one = repository.delete("without c", "c.yaml");
    syncs.awaitReady("sync", one);
    assertThat(valueOf("c")).isEmpty();
    SyncClient.await(
        Duration.ofSeconds(10),
        "an event about the commit that only removes",
        () -> events().contains("applied main@" + one.substring(0, 7)),
        this::events);

    repository.commit(Map.of("d.yaml", configMap("d", "1")), "and d");
    repository.delete("most", "a.yaml", "b.yaml");
    String blocked = syncs.awaitReason("sync", "PruneBlocked");
    assertThat(valueOf("a")).isEqualTo("1");
    String digest =
        syncs.status("sync").object("pendingPrune").flatMap(p -> p.string("digest")).orElseThrow();
    assertThat(blocked).contains("fairlead.dev/approve-prune=" + digest);

    cluster.kubectl(
        "annotate", "gitsync", "-n", namespace, "sync", "fairlead.dev/approve-prune=" + digest);
    SyncClient.await(
        Duration.ofSeconds(20), "a pruned", () -> valueOf("a").isEmpty(), () -> operator.log());
    syncs.awaitReady("sync", repository.resolve("refs/heads/main"));
  }

  @Test
  void a_definition_and_its_instance_come_in_one_commit() {
    String group = namespace + ".example.org";
    String commit =
        repository.commit(
            Map.of("crd.yaml", definition(group, "v1"), "thing.yaml", thing(group, "v1", 3)),
            "both");
    follow("sync");
    syncs.awaitReady("sync", commit);
    assertThat(
            cluster.kubectl(
                "get", "things." + group, "-n", namespace, "t", "-o", "jsonpath={.spec.size}"))
        .isEqualTo("3");
  }

  @Test
  void a_definition_that_went_with_its_sync_is_not_asked_for_again() {
    String group = namespace + ".example.org";
    String commit =
        repository.commit(
            Map.of("crd.yaml", definition(group, "v1"), "thing.yaml", thing(group, "v1", 3)),
            "both");
    follow("sync");
    syncs.awaitReady("sync", commit);

    syncs.delete("sync");
    cluster.kubectl("delete", "crd", "things." + group, "--ignore-not-found", "--timeout=30s");
    OperatorProcess.sleep(Duration.ofSeconds(2));
    double requests = operator.metric("fairlead_api_requests_total", "");
    OperatorProcess.sleep(Duration.ofSeconds(10));

    assertThat(operator.metric("fairlead_api_requests_total", "")).isEqualTo(requests);
  }

  @Test
  void a_namespace_and_a_pod_with_its_account_come_in_one_commit() {
    String other = namespace + "-new";
    String commit =
        repository.commit(
            Map.of(
                "all.yaml",
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: p, namespace: %1$s}
                spec:
                  serviceAccountName: robot
                  containers: [{name: c, image: "example.org/c:1"}]
                ---
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: robot, namespace: %1$s}
                ---
                apiVersion: v1
                kind: Namespace
                metadata: {name: %1$s}
                """
                    .formatted(other)),
            "all");
    follow("sync");
    syncs.awaitReady("sync", commit);
    assertThat(cluster.kubectl("get", "pod", "-n", other, "p", "-o", "name")).contains("pod/p");
  }

  @Test
  void a_sync_does_not_take_what_another_one_has() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("mine");
    syncs.awaitReady("mine", commit);

    follow("yours");

    String refused = syncs.awaitReason("yours", "OwnedElsewhere");
    assertThat(refused).contains("a.yaml:1").contains("GitSync " + namespace + "/mine");
    assertThat(syncs.condition("mine", "Ready")).startsWith("True");
  }

  @Test
  void a_restart_keeps_ready_and_does_no_dry_runs() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    String before = syncs.find("sync").orElseThrow().toJson();

    restart();
    SyncClient.await(
        Duration.ofSeconds(20),
        "the verification of the one object",
        () -> operator.metric("fairlead_api_requests_total", "verb=\"apply\"") >= 1,
        () -> operator.log());

    assertThat(operator.metric("fairlead_api_requests_total", "verb=\"dry-run\"")).isZero();
    assertThat(syncs.find("sync").orElseThrow().toJson()).isEqualTo(before);
  }

  @Test
  void an_unchanged_sync_costs_no_request() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    OperatorProcess.sleep(Duration.ofSeconds(2));
    double requests = operator.metric("fairlead_api_requests_total", "");
    double looks = operator.metric("fairlead_git_requests_total", "operation=\"look\"");
    String log = operator.log();

    OperatorProcess.sleep(Duration.ofSeconds(4));

    assertThat(operator.metric("fairlead_git_requests_total", "operation=\"look\""))
        .isGreaterThanOrEqualTo(looks + 2);
    assertThat(operator.metric("fairlead_api_requests_total", "")).isEqualTo(requests);
    assertThat(operator.log()).isEqualTo(log);
  }

  @Test
  void a_commit_beside_the_path_costs_one_status_patch() {
    String first = repository.commit(Map.of("deploy/a.yaml", configMap("a", "1")), "one");
    follow("sync", "path: deploy");
    syncs.awaitReady("sync", first);
    OperatorProcess.sleep(Duration.ofSeconds(2));
    double requests = operator.metric("fairlead_api_requests_total", "");

    String second = repository.commit(Map.of("README.md", "words"), "words");
    syncs.awaitReady("sync", second);
    OperatorProcess.sleep(Duration.ofSeconds(2));

    assertThat(operator.metric("fairlead_api_requests_total", "")).isEqualTo(requests + 1);
  }

  @Test
  void a_new_commit_supersedes_a_rollout_that_hangs() {
    String good = repository.commit(Map.of("d.yaml", deployment("good")), "good");
    follow("sync");
    syncs.awaitReady("sync", good);
    repository.commit(Map.of("d.yaml", deployment("never-ready")), "bad");
    SyncClient.await(
        Duration.ofSeconds(20),
        "a rollout in progress",
        () -> syncs.condition("sync", "Ready").contains("Progressing"),
        () -> syncs.condition("sync", "Ready"));

    String better = repository.commit(Map.of("d.yaml", deployment("better")), "better");

    syncs.awaitReady("sync", better);
    assertThat(syncs.status("sync").items("history"))
        .extracting(
            h -> ((Json.Obj) h).string("subject").orElse(""),
            h -> ((Json.Obj) h).string("result").orElse(""))
        .containsExactly(
            tuple("better", "Succeeded"), tuple("bad", "Superseded"), tuple("good", "Succeeded"));
  }

  private static String deployment(String tag) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, image: "example.org/c:%s"}]}
    """
        .formatted(tag);
  }

  @Test
  void a_finished_job_stays_finished() {
    String commit =
        repository.commit(
            Map.of(
                "job.yaml",
                """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: migrate}
                spec:
                  template:
                    spec:
                      restartPolicy: Never
                      containers: [{name: c, image: "example.org/c:1"}]
                """),
            "job");
    follow("sync");
    syncs.awaitReady("sync", commit);
    syncs.await("sync", "with a finished Job", s -> !s.items("finishedJobs").isEmpty());

    cluster.kubectl("delete", "job", "-n", namespace, "migrate");
    OperatorProcess.sleep(Duration.ofSeconds(3));

    assertThat(jobs()).isEmpty();
    syncs.awaitReady("sync", commit);
    // Another process takes up what was put off as soon as the spec is another one.
    restart();
    OperatorProcess.sleep(Duration.ofSeconds(3));
    follow("sync", "interval: 2s");
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(jobs()).isEmpty();
  }

  @Test
  void a_finished_job_gets_its_label_back_and_so_goes_with_its_commit() {
    String job =
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: %s}
        spec:
          template:
            spec:
              restartPolicy: Never
              containers: [{name: c, image: "example.org/c:1"}]
        """;
    String commit =
        repository.commit(
            Map.of(
                "one.yaml", job.formatted("one"),
                "two.yaml", job.formatted("two"),
                "map.yaml", configMap("map", "1"),
                "other.yaml", configMap("other", "1")),
            "jobs");
    follow("sync");
    syncs.awaitReady("sync", commit);
    syncs.await("sync", "with finished Jobs", s -> s.items("finishedJobs").size() == 2);

    unlabel("one");
    awaitLabel("one");
    operator.stop();
    unlabel("two");
    startAnother();
    awaitLabel("two");

    assertThat(jobs().lines()).hasSize(2);
    repository.delete("without one", "one.yaml");
    String without = repository.delete("without two", "two.yaml");
    syncs.awaitReady("sync", without);
    assertThat(jobs()).isEmpty();
  }

  private String jobs() {
    return cluster.kubectl("get", "job", "-n", namespace, "-o", "name");
  }

  private void unlabel(String job) {
    cluster.kubectl("label", "job", "-n", namespace, job, "applyset.kubernetes.io/part-of-");
  }

  private void awaitLabel(String job) {
    SyncClient.await(
        Duration.ofSeconds(30),
        "the label of Job " + job,
        () ->
            cluster
                .kubectl("get", "job", "-n", namespace, job, "-o", "jsonpath={.metadata.labels}")
                .contains("applyset.kubernetes.io/part-of"),
        operator::log);
  }

  @Test
  void a_request_makes_it_look_now() {
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync", "ref: {branch: main}");
    syncs.awaitReady("sync", first);
    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "sync",
        "--type=merge",
        "-p",
        "{\"spec\":{\"interval\":\"1h\"}}");
    OperatorProcess.sleep(Duration.ofSeconds(3));
    String second = repository.commit(Map.of("a.yaml", configMap("a", "2")), "two");

    cluster.kubectl(
        "annotate", "gitsync", "-n", namespace, "sync", "fairlead.dev/requested-at=now");

    syncs.awaitReady("sync", second);
    syncs.await(
        "sync", "handled the request", s -> s.string("handledRequest").orElse("").equals("now"));
  }

  @Test
  void a_suspended_sync_rests_and_its_objects_outlive_it() {
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);

    follow("sync", "suspend: true");
    repository.commit(Map.of("a.yaml", configMap("a", "2")), "two");
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(valueOf("a")).isEqualTo("1");
    assertThat(syncs.condition("sync", "Ready")).startsWith("True");

    syncs.delete("sync");
    assertThat(valueOf("a")).isEqualTo("1");
    assertThat(cluster.kubectl("get", "configmap", "-n", namespace, "a", "-o", "yaml"))
        .doesNotContain("applyset")
        .doesNotContain("fairlead");
  }

  @Test
  void a_deleted_sync_takes_its_objects_along_unless_it_shall_not() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync");
    syncs.awaitReady("sync", commit);
    syncs.delete("sync");
    assertThat(valueOf("a")).isEmpty();

    follow("sync", "deletionPolicy: Orphan");
    syncs.awaitReady("sync", commit);
    syncs.delete("sync");
    assertThat(valueOf("a")).isEqualTo("1");
  }
}
