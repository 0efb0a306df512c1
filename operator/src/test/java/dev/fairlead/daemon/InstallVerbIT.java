package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.OpenSsh;
import dev.fairlead.testbed.TestProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code fairlead install} and {@code fairlead uninstall} from a laptop, with the real OpenSSH
 * before the repository. The testbed's kubelets only pretend to run the operator's pod; the daemon
 * is a process with the account that was installed.
 */
@ExtendWith(ControlPlaneExtension.class)
final class InstallVerbIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String KEY = "ssh-ed25519 ";

  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;
  private final GitServer git;
  private final GitRepository repository;
  private final OpenSsh ssh;
  private final String home;
  private final String work;
  private Optional<OperatorProcess> daemon = Optional.empty();
  private Optional<Process> typed = Optional.empty();

  InstallVerbIT(ControlPlane cluster, @TempDir Path directory) {
    OpenSsh.requireAvailable();
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("portfolio");
    this.ssh = OpenSsh.start(directory.resolve("ssh"));
    this.home = cluster.createNamespace("install-verb");
    this.work = cluster.createNamespace("install-verb-work");
  }

  /** What other tests have left, and no daemon would ever let go: all GitSyncs go with Fairlead. */
  @BeforeEach
  void no_other_gitsync_is_there() {
    String left =
        cluster
            .tryKubectl(
                "",
                "get",
                "gitsync",
                "-A",
                "-o",
                "go-template={{range .items}}{{.metadata.namespace}}"
                    + " {{.metadata.name}}{{\"\\n\"}}{{end}}")
            .output();
    for (String line : left.lines().filter(l -> !l.isBlank()).toList()) {
      String[] sync = line.split(" ", -1);
      String finalizers = "{\"metadata\":{\"finalizers\":null}}";
      var _ =
          cluster.tryKubectl(
              "", "patch", "gitsync", "-n", sync[0], sync[1], "--type=merge", "-p", finalizers);
      var _ =
          cluster.tryKubectl("", "delete", "gitsync", "-n", sync[0], sync[1], "--ignore-not-found");
    }
  }

  @AfterEach
  void remove() throws Exception {
    if (typed.isPresent()) {
      typed.get().destroyForcibly().waitFor();
    }
    daemon.ifPresent(OperatorProcess::close);
    ssh.close();
    git.close();
    cluster.kubectl(
        "delete",
        "clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding",
        "-l",
        "app.kubernetes.io/part-of=fairlead",
        "--ignore-not-found");
    cluster.kubectl("delete", "namespace", home, "--wait=false", "--ignore-not-found");
    // Other tests need it again.
    UninstallIT.define(cluster);
  }

  private Map<String, String> environment() {
    return Map.of("KUBECONFIG", cluster.kubeconfig().toString());
  }

  private Typed fairlead(String... arguments) {
    return Typed.type(environment(), in(arguments));
  }

  /** Every command of this test is about its own installation. */
  private String[] in(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--operator-namespace", home));
    return all.toArray(String[]::new);
  }

  private String[] install(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "install",
                "--url",
                ssh.url(repository),
                "--path",
                "deploy",
                "--default-namespace",
                work,
                "--timeout",
                "3m"));
    all.addAll(List.of(more));
    return in(all.toArray(String[]::new));
  }

  /** As the pod would. */
  private OperatorProcess startDaemon() {
    OperatorProcess started =
        OperatorProcess.start(
            cluster.kubeconfig(home, "fairlead"),
            directory.resolve("daemon"),
            "--namespace",
            home,
            "--leader-elect=true");
    daemon = Optional.of(started);
    return started;
  }

  private Process launch(Path out, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of("..", "fairlead").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().putAll(environment());
    Process process = builder.start();
    typed = Optional.of(process);
    return process;
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String awaitKey(Path out) {
    SyncClient.await(
        PATIENCE,
        "the public half of a deploy key",
        () -> text(out).lines().anyMatch(l -> l.startsWith(KEY)),
        () -> text(out));
    return text(out).lines().filter(l -> l.startsWith(KEY)).findFirst().orElseThrow();
  }

  private Json.Obj secret() {
    return api.get("/api/v1/namespaces/" + home + "/secrets/portfolio-git")
        .flatMap(o -> o.object("data"))
        .orElse(Json.Obj.empty());
  }

  private String configMap() {
    return api.get("/api/v1/namespaces/" + work + "/configmaps/a").map(Json.Obj::toJson).orElse("");
  }

  private String commit() {
    return repository.commit(Map.of("deploy/a.yaml", SampleManifests.configMap("a", "1")), "First");
  }

  @Test
  void from_nothing_to_the_first_commit_and_back() throws Exception {
    String first = commit();
    // Given somebody who goes away while the deploy key is not pasted yet.
    Path before = directory.resolve("before.out");
    Process gone = launch(before, install("--yes"));
    String key = awaitKey(before);
    Json.Obj made = secret();
    assertThat(made.string("identity")).isPresent();
    assertThat(text(before))
        .contains("127.0.0.1")
        .contains("shows the host key ssh-ed25519 " + ssh.fingerprint())
        .contains("~/.ssh/authorized_keys")
        .doesNotContain("PRIVATE KEY")
        .doesNotContain("WARN", "sshd");
    gone.destroy();
    gone.waitFor();

    // When the same is typed again, and the key is pasted while it waits.
    Path out = directory.resolve("install.out");
    Process installing = launch(out, install());
    assertThat(awaitKey(out)).as("the key is kept").isEqualTo(key);
    assertThat(secret()).isEqualTo(made);
    SyncClient.await(
        PATIENCE,
        "the operator's pod",
        () -> text(out).contains("the operator runs"),
        () -> text(out));
    OperatorProcess operator = startDaemon();
    SyncClient.await(
        PATIENCE,
        "a word about the key",
        () -> text(out).contains("waiting for the deploy key to work"),
        () -> text(out));
    ssh.authorize(key);

    // Then it ends with the first commit.
    assertThat(installing.waitFor()).as("%s", new Log(out, operator)).isZero();
    assertThat(text(out))
        .contains("the repository can be read: main@" + first.substring(0, 7) + "  First")
        .contains("ready: main@" + first.substring(0, 7) + ", 1 object");
    assertThat(configMap()).contains("\"key\":\"1\"");
    String uid = uid();

    // And again: nothing changes.
    Typed again = Typed.type(environment(), install());
    assertThat(again.code()).as("%s", again).isZero();
    assertThat(again.out()).isEqualTo(key + "\n");
    assertThat(again.err().lines().filter(l -> l.matches("(created|changed) .*"))).isEmpty();
    Typed rehearsed = Typed.type(environment(), install("--dry-run"));
    assertThat(rehearsed.err().lines()).isNotEmpty().allMatch(l -> l.startsWith("unchanged "));
    Typed other = fairlead("install", "--url", ssh.url(repository), "--path", "else");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err())
        .contains("GitSync " + home + "/portfolio is there already, and has spec.path: deploy");

    // And it goes, and leaves what it has deployed.
    Typed no = Typed.answering("n", environment(), in("uninstall"));
    assertThat(no.code()).isEqualTo(1);
    assertThat(no.out()).contains("GitSync " + home + "/portfolio; 1 object stays");
    Typed gone2 = fairlead("uninstall", "--yes", "--delete-namespace");
    assertThat(gone2.code()).as("%s", gone2).isZero();
    assertThat(gone2.err()).contains("released     GitSync " + home + "/portfolio; 1 object stays");
    assertThat(gone2.out())
        .contains("What stays: what GitSyncs have deployed, 1 object, without Fairlead's labels");
    assertThat(uid()).isEqualTo(uid);
    assertThat(configMap()).doesNotContain("applyset").doesNotContain("deletionTimestamp");
    assertThat(left()).isEmpty();
    Typed nothing = fairlead("uninstall", "--yes");
    assertThat(nothing.code()).isZero();
    assertThat(nothing.err()).startsWith("nothing of Fairlead is in ");
  }

  private record Log(Path out, OperatorProcess operator) {
    @Override
    public String toString() {
      return text(out) + "\n--- the daemon\n" + operator.log();
    }
  }

  private String uid() {
    return api.get("/api/v1/namespaces/" + work + "/configmaps/a")
        .flatMap(o -> o.object("metadata"))
        .flatMap(m -> m.string("uid"))
        .orElse("");
  }

  /** What is there of an installation. */
  private String left() {
    return cluster.kubectl(
        "get",
        "clusterrole,clusterrolebinding,role,rolebinding,deployment,networkpolicy,service,serviceaccount,lease,crd",
        "-n",
        home,
        "-l",
        "app.kubernetes.io/part-of=fairlead",
        "-o",
        "name",
        "--ignore-not-found");
  }

  @Test
  void where_the_operator_is_dead_its_gitsyncs_are_let_go() {
    Typed installed = fairlead("install");
    assertThat(installed.code()).as("%s", installed).isZero();
    assertThat(installed.err()).contains("created      Deployment " + home + "/fairlead");
    OperatorProcess operator = startDaemon();
    String first = commit();
    SyncClient syncs = new SyncClient(cluster, home);
    syncs.apply("app", repository.url(), "path: deploy", "defaultNamespace: " + work);
    syncs.awaitReady("app", first);
    String uid = uid();
    operator.kill();

    Typed gone = fairlead("uninstall", "--yes");

    assertThat(gone.code()).as("%s", gone).isZero();
    assertThat(gone.err())
        .contains(
            "let go       GitSync " + home + "/app, for no operator is alive; 1 object stays");
    assertThat(gone.out())
        .contains("with Fairlead's labels")
        .contains("the namespace " + home + " with its Secrets");
    assertThat(uid()).isEqualTo(uid);
    assertThat(left()).isEmpty();
  }

  @Test
  void a_repository_that_only_a_proxy_reaches_is_read_through_it() {
    String first = commit();
    String url = repository.url().replace("127.0.0.1", "git.invalid");
    String[] through = {
      "install", "--url", url, "--proxy-secret", "proxy", "--path", "deploy", "--timeout", "20s"
    };
    Typed absent = fairlead(through);
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err()).contains("there is no Secret " + home + "/proxy: make it first");
    try (TestProxy proxy = TestProxy.http()) {
      cluster.kubectl(
          "create",
          "secret",
          "generic",
          "proxy",
          "-n",
          home,
          "--from-literal=address=" + proxy.address());

      // Nobody works on it here.
      Typed asked = fairlead(through);

      assertThat(asked.err())
          .contains("the repository can be read: main@" + first.substring(0, 7) + "  First")
          .contains("created      GitSync " + home + "/portfolio");
      assertThat(
              cluster.kubectl(
                  "get",
                  "gitsync",
                  "-n",
                  home,
                  "portfolio",
                  "-o",
                  "jsonpath={.spec.proxySecretRef.name}"))
          .isEqualTo("proxy");
    }
  }

  @Test
  void what_only_the_chart_makes_goes_too() throws IOException {
    String team = cluster.createNamespace("install-verb-team");
    String other = cluster.createNamespace("install-verb-other");
    // Their definitions are another project's.
    for (String kind : List.of("ServiceMonitor", "PrometheusRule")) {
      cluster.apply(definition(kind));
      cluster.kubectl(
          "wait", "--for=condition=Established", "crd/" + plural(kind), "--timeout=30s");
    }
    String everything = Helm.in(directory).templateOf(everything(team), home).orFail();
    try (Stream<Path> templates = Files.list(Path.of(Helm.chart(), "templates"))) {
      assertThat(templates.map(f -> f.getFileName().toString()))
          .filteredOn(f -> f.endsWith(".yaml") && !f.equals("namespace.yaml"))
          .allSatisfy(f -> assertThat(everything).contains("# Source: fairlead/templates/" + f));
    }
    cluster.apply(everything);
    // Of that name, but the right of another installation.
    cluster.apply(
        everything
            .substring(everything.indexOf("# Source: fairlead/templates/rbac.yaml"))
            .transform(InstallVerbIT::tenantBinding)
            .replace(team, other)
            .replace("namespace: " + home, "namespace: elsewhere"));

    Typed gone = fairlead("uninstall", "--yes");

    assertThat(gone.code()).as("%s", gone).isZero();
    assertThat(gone.err())
        .contains(
            "deleted      RoleBinding " + team + "/fairlead-tenant",
            "deleted      PodDisruptionBudget " + home + "/fairlead",
            "deleted      PersistentVolumeClaim " + home + "/fairlead-cache");
    assertThat(gone.out())
        .contains("What stays: the namespace " + home)
        .doesNotContain("0 objects");
    Path file = directory.resolve("everything.yaml");
    Files.writeString(file, everything);
    SyncClient.await(
        PATIENCE, "nothing left of the chart", () -> there(file).isEmpty(), () -> there(file));
    assertThat(cluster.kubectl("get", "rolebinding", "-n", other, "-o", "name"))
        .contains("rolebinding.rbac.authorization.k8s.io/fairlead-tenant");
    for (String kind : List.of("ServiceMonitor", "PrometheusRule")) {
      cluster.kubectl("delete", "crd", plural(kind));
    }
  }

  private String there(Path file) {
    return cluster.kubectl("get", "-f", file.toString(), "--ignore-not-found", "-o", "name");
  }

  private static String tenantBinding(String rendered) {
    return Stream.of(rendered.split("(?m)^---$"))
        .filter(o -> o.contains("kind: RoleBinding") && o.contains("name: fairlead-tenant"))
        .findFirst()
        .orElseThrow();
  }

  /** Each template makes something of it. */
  private static String everything(String team) {
    return """
    mode: restricted
    restricted: {tenants: [{namespace: %s, serviceAccounts: [deployer]}]}
    replicas: 2
    cache: {persistence: {enabled: true, accessModes: [ReadWriteMany]}}
    hooks:
      service: {enabled: true}
      ingress: {enabled: true, host: hooks.example.org}
    metrics:
      serviceMonitor: {enabled: true}
      rules: {enabled: true}
      dashboard: {enabled: true}
    """
        .formatted(team);
  }

  private static String plural(String kind) {
    return kind.toLowerCase(Locale.ROOT) + "s.monitoring.coreos.com";
  }

  private static String definition(String kind) {
    String name = kind.toLowerCase(Locale.ROOT);
    return """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: %ss.monitoring.coreos.com}
    spec:
      group: monitoring.coreos.com
      names: {kind: %s, plural: %ss, singular: %s, listKind: %sList}
      scope: Namespaced
      versions:
      - name: v1
        served: true
        storage: true
        schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
    """
        .formatted(name, kind, name, name, kind);
  }

  @Test
  void what_goes_wrong_is_a_sentence() {
    String[] url = {"install", "--url", ssh.url(repository)};
    Typed unasked = fairlead(url);
    assertThat(unasked.code()).isEqualTo(2);
    assertThat(unasked.err())
        .contains("shows the host key ssh-ed25519 ", "--yes", "--known-hosts FILE");
    Typed no = Typed.answering("n", environment(), in(url));
    assertThat(no.code()).isEqualTo(1);
    assertThat(no.err()).contains("was not confirmed: nothing was done");
    assertThat(left()).as("nothing was written").isEmpty();

    Path nobody = cluster.kubeconfig(home, "nobody");
    Typed denied = fairlead("install", "--kubeconfig", nobody.toString());
    assertThat(denied.code()).isEqualTo(1);
    assertThat(denied.err())
        .contains("may not get deployments.apps in namespace " + home, "verbs: [get]")
        .hasLineCount(1);

    Typed rehearsed = fairlead("install", "--dry-run");
    assertThat(rehearsed.code()).isZero();
    assertThat(rehearsed.err()).contains("would be created    Deployment " + home + "/fairlead");
    assertThat(left()).isEmpty();

    // The testbed never makes such a pod ready.
    Typed ill =
        fairlead(
            "install", "--image", "registry.example.org/fairlead:never-ready", "--timeout", "30s");
    assertThat(ill.code()).isEqualTo(1);
    assertThat(ill.err())
        .contains("waiting for the operator's pod: 0 of 1 ready")
        .contains("the operator does not come up; ");
    Typed kept = fairlead("install", "--timeout", "1s");
    assertThat(kept.err()).contains("unchanged    Deployment " + home + "/fairlead");
    Typed mended = fairlead("install", "--image", "registry.example.org/fairlead:1");
    assertThat(mended.code()).as("%s", mended).isZero();
    cluster.kubectl("scale", "-n", home, "deployment/fairlead", "--replicas=2");
    Typed scaled = fairlead("install");
    assertThat(scaled.code()).isEqualTo(1);
    assertThat(scaled.err()).contains("has set spec.replicas of Deployment", "--force-conflicts");
    assertThat(fairlead("install", "--force-conflicts").code()).isZero();

    String first = commit();
    Typed branch =
        fairlead("install", "--url", repository.url(), "--branch", "nope", "--name", "over-http");
    assertThat(branch.code()).isEqualTo(1);
    assertThat(branch.err()).contains("nope");
    assertThat(first).isNotEmpty();
    Typed absent = fairlead("install", "--url", repository.url(), "--secret", "none");
    assertThat(absent.err()).contains("there is no Secret " + home + "/none: make it first");
  }
}
