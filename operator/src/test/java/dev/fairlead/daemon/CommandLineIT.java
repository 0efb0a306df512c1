package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.app.Main;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs of the command line, against a real API server and the real daemon. */
final class CommandLineIT extends OneDaemon {
  private final Path scratch;

  CommandLineIT(ControlPlane cluster, @TempDir Path directory) {
    super("cli", cluster, directory);
    this.scratch = directory;
  }

  private Typed fairlead(String... arguments) {
    return Typed.type(environment(), withNamespace(arguments));
  }

  private Map<String, String> environment() {
    return Map.of("KUBECONFIG", cluster.kubeconfig().toString());
  }

  private String[] withNamespace(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("-n", namespace));
    return all.toArray(String[]::new);
  }

  private String follow() {
    String commit =
        repository.commit(
            Map.of(
                "deploy/a.yaml", configMap("a", "1"),
                "deploy/b.yaml", configMap("b", "1"),
                "deploy/c.yaml", configMap("c", "1")),
            "First");
    follow("portfolio", "path: deploy");
    syncs.awaitReady("portfolio", commit);
    return commit;
  }

  private static String of(String commit) {
    return "main@" + commit.substring(0, 7);
  }

  @Test
  void status_says_what_runs() {
    String commit = follow();

    Typed all = fairlead("status");
    assertThat(all.code()).as("%s", all).isZero();
    assertThat(all.out())
        .containsPattern("SYNC +READY +RUNNING +SINCE +OBJECTS\n")
        .containsPattern("portfolio +yes +" + of(commit) + "  First +\\d+s +3/3\n");

    Typed one = fairlead("status", "gitsync/portfolio");
    assertThat(one.code()).isZero();
    assertThat(one.out()).contains("all 3 objects healthy").contains("last deployments");

    assertThat(Typed.type(environment(), "status", "-A").out())
        .containsPattern(namespace + " +portfolio +yes");
    assertThat(fairlead("status", "-o", "name").out())
        .isEqualTo("gitsync.fairlead.dev/portfolio\n");
    Json.Obj json = SyncClient.parse(fairlead("status", "portfolio", "-o", "json").out());
    assertThat(SyncClient.applied(json.object("status").orElseThrow())).isEqualTo(commit);
    assertThat(fairlead("status", "-o", "yaml").out())
        .startsWith("apiVersion: v1\nkind: List\n")
        .contains("  kind: GitSync\n")
        .doesNotContain("managedFields");
    assertThat(fairlead("status", "-o", "wide").out())
        .contains("NEWEST")
        .contains(repository.url());
  }

  @Test
  void status_says_what_is_wrong_with_its_line_and_ends_with_1() {
    String good = follow();
    String bad =
        repository.commit(
            Map.of(
                "deploy/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  nme: b\n"),
            "Typo");
    syncs.awaitReason("portfolio", "ValidationFailed");

    Typed status = fairlead("status");

    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out())
        .containsPattern("portfolio +no +" + of(good))
        .contains("portfolio  " + of(bad) + " by ")
        .contains("\"Typo\"")
        .contains("unknown field \"metadata.nme\"")
        .contains("\n    deploy/a.yaml:5\n")
        .contains("What runs was not changed: " + of(good));
  }

  @Test
  void status_while_it_changes_is_printed_again() throws Exception {
    follow();
    Process watching = start("status", "--watch", "-n", namespace);
    try {
      Path out = scratch.resolve("watch.out");
      SyncClient.await(
          Duration.ofSeconds(60),
          "a first table",
          () -> text(out).contains("First"),
          () -> text(out));
      String commit = repository.commit(Map.of("deploy/a.yaml", configMap("a", "2")), "Second");
      SyncClient.await(
          Duration.ofSeconds(60),
          "another table",
          () -> text(out).contains(of(commit) + "  Second"),
          () -> text(out));
    } finally {
      watching.destroy();
      watching.waitFor();
    }
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of("..", "fairlead").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("watch.out").toFile());
    builder.environment().putAll(environment());
    return builder.start();
  }

  private static String text(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void sync_waits_for_the_commit_and_says_how_it_comes_along() {
    String first = follow();
    syncs.apply(
        "portfolio",
        repository.url(),
        "path: deploy",
        "interval: 1h",
        "defaultNamespace: " + namespace);
    syncs.awaitReady("portfolio", first);
    String second = repository.commit(Map.of("deploy/a.yaml", configMap("a", "2")), "Second");

    Typed sync = fairlead("sync", "portfolio");

    assertThat(sync.code()).as("%s", sync).isZero();
    assertThat(sync.err())
        .startsWith("portfolio  asked\n")
        .endsWith("ready: " + of(second) + ", 3 objects\n");
    assertThat(valueOf("a")).isEqualTo("2");
    assertThat(fairlead("sync", "--all").code()).isZero();
  }

  @Test
  void sync_ends_with_1_and_the_reason_when_the_commit_is_bad() {
    follow();
    repository.commit(Map.of("deploy/a.yaml", "a: [\n"), "Broken");

    Typed sync = fairlead("sync", "portfolio");

    assertThat(sync.code()).isEqualTo(1);
    assertThat(sync.out()).contains("deploy/a.yaml:1").contains("invalid YAML");
  }

  @Test
  void sync_does_not_wait_for_what_nobody_will_do() {
    follow();
    assertThat(fairlead("suspend", "portfolio").code()).isZero();

    Typed sync = fairlead("sync", "portfolio");
    assertThat(sync.code()).isEqualTo(1);
    assertThat(sync.err()).contains("is suspended").contains("fairlead resume portfolio");

    Typed status = fairlead("status");
    assertThat(status.code()).isZero();
    assertThat(status.out()).contains("yes, suspended").contains("fairlead resume portfolio");

    assertThat(fairlead("suspend", "portfolio").err()).contains("suspended already");
    assertThat(fairlead("resume", "portfolio").err()).isEqualTo("portfolio: resumed\n");
    assertThat(fairlead("sync", "portfolio").code()).isZero();
  }

  @Test
  void suspend_tells_that_git_will_set_it_back() {
    String child =
        """
        apiVersion: fairlead.dev/v1alpha1
        kind: GitSync
        metadata: {name: child, namespace: %1$s}
        spec: {url: "%2$s", path: child, suspend: false, defaultNamespace: %1$s, interval: 1h}
        """
            .formatted(namespace, repository.url());
    repository.commit(
        Map.of("child/a.yaml", configMap("a", "1"), "parent/child.yaml", child), "Both");
    follow("parent", "path: parent");
    SyncClient.await(
        Duration.ofSeconds(30), "the child", () -> syncs.find("child").isPresent(), () -> "");

    Typed suspended = fairlead("suspend", "child");

    assertThat(suspended.code()).isZero();
    assertThat(suspended.err())
        .contains(
            "warning: child comes from Git: GitSync " + namespace + "/parent sets spec.suspend");
  }

  @Test
  void approve_shows_asks_approves_this_and_waits_for_it() {
    follow();
    repository.delete("Clean up", "deploy/b.yaml", "deploy/c.yaml");
    String message = syncs.awaitReason("portfolio", "PruneBlocked");

    Typed status = fairlead("status");
    assertThat(status.out())
        .contains("ConfigMap " + namespace + "/b\n")
        .contains("To approve:  fairlead approve portfolio -n " + namespace)
        .doesNotContain("annotate");

    Typed unasked = fairlead("approve", "portfolio");
    assertThat(unasked.code()).isEqualTo(2);
    assertThat(unasked.err()).contains("--yes");

    Typed no = Typed.answering("", environment(), withNamespace("approve", "portfolio"));
    assertThat(no.code()).isEqualTo(1);
    assertThat(no.out()).contains("Delete these 2 objects? [y/N]");
    Typed other = fairlead("approve", "portfolio", "--yes", "--digest", "sha256:0");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("another prune waits");
    assertThat(syncs.condition("portfolio", "Ready")).isEqualTo(message);

    Typed yes = Typed.answering("y", environment(), withNamespace("approve", "portfolio"));
    assertThat(yes.code()).as("%s", yes).isZero();
    assertThat(valueOf("b") + valueOf("c")).isEmpty();
    assertThat(valueOf("a")).isEqualTo("1");

    Typed nothing = fairlead("approve", "portfolio", "--yes");
    assertThat(nothing.code()).isZero();
    assertThat(nothing.err()).contains("no prune waits");
  }

  @Test
  void a_name_that_does_not_exist_is_answered_with_the_one_that_may_be_meant() {
    follow();

    assertThat(fairlead("status", "portfolo").err())
        .isEqualTo(
            "fairlead: there is no GitSync portfolo in namespace "
                + namespace
                + "; did you mean portfolio?\n");
    Typed elsewhere = Typed.type(environment(), "status", "portfolio", "-n", "default");
    assertThat(elsewhere.code()).isEqualTo(1);
    assertThat(elsewhere.err()).contains("add -n " + namespace);
  }

  @Test
  void who_may_not_is_told_what_is_missing() {
    follow();
    Path nobody = cluster.kubeconfig(namespace, "nobody");

    Typed status = fairlead("status", "--kubeconfig", nobody.toString());

    assertThat(status.code()).isEqualTo(1);
    assertThat(status.err())
        .contains("may not list gitsyncs.fairlead.dev in namespace " + namespace)
        .contains("{apiGroups: [fairlead.dev], resources: [gitsyncs], verbs: [list]}")
        .hasLineCount(1);
  }

  @Test
  void in_a_pipe_there_are_no_colours_and_nothing_but_what_was_asked_for() {
    String commit = follow();
    Map<String, String> environment =
        Map.of("KUBECONFIG", cluster.kubeconfig().toString(), "TERM", "xterm-256color");

    ProgramRun run =
        ProgramRun.of(
            List.of(Path.of("..", "fairlead").toString(), "status", "-n", namespace),
            environment,
            "",
            Duration.ofMinutes(1));

    assertThat(run.exitCode()).as(run.errors()).isZero();
    assertThat(run.errors()).isEmpty();
    assertThat(run.output()).contains(of(commit)).doesNotContain("\u001b");
    ProgramRun usage =
        ProgramRun.of(
            List.of(Path.of("..", "fairlead").toString(), "status", "--wat"),
            environment,
            "",
            Duration.ofMinutes(1));
    assertThat(usage.exitCode()).isEqualTo(2);
  }

  @Test
  void version_tells_of_the_operator_and_whether_it_is_alive() {
    Typed client = Typed.type(Map.of(), "version", "--client");
    assertThat(client.code()).isZero();
    assertThat(client.out()).startsWith("client    ");

    Typed none = fairlead("version", "--operator-namespace", namespace);
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("no operator is found in namespace " + namespace);

    lease(Instant.now());
    Typed alive = fairlead("version", "--operator-namespace", namespace);
    assertThat(alive.code()).as("%s", alive).isZero();
    assertThat(alive.out()).contains("leader    pod-1, alive ");

    lease(Instant.now().minusSeconds(600));
    Typed silent = fairlead("version", "--operator-namespace", namespace, "-o", "json");
    assertThat(silent.code()).isEqualTo(1);
    assertThat(silent.err()).contains("was last alive 10 minutes ago");
    assertThat(SyncClient.parse(silent.out()).object("leader").orElseThrow().string("name"))
        .contains("pod-1");
  }

  @Test
  void status_says_that_the_operator_is_dead() {
    follow();
    assertThat(fairlead("status").code()).isZero();

    lease(Instant.now().minusSeconds(600));
    Typed dead = fairlead("status", "--operator-namespace", namespace);
    assertThat(dead.code()).isEqualTo(1);
    assertThat(dead.out()).contains("portfolio").contains("yes");
    assertThat(dead.err())
        .contains("nothing is deployed now: the operator was last alive 10 minutes ago")
        .contains("kubectl get pods -n " + namespace);

    lease(Instant.now());
    assertThat(fairlead("status", "--operator-namespace", namespace).code()).isZero();
  }

  private void lease(Instant renewed) {
    cluster
        .tryKubectl(
            """
            apiVersion: coordination.k8s.io/v1
            kind: Lease
            metadata: {name: fairlead, namespace: %s}
            spec: {holderIdentity: pod-1, renewTime: "%s"}
            """
                .formatted(
                    namespace,
                    renewed.truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".000000Z")),
            "apply",
            "-f",
            "-")
        .orFail();
  }

  @Test
  void a_shell_completes_verbs_options_and_names() throws IOException {
    follow();
    Path fairlead = Path.of("..").toRealPath();
    String script =
        """
        PATH=%s:$PATH
        source <(fairlead completion bash)
        ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fairlead; echo "${COMPREPLY[*]}"; }
        ask fairlead sta; ask fairlead status --all; ask fairlead status po; ask fairlead approve ''; ask fairlead completion f
        """
            .formatted(fairlead);
    Path config =
        Files.writeString(
            scratch.resolve("config"),
            Files.readString(cluster.kubeconfig())
                .replace("    user: admin", "    user: admin\n    namespace: " + namespace));

    ProgramRun run =
        ProgramRun.of(
            List.of("bash", "-c", script),
            Map.of("KUBECONFIG", config.toString()),
            "",
            Duration.ofMinutes(2));

    assertThat(run.output().lines())
        .as(run.errors())
        .containsExactly("status", "--all-namespaces", "portfolio", "portfolio", "fish");
  }

  @Test
  void kubectl_finds_it_as_a_plugin() throws IOException {
    String commit = follow();
    Path plugins = Files.createDirectories(scratch.resolve("plugins"));
    Path plugin = plugins.resolve("kubectl-fairlead");
    Files.createSymbolicLink(plugin, Path.of("..", "fairlead").toRealPath());

    ProgramRun run =
        ProgramRun.of(
            List.of(
                cluster.bin().resolve("kubectl").toString(), "fairlead", "status", "-n", namespace),
            Map.of(
                "KUBECONFIG",
                cluster.kubeconfig().toString(),
                "PATH",
                plugins + ":" + System.getenv("PATH")),
            "",
            Duration.ofMinutes(2));

    Files.delete(plugin);
    assertThat(run.exitCode()).as(run.errors()).isZero();
    assertThat(run.output()).containsPattern("portfolio +yes +" + of(commit));
  }

  @Test
  void what_build_prints_is_what_the_daemon_has_applied() throws IOException {
    String web =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, annotations: {}, labels: {a: "yes"}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: "example.org/c:1", args: ["on", "1_000", "a\\nb"]}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        stringData: {key: "a: b\\n"}
        """;
    Files.createDirectories(scratch.resolve("copy/deploy"));
    Files.writeString(scratch.resolve("copy/deploy/web.yaml"), web);
    String commit = repository.commit(Map.of("deploy/web.yaml", web), "First");
    follow("portfolio", "path: deploy");
    syncs.awaitReady("portfolio", commit);
    Path sync =
        Files.writeString(
            scratch.resolve("sync.yaml"),
            """
            apiVersion: fairlead.dev/v1alpha1
            kind: GitSync
            metadata: {name: portfolio, namespace: %1$s}
            spec: {url: "https://git.example.org/x.git", path: deploy, defaultNamespace: %1$s}
            """
                .formatted(namespace));

    Typed built =
        Typed.type(Map.of(), "build", scratch.resolve("copy").toString(), "-f", sync.toString());
    assertThat(built.code()).as("%s", built).isZero();
    ProgramRun diff =
        cluster.tryKubectl(
            built.out(),
            "diff",
            "--server-side",
            "--field-manager=fairlead/" + namespace + "/portfolio",
            "-f",
            "-");

    assertThat(diff.exitCode()).as(diff.output() + diff.errors()).isZero();
    ProgramRun other =
        cluster.tryKubectl(
            built.out().replace("example.org/c:1", "example.org/c:2"),
            "diff",
            "--server-side",
            "--field-manager=fairlead/" + namespace + "/portfolio",
            "-f",
            "-");
    assertThat(other.exitCode()).isEqualTo(1);
  }

  @Test
  void the_kinds_that_build_knows_live_where_the_server_has_them() throws IOException {
    Map<String, String> known = new java.util.TreeMap<>();
    try (var in = Main.class.getResourceAsStream("/dev/fairlead/cli/kinds.txt")) {
      new String(
              java.util.Objects.requireNonNull(in).readAllBytes(),
              java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.startsWith("#"))
          .map(l -> l.split(" ", -1))
          .forEach(w -> known.put((w[0].equals("-") ? "" : w[0]) + " " + w[1], w[2]));
    }
    String served =
        cluster.kubectl("api-resources", "--no-headers", "--namespaced=true")
            + "=\n"
            + cluster.kubectl("api-resources", "--no-headers", "--namespaced=false");
    String scope = "Namespaced";
    List<String> wrong = new ArrayList<>();
    for (String line : served.lines().toList()) {
      if (line.equals("=")) {
        scope = "Cluster";
        continue;
      }
      String[] words = line.strip().split(" +", -1);
      String kind = words[words.length - 1];
      String version = words[words.length - 3];
      String group = version.contains("/") ? version.substring(0, version.indexOf('/')) : "";
      boolean ours = group.isEmpty() || group.endsWith(".k8s.io") || !group.contains(".");
      if (ours && !scope.equals(known.get(group + " " + kind))) {
        wrong.add(group + " " + kind + " " + scope);
      }
    }

    assertThat(known).hasSizeGreaterThan(50);
    assertThat(wrong).isEmpty();
  }
}
