package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one tenant may try against another: to read its repository, to have its objects deleted, to
 * take its turn. The attacker is {@link #namespace}; the victim has a namespace of its own.
 */
class TenantIsolationIT extends TenantDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path directory;

  TenantIsolationIT(ControlPlane cluster, @TempDir Path directory) {
    super(cluster, directory, "--default-service-account=deployer", "--finish-patience=15s");
    this.directory = directory;
  }

  /** Another tenant, with a GitSync {@code web} that is Ready. */
  private final class Victim implements AutoCloseable {
    final String home = createNamespace();
    final SyncClient syncs = new SyncClient(cluster, home);
    final GitRepository repository;

    Victim(GitRepository repository) {
      this.repository = repository;
    }

    /** With these lines of spec. */
    void follow(String... spec) {
      List<String> all = new java.util.ArrayList<>(List.of(spec));
      all.add("defaultNamespace: " + home);
      syncs.apply("web", repository.url(), all.toArray(String[]::new));
    }

    String commit(String value) {
      return repository.commit(
          Map.of("a.yaml", configMap("a", value), "b.yaml", configMap("b", value)),
          "hush " + value);
    }

    void await(String commit) {
      syncs.awaitReady("web", commit);
    }

    String value() {
      return find("get", "configmap", "-n", home, "a", "-o", "jsonpath={.data.key}");
    }

    @Override
    public void close() {
      syncs.delete("web");
    }
  }

  private void secret(String namespace, String name, String password) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: %s, namespace: %s}
        stringData: {username: git, password: %s}
        """
            .formatted(name, namespace, password));
  }

  private GitServer privateServer(String name) {
    try {
      GitServer server = GitServer.start(Files.createDirectories(directory.resolve(name)));
      server.requireBasic("git", "swordfish");
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void a_repository_is_read_with_ones_own_secret_or_not_at_all() {
    try (GitServer server = privateServer("private");
        Victim victim = new Victim(server.create("private"))) {
      secret(victim.home, "git", "swordfish");
      String hidden = victim.commit("1");
      victim.follow("secretRef: {name: git}");
      victim.await(hidden);

      // Its mirror is warm. The same url, and its very commit, by other means.
      secret(namespace, "wrong", "guessed");
      String url = victim.repository.url();
      String pinned = "ref: {commit: " + hidden + "}";
      syncs.apply("none", url);
      syncs.apply("none-pinned", url, pinned);
      syncs.apply("wrong", url, "secretRef: {name: wrong}");
      syncs.apply("wrong-pinned", url, "secretRef: {name: wrong}", pinned);
      syncs.apply("theirs", url, "secretRef: {name: git}");
      syncs.apply("theirs-pinned", url, "secretRef: {name: git}", pinned);

      for (String name :
          List.of("none", "none-pinned", "wrong", "wrong-pinned", "theirs", "theirs-pinned")) {
        syncs.awaitReason(name, "AuthenticationFailed");
        assertThat(syncs.find(name).orElseThrow().toJson())
            .as(name)
            .doesNotContain("hush", "swordfish", "\"source\"", "Fairlead Tests");
      }
      assertThat(syncs.condition("theirs", "Ready")).contains(namespace + "/git", "does not exist");
      // A request for a look looks with nobody else's Secret.
      server.forgetRequests();
      String basic = "Basic Z2l0OnN3b3JkZmlzaA==";
      kubectl(
          "patch",
          "gitsync",
          "-n",
          victim.home,
          "web",
          "--type=merge",
          "-p",
          "{\"spec\":{\"interval\":\"1h\"}}");
      SyncClient.await(
          PATIENCE,
          "the victim's last look by its interval",
          () -> {
            server.forgetRequests();
            OperatorProcess.sleep(Duration.ofSeconds(2));
            return server.requests().stream()
                .noneMatch(r -> r.authorization().filter(basic::equals).isPresent());
          },
          operator::log);
      kubectl("annotate", "gitsync", "-n", namespace, "wrong", Labels.REQUESTED_AT + "=now");
      syncs.await("wrong", "the request handled", s -> s.string("handledRequest").isPresent());
      assertThat(server.requests())
          .noneMatch(r -> r.authorization().filter(basic::equals).isPresent());
    }
  }

  @Test
  void who_has_lost_the_secret_reads_no_new_commit() {
    try (GitServer server = privateServer("revoked");
        Victim tenant = new Victim(server.create("revoked"))) {
      secret(tenant.home, "git", "swordfish");
      tenant.follow("secretRef: {name: git}");
      tenant.await(tenant.commit("1"));

      secret(tenant.home, "git", "stale");
      tenant.syncs.awaitReason("web", "AuthenticationFailed");
      tenant.commit("2");
      OperatorProcess.sleep(Duration.ofSeconds(3));
      assertThat(tenant.value()).isEqualTo("1");

      secret(tenant.home, "git", "swordfish");
      tenant.await(tenant.commit("3"));

      kubectl("delete", "secret", "-n", tenant.home, "git");
      tenant.syncs.awaitReason("web", "AuthenticationFailed");
      tenant.commit("4");
      OperatorProcess.sleep(Duration.ofSeconds(3));
      assertThat(tenant.value()).isEqualTo("3");
      // What was written stays, and is still kept as it was.
      kubectl("delete", "configmap", "-n", tenant.home, "b");
      SyncClient.await(
          PATIENCE,
          "b repaired",
          () -> !find("get", "configmap", "-n", tenant.home, "b", "-o", "name").isEmpty(),
          operator::log);
    }
  }

  @Test
  void forged_labels_bring_nothing_under_another_sync() {
    try (Victim victim = new Victim(git.create("forged"))) {
      victim.follow();
      victim.await(victim.commit("1"));
      SyncKey sync = new SyncKey(victim.home, "web");
      String labels =
          "%s: %s, %s: web, %s: %s"
              .formatted(
                  Labels.PART_OF,
                  Labels.applySetId(sync),
                  Labels.NAME,
                  Labels.NAMESPACE,
                  victim.home);

      // Both proofs, on so many objects that the victim's guard would stop its prune.
      StringBuilder forged = new StringBuilder();
      for (int i = 0; i < 12; i++) {
        forged.append(
            """
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: forged-%d, namespace: %s, labels: {%s}}
            data: {key: "1"}
            """
                .formatted(i, namespace, labels));
      }
      cluster
          .tryKubectl(
              forged.toString(),
              "apply",
              "--server-side",
              "--field-manager=" + sync.fieldManager(),
              "-f",
              "-")
          .orFail();
      // The same in Git.
      String commit =
          repository.commit(
              Map.of(
                  "mine.yaml",
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, labels: {%s}}\n"
                      .formatted(labels)),
              "forged");
      follow("attack");
      syncs.awaitReady("attack", commit);

      victim.repository.delete("remove b", "b.yaml");
      String last = victim.repository.commit(Map.of("a.yaml", configMap("a", "2")), "last");
      victim.await(last);
      assertThat(victim.syncs.status("web").toJson()).doesNotContain("pendingPrune", "forged");
      assertThat(find("get", "configmap", "-n", victim.home, "b", "-o", "name")).isEmpty();
      assertThat(
              find("get", "configmap", "-n", namespace, "-o", "name")
                  .lines()
                  .filter(n -> n.contains("forged")))
          .hasSize(12);
      assertThat(
              find(
                  "get",
                  "configmap",
                  "-n",
                  namespace,
                  "mine",
                  "-o",
                  "jsonpath={.metadata.labels.fairlead\\.dev/namespace}"))
          .isEqualTo(namespace);

      // Not even its end takes them along.
      victim.syncs.delete("web");
      assertThat(find("get", "configmap", "-n", namespace, "-o", "name")).contains("forged-11");
      victim.follow();
    }
  }

  @Test
  void where_two_may_write_the_first_keeps_its_object_and_its_file_names() {
    String shared = cluster.createNamespace("shared");
    cluster.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: guests, namespace: %s}
        rules: [{apiGroups: [""], resources: [configmaps], verbs: [create, patch, delete]}]
        """
            .formatted(shared));
    try (Victim victim = new Victim(git.create("first"))) {
      bind(shared, "guests", victim.home + ":deployer");
      kubectl(
          "create",
          "rolebinding",
          "others",
          "-n",
          shared,
          "--role=guests",
          "--serviceaccount=" + namespace + ":deployer");
      String manifest =
          configMap("a", "theirs").replace("{name", "{namespace: " + shared + ", name");
      victim.follow();
      victim.await(
          victim.repository.commit(Map.of("confidential/plan.yaml", manifest), "Secret plan"));

      repository.commit(Map.of("a.yaml", manifest.replace("theirs", "mine")), "first");
      follow("attack");

      assertThat(syncs.awaitReason("attack", "OwnedElsewhere"))
          .contains("GitSync " + victim.home + "/web")
          .doesNotContain("confidential", "Secret plan", "first.git");
      assertThat(syncs.find("attack").orElseThrow().toJson()).doesNotContain("confidential");
      assertThat(find("get", "configmap", "-n", shared, "a", "-o", "jsonpath={.data.key}"))
          .isEqualTo("theirs");
    }
  }

  @Test
  void who_leaves_anothers_object_alone_hears_nothing_of_it() {
    try (Victim victim = new Victim(git.create("ill"))) {
      String ill =
          TenantsIT.deployment("ill").replace("example.org/web:1", "example.org/web:missing");
      victim.repository.commit(Map.of("ill.yaml", ill), "ill");
      victim.follow("rollout: {timeout: 1s}");
      victim.syncs.awaitReason("web", "HealthCheckFailed");
      kubectl(
          "annotate", "deployment", "-n", victim.home, "ill", Labels.RECONCILE + "=confidential");
      victim.syncs.await("web", "warned", status -> status.toJson().contains("confidential"));

      String commit =
          repository.commit(
              Map.of(
                  "theirs.yaml",
                  ill.replace(
                      "{name: ill}\nspec:",
                      "{name: ill, namespace: %s, annotations: {%s: disabled}}\nspec:"
                          .formatted(victim.home, Labels.RECONCILE))),
              "theirs");
      follow("attack");
      syncs.awaitReady("attack", commit);

      assertThat(syncs.find("attack").orElseThrow().toJson())
          .doesNotContain("confidential", "ImagePull", "pull");
    }
  }

  @Test
  void a_deletion_that_is_denied_for_good_comes_to_an_end_and_leaves_the_objects() {
    String commit = repository.commit(Map.of("a.yaml", configMap("a", "1")), "first");
    follow("web");
    syncs.awaitReady("web", commit);
    kubectl("delete", "rolebinding", "-n", namespace, "deployer");

    kubectl("delete", "gitsync", "-n", namespace, "web", "--wait=false");
    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .contains(
            "ServiceAccount " + namespace + "/deployer is not allowed to delete configmaps",
            "add to a Role in " + namespace);

    SyncClient.await(
        PATIENCE, "the GitSync gone", () -> syncs.find("web").isEmpty(), operator::log);
    assertThat(valueOf("a")).isEqualTo("1");
    // The operator of such a cluster may not release it either.
    assertThat(find("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].message}"))
        .contains("let go of 0 objects and left 1 as they are");
  }

  @Test
  void the_daemons_disk_is_no_repository() {
    syncs.apply("disk", "file:///etc/repository.git");

    assertThat(syncs.awaitReason("disk", "FetchFailed")).contains("--allow-file-urls");
  }

  @Test
  void a_git_host_that_never_answers_costs_the_others_nothing() throws IOException {
    try (GitServer slow = GitServer.start(Files.createDirectories(directory.resolve("slow")));
        Victim victim = new Victim(git.create("quick"))) {
      victim.follow();
      victim.await(victim.commit("1"));
      slow.fail(new GitFault.Stall());
      for (int i = 0; i < 8; i++) {
        syncs.apply("slow-" + i, slow.create("slow-" + i).url(), "fetchTimeout: 30s");
        kubectl("annotate", "gitsync", "-n", namespace, "slow-" + i, Labels.REQUESTED_AT + "=now");
      }
      SyncClient.await(
          PATIENCE, "the first slow look", () -> !slow.requests().isEmpty(), operator::log);

      long began = System.nanoTime();
      victim.await(victim.commit("2"));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
      slow.heal();
    }
  }

  @Test
  void thousands_of_denied_objects_and_requests_without_end_leave_the_others_their_turn() {
    try (Victim victim = new Victim(git.create("patient"))) {
      victim.follow();
      victim.await(victim.commit("1"));
      Map<String, String> files = new HashMap<>();
      for (int i = 0; i < 1_500; i++) {
        files.put("many-" + i + ".yaml", configMap("many-" + i, "1"));
      }
      repository.commit(files, "many");
      for (int i = 0; i < 3; i++) {
        // Of an account without any rights.
        follow("many-" + i, "serviceAccountName: default");
      }
      syncs.await("many-0", "denied", s -> SyncClient.condition(s, "Ready").contains("Denied"));
      for (int i = 0; i < 3; i++) {
        kubectl("annotate", "gitsync", "-n", namespace, "many-" + i, Labels.REQUESTED_AT + "=now");
      }

      long began = System.nanoTime();
      victim.await(victim.commit("2"));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(40));
      // Every object of it, and yet one problem and one rule.
      assertThat(syncs.condition("many-0", "Ready"))
          .contains("is not allowed to patch configmaps", "and 1496 more");
      assertThat(syncs.status("many-0").items("problems")).hasSize(1);
    }
  }
}
