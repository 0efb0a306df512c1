package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static dev.fairlead.daemon.SampleManifests.definition;
import static dev.fairlead.daemon.SampleManifests.thing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mode Plan: what would change is told, and nothing is written. */
final class PlanModeIT extends OneDaemon {
  private static final String PLAN = "mode: Plan";
  private static final String APPLY = "mode: Apply";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ApiProxy proxy;
  private final List<ApiRequest> requests = new CopyOnWriteArrayList<>();

  PlanModeIT(ControlPlane cluster, @TempDir Path directory) {
    ApiProxy between = ApiProxy.start(cluster);
    super("plan", cluster, directory, between.kubeconfig());
    this.proxy = between;
    proxy.hook(this::forward);
  }

  private ApiCourse forward(ApiRequest request) {
    requests.add(request);
    return ApiCourse.FORWARD;
  }

  @BeforeEach
  void forget_earlier_requests() {
    requests.clear();
  }

  @AfterAll
  void stop_the_proxy() {
    proxy.close();
  }

  @Test
  void nobody_says_that_nothing_is_written_while_something_still_is() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "One");
    follow("sync");
    syncs.awaitReady("sync", commit);
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger stalled = new AtomicInteger();
    proxy.hook(request -> {
      ApiCourse course = forward(request);
      if (request.isWrite() && request.path().endsWith("/configmaps/a")) {
        stalled.incrementAndGet();
        return new ApiCourse.Stall(released);
      }
      return course;
    });

    cluster.kubectl("patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"2\"}}");
    SyncClient.await(PATIENCE, "a repair", () -> stalled.get() > 0, () -> operator.log());
    follow("sync", PLAN);
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(syncs.status("sync").integer("observedGeneration")).contains(1L);
    proxy.hook(this::forward);
    released.countDown();

    syncs.await(
        "sync", "in mode Plan", s -> s.integer("observedGeneration").equals(Optional.of(2L)));
    assertThat(valueOf("a")).as("the repair that was under way").isEqualTo("1");
    cluster.kubectl("patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"2\"}}");
    OperatorProcess.sleep(Duration.ofSeconds(2));
    assertThat(valueOf("a")).isEqualTo("2");
    follow("sync", APPLY);
    awaitValue("a", "1");
  }

  /** All writes of the daemon but those that tell people. */
  private List<ApiRequest> writes() {
    return requests.stream()
        .filter(ApiRequest::isWrite)
        .filter(r -> !(r.path().contains("/gitsyncs/") && r.path().endsWith("/status")))
        .filter(r -> !(r.path().endsWith("/events") && r.method().equals("POST")))
        .filter(r -> !r.path().contains("/leases"))
        .toList();
  }

  private long statusWrites() {
    return requests.stream().filter(r -> r.path().endsWith("/gitsyncs/sync/status")).count();
  }

  /** The versions of all objects that there are, of all kinds, but what tells people. */
  private Map<String, String> versions() {
    String kinds =
        String.join(
            ",",
            cluster
                .kubectl("api-resources", "--verbs=list", "-o", "name")
                .lines()
                .filter(k -> !k.startsWith("events") && !k.startsWith("leases."))
                .filter(k -> !k.startsWith("gitsyncs."))
                .toList());
    Map<String, String> versions = new TreeMap<>();
    cluster
        .kubectl(
            "get",
            kinds,
            "-A",
            "-o",
            "jsonpath={range .items[*]}{.apiVersion} {.kind} {.metadata.namespace}/{.metadata.name}={.metadata.resourceVersion}{\"\\n\"}{end}")
        .lines()
        .forEach(
            l -> versions.put(l.substring(0, l.indexOf('=')), l.substring(l.indexOf('=') + 1)));
    return versions;
  }

  /** The same, once the controllers have done what they do about the objects of the test. */
  private Map<String, String> settledVersions() {
    Map<String, Map<String, String>> last = new HashMap<>();
    last.put("seen", versions());
    SyncClient.await(
        PATIENCE,
        "a cluster at rest",
        () -> {
          OperatorProcess.sleep(Duration.ofSeconds(1));
          Map<String, String> now = versions();
          return now.equals(last.put("seen", now));
        },
        () -> "it moves");
    return last.get("seen");
  }

  private Json.Obj plan() {
    return syncs.status("sync").object("plan").orElse(Json.Obj.empty());
  }

  private static String counts(Json.Obj plan) {
    return "create %d, update %d, prune %d, drifted %d"
        .formatted(
            plan.integer("create").orElse(-1L),
            plan.integer("update").orElse(-1L),
            plan.integer("prune").orElse(-1L),
            plan.integer("drifted").orElse(-1L));
  }

  private List<String> lines() {
    return plan().items("first").stream().map(l -> ((Json.Str) l).value()).toList();
  }

  private void awaitPlan(String what, Predicate<Json.Obj> until) {
    SyncClient.await(
        PATIENCE,
        what,
        () -> until.test(syncs.status("sync")),
        () -> syncs.status("sync").toJson() + "\n" + operator.log());
  }

  private void awaitCounts(String counts) {
    awaitPlan(
        counts, status -> counts(status.object("plan").orElse(Json.Obj.empty())).equals(counts));
  }

  private String readiness() {
    return syncs.condition("sync", "Ready");
  }

  private void request() {
    cluster.kubectl(
        "annotate",
        "--overwrite",
        "gitsync",
        "-n",
        namespace,
        "sync",
        "fairlead.dev/requested-at=" + System.nanoTime());
  }

  private Json.Obj view() {
    return operator.view(namespace, "sync");
  }

  private static String deployment(String tag, String more) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: c
            image: "example.org/c:%s"
    %s\
    """
        .formatted(tag, more);
  }

  private static String secret(String password) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: credentials}
    stringData: {password: "%s", user: me}
    """
        .formatted(password);
  }

  private void kubectlApply(String manifest, String... flags) {
    String[] all = {"apply", "-n", namespace, "-f", "-"};
    String[] arguments = java.util.Arrays.copyOf(all, all.length + flags.length);
    System.arraycopy(flags, 0, arguments, all.length, flags.length);
    assertThat(cluster.tryKubectl(manifest, arguments).output()).isNotEmpty();
  }

  @Test
  void what_would_become_of_a_cluster_that_others_made_is_told_and_nothing_is_written() {
    // Given
    String group = namespace + ".example.org";
    kubectlApply(configMap("by-client", "1").replace("key: \"1\"", "key: \"1\", gone: \"x\""));
    kubectlApply(configMap("by-server", "1"), "--server-side");
    kubectlApply(secret("hunter2"));
    kubectlApply(
        deployment("1", "        args: [a]\n        env: [{name: A, value: a}]\n")
            .replace("spec:\n  selector", "spec:\n  replicas: 3\n  selector"));
    ApiClient.of(cluster)
        .apply(
            "/api/v1/namespaces/" + namespace + "/configmaps/by-helm",
            "helm",
            configMap("by-helm", "1")
                .replace("{key: \"1\"}", "{key: \"1\", left: \"helm\"}")
                .replace(
                    "name: by-helm", "name: by-helm, annotations: {meta.helm.sh/release-name: r}"));
    cluster.kubectl("autoscale", "deployment", "-n", namespace, "web", "--min=1", "--max=9");
    Map<String, String> before = settledVersions();

    // When
    repository.commit(
        Map.of(
            "deploy/client.yaml", configMap("by-client", "2"),
            "deploy/server.yaml", configMap("by-server", "1"),
            "deploy/helm.yaml", configMap("by-helm", "1"),
            "deploy/secret.yaml", secret("correct horse"),
            "deploy/web.yaml", deployment("2", ""),
            "deploy/new.yaml", configMap("new", "1"),
            "deploy/crd.yaml", definition(group, "v1"),
            "deploy/thing.yaml", thing(group, "v1", 1),
            "deploy/namespace.yaml",
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s-x}\n".formatted(namespace),
            "deploy/there.yaml",
                configMap("there", "1")
                    .replace(
                        "{name: there}", "{name: there, namespace: %s-x}".formatted(namespace))),
        "one");
    follow("sync", PLAN);

    // Then
    awaitCounts("create 5, update 4, prune 0, drifted 0");
    assertThat(lines().stream().map(l -> l.replace(namespace, "NS")))
        .containsExactly(
            "deploy/client.yaml:4: ConfigMap NS/by-client: data.key: \"1\" -> \"2\" (and 1 more)",
            "deploy/helm.yaml:4: ConfigMap NS/by-helm: data.left: \"helm\" -> none",
            "deploy/secret.yaml:4: Secret NS/credentials: data.password: *** -> ***",
            "deploy/web.yaml:5: Deployment NS/web: spec.replicas: 3 -> 1 (and 3 more)",
            "deploy/crd.yaml:1: create CustomResourceDefinition things.NS.example.org",
            "deploy/namespace.yaml:1: create Namespace NS-x",
            "deploy/new.yaml:1: create ConfigMap NS/new",
            "deploy/there.yaml:1: create ConfigMap NS-x/there: not checked, since it needs"
                + " something that the commit brings",
            "deploy/thing.yaml:1: create Thing NS/t: not checked, since it needs something that"
                + " the commit brings");
    assertThat(readiness())
        .startsWith("False OutOfSync: main@")
        .contains(" would create 5, update 4, prune 0: deploy/client.yaml:4: ConfigMap ");
    assertThat(view().object("plan").orElseThrow().items("changes")).hasSize(9);
    assertThat(view().toJson())
        .contains("\"path\":\"spec.template.spec.containers[name=\\\"c\\\"].env\"")
        .contains("\"holders\":[\"kubectl-client-side-apply\"]");
    assertThat(
            operator.metric(
                "fairlead_sync_plan",
                "action=\"create\",name=\"sync\",namespace=\"" + namespace + "\""))
        .isEqualTo(5);
    assertThat(events()).contains("reason: OutOfSync").contains("would create 5");
    assertThat(statusWrites()).isLessThanOrEqualTo(2);
    Map<String, String> after = versions();
    assertThat(after).isEqualTo(before);
    assertThat(writes()).isEmpty();
    assertThat(syncs.find("sync").orElseThrow().object("metadata").orElseThrow().toJson())
        .doesNotContain("finalizers", "applyset");
    assertThat(view().toJson() + syncs.status("sync").toJson() + operator.log() + events())
        .doesNotContain("hunter2", "correct horse")
        .doesNotContain(base64("hunter2"), base64("correct horse"));
  }

  private static String base64(String text) {
    return java.util.Base64.getEncoder()
        .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private String events() {
    return cluster.kubectl("get", "events", "-n", namespace, "-o", "yaml");
  }

  @Test
  void it_becomes_ready_when_others_make_the_cluster_what_git_says() {
    // Given
    repository.commit(
        Map.of("a.yaml", configMap("a", "1"), "web.yaml", deployment("1", "")), "one");
    follow("sync", PLAN);
    syncs.awaitReason("sync", "OutOfSync");
    assertThat(counts(plan())).isEqualTo("create 2, update 0, prune 0, drifted 0");

    // When
    kubectlApply(configMap("a", "1"));
    kubectlApply(deployment("1", ""), "--server-side");
    request();

    // Then
    awaitPlan("Ready", s -> SyncClient.condition(s, "Ready").startsWith("True "));
    assertThat(readiness()).contains(": nothing to change, 2 objects");
    assertThat(counts(plan())).isEqualTo("create 0, update 0, prune 0, drifted 0");
    assertThat(writes()).isEmpty();
    // And quiet it is.
    long statuses = statusWrites();
    request();
    OperatorProcess.sleep(Duration.ofSeconds(4));
    requests.clear();
    OperatorProcess.sleep(Duration.ofSeconds(4));
    assertThat(requests.stream().filter(r -> !r.isWatch()).toList()).isEmpty();
    assertThat(statuses).isLessThan(5);
  }

  @Test
  void the_drift_of_what_was_applied_before_is_told_and_not_repaired() {
    // Given
    String first =
        repository.commit(
            Map.of(
                "a.yaml", configMap("a", "1"),
                "b.yaml", configMap("b", "1"),
                "c.yaml", configMap("c", "1"),
                "web.yaml", deployment("1", "")),
            "one");
    follow("sync", APPLY);
    syncs.awaitReady("sync", first);

    // When
    follow("sync", PLAN);
    awaitPlan(
        "planned",
        s ->
            counts(s.object("plan").orElse(Json.Obj.empty()))
                .equals("create 0, update 0, prune 0, drifted 0"));
    assertThat(readiness()).startsWith("True Succeeded: main@");
    requests.clear();
    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"hand\"}}");
    cluster.kubectl("delete", "configmap", "-n", namespace, "b");

    // Then
    awaitCounts("create 0, update 0, prune 0, drifted 2");
    assertThat(lines().stream().map(l -> l.replace(namespace, "NS")))
        .containsExactly(
            "a.yaml:4: ConfigMap NS/a: drifted: data.key: \"hand\" -> \"1\" (by kubectl-patch)",
            "b.yaml:1: ConfigMap NS/b: was deleted");
    assertThat(valueOf("a")).isEqualTo("hand");
    assertThat(writes()).isEmpty();

    // Another commit: what it changes is no drift, and what it removes would be pruned.
    repository.commit(
        Map.of("a.yaml", configMap("a", "2"), "web.yaml", deployment("2", "")), "two");
    repository.delete("three", "c.yaml");
    awaitCounts("create 0, update 2, prune 1, drifted 1");
    assertThat(lines()).first().isEqualTo("prune ConfigMap " + namespace + "/c");
    assertThat(writes()).isEmpty();

    // A restart knows as much.
    restart();
    request();
    awaitPlan("asked again", s -> true);
    OperatorProcess.sleep(Duration.ofSeconds(3));
    assertThat(counts(plan())).isEqualTo("create 0, update 2, prune 1, drifted 1");
    cluster.kubectl("label", "configmap", "-n", namespace, "c", "x=y");
    cluster.kubectl("delete", "deployment", "-n", namespace, "web");
    awaitCounts("create 1, update 1, prune 1, drifted 1");
    assertThat(writes()).isEmpty();

    // Mode Apply is the approval.
    follow("sync", APPLY);
    String newest = repository.resolve("main");
    syncs.awaitReady("sync", newest);
    assertThat(valueOf("a")).isEqualTo("2");
    assertThat(valueOf("b")).isEqualTo("1");
    awaitValue("c", "");
    assertThat(syncs.status("sync").object("plan")).isEmpty();
  }

  @Test
  void a_refused_commit_is_told_with_its_line_beside_the_plan_of_the_rest() {
    // Given
    repository.commit(
        Map.of(
            "a.yaml", configMap("a", "1"),
            "web.yaml", deployment("1", "").replace("selector:", "replcas: 2\n  selector:")),
        "one");

    // When
    follow("sync", PLAN);

    // Then
    assertThat(syncs.awaitReason("sync", "ValidationFailed"))
        .contains("web.yaml:6")
        .contains("replcas");
    assertThat(counts(plan())).isEqualTo("create 1, update 0, prune 0, drifted 0");

    repository.commit(Map.of("web.yaml", "kind: [\n"), "two");
    assertThat(syncs.awaitReason("sync", "BuildFailed")).contains("web.yaml");
    assertThat(syncs.status("sync").object("plan")).isEmpty();
    assertThat(writes()).isEmpty();
  }

  @Test
  void what_another_sync_has_is_told_and_not_handed_over() {
    // Given
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("owner", APPLY);
    syncs.awaitReady("owner", commit);
    requests.clear();

    // When
    follow("sync", PLAN);

    // Then
    assertThat(syncs.awaitReason("sync", "OwnedElsewhere")).contains(namespace + "/owner has it");
    assertThat(writes()).isEmpty();
    assertThat(syncs.condition("owner", "Ready")).startsWith("True");
  }

  @Test
  void what_is_treated_in_another_way_is_planned_in_that_way() {
    // Given
    String job =
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: once, annotations: {fairlead.dev/replace: allowed}}
        spec:
          template:
            metadata: {labels: {app: once}}
            spec: {restartPolicy: Never, containers: [{name: c, image: "example.org/c:1"}]}
        """;
    String scaled =
        deployment("1", "")
            .replace(
                "name: web\n",
                "name: web\n  annotations: {fairlead.dev/ignore-fields: /spec/replicas}\n")
            .replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector");
    String first =
        repository.commit(
            Map.of(
                "job.yaml", job,
                "web.yaml", scaled,
                "left.yaml",
                    configMap("left", "1")
                        .replace(
                            "{name: left}",
                            "{name: left, annotations: {fairlead.dev/reconcile: create-only}}")),
            "one");
    follow("sync", APPLY);
    syncs.awaitReady("sync", first);
    follow("sync", PLAN);
    awaitCounts("create 0, update 0, prune 0, drifted 0");
    requests.clear();

    // When
    cluster.kubectl("scale", "deployment", "-n", namespace, "web", "--replicas=7");
    repository.commit(
        Map.of(
            "job.yaml", job.replace("c:1", "c:2"),
            "web.yaml", scaled.replace("replicas: 2", "replicas: 3"),
            "left.yaml",
                configMap("left", "2")
                    .replace(
                        "{name: left}",
                        "{name: left, annotations: {fairlead.dev/reconcile: create-only}}")),
        "two");

    // Then
    awaitCounts("create 0, update 1, prune 0, drifted 0");
    assertThat(lines())
        .containsExactly(
            "job.yaml:1: replace Job "
                + namespace
                + "/once: spec.template cannot be changed in place");
    assertThat(writes()).isEmpty();
  }

  @Test
  void a_sync_that_is_deleted_in_mode_plan_leaves_what_it_had() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "one");
    follow("sync", APPLY);
    syncs.awaitReady("sync", commit);
    follow("sync", PLAN);
    awaitPlan("planned", s -> s.object("plan").isPresent());

    syncs.delete("sync");

    assertThat(valueOf("a")).isEqualTo("1");
    assertThat(
            cluster.kubectl(
                "get", "configmap", "-n", namespace, "a", "-o", "jsonpath={.metadata.labels}"))
        .doesNotContain("fairlead.dev");
  }

  @Test
  void a_plan_of_500_objects_costs_two_requests_for_each() {
    // Given
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      files.put("c%d.yaml".formatted(i), configMap("c" + i, "1"));
    }
    StringBuilder all = new StringBuilder();
    files.values().forEach(f -> all.append(f).append("---\n"));
    kubectlApply(all.toString(), "--server-side");
    repository.commit(files, "one");
    requests.clear();

    // When
    long begun = System.nanoTime();
    follow("sync", PLAN);
    awaitPlan("Ready", s -> SyncClient.condition(s, "Ready").startsWith("True "));

    // Then
    Map<String, Integer> kinds = new TreeMap<>();
    for (ApiRequest request : requests) {
      kinds.merge(request.method() + (request.isDryRun() ? " dry run" : ""), 1, Integer::sum);
    }
    System.out.printf(
        "500 objects planned in %d ms with %s%n", (System.nanoTime() - begun) / 1_000_000, kinds);
    assertThat(requests.stream().filter(ApiRequest::isDryRun).count()).isBetween(500L, 510L);
    assertThat(requests.stream().filter(r -> r.path().contains("/configmaps/c")).count())
        .isBetween(1000L, 1010L);
    assertThat(writes()).isEmpty();
  }
}
