package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.OpenSsh;
import dev.fairlead.testbed.RealNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The NetworkPolicy of install.yaml and the chart on a real node, enforced by kube-router: who
 * reaches the pod, and where it gets to. {@code make test-node} runs it after {@link NodeIT}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodePolicyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HOME = "fairlead-system";
  private static final String TOKEN = "0123456789abcdef0123";

  /** Of the pod's, at which nobody should listen. */
  private static final int OTHER_PORT = 9999;

  private static final String MACHINE = "198.18.77.1";
  private static final String OPEN = "open";
  private static final String REFUSED = "refused";

  /** Pods that ask, and answer: DNS as every cluster has it, and a Git host at many ports. */
  private static final String OTHERS =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: monitoring}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: ingress}
      ---
      apiVersion: v1
      kind: Namespace
      metadata: {name: elsewhere}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: prometheus, namespace: monitoring, labels: {app: prometheus}}
      spec: {containers: [{name: web, image: "fairlead.test/web:1", command: [/web, pause]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: grafana, namespace: monitoring, labels: {app: grafana}}
      spec: {containers: [{name: web, image: "fairlead.test/web:1", command: [/web, pause]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: traefik, namespace: ingress}
      spec: {containers: [{name: web, image: "fairlead.test/web:1", command: [/web, pause]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: prometheus, namespace: elsewhere, labels: {app: prometheus}}
      spec: {containers: [{name: web, image: "fairlead.test/web:1", command: [/web, pause]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: forge, namespace: elsewhere, labels: {app: forge}}
      spec:
        containers:
        - name: web
          image: "fairlead.test/web:1"
          securityContext: {runAsUser: 0}
          command: [/web, listen, "443", "80", "22", "3000", "8080", "8082"]
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
      spec:
        containers:
        - name: web
          image: "fairlead.test/web:1"
          securityContext: {runAsUser: 0}
          command: [/web, names, 198.18.77.1]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: kube-dns, namespace: kube-system}
      spec:
        clusterIP: 10.96.0.10
        selector: {k8s-app: kube-dns}
        ports:
        - {name: dns, port: 53, protocol: UDP}
        - {name: dns-tcp, port: 53, protocol: TCP}
      """;

  private final ControlPlane cluster;
  private final GitServer git;
  private final OpenSsh ssh;
  private final int sshPort;
  private final RealNode node;
  private final Helm helm;
  private final Path directory;
  private final SyncClient syncs;

  NodePolicyIT(@TempDir Path directory) {
    OpenSsh.requireAvailable();
    this.directory = directory;
    git = GitServer.start(directory.resolve("git"));
    ssh = OpenSsh.start(directory.resolve("ssh"));
    sshPort = URI.create(ssh.url(git.create("any"))).getPort();
    helm = Helm.in(directory.resolve("helm"));
    cluster = RealNode.controlPlane();
    node =
        RealNode.start(
            cluster,
            directory.resolve("node"),
            ImageUnderTest.tar(),
            List.of(git.url(), "ssh://127.0.0.1:" + sshPort));
    syncs = new SyncClient(cluster, HOME);
  }

  @BeforeAll
  void others() {
    cluster.apply(OTHERS);
    cluster.kubectl("apply", "--server-side", "-f", Installation.INSTALL.toString());
    for (String namespace : List.of("monitoring", "ingress", "elsewhere", "kube-system")) {
      cluster.kubectl(
          "wait", "--for=condition=Ready", "pod", "--all", "-n", namespace, "--timeout=60s");
    }
  }

  @AfterAll
  void stop() {
    node.close();
    cluster.close();
    ssh.close();
    git.close();
  }

  /** Applies it, and waits until the pods that it says are there, alone. */
  private List<String> install(String manifests) {
    cluster
        .tryKubectl(manifests, "apply", "--server-side", "--force-conflicts", "-f", "-")
        .orFail();
    cluster.kubectl("rollout", "status", "deployment/fairlead", "-n", HOME, "--timeout=110s");
    int wanted =
        Integer.parseInt(
            cluster.kubectl(
                "get", "deployment", "fairlead", "-n", HOME, "-o", "jsonpath={.spec.replicas}"));
    SyncClient.await(
        PATIENCE, wanted + " pods", () -> pods().size() == wanted, () -> pods().toString());
    return pods();
  }

  private List<String> pods() {
    return cluster
        .kubectl(
            "get",
            "pods",
            "-n",
            HOME,
            "-l",
            "app.kubernetes.io/name=fairlead",
            "-o",
            "jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}")
        .lines()
        .toList();
  }

  private String address(String namespace, String pod) {
    return cluster.kubectl("get", "pod", pod, "-n", namespace, "-o", "jsonpath={.status.podIP}");
  }

  /** What a pod is told where it asks. */
  private Map<String, String> reach(String namespace, String pod, String... targets) {
    List<String> arguments = new ArrayList<>(List.of("reach"));
    arguments.addAll(List.of(targets));
    List<String> answers = node.ask(namespace, pod, arguments.toArray(String[]::new));
    Map<String, String> told = new LinkedHashMap<>();
    for (int i = 0; i < targets.length; i++) {
      told.put(targets[i], answers.get(i));
    }
    return told;
  }

  /** Rules follow what the API server has in their own time. */
  private void awaitAnswer(String namespace, String pod, String target, String answer) {
    SyncClient.await(
        PATIENCE,
        namespace + "/" + pod + " told of " + target + ": " + answer,
        () -> reach(namespace, pod, target).containsValue(answer),
        () -> reach(namespace, pod, target).toString());
  }

  @Test
  void by_install_yaml_everybody_reaches_metrics_and_hooks_and_nobody_anything_else()
      throws Exception {
    String pod = install(Files.readString(Installation.INSTALL)).getFirst();
    String address = address(HOME, pod);
    String other = "tcp:" + address + ":" + OTHER_PORT;
    String probes = "http://" + address + ":8083/healthz";
    try (AutoCloseable _ = node.listen(HOME, pod, OTHER_PORT)) {
      awaitAnswer("elsewhere", "prometheus", other, REFUSED);

      assertThat(
              reach(
                  "elsewhere",
                  "prometheus",
                  "http://" + address + ":8080/metrics",
                  "http://" + address + ":8082/hook",
                  "tcp:" + address + ":8081",
                  probes,
                  other))
          .containsExactly(
              Map.entry("http://" + address + ":8080/metrics", "200 OK"),
              Map.entry("http://" + address + ":8082/hook", "405 Method Not Allowed"),
              Map.entry("tcp:" + address + ":8081", REFUSED),
              Map.entry(probes, REFUSED),
              Map.entry(other, REFUSED));

      // Or all this would say nothing of the policy.
      cluster.kubectl("delete", "networkpolicy", "fairlead", "-n", HOME);
      awaitAnswer("elsewhere", "prometheus", other, OPEN);
      assertThat(reach("elsewhere", "prometheus", probes))
          .as("the kubelet's port, at the address of the pod")
          .containsValue("200 OK");
      assertThat(reach("elsewhere", "prometheus", "tcp:" + address + ":8081"))
          .as("the API listens on loopback alone")
          .containsValue(REFUSED);
    }
  }

  private String values(List<Integer> gitPorts, String... more) {
    int apiServer =
        URI.create(
                cluster
                    .kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}")
                    .strip())
            .getPort();
    return """
    replicas: 2
    networkPolicy:
      metricsFrom:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
        podSelector: {matchLabels: {app: prometheus}}
      hooksFrom:
      - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}
      egress:
        enabled: true
        apiServerPorts: [443, %d]
        gitPorts: %s
    """
            .formatted(apiServer, gitPorts)
        + Stream.of(more).map(line -> "    " + line + "\n").collect(Collectors.joining());
  }

  @Test
  void by_values_only_those_named_reach_the_pod_and_it_reaches_only_what_it_needs()
      throws Exception {
    // Given
    List<String> pods = install(helm.templateOf(values(List.of(443, 80, 22)), HOME).orFail());
    String address = address(HOME, pods.getFirst());
    String metrics = "http://" + address + ":8080/metrics";
    String hooks = "http://" + address + ":8082/hook";
    String other = "tcp:" + address + ":" + OTHER_PORT;
    awaitAnswer("elsewhere", "prometheus", metrics, REFUSED);

    // When, Then
    try (AutoCloseable _ = node.listen(HOME, pods.getFirst(), OTHER_PORT)) {
      assertThat(reach("monitoring", "prometheus", metrics, hooks, other).values())
          .containsExactly("200 OK", REFUSED, REFUSED);
      assertThat(reach("monitoring", "grafana", metrics, hooks, other).values())
          .containsExactly(REFUSED, REFUSED, REFUSED);
      assertThat(reach("ingress", "traefik", metrics, hooks, other).values())
          .containsExactly(REFUSED, "405 Method Not Allowed", REFUSED);
      assertThat(reach("elsewhere", "prometheus", metrics, hooks, other).values())
          .containsExactly(REFUSED, REFUSED, REFUSED);
      assertThat(reach(HOME, pods.getLast(), metrics, hooks, other).values())
          .containsExactly(REFUSED, "405 Method Not Allowed", REFUSED);
    }

    String forge = address("elsewhere", "forge");
    assertThat(
            reach(
                    HOME,
                    pods.getFirst(),
                    "dns:10.96.0.10:53",
                    "tcp:10.96.0.10:53",
                    "tcp:10.96.0.1:443",
                    "tcp:" + forge + ":443",
                    "tcp:" + forge + ":80",
                    "tcp:" + forge + ":22",
                    "tcp:" + forge + ":3000",
                    "tcp:" + forge + ":8080",
                    "tcp:" + forge + ":8082",
                    "tcp:" + MACHINE + ":" + URI.create(git.url()).getPort())
                .values())
        .containsExactly(OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, REFUSED, REFUSED, REFUSED, REFUSED);
    assertThat(
            reach(
                    "elsewhere",
                    "prometheus",
                    "tcp:" + forge + ":3000",
                    "tcp:" + MACHINE + ":" + URI.create(git.url()).getPort())
                .values())
        .as("they listen")
        .containsExactly(OPEN, OPEN);
  }

  @Test
  void by_values_it_follows_git_by_name_and_ssh_and_a_standby_hands_hooks_on() throws Exception {
    // Given
    int gitPort = URI.create(git.url()).getPort();
    List<String> pods =
        install(
            helm.templateOf(
                    values(
                        List.of(gitPort, sshPort, 3000),
                        "apiServerTo: [{ipBlock: {cidr: 10.96.0.1/32}}, {ipBlock: {cidr: %1$s/32}}]"
                            .formatted(MACHINE),
                        "gitTo: [{ipBlock: {cidr: %s/32}}]".formatted(MACHINE)),
                    HOME)
                .orFail());
    cluster.kubectl(
        "create", "secret", "generic", "hook", "-n", HOME, "--from-literal=token=" + TOKEN);
    key();
    GitRepository repository = git.create("followed");
    String first = repository.commit(Map.of("a.yaml", SampleManifests.configMap("a", "1")), "One");
    GitRepository other = git.create("other");
    String its = other.commit(Map.of("b.yaml", SampleManifests.configMap("b", "1")), "One");

    // When
    syncs.apply(
        "named",
        repository.url().replace("127.0.0.1", "git.fairlead.test"),
        "interval: 1h",
        "defaultNamespace: elsewhere",
        "webhook: {secretRef: {name: hook}}");
    syncs.apply(
        "by-ssh",
        ssh.url(other).replace("127.0.0.1", MACHINE),
        "secretRef: {name: git}",
        "defaultNamespace: elsewhere");

    // Then
    syncs.awaitReady("named", first);
    syncs.awaitReady("by-ssh", its);
    String path = syncs.status("named").string("webhookPath").orElseThrow();
    int pushes = 1;
    for (String pod : pods) {
      String commit =
          repository.commit(
              Map.of("a.yaml", SampleManifests.configMap("a", "" + ++pushes)), "Another");
      assertThat(
              node.ask(
                  "ingress",
                  "traefik",
                  "hook",
                  "http://" + address(HOME, pod) + ":8082" + path,
                  TOKEN))
          .containsExactly("202 Accepted");
      syncs.awaitReady("named", commit);
    }
    syncs.delete("named", "by-ssh");
    String forge = address("elsewhere", "forge");
    assertThat(
            reach(HOME, pods.getFirst(), "tcp:" + forge + ":443", "tcp:" + forge + ":3000")
                .values())
        .as("ports that may be reached, elsewhere")
        .containsExactly(REFUSED, REFUSED);
  }

  /** A deploy key, and the host's key as it is known where pods reach it. */
  private void key() throws IOException, InterruptedException {
    Path key = directory.resolve("identity");
    Path hosts = directory.resolve("known_hosts");
    assertThat(
            new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.toString())
                .start()
                .waitFor())
        .isZero();
    ssh.authorize(Files.readString(directory.resolve("identity.pub")));
    Files.writeString(hosts, ssh.scan().replace("[127.0.0.1]", "[" + MACHINE + "]"));
    cluster.kubectl(
        "create",
        "secret",
        "generic",
        "git",
        "-n",
        HOME,
        "--from-file=identity=" + key,
        "--from-file=known_hosts=" + hosts);
  }
}
