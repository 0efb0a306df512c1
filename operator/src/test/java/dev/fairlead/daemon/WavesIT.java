package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits whose objects come one after the other. */
final class WavesIT extends OneDaemon {
  private final ApiClient api;

  WavesIT(ControlPlane cluster, @TempDir Path directory) {
    super("waves", cluster, directory);
    this.api = ApiClient.of(cluster);
  }

  @Test
  void each_wave_is_healthy_before_the_next_is_written() {
    String commit =
        repository.commit(
            Map.of(
                "a-late.yaml", inWave(configMap("late", "1"), 2),
                "b-job.yaml", inWave(job("migrate", "app:1"), -1),
                "c-app.yaml", deployment("web", "web:slow"),
                "d-plain.yaml", configMap("plain", "1")),
            "Three waves");

    follow("app");
    syncs.awaitReady("app", commit);

    Json.Obj migrate = object("/apis/batch/v1", "jobs", "migrate");
    assertThat(created("/apis/apps/v1", "deployments", "web"))
        .isAfterOrEqualTo(instant(migrate, "status", "completionTime"));
    assertThat(created("/api/v1", "configmaps", "plain"))
        .isAfterOrEqualTo(instant(migrate, "status", "completionTime"));
    // The slow pods take two seconds.
    assertThat(created("/api/v1", "configmaps", "late"))
        .isAfter(created("/apis/apps/v1", "deployments", "web"));
    assertThat(objects("app")).isEqualTo("4/4");
  }

  @Test
  void a_failed_job_stops_what_comes_after_it_and_another_commit_goes_on() {
    repository.commit(
        Map.of(
            "job.yaml", inWave(job("migrate", "app:fail"), -1),
            "app.yaml", configMap("app", "1")),
        "Fails");
    follow("app");

    String message = syncs.awaitReason("app", "HealthCheckFailed");
    assertThat(message)
        .contains("job.yaml:1: Job " + namespace + "/migrate")
        .contains("wave -1 is written, and 1 object of later waves waits for it");
    assertThat(valueOf("app")).isEmpty();
    assertThat(SyncClient.applied(syncs.status("app"))).isEmpty();

    String second =
        repository.commit(Map.of("job.yaml", inWave(job("migrate2", "app:1"), -1)), "Another job");
    syncs.awaitReady("app", second);
    awaitValue("app", "1");
  }

  @Test
  void a_finished_job_is_not_run_again_by_a_commit_that_does_not_change_it() {
    String first =
        repository.commit(
            Map.of(
                "job.yaml", inWave(job("migrate", "app:1"), -1),
                "app.yaml", configMap("app", "1")),
            "One");
    follow("app");
    syncs.awaitReady("app", first);
    String uid = uid("/apis/batch/v1", "jobs", "migrate");
    cluster.kubectl("delete", "job", "-n", namespace, "migrate");

    String second = repository.commit(Map.of("app.yaml", configMap("app", "2")), "Two");
    syncs.awaitReady("app", second);
    assertThat(find("/apis/batch/v1", "jobs", "migrate")).isEmpty();
    assertThat(uid).isNotEmpty();
  }

  @Test
  void a_changed_job_needs_leave_to_be_replaced_and_then_runs_once_before_what_follows() {
    String first =
        repository.commit(
            Map.of(
                "job.yaml", inWave(job("migrate", "app:1"), -1),
                "app.yaml", configMap("app", "1")),
            "One");
    follow("app");
    syncs.awaitReady("app", first);

    repository.commit(
        Map.of("job.yaml", inWave(job("migrate", "app:2"), -1), "app.yaml", configMap("app", "2")),
        "Two");
    assertThat(syncs.awaitReason("app", "ValidationFailed")).contains("fairlead.dev/replace");
    assertThat(valueOf("app")).isEqualTo("1");

    String third =
        repository.commit(
            Map.of(
                "job.yaml",
                inWave(job("migrate", "app:2"), -1)
                    .replace("annotations: {", "annotations: {fairlead.dev/replace: allowed, ")),
            "Three");
    syncs.awaitReady("app", third);
    awaitValue("app", "2");
    assertThat(version("/api/v1", "configmaps", "app")).isGreaterThan(createdVersionOf("migrate"));
  }

  @Test
  void a_new_commit_does_not_wait_for_a_wave_that_hangs() {
    repository.commit(
        Map.of(
            "web.yaml", inWave(deployment("web", "web:never-ready"), -1),
            "app.yaml", configMap("app", "1")),
        "Hangs");
    follow("app");
    syncs.await(
        "app",
        "waiting for wave -1",
        status -> SyncClient.condition(status, "Ready").contains("wave -1 is written"));
    assertThat(syncs.condition("app", "Reconciling")).startsWith("True ");
    assertThat(syncs.condition("app", "Applied")).doesNotStartWith("True");

    String second =
        repository.commit(Map.of("web.yaml", inWave(deployment("web", "web:1"), -1)), "Mended");
    syncs.awaitReady("app", second);
    awaitValue("app", "1");
  }

  @Test
  void a_wave_that_is_late_is_told_and_goes_on_by_itself() {
    String commit =
        repository.commit(
            Map.of(
                "web.yaml", inWave(deployment("web", "web:never-ready"), -1),
                "app.yaml", configMap("app", "1")),
            "Hangs");
    follow("app", "rollout: {timeout: 2s}");
    assertThat(syncs.awaitReason("app", "HealthCheckFailed")).contains("wave -1 is written");
    assertThat(valueOf("app")).isEmpty();

    for (String pod :
        cluster
            .kubectl("get", "pods", "-n", namespace, "-o", "jsonpath={.items[*].metadata.name}")
            .split(" ", -1)) {
      cluster.kubectl(
          "patch",
          "pod",
          "-n",
          namespace,
          pod,
          "--subresource=status",
          "--type=strategic",
          "-p",
          "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
    }
    syncs.awaitReady("app", commit);
    awaitValue("app", "1");
  }

  @Test
  void a_job_that_cannot_begin_says_why_while_it_is_awaited() {
    repository.commit(
        Map.of(
            "job.yaml", inWave(job("migrate", "app:missing"), -1),
            "app.yaml", configMap("app", "1")),
        "No such image");
    follow("sync", "rollout: {timeout: 30s}");

    syncs.await(
        "sync",
        "which says what keeps the Job",
        s ->
            SyncClient.condition(s, "Ready")
                .contains("/migrate: the pod cannot pull app:missing (not found)"));
    assertThat(valueOf("app")).isEmpty();
  }

  @Test
  void a_suspended_sync_stays_between_two_waves_and_a_restart_begins_again_in_order() {
    String commit =
        repository.commit(
            Map.of(
                "job.yaml", inWave(job("migrate", "app:1"), -2),
                "web.yaml", inWave(deployment("web", "web:never-ready"), -1),
                "app.yaml", configMap("app", "1")),
            "Three");
    follow("app");
    syncs.await(
        "app",
        "waiting for wave -1",
        status -> SyncClient.condition(status, "Ready").contains("wave -1 is written"));
    String uid = uid("/apis/batch/v1", "jobs", "migrate");

    restart();
    syncs.await(
        "app",
        "waiting for wave -1 again",
        status -> SyncClient.condition(status, "Ready").contains("wave -1 is written"));
    assertThat(uid("/apis/batch/v1", "jobs", "migrate")).isEqualTo(uid);
    assertThat(valueOf("app")).isEmpty();

    patchSpec("{\"suspend\":true}");
    syncs.await(
        "app", "suspended", status -> SyncClient.condition(status, "Reconciling").isEmpty());
    repository.commit(Map.of("web.yaml", inWave(deployment("web", "web:1"), -1)), "Mended");
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(valueOf("app")).isEmpty();

    patchSpec("{\"suspend\":false}");
    awaitValue("app", "1");
    assertThat(commit).isNotEmpty();
  }

  @Test
  void drift_is_repaired_to_what_was_there_before_while_a_wave_is_awaited() {
    String first =
        repository.commit(
            Map.of(
                "web.yaml", inWave(deployment("web", "web:1"), -1),
                "app.yaml", configMap("app", "1")),
            "One");
    follow("app");
    syncs.awaitReady("app", first);
    repository.commit(
        Map.of(
            "web.yaml", inWave(deployment("web", "web:never-ready"), -1),
            "app.yaml", configMap("app", "2")),
        "Two");
    syncs.await(
        "app",
        "waiting for wave -1",
        status -> SyncClient.condition(status, "Ready").contains("wave -1 is written"));

    cluster.kubectl(
        "patch",
        "configmap",
        "-n",
        namespace,
        "app",
        "--type=merge",
        "-p",
        "{\"data\":{\"key\":\"drifted\"}}");

    awaitValue("app", "1");
  }

  @Test
  void what_needs_an_object_of_a_later_wave_is_refused_before_anything_is_written() {
    String group = namespace + ".example.org";
    repository.commit(
        Map.of(
            "app.yaml", configMap("app", "1"),
            "definition.yaml", inWave(definition(group, "v1"), 5),
            "thing.yaml", SampleManifests.thing(group, "v1", 1)),
        "Too late");
    follow("app");

    assertThat(syncs.awaitReason("app", "ValidationFailed"))
        .contains("thing.yaml:1: Thing " + namespace + "/t")
        .contains("needs CustomResourceDefinition things." + group + " (definition.yaml:1)")
        .contains("is of a later wave (5)");
    assertThat(valueOf("app")).isEmpty();
  }

  @Test
  void definitions_come_with_the_first_wave_and_instances_in_theirs() {
    String group = namespace + ".example.org";
    String commit =
        repository.commit(
            Map.of(
                "app.yaml", inWave(configMap("app", "1"), -3),
                "definition.yaml", definition(group, "v1"),
                "thing.yaml", inWave(SampleManifests.thing(group, "v1", 1), 4)),
            "In order");
    follow("app");
    syncs.awaitReady("app", commit);
    cluster.kubectl("delete", "crd", "things." + group, "--wait=false");
  }

  @Test
  void a_wave_that_is_no_number_is_refused_with_its_line() {
    repository.commit(
        Map.of("app.yaml", inWave(configMap("app", "1"), 0).replace("\"0\"", "first")),
        "No number");
    follow("app");

    assertThat(syncs.awaitReason("app", "BuildFailed"))
        .contains("app.yaml:3: ConfigMap ")
        .contains("fairlead.dev/wave says \"first\"");
  }

  @Test
  void five_waves_of_twenty_objects_are_checked_twice_at_most() {
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      files.put("c" + i + ".yaml", inWave(configMap("c" + i, "1"), i / 20));
    }
    String commit = repository.commit(files, "A hundred");
    long before = applies();
    follow("app");
    syncs.awaitReady("app", commit);
    long requests = applies() - before;
    System.out.println("a hundred objects in five waves: " + requests + " applies and dry runs");

    // One dry run and one write for each; those of later waves are checked again in their turn.
    assertThat(requests).isBetween(100L + 100, 100L + 100 + 80);
    for (int wave = 1; wave < 5; wave++) {
      assertThat(version("/api/v1", "configmaps", "c" + wave * 20))
          .isGreaterThan(version("/api/v1", "configmaps", "c" + (wave * 20 - 1)));
    }
  }

  private long applies() {
    return operator
        .get("/metrics")
        .lines()
        .filter(l -> l.startsWith("fairlead_api_requests_total"))
        .filter(l -> l.contains("verb=\"apply\"") || l.contains("verb=\"dry-run\""))
        .mapToLong(l -> (long) Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  private void patchSpec(String spec) {
    cluster.kubectl(
        "patch",
        "gitsync",
        "-n",
        namespace,
        "app",
        "--type=merge",
        "-p",
        "{\"spec\":" + spec + "}");
  }

  private String objects(String sync) {
    return syncs.status(sync).object("summary").flatMap(s -> s.string("objects")).orElse("");
  }

  private static String inWave(String manifest, int wave) {
    return manifest.replaceFirst(
        "metadata: \\{", "metadata: {annotations: {fairlead.dev/wave: \"" + wave + "\"}, ");
  }

  private static String job(String name, String image) {
    return """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: %s}
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: "%s"}]
    """
        .formatted(name, image);
  }

  private static String deployment(String name, String image) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s}
    spec:
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec:
          containers: [{name: main, image: "%2$s"}]
    """
        .formatted(name, image);
  }

  private Optional<Json.Obj> find(String group, String plural, String name) {
    return api.get(group + "/namespaces/" + namespace + "/" + plural + "/" + name);
  }

  private Json.Obj object(String group, String plural, String name) {
    return find(group, plural, name).orElseThrow();
  }

  private String uid(String group, String plural, String name) {
    return object(group, plural, name).object("metadata").orElseThrow().string("uid").orElse("");
  }

  private long version(String group, String plural, String name) {
    return Long.parseLong(
        object(group, plural, name)
            .object("metadata")
            .orElseThrow()
            .string("resourceVersion")
            .orElseThrow());
  }

  /** The version of the Job's last write, which is its end. */
  private long createdVersionOf(String job) {
    return version("/apis/batch/v1", "jobs", job);
  }

  private java.time.Instant created(String group, String plural, String name) {
    return instant(object(group, plural, name), "metadata", "creationTimestamp");
  }

  private static java.time.Instant instant(Json.Obj object, String part, String field) {
    return java.time.Instant.parse(object.object(part).flatMap(p -> p.string(field)).orElseThrow());
  }
}
