package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.Helm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a kind that Fairlead has applied and may not watch any more. */
@ExtendWith(ControlPlaneExtension.class)
final class UnwatchedKindIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ControlPlane cluster;
  private final Path directory;
  private final GitServer git;
  private final GitRepository repository;
  private Optional<Installation> installation = Optional.empty();
  private Optional<OperatorProcess> operator = Optional.empty();
  private String[] flags = {};

  /** Where the objects go, and the GitSync is. */
  private String namespace = "";

  UnwatchedKindIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    this.git = GitServer.start(directory.resolve("git"));
    this.repository = git.create("app");
  }

  @AfterEach
  void remove() {
    operator.ifPresent(OperatorProcess::close);
    installation.ifPresent(Installation::close);
    cluster.kubectl("delete", "clusterrole", "unwatched-writer", "--ignore-not-found");
    git.close();
  }

  private Installation install(String values) {
    Installation installed = Installation.ofChart(cluster, Helm.in(directory), values);
    installation = Optional.of(installed);
    return installed;
  }

  private void start(String... more) {
    flags = more;
    operator = Optional.of(installation.orElseThrow().start(directory.resolve("daemon"), flags));
  }

  private void restart() {
    operator.orElseThrow().stop();
    start(flags);
  }

  @Test
  void in_mode_default() {
    cluster.kubectl(
        "create",
        "clusterrole",
        "unwatched-writer",
        "--verb=create,patch,delete",
        "--resource=configmaps");
    Installation installed = install("clusterRole: unwatched-writer\n");
    namespace = installed.namespace;
    // A watch that says nothing is opened anew, and only then the server asks for the right.
    start("--watch-silence", "2s");

    tells("/rules/3", "[\"*\"]", "[\"secrets\", \"customresourcedefinitions\"]");
  }

  @Test
  void in_mode_restricted() {
    namespace = cluster.createNamespace("team");
    cluster.apply(
        DocsYaml.block("tenants.md", "name: deployer\n  namespace: team-a")
            .replace("team-a", namespace));
    install(
        """
        mode: restricted
        restricted:
          tenants:
          - {namespace: %s, serviceAccounts: [deployer]}
        """
            .formatted(namespace));
    start("--restricted", "--watch-silence", "2s");

    tells("/rules/4", "[\"namespaces\", \"configmaps\"]", "[\"namespaces\"]", TenantDaemon.ACCOUNT);
  }

  /**
   * @param rule the one of the operator's role that lets ConfigMaps be watched
   * @param with its resources
   * @param without the same without ConfigMaps
   */
  private void tells(String rule, String with, String without, String... spec) {
    give(rule, with);
    SyncClient syncs = new SyncClient(cluster, namespace);
    String[] all = java.util.Arrays.copyOf(spec, spec.length + 1);
    all[spec.length] = "defaultNamespace: " + namespace;
    syncs.apply("web", repository.url(), all);
    String first =
        repository.commit(
            Map.of("a.yaml", configMap("a", "1"), "b.yaml", configMap("b", "1")), "first");
    syncs.awaitReady("web", first);
    String lacks =
        ("ServiceAccount %s/fairlead is not allowed to list configmaps; add to a ClusterRole that is"
                + " bound to it by a ClusterRoleBinding: {apiGroups: [\"\"], resources:"
                + " [configmaps], verbs: [get, list, watch]}")
            .formatted(installation.orElseThrow().namespace);
    String warning = "kind ConfigMap: drift and health of its objects are not seen: " + lacks;

    give(rule, without);
    restart();

    assertThat(syncs.awaitReason("web", "AccessDenied"))
        .isEqualTo(
            "False AccessDenied: kind ConfigMap: drift and health of its objects are not seen, and"
                + " nothing of the GitSync is applied or pruned until they are: "
                + lacks);
    assertThat(warnings(syncs)).containsExactly(warning);
    assertThat(syncs.condition("web", "Applied")).startsWith("True");
    String second = repository.delete("without b", "b.yaml");

    give(rule, with);

    syncs.awaitReady("web", second);
    syncs.await("web", "without warnings", s -> s.items("warnings").isEmpty());
    assertThat(value("b")).as("pruned").isEmpty();

    // By the process that has listed them.
    give(rule, without);
    syncs.await("web", "with the warning", s -> warnings(s).contains(warning));
    assertThat(syncs.condition("web", "Ready")).startsWith("True");
    cluster.kubectl(
        "patch", "configmap", "-n", namespace, "a", "-p", "{\"data\":{\"key\":\"by hand\"}}");
    give(rule, with);
    syncs.await("web", "without warnings", s -> s.items("warnings").isEmpty());
    SyncClient.await(
        PATIENCE,
        "a as Git says",
        () -> value("a").equals("1"),
        () -> operator.orElseThrow().log());

    // What is deleted waits for what it may not see.
    give(rule, without);
    restart();
    cluster.kubectl("delete", "gitsync", "-n", namespace, "web", "--wait=false");
    assertThat(syncs.awaitReason("web", "AccessDenied")).endsWith(lacks);
    give(rule, with);
    syncs.delete("web");
    assertThat(value("a")).isEmpty();
  }

  private static List<String> warnings(SyncClient syncs) {
    return warnings(syncs.status("web"));
  }

  private static List<String> warnings(Json.Obj status) {
    return status.items("warnings").stream().map(w -> ((Json.Str) w).value()).toList();
  }

  private String value(String name) {
    return cluster
        .tryKubectl("", "get", "configmap", "-n", namespace, name, "-o", "jsonpath={.data.key}")
        .output();
  }

  private void give(String rule, String resources) {
    cluster.kubectl(
        "patch",
        "clusterrole",
        "fairlead",
        "--type=json",
        "-p",
        "[{\"op\":\"replace\",\"path\":\"%s/resources\",\"value\":%s}]".formatted(rule, resources));
  }
}
