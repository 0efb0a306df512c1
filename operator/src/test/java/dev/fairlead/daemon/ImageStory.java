package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitRepository;
import java.time.Duration;
import java.util.Map;

/**
 * What the daemon of the image is asked to do in a namespace: a first deployment, an update, a
 * repair, a broken commit, a revert, an end.
 */
final class ImageStory {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ControlPlane cluster;
  private final String namespace;
  private final SyncClient syncs;
  private final GitRepository repository;
  private final String[] spec;

  /**
   * @param namespace of the GitSync and of what it deploys
   * @param spec further lines of the spec
   */
  ImageStory(ControlPlane cluster, String namespace, GitRepository repository, String... spec) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.repository = repository;
    this.spec = spec.clone();
    syncs = new SyncClient(cluster, namespace);
  }

  void run() {
    String first = repository.commit(app("1"), "First");
    syncs.apply("app", repository.url(), spec);
    syncs.awaitReady("app", first);
    assertThat(value()).isEqualTo("1");

    String second = repository.commit(app("2"), "Second");
    syncs.awaitReady("app", second);
    assertThat(value()).isEqualTo("2");

    cluster.kubectl(
        "patch", "configmap", "app", "-n", namespace, "-p", "{\"data\":{\"key\":\"by hand\"}}");
    SyncClient.await(PATIENCE, "the edit to be undone", () -> value().equals("2"), this::value);

    repository.commit(Map.of("app.yaml", "kind: ConfigMap\ndata: ["), "Broken");
    syncs.awaitReason("app", "BuildFailed");
    assertThat(value()).isEqualTo("2");

    String reverted = repository.restore(GitRepository.MAIN, first, "Back to the first");
    syncs.awaitReady("app", reverted);
    assertThat(value()).isEqualTo("1");

    syncs.delete("app");
    assertThat(value()).isEmpty();
  }

  private static Map<String, String> app(String value) {
    return Map.of(
        "app.yaml",
        SampleManifests.configMap("app", value)
            + """
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}, annotations: {value: "%s"}}
                spec: {containers: [{name: web, image: "example.org/web:1"}]}
            """
                .formatted(value));
  }

  private String value() {
    return cluster
        .tryKubectl("", "get", "configmap", "app", "-n", namespace, "-o", "jsonpath={.data.key}")
        .output();
  }
}
