package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.ProgramRun;
import dev.fairlead.testbed.RealNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fairlead as a pod of a real node, installed by install.yaml, and what it deploys there. {@code
 * make test-node} builds image and node and runs these tests as root; {@code make test} leaves them
 * out.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HOME = "fairlead-system";
  private static final String IMAGE = "fairlead.dev/fairlead:0.1.0-SNAPSHOT";
  private static final String ADDRESS = "10.96.0.80";
  private static final int REQUESTS_A_SECOND = 50;
  private static final int BEFORE_AND_AFTER = 2_000;

  private final ControlPlane cluster;
  private final GitServer git;
  private final RealNode node;
  private final SyncClient syncs;

  NodeIT(@TempDir Path directory) {
    git = GitServer.start(directory.resolve("git"));
    cluster = RealNode.controlPlane();
    node =
        RealNode.start(
            cluster, directory.resolve("node"), ImageUnderTest.tar(), List.of(git.url()));
    syncs = new SyncClient(cluster, HOME);
  }

  @BeforeAll
  void install() {
    cluster.kubectl("apply", "--server-side", "-f", Installation.INSTALL.toString());
    awaitRollout(HOME, "fairlead");
  }

  @AfterAll
  void stop() {
    node.close();
    cluster.close();
    git.close();
  }

  private void awaitRollout(String namespace, String name) {
    cluster.kubectl("rollout", "status", "deployment/" + name, "-n", namespace, "--timeout=110s");
  }

  /** The pods of Fairlead that are Ready: name and image of each. */
  private Map<String, String> ready() {
    Map<String, String> pods = new HashMap<>();
    cluster
        .kubectl(
            "get",
            "pods",
            "-n",
            HOME,
            "-o",
            "go-template={{range .items}}{{$p := .}}{{range .status.conditions}}{{if and (eq .type"
                + " \"Ready\") (eq .status \"True\")}}{{$p.metadata.name}} {{(index"
                + " $p.spec.containers 0).image}}{{\"\\n\"}}{{end}}{{end}}{{end}}")
        .lines()
        .map(line -> line.split(" ", 2))
        .forEach(words -> pods.put(words[0], words[1]));
    return pods;
  }

  private String pod() {
    SyncClient.await(PATIENCE, "one Ready pod", () -> ready().size() == 1, () -> ready() + "");
    return ready().keySet().iterator().next();
  }

  private String ofPod(String pod, String path) {
    return cluster.kubectl("get", "pod", pod, "-n", HOME, "-o", "jsonpath={" + path + "}");
  }

  @Test
  void the_pod_keeps_to_what_its_namespace_asks_for() throws IOException {
    String pod = pod();

    assertThat(cluster.kubectl("get", "namespace", HOME, "-o", "jsonpath={.metadata.labels}"))
        .contains("\"pod-security.kubernetes.io/enforce\":\"restricted\"");
    List<Long> processes = node.processes(HOME, pod);
    assertThat(processes).hasSize(2); // The sandbox, and java.
    for (long process : processes) {
      Path proc = Path.of("/proc", Long.toString(process));
      if (Files.readString(proc.resolve("cmdline")).contains("fairlead.jar")) {
        assertThat(Files.readString(proc.resolve("status")))
            .contains("Uid:\t65532\t65532\t65532\t65532")
            .contains("CapBnd:\t0000000000000000")
            .contains("NoNewPrivs:\t1")
            .contains("Seccomp:\t2");
        assertThat(Files.readAllLines(proc.resolve("mounts")))
            .anyMatch(m -> m.matches("overlay / overlay ro[, ].*"));
      }
    }
    assertThat(ofPod(pod, ".status.containerStatuses[0].restartCount")).isEqualTo("0");
  }

  @Test
  void the_command_line_reaches_the_pod_through_the_api_server() {
    ProgramRun run =
        ProgramRun.of(
            List.of(
                Path.of("..", "fairlead").toString(),
                "status",
                "-A",
                "--kubeconfig",
                cluster.kubeconfig().toString()),
            Map.of("FAIRLEAD_JAVA", Path.of(System.getProperty("java.home"), "bin/java") + ""),
            "",
            PATIENCE);

    assertThat(run.exitCode()).as(run.errors()).isZero();
    assertThat(cluster.kubectl("logs", "-n", HOME, "deployment/fairlead")).contains("Listening");
  }

  /** A site of two pods that answer with their version. */
  private static Map<String, String> site(String namespace, String image, String pause) {
    return Map.of(
        "site.yaml",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %1$s}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: %1$s}
        spec:
          replicas: 2
          strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: "%2$s"
                ports: [{containerPort: 8080}]
                readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
                %3$s
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: %1$s}
        spec:
          clusterIP: %4$s
          selector: {app: web}
          ports: [{port: 80, targetPort: 8080}]
        """
            .formatted(namespace, image, pause, ADDRESS));
  }

  private static int lost(Map<String, Integer> answers) {
    return answers.entrySet().stream()
        .filter(e -> e.getKey().startsWith("lost: "))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  /** What becomes of requests while the image of a site moves on, and back by a revert. */
  private Map<String, Integer> rollOver(String name, String kind, String pause) {
    GitRepository repository = git.create(name);
    // Tags as a pipeline sets them: the commit that the image was built from.
    String one = "1f".repeat(20);
    String two = "2e".repeat(20);
    node.tag("fairlead.test/" + kind + ":1", "fairlead.test/" + name + ":" + one);
    node.tag("fairlead.test/" + kind + ":2", "fairlead.test/" + name + ":" + two);
    String first = repository.commit(site(name, "fairlead.test/" + name + ":" + one, pause), "One");
    syncs.apply(name, RealNode.reached(repository.url()), "maxPrune: 100%");
    syncs.awaitReady(name, first);

    RealNode.Load load = node.load("http://" + ADDRESS, REQUESTS_A_SECOND);
    OperatorProcess.sleep(Duration.ofMillis(BEFORE_AND_AFTER));
    syncs.awaitReady(
        name, repository.commit(site(name, "fairlead.test/" + name + ":" + two, pause), "Two"));
    OperatorProcess.sleep(Duration.ofMillis(BEFORE_AND_AFTER));
    syncs.awaitReady(name, repository.restore(GitRepository.MAIN, first, "Revert \"Two\""));
    awaitRollout(name, "web");
    // Those that have to go take their time, in which they are asked still.
    OperatorProcess.sleep(Duration.ofMillis(3L * BEFORE_AND_AFTER));
    Map<String, Integer> answers = load.end();
    assertThat(
            cluster.kubectl(
                "get", "pods", "-n", name, "-o", "jsonpath={.items[*].spec.containers[*].image}"))
        .contains(one)
        .doesNotContain(two);
    syncs.delete(name);
    cluster.kubectl("delete", "namespace", name, "--ignore-not-found", "--timeout=60s");
    System.out.println("Answers while " + name + " rolled over twice: " + answers);
    return answers;
  }

  @Test
  void an_image_tag_moves_and_is_reverted_without_a_lost_request() {
    Map<String, Integer> answers =
        rollOver("site", "web", "lifecycle: {preStop: {sleep: {seconds: 3}}}");

    assertThat(answers).containsOnlyKeys("1", "2");
  }

  /** Or the test before it could not fail. */
  @Test
  void a_site_whose_pods_end_abruptly_loses_requests() {
    Map<String, Integer> answers = rollOver("careless", "abrupt", "");

    assertThat(answers).containsKeys("1", "2");
    assertThat(lost(answers)).isPositive();
  }

  @Test
  void killed_in_the_middle_of_a_sync_it_goes_on() throws IOException {
    GitRepository repository = git.create("many");
    Map<String, String> files = new HashMap<>();
    files.put("0.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: many}\n");
    for (int i = 0; i < 400; i++) {
      files.put("m" + i + ".yaml", SampleManifests.configMap("m" + i, "1"));
    }
    String pod = pod();
    String restarts = ofPod(pod, ".status.containerStatuses[0].restartCount");
    String commit = repository.commit(files, "Many");
    syncs.apply(
        "many", RealNode.reached(repository.url()), "maxPrune: 100%", "defaultNamespace: many");
    SyncClient.await(PATIENCE, "a first object", () -> count("many") > 0, () -> "none");

    for (long process : node.processes(HOME, pod)) {
      if (Files.readString(Path.of("/proc", process + "", "cmdline")).contains("fairlead.jar")) {
        ProcessHandle.of(process).orElseThrow().destroyForcibly();
      }
    }
    int written = count("many");

    syncs.awaitReady("many", commit);
    System.out.println("Killed when " + written + " of 400 objects were there");
    assertThat(count("many")).isEqualTo(400);
    assertThat(ofPod(pod, ".status.containerStatuses[0].restartCount")).isNotEqualTo(restarts);
    syncs.delete("many");
  }

  private int count(String namespace) {
    return (int)
        cluster
            .kubectl(
                "get", "configmaps", "-n", namespace, "-l", "fairlead.dev/name=many", "-o", "name")
            .lines()
            .count();
  }

  @Test
  void it_upgrades_itself_and_a_bad_image_leaves_the_old_pod_at_work() throws IOException {
    GitRepository repository = git.create("self");
    node.tag(IMAGE, "fairlead.dev/fairlead:0.2.0");
    // It knows none of the arguments, and ends.
    node.tag("fairlead.test/pause:1", "fairlead.dev/fairlead:crash");
    String first = repository.commit(self("0.1.0-SNAPSHOT"), "0.1.0");
    syncs.apply(
        "fairlead",
        RealNode.reached(repository.url()),
        "maxPrune: 100%",
        "rollout: {timeout: 40s, onFailure: Hold}");
    syncs.awaitReady("fairlead", first);
    String old = pod();

    String second = repository.commit(self("0.2.0"), "0.2.0");
    syncs.awaitReady("fairlead", second);
    SyncClient.await(
        PATIENCE, "the new pod alone", () -> !ready().containsKey(old), () -> ready() + "");
    String upgraded = pod();
    assertThat(ready()).containsEntry(upgraded, "fairlead.dev/fairlead:0.2.0");

    repository.commit(self("missing"), "An image that nobody has");
    assertThat(syncs.awaitReason("fairlead", "HealthCheckFailed"))
        .contains("install.yaml:", "Deployment " + HOME + "/fairlead");
    assertThat(syncs.status("fairlead").toJson()).contains("pull");
    assertThat(ready()).containsOnlyKeys(upgraded);

    String crash = repository.commit(self("crash"), "An image that ends at once");
    syncs.await(
        "fairlead",
        "Ready=False/HealthCheckFailed of the crash",
        status ->
            SyncClient.applied(status).equals(crash)
                && SyncClient.condition(status, "Ready").startsWith("False HealthCheckFailed:"));
    assertThat(syncs.status("fairlead").toJson()).contains("CrashLoopBackOff");
    assertThat(ready()).containsOnlyKeys(upgraded);

    syncs.awaitReady(
        "fairlead", repository.restore(GitRepository.MAIN, second, "Back to what worked"));
    assertThat(ready()).containsOnlyKeys(upgraded);
    System.out.println(
        "Restarts of the pod that stayed: "
            + ofPod(upgraded, ".status.containerStatuses[0].restartCount"));
  }

  private static Map<String, String> self(String tag) throws IOException {
    return Map.of(
        "install.yaml",
        Files.readString(Installation.INSTALL)
            .replaceAll("image: \"(.*):[^:]*\"", "image: \"$1:" + tag + "\""));
  }
}
