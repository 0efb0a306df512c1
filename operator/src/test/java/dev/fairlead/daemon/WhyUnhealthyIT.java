package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Why a workload is not healthy is told in the words of its pods, of the scheduler and of the
 * controllers, at the line that it is about; and nobody is asked about what is healthy.
 */
final class WhyUnhealthyIT extends OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  WhyUnhealthyIT(ControlPlane cluster, @TempDir Path directory) {
    super("why", cluster, directory);
  }

  @Test
  void an_image_that_cannot_be_pulled_is_told_at_its_line_with_who_keeps_serving() {
    String good = repository.commit(Map.of("deploy/web.yaml", deployment("good")), "good");
    follow("sync", "rollout: {timeout: 10s}");
    syncs.awaitReady("sync", good);
    String kept = "main@" + good.substring(0, 7);

    repository.commit(Map.of("deploy/web.yaml", deployment("missing")), "bad");
    String words =
        "the new pods cannot pull example.org/c:missing (not found); 2 old pods keep serving "
            + kept;
    Json.Obj problem = awaitProblem("ImagePullBackOff");

    assertThat(problem.string("object")).contains("Deployment " + namespace + "/web");
    assertThat(problem.string("file")).contains("deploy/web.yaml");
    assertThat(problem.integer("line")).contains(12L);
    assertThat(problem.string("message")).contains(words);
    assertThat(problem.string("since")).isPresent();
    String ready = syncs.awaitReason("sync", "HealthCheckFailed");
    assertThat(ready)
        .startsWith(
            "False HealthCheckFailed: deploy/web.yaml:12: Deployment "
                + namespace
                + "/web: "
                + words);
    Json.Obj view = operator.view(namespace, "sync");
    assertThat(((Json.Obj) view.items("problems").getFirst()).string("message")).contains(words);
    Json.Obj health = ((Json.Obj) view.items("objects").getFirst()).object("health").orElseThrow();
    assertThat(health.string("reason")).contains("ImagePullBackOff");
    assertThat(health.string("message")).contains(words);

    String before = syncs.find("sync").orElseThrow().toJson();
    OperatorProcess.sleep(Duration.ofSeconds(12));
    assertThat(syncs.find("sync").orElseThrow().toJson()).isEqualTo(before);

    restart();
    OperatorProcess.sleep(Duration.ofSeconds(12));
    assertThat(syncs.find("sync").orElseThrow().toJson()).isEqualTo(before);

    String mended = repository.restore(GitRepository.MAIN, good, "Revert bad");
    syncs.awaitReady("sync", mended);
    assertThat(syncs.status("sync").items("problems")).isEmpty();
  }

  @Test
  void a_crash_loop_is_told_with_its_exit_code() {
    repository.commit(Map.of("web.yaml", deployment("crash")), "bad");
    follow("sync");

    Json.Obj problem = awaitProblem("CrashLoopBackOff");

    assertThat(problem.string("message"))
        .contains("the pods cannot stay up: container c crashes with exit code 1; no pod serves");
    assertThat(problem.integer("line")).contains(11L);
    mended();
  }

  @Test
  void the_schedulers_own_sentence_is_told() {
    repository.commit(
        Map.of("web.yaml", deployment("good") + "      nodeSelector: {no: such}\n"), "bad");
    follow("sync");

    Json.Obj problem = awaitProblem("Unschedulable");

    assertThat(problem.string("message").orElseThrow())
        .startsWith("the pods cannot be scheduled: 0/")
        .contains("didn't match Pod's node affinity/selector")
        .doesNotContain("preemption")
        .endsWith("; no pod serves");
    mended();
  }

  @Test
  void a_claim_that_is_not_bound_is_named_with_why() {
    repository.commit(
        Map.of(
            "claim.yaml",
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec:
              accessModes: [ReadWriteOnce]
              storageClassName: nope-%s
              resources: {requests: {storage: 1Gi}}
            """
                .formatted(namespace),
            "web.yaml",
            deployment("good")
                + "      volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]\n"),
        "bad");
    follow("sync");
    String why = "storageclass.storage.k8s.io \"nope-" + namespace + "\" not found";

    awaitMessage(
        "Deployment",
        "NotBound",
        "the pods cannot be scheduled: PersistentVolumeClaim data is not bound: "
            + why
            + "; no pod serves");
    awaitMessage("PersistentVolumeClaim", "NotBound", "is not bound: " + why);
  }

  @Test
  void a_quota_that_lets_no_pod_be_created_is_told() {
    cluster.kubectl("create", "quota", "small", "-n", namespace, "--hard=pods=0");
    repository.commit(
        Map.of("web.yaml", deployment("good"), "set.yaml", statefulSet("good")), "bad");
    follow("sync");

    String words =
        "pods cannot be created: exceeded quota: small, requested: pods=1, used: pods=0, limited:"
            + " pods=0; no pod serves";
    awaitMessage("Deployment", "FailedCreate", words);
    awaitMessage("StatefulSet", "FailedCreate", words);

    cluster.kubectl("delete", "quota", "small", "-n", namespace);
    SyncClient.await(
        Duration.ofSeconds(90),
        "Ready after the quota is gone",
        () -> syncs.condition("sync", "Ready").startsWith("True"),
        () -> syncs.status("sync").toJson());
  }

  @Test
  void a_probe_that_fails_is_told_with_the_kubelets_sentence() {
    repository.commit(
        Map.of(
            "web.yaml",
            deployment("never-ready") + "          readinessProbe: {httpGet: {port: 80}}\n"),
        "bad");
    follow("sync");
    Json.Obj problem = awaitProblem("ReadinessProbeFailed");
    assertThat(problem.string("message"))
        .contains(
            "the pods cannot become ready before the readiness probe of container c succeeds; no"
                + " pod serves");
    assertThat(problem.integer("line")).contains(13L);

    pods()
        .forEach(pod ->
            event(
                pod,
                "Unhealthy",
                "Readiness probe failed: HTTP probe failed with statuscode: 503"));

    awaitMessage(
        "Deployment",
        "ReadinessProbeFailed",
        "the pods cannot become ready before the readiness probe of container c succeeds: HTTP"
            + " probe failed with statuscode: 503; no pod serves");
    mended();
  }

  @Test
  void a_container_that_needs_too_much_memory_is_told_with_its_limit() {
    repository.commit(
        Map.of(
            "web.yaml",
            deployment("never-ready")
                + "          readinessProbe: {httpGet: {port: 80}}\n"
                + "          resources: {limits: {memory: 64Mi}}\n"),
        "bad");
    follow("sync");
    awaitProblem("ReadinessProbeFailed");

    String killed =
        """
        {"status": {"containerStatuses": [{"name": "c", "image": "example.org/c:never-ready",
          "imageID": "", "ready": false, "started": false, "restartCount": 3,
          "state": {"waiting": {"reason": "CrashLoopBackOff"}},
          "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]}}
        """;
    pods().forEach(pod -> patchStatus(pod, killed));

    awaitMessage(
        "Deployment",
        "OOMKilled",
        "the pods cannot stay up: container c is killed, since it uses more memory than its limit"
            + " of 64Mi; no pod serves");
    mended();
  }

  private void patchStatus(String pod, String patch) {
    cluster.kubectl(
        "patch", "pod", "-n", namespace, pod, "--subresource=status", "--type=merge", "-p", patch);
  }

  private List<String> pods() {
    return cluster
        .kubectl("get", "pods", "-n", namespace, "-o", "name")
        .lines()
        .map(line -> line.strip().substring("pod/".length()))
        .toList();
  }

  /** What the kubelet of a real node would say. */
  private void event(String pod, String reason, String message) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Event
        metadata: {name: %1$s.1, namespace: %2$s}
        involvedObject: {apiVersion: v1, kind: Pod, namespace: %2$s, name: %1$s, uid: %3$s}
        type: Warning
        reason: %4$s
        message: '%5$s'
        lastTimestamp: "2026-01-01T00:00:00Z"
        """
            .formatted(
                pod,
                namespace,
                cluster.kubectl(
                    "get", "pod", "-n", namespace, pod, "-o", "jsonpath={.metadata.uid}"),
                reason,
                message));
  }

  @Test
  void nobody_is_asked_about_a_rollout_that_gets_on() {
    String first = repository.commit(Map.of("web.yaml", deployment("good")), "one");
    follow("sync");
    syncs.awaitReady("sync", first);
    OperatorProcess.sleep(Duration.ofSeconds(2));
    double lists = operator.metric("fairlead_api_requests_total", "verb=\"list\"");
    double gets = operator.metric("fairlead_api_requests_total", "verb=\"get\"");

    String second = repository.commit(Map.of("web.yaml", deployment("slow")), "two");
    syncs.awaitReady("sync", second);
    OperatorProcess.sleep(Duration.ofSeconds(7));

    assertThat(operator.metric("fairlead_api_requests_total", "verb=\"list\"")).isEqualTo(lists);
    assertThat(operator.metric("fairlead_api_requests_total", "verb=\"get\"")).isEqualTo(gets);
  }

  private void mended() {
    String commit = repository.commit(Map.of("web.yaml", deployment("good")), "good");
    syncs.awaitReady("sync", commit);
    assertThat(syncs.status("sync").items("problems")).isEmpty();
  }

  private Json.Obj awaitProblem(String reason) {
    SyncClient.await(
        PATIENCE,
        "a problem " + reason,
        () -> problem("", reason).isPresent(),
        () -> syncs.status("sync").toJson() + "\n" + operator.log());
    return problem("", reason).orElseThrow();
  }

  private void awaitMessage(String kind, String reason, String message) {
    SyncClient.await(
        PATIENCE,
        kind + " " + reason + ": " + message,
        () -> problem(kind, reason).flatMap(p -> p.string("message")).equals(Optional.of(message)),
        () -> syncs.status("sync").toJson() + "\n" + operator.log());
  }

  private Optional<Json.Obj> problem(String kind, String reason) {
    return syncs.status("sync").items("problems").stream()
        .map(Json.Obj.class::cast)
        .filter(p -> p.string("reason").equals(Optional.of(reason)))
        .filter(p -> p.string("object").orElse("").startsWith(kind))
        .findFirst();
  }

  /** The container is on line 11, the image on line 12; more of it, and of the pod, may follow. */
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
        spec:
          containers:
            - name: c
              image: example.org/c:%s
    """
        .formatted(tag);
  }

  private static String statefulSet(String tag) {
    return """
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: set}
    spec:
      replicas: 1
      serviceName: set
      selector: {matchLabels: {app: set}}
      template:
        metadata: {labels: {app: set}}
        spec: {containers: [{name: c, image: "example.org/c:%s"}]}
    """
        .formatted(tag);
  }
}
