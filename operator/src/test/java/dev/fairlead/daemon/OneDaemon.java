package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One daemon for all tests of a class, and for each test a namespace and a repository of its own.
 * What tests ask of both is here, in kubectl's words.
 */
@ExtendWith(ControlPlaneExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OneDaemon {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final ControlPlane cluster;
  OperatorProcess operator;
  String namespace = "";
  SyncClient syncs;
  GitRepository repository;

  private final String prefix;
  final GitServer git;
  private final Path directory;
  private final Path kubeconfig;
  private final String[] flags;
  private int count;

  /**
   * @param prefix of the namespaces and repositories
   */
  OneDaemon(String prefix, ControlPlane cluster, Path directory) {
    this(prefix, cluster, directory, cluster.kubeconfig());
  }

  /**
   * @param kubeconfig as whom the daemon runs
   */
  OneDaemon(String prefix, ControlPlane cluster, Path directory, Path kubeconfig, String... flags) {
    this.prefix = prefix;
    this.cluster = cluster;
    this.directory = directory;
    this.kubeconfig = kubeconfig;
    this.flags = flags.clone();
    this.git = GitServer.start(directory.resolve("git"));
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    this.operator = OperatorProcess.start(kubeconfig, directory, flags);
    this.syncs = new SyncClient(cluster, "default");
    this.repository = git.create("unused");
  }

  @BeforeAll
  void ready() {
    SyncClient.await(PATIENCE, "/readyz", this::isReady, () -> operator.log());
  }

  private boolean isReady() {
    try {
      return operator.get("/readyz").contains("at work");
    } catch (AssertionError e) {
      return false;
    }
  }

  @BeforeEach
  void a_namespace_and_a_repository_of_its_own() {
    namespace = createNamespace();
    syncs = new SyncClient(cluster, namespace);
    repository = git.create(prefix + "-" + ++count);
  }

  /** One in which a GitSync may apply anything. */
  String createNamespace() {
    return cluster.createTrustedNamespace(prefix);
  }

  @AfterEach
  void no_sync_is_left() {
    cluster.kubectl("delete", "gitsync", "-n", namespace, "--all", "--timeout=60s");
  }

  @AfterAll
  void stop() {
    operator.close();
    git.close();
  }

  /** Another process in its place, with the same cache. */
  void restart() {
    assertThat(operator.stop()).isLessThan(Duration.ofSeconds(20));
    startAnother();
  }

  /** Another process after the one that was stopped. */
  void startAnother() {
    operator = OperatorProcess.start(kubeconfig, directory, flags);
  }

  /** A further repository for this test. */
  GitRepository another() {
    return git.create(prefix + "-" + ++count);
  }

  /** A GitSync of this test's repository, whose objects go to this test's namespace. */
  void follow(String name, String... spec) {
    String[] all = Arrays.copyOf(spec, spec.length + 1);
    all[spec.length] = "defaultNamespace: " + namespace;
    syncs.apply(name, repository.url(), all);
  }

  /**
   * Creates or changes a Secret of this test's namespace.
   *
   * @param entries as kubectl's {@code --from-literal} and {@code --from-file} have them
   */
  void secret(String name, String... entries) {
    List<String> command =
        new ArrayList<>(List.of("create", "secret", "generic", name, "-n", namespace));
    command.addAll(List.of(entries));
    command.addAll(List.of("--dry-run=client", "-o", "yaml"));
    cluster.apply(cluster.kubectl(command.toArray(String[]::new)));
  }

  /** What {@link SampleManifests#configMap} put in; empty when it is not there. */
  String valueOf(String configMap) {
    return cluster
        .tryKubectl(
            "", "get", "configmap", "-n", namespace, configMap, "-o", "jsonpath={.data.key}")
        .output();
  }

  void awaitValue(String configMap, String value) {
    SyncClient.await(
        PATIENCE,
        "ConfigMap " + configMap + " with " + value,
        () -> valueOf(configMap).equals(value),
        () -> valueOf(configMap) + "\n" + operator.log());
  }
}
