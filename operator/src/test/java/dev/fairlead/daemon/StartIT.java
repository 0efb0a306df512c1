package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is missing at the start is told, and awaited by a process that goes on. */
@ExtendWith(ControlPlaneExtension.class)
final class StartIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CRD = Path.of("..", "manifests", "crd.yaml");

  private final ControlPlane cluster;
  private final Path directory;
  private final GitServer git;
  private final GitRepository repository;

  StartIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("app");
  }

  @AfterEach
  void restore() {
    cluster.kubectl("apply", "-f", CRD.toString());
    git.close();
  }

  private void awaitReadyz(OperatorProcess daemon, String start) {
    SyncClient.await(
        PATIENCE,
        "/readyz says " + start,
        () -> daemon.readyz().startsWith(start),
        () -> daemon.readyz() + "\n" + daemon.log());
  }

  /** It works, and does so without having been started again. */
  private void works(OperatorProcess daemon) {
    awaitReadyz(daemon, "200 at work");
    applies();
    assertThat(daemon.log()).contains("What was missing is there");
  }

  private void applies() {
    String namespace = cluster.createTrustedNamespace("start");
    SyncClient syncs = new SyncClient(cluster, namespace);
    String commit = repository.commit(Map.of("a.yaml", configMap("a", namespace)), namespace);
    syncs.apply("app", repository.url(), "defaultNamespace: " + namespace);
    syncs.awaitReady("app", commit);
    syncs.delete("app");
  }

  private static long told(OperatorProcess daemon) {
    return daemon.log().lines().filter(l -> l.contains("Something is missing")).count();
  }

  @Test
  void a_missing_definition() {
    cluster.kubectl("delete", "crd", "gitsyncs.fairlead.dev", "--ignore-not-found");
    try (OperatorProcess daemon = OperatorProcess.start(cluster.kubeconfig(), directory)) {
      String sentence =
          "the CRD gitsyncs.fairlead.dev is not there: kubectl apply --server-side -f manifests/crd.yaml";
      awaitReadyz(daemon, "503 " + sentence);
      assertThat(daemon.get("/healthz")).contains("standby");
      assertThat(daemon.log()).contains(sentence);
      assertThat(daemon.api("/gitsyncs")).contains(sentence);
      assertThat(told(daemon)).isOne();

      cluster.kubectl("apply", "-f", CRD.toString());

      works(daemon);
    }
  }

  @Test
  void an_old_definition() throws IOException {
    cluster
        .tryKubectl(
            Files.readString(CRD).replace("              suspend:", "              suspended:"),
            "replace",
            "-f",
            "-")
        .orFail();
    try (OperatorProcess daemon = OperatorProcess.start(cluster.kubeconfig(), directory)) {
      awaitReadyz(
          daemon,
          "503 the CRD gitsyncs.fairlead.dev is older than this Fairlead, it lacks spec.suspend:");

      cluster.kubectl("replace", "-f", CRD.toString());

      works(daemon);
    }
  }

  @Test
  void missing_rights_are_the_rules_to_add_and_with_these_it_begins() {
    cluster.kubectl("apply", "-f", CRD.toString());
    String home = cluster.createNamespace("poor");
    try (OperatorProcess daemon =
        OperatorProcess.start(
            cluster.kubeconfig(home, "poor"),
            directory,
            "--namespace",
            home,
            "--leader-elect=true")) {
      awaitReadyz(daemon, "503 Fairlead's own account lacks rights; add to a ClusterRole");
      List<String> rules =
          Pattern.compile("\\{apiGroups[^}]*}")
              .matcher(daemon.readyz())
              .results()
              .map(MatchResult::group)
              .toList();
      assertThat(rules).hasSize(4);

      cluster.apply(
          """
          apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRole
          metadata: {name: %1$s}
          rules: [%2$s]
          ---
          apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: %1$s}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
          subjects: [{kind: ServiceAccount, name: poor, namespace: %1$s}]
          """
              .formatted(home, String.join(", ", rules)));

      awaitReadyz(daemon, "200 at work");
    }
  }

  @Test
  void a_cache_directory_that_cannot_be_had() throws IOException {
    cluster.kubectl("apply", "-f", CRD.toString());
    Path cache = Files.createDirectories(directory.resolve("daemon")).resolve("cache");
    // Not even root writes below a file.
    Files.writeString(cache, "a file");
    try (OperatorProcess daemon =
        OperatorProcess.start(cluster.kubeconfig(), directory.resolve("daemon"))) {
      awaitReadyz(
          daemon, "503 the cache directory " + cache + " cannot be used (it is no directory");

      Files.delete(cache);

      works(daemon);
    }
  }

  @Test
  void an_api_server_that_is_away() throws IOException {
    cluster.kubectl("apply", "-f", CRD.toString());
    ApiProxy proxy = ApiProxy.start(cluster);
    AtomicBoolean away = new AtomicBoolean(true);
    proxy.hook(request -> away.get() ? new ApiCourse.Drop() : ApiCourse.FORWARD);
    try (OperatorProcess daemon = OperatorProcess.start(proxy.kubeconfig(), directory)) {
      awaitReadyz(daemon, "503 the API server cannot be asked: ");

      away.set(false);

      works(daemon);
    } finally {
      proxy.close();
    }
  }

  @Test
  void a_clock_that_differs_is_told_and_keeps_nothing_from_its_work() throws IOException {
    cluster.kubectl("apply", "-f", CRD.toString());
    String version = cluster.kubectl("get", "--raw", "/version");
    ApiProxy proxy = ApiProxy.start(cluster);
    proxy.hook(request ->
        request.path().equals("/version")
            ? new ApiCourse.Answer(
                200, Map.of("Content-Type", "application/json", "Date", inAnHour()), version)
            : ApiCourse.FORWARD);
    try (OperatorProcess daemon = OperatorProcess.start(proxy.kubeconfig(), directory)) {
      awaitReadyz(daemon, "200 at work; but this clock is 3");
      assertThat(daemon.readyz())
          .matches(
              ".* this clock is 3[56]\\d\\d s behind that of the API server: set the clocks .*");
      assertThat(daemon.log()).contains("Something is not as it should be");

      applies();
    } finally {
      proxy.close();
    }
  }

  private static String inAnHour() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(
        ZonedDateTime.now(ZoneOffset.UTC).plusHours(1));
  }

  @Test
  void the_old_process_leads_on_while_the_new_one_is_not_ready() throws IOException {
    cluster.kubectl("apply", "-f", CRD.toString());
    String home = cluster.createNamespace("two");
    String[] flags = {"--namespace", home, "--leader-elect=true"};
    Path cache = Files.createDirectories(directory.resolve("new")).resolve("cache");
    Files.writeString(cache, "a file");
    try (OperatorProcess old =
        OperatorProcess.start(cluster.kubeconfig(), directory.resolve("old"), flags)) {
      awaitReadyz(old, "200 at work");
      String holder = holder(home);
      try (OperatorProcess fresh =
          OperatorProcess.start(cluster.kubeconfig(), directory.resolve("new"), flags)) {
        awaitReadyz(fresh, "503 the cache directory");
        assertThat(old.stop()).isPositive();
        // Nobody leads, rather than one that cannot work.
        OperatorProcess.sleep(Duration.ofSeconds(3));
        assertThat(fresh.readyz()).startsWith("503 the cache directory");
        assertThat(holder(home)).isNotEqualTo(holder).isEmpty();

        Files.delete(cache);

        awaitReadyz(fresh, "200 at work");
        assertThat(holder(home)).isNotEmpty();
      }
    }
  }

  private String holder(String home) {
    return cluster
        .kubectl("get", "lease", "-n", home, "fairlead", "-o", "jsonpath={.spec.holderIdentity}")
        .strip();
  }

  @Test
  void too_little_memory_for_the_heap() {
    cluster.kubectl("apply", "-f", CRD.toString());
    long machine =
        ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getTotalMemorySize();
    // As if the container were small: a heap that is as large as all there is.
    String heap = "-Xmx" + (machine >> 20) + "m";
    try (OperatorProcess daemon =
        OperatorProcess.start(cluster.kubeconfig(), directory, heap, List.of())) {
      awaitReadyz(daemon, "503 a memory limit of");
    }
  }
}
