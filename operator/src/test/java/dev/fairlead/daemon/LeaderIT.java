package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two daemons: one leads, the other takes over, and never do both write. */
@ExtendWith(ControlPlaneExtension.class)
final class LeaderIT {
  /** The promise is 15 s; a machine that is at work on other things may need longer. */
  private static final Duration TAKEOVER = Duration.ofSeconds(30);

  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;
  private final GitServer git;
  private final List<Replica.Write> writes = new CopyOnWriteArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private String namespace = "";
  private SyncClient syncs;
  private GitRepository repository;

  LeaderIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("app");
    this.syncs = new SyncClient(cluster, "default");
  }

  @BeforeEach
  void a_namespace_of_its_own() {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    namespace = cluster.createTrustedNamespace("leader");
    syncs = new SyncClient(cluster, namespace);
  }

  @AfterEach
  void stop() {
    if (replicas.stream().anyMatch(r -> r.process.isAlive()) && !syncs.find("app").isEmpty()) {
      syncs.delete("app");
    }
    replicas.forEach(Replica::close);
    git.close();
  }

  private Replica start(String name) {
    Replica replica = Replica.start(name, cluster, directory, writes, namespace);
    replicas.add(replica);
    return replica;
  }

  /** A leads, B is the standby, and a commit is applied. */
  private void given_two() {
    Replica a = start("a");
    a.awaitLeads();
    Replica b = start("b");
    b.awaitStandby();
    String commit = commit("1");
    syncs.apply("app", repository.url(), "defaultNamespace: " + namespace);
    syncs.awaitReady("app", commit);
  }

  private Replica a() {
    return replicas.get(0);
  }

  private Replica b() {
    return replicas.get(1);
  }

  private String commit(String value) {
    return repository.commit(Map.of("a.yaml", configMap("a", value)), value);
  }

  private String lease() {
    return "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases/fairlead";
  }

  private String holder() {
    return api.get(lease())
        .flatMap(l -> l.object("spec"))
        .flatMap(s -> s.string("holderIdentity"))
        .orElse("");
  }

  /** Whose writes came one after the other, each replica once in a row. */
  private List<String> turns() {
    List<String> turns = new ArrayList<>();
    for (Replica.Write write : writes) {
      if (turns.isEmpty() || !turns.getLast().equals(write.replica())) {
        turns.add(write.replica());
      }
    }
    return turns;
  }

  private void awaitNoWrites() {
    int before = -1;
    while (before != writes.size()) {
      before = writes.size();
      OperatorProcess.sleep(Duration.ofSeconds(2));
    }
  }

  private void told(String what, Duration took) {
    System.out.printf("%s: %d ms%n", what, took.toMillis());
  }

  @Test
  void the_standby_takes_over_after_a_crash() {
    given_two();
    assertThat(b().process.metric("fairlead_sync_ready", "")).isZero();
    assertThat(b().process.api("/gitsyncs"))
        .contains("\"status\":503", "this is a standby, which knows of no GitSync");

    String two = commit("2");
    syncs.awaitReady("app", two);
    a().process.kill();
    Duration took = b().awaitLeads();
    told("Takeover after SIGKILL", took);
    String three = commit("3");

    syncs.awaitReady("app", three);
    assertThat(took).isLessThan(TAKEOVER);
    assertThat(turns()).containsExactly("a", "b");
    assertThat(b().process.metric("fairlead_sync_ready", "")).isOne();
  }

  @Test
  void a_webhook_that_reaches_the_standby_is_handed_on_to_whoever_leads() {
    // Given
    given_two();
    String token = "0123456789abcdef";
    cluster.kubectl(
        "create", "secret", "generic", "-n", namespace, "hook", "--from-literal=token=" + token);
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1h",
        "defaultNamespace: " + namespace,
        "webhook: {secretRef: {name: hook}}");
    syncs.await("app", "a path", s -> s.string("webhookPath").isPresent());
    String path = syncs.status("app").string("webhookPath").orElseThrow();
    // The last look of the short interval is over.
    String two = commit("2");
    assertThat(Hook.post(a().process, path, "X-Gitlab-Token", token)).isEqualTo(202);
    syncs.awaitReady("app", two);

    // When, Then
    String three = commit("3");
    assertThat(Hook.post(b().process, path, "X-Gitlab-Token", token)).isEqualTo(202);
    syncs.awaitReady("app", three);
    assertThat(Hook.post(b().process, path, "X-Gitlab-Token", "guess")).isEqualTo(403);
    assertThat(b().process.metric("fairlead_webhook_total", "result=\"forwarded\"")).isEqualTo(2);

    a().process.kill();
    assertThat(Hook.post(b().process, path, "X-Gitlab-Token", token)).isEqualTo(503);
    String four = commit("4");
    b().awaitLeads();
    syncs.awaitReady("app", four);
    String five = commit("5");
    assertThat(Hook.post(b().process, path, "X-Gitlab-Token", token)).isEqualTo(202);
    syncs.awaitReady("app", five);
    assertThat(turns()).containsExactly("a", "b");
  }

  @Test
  void the_standby_takes_over_at_an_orderly_stop() {
    given_two();

    Duration stop = a().process.stop();
    Duration took = b().awaitLeads();

    told("Orderly stop", stop);
    told("Takeover after it", took);
    // A lease that was not released would take eleven.
    assertThat(took).isLessThan(Duration.ofSeconds(10));
    assertThat(a().says("The lease is released")).isOne();
    syncs.awaitReady("app", commit("2"));
    assertThat(turns()).containsExactly("a", "b");
  }

  @Test
  void a_leader_that_was_paused_writes_nothing_more() {
    given_two();
    // What it is about to send when it is paused it sends later: that cannot be otherwise.
    awaitNoWrites();

    a().process.pause();
    // It has a commit to apply as soon as it goes on.
    String two = commit("2");
    b().awaitLeads();
    syncs.awaitReady("app", two);
    String three = commit("3");
    syncs.awaitReady("app", three);
    CountDownLatch told = new CountDownLatch(1);
    a().stallLease(told);
    a().process.resume();
    // Meanwhile it looks at Git, and does not know yet that somebody else leads.
    OperatorProcess.sleep(Duration.ofSeconds(2));
    told.countDown();

    a().awaitStandby();
    syncs.awaitReady("app", commit("4"));
    assertThat(a().says("does not lead any more")).isOne();
    assertThat(a().process.metric("fairlead_sync_ready", "")).isZero();
    assertThat(turns()).as("%s", writes).containsExactly("a", "b");
  }

  @Test
  void a_leader_that_is_cut_off_gives_way_and_becomes_the_standby() {
    given_two();

    a().cutOff(true);
    b().awaitLeads();
    syncs.awaitReady("app", commit("2"));
    a().cutOff(false);
    a().awaitStandby();

    b().process.stop();
    a().awaitLeads();
    syncs.awaitReady("app", commit("3"));
    assertThat(turns()).containsExactly("a", "b", "a");
    assertThat(a().says("Started")).as("a daemon for each term").isEqualTo(2);
  }

  @Test
  void a_leader_goes_on_when_the_api_server_was_away_for_all() {
    given_two();
    String me = holder();

    replicas.forEach(r -> r.cutOff(true));
    a().awaitReady("503 this process leads, but cannot renew its lease");
    String two = commit("2");
    OperatorProcess.sleep(Duration.ofSeconds(8));
    // As one would be that comes back to its oldest client first.
    a().cutOff(false);
    a().awaitLeads();
    b().cutOff(false);

    syncs.awaitReady("app", two);
    b().awaitStandby();
    assertThat(holder()).isEqualTo(me);
    assertThat(a().says("Started")).as("the same daemon goes on").isOne();
    assertThat(turns()).containsExactly("a");
  }

  @Test
  void a_lease_that_is_deleted_by_hand_is_made_anew_by_its_holder() {
    given_two();
    String me = holder();

    api.delete(lease());
    SyncClient.await(TAKEOVER, "a lease of a", () -> holder().equals(me), this::holder);

    syncs.awaitReady("app", commit("2"));
    b().awaitStandby();
    assertThat(turns()).containsExactly("a");
  }

  @Test
  void a_lease_that_is_stolen_by_hand_ends_the_term_and_runs_out() {
    given_two();

    api.mergePatch(lease(), "{\"spec\":{\"holderIdentity\":\"somebody\"}}");
    SyncClient.await(
        TAKEOVER,
        "the end of the term of a",
        () -> a().says("does not lead any more") == 1,
        a().process::log);
    SyncClient.await(
        TAKEOVER,
        "a leader again",
        () -> replicas.stream().anyMatch(r -> r.process.readyz().startsWith("200 at work")),
        this::holder);

    syncs.awaitReady("app", commit("2"));
    assertThat(replicas.stream().filter(Replica::leads)).hasSize(1);
    assertThat(turns().size()).isLessThanOrEqualTo(2);
  }

  @Test
  void a_process_alone_waits_for_the_lease_of_the_one_that_was_killed() {
    Replica a = start("a");
    a.awaitLeads();
    a.process.kill();

    Replica b = start("b");
    b.awaitStandby();

    told("Start after SIGKILL of the only one", b.awaitLeads());
    assertThat(b.says("This process is the standby")).isOne();
  }

  @Test
  void a_namespace_that_is_missing_is_told_of_and_awaited() {
    namespace = namespace + "-later";
    Replica a = start("a");

    a.awaitReady(
        "503 waiting for the lease: Lease "
            + namespace
            + "/fairlead: namespaces \""
            + namespace
            + "\" not found");
    assertThat(a.process.readyz()).contains("or set --namespace");
    cluster.kubectl("create", "namespace", namespace);

    a.awaitLeads();
  }

  @Test
  void a_missing_right_is_told_of() {
    String account = namespace;
    cluster.kubectl("create", "serviceaccount", "-n", account, "poor");
    OperatorProcess poor =
        OperatorProcess.start(
            cluster.kubeconfig(account, "poor"),
            directory.resolve("poor"),
            "--namespace",
            namespace,
            "--leader-elect=true");
    try {
      SyncClient.await(
          TAKEOVER,
          "a rule to add",
          () -> poor.readyz().contains("resources: [leases]"),
          poor::log);
      assertThat(poor.log()).contains("Something is missing; it begins when it is there");
    } finally {
      poor.close();
    }
  }

  @Test
  void the_documented_rights_suffice() {
    cluster.apply(
        DocsYaml.block("tenants.md", "resources: [serviceaccounts], verbs: [impersonate]")
            .replace("fairlead-system", namespace)
            .replace("name: fairlead\n", "name: " + namespace + "\n")
            .replace("Role, name: fairlead}", "Role, name: " + namespace + "}"));
    try (OperatorProcess one =
        OperatorProcess.start(
            cluster.kubeconfig(namespace, "fairlead"),
            directory.resolve("one"),
            "--namespace",
            namespace,
            "--leader-elect=true")) {
      SyncClient.await(
          TAKEOVER, "a leader", () -> one.readyz().startsWith("200 at work"), one::log);
      OperatorProcess.sleep(Duration.ofSeconds(6));

      assertThat(one.log()).doesNotContain("cannot be");
      assertThat(one.metric("fairlead_api_requests_total", "verb=\"lease\""))
          .as("the look, the lease that is made, and a renewal at least")
          .isGreaterThanOrEqualTo(3);
      one.stop();
      assertThat(one.log()).contains("The lease is released");
    }
  }

  @Test
  void a_namespace_in_deletion_is_left_by_its_leader_when_its_syncs_are_gone() {
    given_two();
    String work = cluster.createNamespace("leader-work");
    syncs.apply("app", repository.url(), "defaultNamespace: " + work, "interval: 1m");
    String map = "/api/v1/namespaces/" + work + "/configmaps/a";
    SyncClient.await(TAKEOVER, "the object", () -> api.get(map).isPresent(), () -> "none");

    cluster.kubectl("delete", "namespace", namespace, "--timeout=60s");

    assertThat(api.get(map)).as("what it has deployed").isPresent();
    assertThat(api.get(map).map(Json.Obj::toJson).orElse("")).doesNotContain("part-of");
    assertThat(turns()).containsExactly("a");
  }
}
