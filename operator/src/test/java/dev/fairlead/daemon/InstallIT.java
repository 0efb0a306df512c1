package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.Helm;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What is installed is enough for a daemon to live on, and in mode restricted not more. */
@ExtendWith(ControlPlaneExtension.class)
final class InstallIT {
  private final ControlPlane cluster;
  private final ApiClient api;
  private final Path directory;
  private final GitServer git;
  private final GitRepository repository;
  private Optional<Installation> installation = Optional.empty();
  private Optional<OperatorProcess> operator = Optional.empty();

  InstallIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.api = ApiClient.of(cluster);
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("app");
  }

  @AfterEach
  void remove() {
    operator.ifPresent(OperatorProcess::close);
    installation.ifPresent(Installation::close);
    git.close();
  }

  private Installation install(Installation fresh) {
    installation = Optional.of(fresh);
    cluster.kubectl(
        "rollout", "status", "-n", fresh.namespace, "deployment/fairlead", "--timeout=60s");
    return fresh;
  }

  private OperatorProcess start(Installation in, String... flags) {
    OperatorProcess started = in.start(directory.resolve("daemon"), flags);
    operator = Optional.of(started);
    return started;
  }

  private String value(String namespace, String name) {
    return api.get("/api/v1/namespaces/" + namespace + "/configmaps/" + name)
        .flatMap(o -> o.object("data"))
        .flatMap(d -> d.string("key"))
        .orElse("");
  }

  @Test
  void install_yaml_is_enough_from_the_first_commit_to_the_prune() {
    Installation installed = install(Installation.ofInstallYaml(cluster));
    String work = installed.namespace + "-work";
    OperatorProcess daemon = start(installed);
    SyncClient syncs = new SyncClient(cluster, installed.namespace);
    syncs.apply("cluster", repository.url(), "maxPrune: 100%");

    String first =
        repository.commit(
            Map.of(
                "home.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + work + "}\n",
                "role.yaml",
                    """
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: Role
                    metadata: {name: anything, namespace: %s}
                    rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
                    """
                        .formatted(work),
                "web.yaml", in(work, TenantsIT.deployment("web")),
                "a.yaml", in(work, configMap("a", "1"))),
            "first");
    syncs.awaitReady("cluster", first);
    String second = repository.commit(Map.of("a.yaml", in(work, configMap("a", "2"))), "second");
    syncs.awaitReady("cluster", second);
    assertThat(value(work, "a")).isEqualTo("2");
    syncs.awaitReady("cluster", repository.restore(GitRepository.MAIN, first, "revert"));
    assertThat(value(work, "a")).isEqualTo("1");
    syncs.awaitReady("cluster", repository.delete("prune", "a.yaml", "web.yaml"));
    assertThat(value(work, "a")).isEmpty();
    assertThat(api.get("/apis/apps/v1/namespaces/" + work + "/deployments/web")).isEmpty();
    assertThat(daemon.log()).doesNotContain("cannot be", "forbidden", "not allowed");
    assertThat(cluster.kubectl("get", "events", "-n", installed.namespace, "-o", "name").lines())
        .isNotEmpty();

    cluster.kubectl("delete", "gitsync", "-n", installed.namespace, "cluster");
    cluster.kubectl("delete", "namespace", work, "--wait=false", "--ignore-not-found");
  }

  @Test
  void the_namespace_takes_fairleads_pod_and_none_with_more_rights() {
    Installation installed = install(Installation.ofInstallYaml(cluster));

    ProgramRun other =
        cluster.tryKubectl("", "run", "-n", installed.namespace, "x", "--image=example.org/x:1");

    assertThat(other.errors()).contains("violates PodSecurity \"restricted:latest\"");
    assertThat(
            cluster.kubectl(
                "get",
                "pods",
                "-n",
                installed.namespace,
                "-o",
                "jsonpath={.items[*].status.phase}"))
        .isEqualTo("Running");
  }

  @Test
  void gitsyncs_are_a_part_of_the_predefined_roles() {
    Installation installed = install(Installation.ofInstallYaml(cluster));
    String team = cluster.createNamespace("team");
    for (String role : List.of("view", "edit", "admin")) {
      cluster.kubectl(
          "create", "rolebinding", role, "-n", team, "--clusterrole=" + role, "--user=" + role);
    }

    SyncClient.await(
        Duration.ofSeconds(30),
        "the aggregated roles",
        () ->
            may(team, "view", "get") && may(team, "edit", "create") && may(team, "admin", "patch"),
        () -> cluster.kubectl("get", "clusterrole", "view", "-o", "yaml"));
    assertThat(may(team, "view", "create")).isFalse();
    assertThat(may(team, "edit", "deletecollection")).isFalse();
    assertThat(may(team, "admin", "deletecollection")).isTrue();
    assertThat(may(installed.namespace, "admin", "get")).isFalse();
  }

  private boolean may(String namespace, String user, String verb) {
    return cluster
            .tryKubectl("", "auth", "can-i", verb, "gitsyncs", "-n", namespace, "--as=" + user)
            .exitCode()
        == 0;
  }

  @Test
  void in_mode_restricted_all_but_its_own_work_is_an_accounts() {
    String team = cluster.createNamespace("team");
    cluster.apply(
        DocsYaml.block("tenants.md", "name: deployer\n  namespace: team-a")
            .replace("team-a", team));
    Installation installed =
        install(
            Installation.ofChart(
                cluster,
                Helm.in(directory),
                DocsYaml.block("permissions.md", "mode: restricted")
                        .replaceAll("(?m)^.*team-b.*\n", "")
                        .replace("team-a", team)
                    + "  watchSecrets: false\n"));
    OperatorProcess daemon = start(installed, "--restricted");
    SyncClient syncs = new SyncClient(cluster, team);
    assertThat(
            cluster.kubectl(
                "get", "deployment", "-n", installed.namespace, "fairlead", "-o", "yaml"))
        .contains("- --restricted");
    syncs.apply(
        "web",
        repository.url(),
        "defaultNamespace: " + team,
        TenantDaemon.ACCOUNT,
        "maxPrune: 100%");

    String first =
        repository.commit(
            Map.of("web.yaml", TenantsIT.deployment("web"), "a.yaml", configMap("a", "1")),
            "first");
    syncs.awaitReady("web", first);
    syncs.awaitReady("web", repository.commit(Map.of("a.yaml", configMap("a", "2")), "second"));
    assertThat(value(team, "a")).isEqualTo("2");
    syncs.awaitReady("web", repository.restore(GitRepository.MAIN, first, "revert"));
    assertThat(value(team, "a")).isEqualTo("1");
    syncs.awaitReady("web", repository.delete("prune", "a.yaml"));
    assertThat(value(team, "a")).isEmpty();
    assertThat(daemon.log()).doesNotContain("cannot be", "forbidden", "not allowed");

    reads_the_secret_that_a_tenant_names(team, syncs);

    // Without an account nothing is applied, in no namespace.
    syncs.apply("nobody", repository.url(), "defaultNamespace: " + team);
    assertThat(syncs.awaitReason("nobody", "AccessDenied"))
        .isEqualTo(
            "False AccessDenied: spec.serviceAccountName has to be set, since this Fairlead runs"
                + " with --restricted and writes nothing in its own name: name a ServiceAccount of"
                + " namespace "
                + team
                + " that may apply what the repository holds");
    SyncClient own = new SyncClient(cluster, installed.namespace);
    own.apply("nobody", repository.url(), "defaultNamespace: " + team);
    assertThat(own.awaitReason("nobody", "AccessDenied")).contains("has to be set");
    // Nor as an account that is not in the list of tenants.
    syncs.apply(
        "other", repository.url(), "defaultNamespace: " + team, "serviceAccountName: default");
    assertThat(syncs.awaitReason("other", "AccessDenied"))
        .contains("is not allowed to impersonate serviceaccounts");
    own.delete("nobody");
    syncs.delete("nobody");

    // What may not be watched is not written, and is when it may.
    String secret =
        repository.commit(
            Map.of(
                "s.yaml",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n"),
            "secret");
    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .contains(
            "s.yaml:1: Secret " + team + "/s: ServiceAccount " + installed.namespace + "/fairlead",
            "is not allowed to list secrets",
            "{apiGroups: [\"\"], resources: [secrets], verbs: [get, list, watch]}");
    assertThat(api.get("/api/v1/namespaces/" + team + "/secrets/s")).isEmpty();
    cluster.kubectl(
        "create",
        "clusterrole",
        installed.namespace,
        "--verb=get,list,watch",
        "--resource=secrets");
    cluster.kubectl(
        "create",
        "clusterrolebinding",
        installed.namespace,
        "--clusterrole=" + installed.namespace,
        "--serviceaccount=" + installed.namespace + ":fairlead");
    syncs.awaitReady("web", secret);

    // RBAC knows no right for metadata alone: their spec is guarded by a policy.
    ProgramRun stolen = patchAsFairlead(installed, team, "{\"spec\":{\"path\":\"elsewhere\"}}");
    assertThat(stolen.exitCode()).isNotZero();
    assertThat(stolen.errors())
        .contains("in mode restricted Fairlead writes metadata and status of GitSyncs");
    patchAsFairlead(installed, team, "{\"metadata\":{\"annotations\":{\"a\":\"b\"}}}").orFail();

    // Nothing else, of all that there is.
    assertThat(installed.writes(installed.namespace, team, "kube-system"))
        .containsExactlyInAnyOrderElementsOf(expected(installed.namespace, team, "kube-system"));
    syncs.delete("web", "other");
  }

  private ProgramRun patchAsFairlead(Installation installed, String team, String patch) {
    return cluster.tryKubectl(
        "",
        "patch",
        "gitsync",
        "-n",
        team,
        "web",
        "--type=merge",
        "-p",
        patch,
        "--as=system:serviceaccount:" + installed.namespace + ":fairlead");
  }

  /** With the rights that were installed, by which it may not watch Secrets. */
  private void reads_the_secret_that_a_tenant_names(String team, SyncClient syncs) {
    try (GitServer locked = GitServer.start(directory.resolve("locked"))) {
      locked.requireBasic("fairlead", "one");
      GitRepository owned = locked.create("private");
      String first = owned.commit(Map.of("p.yaml", configMap("p", "1")), "first");
      password(team, "one");
      syncs.apply(
          "private",
          owned.url(),
          "defaultNamespace: " + team,
          TenantDaemon.ACCOUNT,
          "secretRef: {name: git}");
      syncs.awaitReady("private", first);

      locked.requireBasic("fairlead", "two");
      assertThat(syncs.awaitReason("private", "AuthenticationFailed")).contains("Secret");
      password(team, "two");
      owned.commit(Map.of("p.yaml", configMap("p", "2")), "second");
      // What was refused is tried again with growing pauses.
      SyncClient.await(
          Duration.ofSeconds(90),
          "what the new password lets in",
          () -> value(team, "p").equals("2"),
          () -> syncs.status("private").toJson());
      syncs.delete("private");
    }
  }

  private void password(String team, String password) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: git, namespace: %s}
        stringData: {username: fairlead, password: %s}
        """
            .formatted(team, password));
  }

  private static List<String> expected(String own, String team, String system) {
    List<String> all = new ArrayList<>(List.of("create leases in " + own));
    for (String in : List.of(own, team, system)) {
      all.addAll(
          List.of(
              "patch gitsyncs in " + in,
              "patch gitsyncs/status in " + in,
              "create events in " + in,
              // What everybody may ask of himself.
              "create selfsubjectreviews in " + in,
              "create selfsubjectaccessreviews in " + in,
              "create selfsubjectrulesreviews in " + in));
    }
    return all;
  }

  @Test
  void the_helm_chart_resource_of_the_docs_has_values_that_the_chart_and_the_server_take()
      throws IOException {
    Map<?, ?> resource =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(DocsYaml.block("install.md", "kind: HelmChart"));
    Map<?, ?> spec = (Map<?, ?>) Objects.requireNonNull(resource.get("spec"));

    // As K3s' controller gives them to helm.
    String rendered =
        Helm.in(directory)
            .templateOf(spec.get("valuesContent") + "\n", spec.get("targetNamespace") + "")
            .orFail();

    String version =
        Files.readAllLines(Path.of(Helm.chart(), "Chart.yaml")).stream()
            .filter(l -> l.startsWith("version: "))
            .findFirst()
            .orElseThrow()
            .substring("version: ".length());
    assertThat(spec.get("chart") + "").endsWith("/static/charts/fairlead-" + version + ".tgz");
    assertThat(rendered)
        .contains("image: \"registry.example.org/fairlead:0.1.0\"")
        .contains("host: \"hooks.example.org\"");
    cluster
        .tryKubectl(
            rendered.replace("namespace: fairlead-system", "namespace: default"),
            "apply",
            "--server-side",
            "--dry-run=server",
            "--force-conflicts",
            "-f",
            "-")
        .orFail();
  }

  @Test
  void helm_installs_upgrades_and_leaves_the_definition() {
    Helm helm = Helm.in(directory);
    String namespace = cluster.createNamespace("helm");
    String definition =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gitsyncs.fairlead.dev";
    String[] install = {"fairlead", Helm.chart(), "-n", namespace};
    try {
      helm.run(cluster, with("install", install, "--take-ownership")).orFail();
      api.mergePatch(
          definition,
          "{\"metadata\":{\"annotations\":{\"age\":\"old\"}},\"spec\":{\"names\":{\"categories\":null}}}");
      helm.run(cluster, with("upgrade", install, "--set", "replicas=2", "--force-conflicts"))
          .orFail();

      assertThat(api.get(definition).map(Json.Obj::toJson).orElse(""))
          .as("upgraded with the chart")
          .contains("\"categories\":[\"fairlead\"]");
      assertThat(cluster.kubectl("get", "pdb", "-n", namespace, "-o", "name"))
          .contains("poddisruptionbudget.policy/fairlead");

      helm.run(cluster, "uninstall", "fairlead", "-n", namespace).orFail();
      assertThat(api.get(definition)).isPresent();
      assertThat(api.get("/apis/apps/v1/namespaces/" + namespace + "/deployments/fairlead"))
          .isEmpty();
    } finally {
      cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    }
  }

  private static String[] with(String verb, String[] arguments, String... more) {
    return Stream.of(new String[] {verb}, arguments, more)
        .flatMap(java.util.Arrays::stream)
        .toArray(String[]::new);
  }

  private static String in(String namespace, String manifest) {
    return manifest.replace("metadata: {name", "metadata: {namespace: " + namespace + ", name");
  }
}
