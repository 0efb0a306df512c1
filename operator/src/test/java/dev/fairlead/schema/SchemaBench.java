package dev.fairlead.schema;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.Schemas;
import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.RequestListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Measures the check by schema against a running API server, in a JVM with the daemon's flags: what
 * docs/benchmarks.md says of it. Its argument is a kubeconfig.
 */
final class SchemaBench {
  private static final int MANIFESTS = 1_000;
  private static final List<String> TYPICAL =
      List.of("v1", "apps/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1");

  private SchemaBench() {}

  public static void main(String[] arguments)
      throws ApiException, InterruptedException, IOException {
    ApiServer server =
        ApiServer.connect(
            Connection.fromFile(Path.of(arguments[0])),
            Duration.ofSeconds(20),
            RequestListener.NONE);
    Discovery discovery = new Discovery(server, InstantSource.system(), Duration.ofSeconds(10));
    discovery.refresh();
    TreeSet<String> all = new TreeSet<>();
    discovery.all().forEach(r -> all.add(r.gvk().apiVersion()));
    long before = used();
    Schemas schemas = new Schemas(server, InstantSource.system());
    long start = System.nanoTime();
    load(schemas, TYPICAL);
    System.out.println("start, cold, " + TYPICAL + ": " + millis(start) + " ms");
    System.out.println("heap of these: " + (used() - before) / 1024 + " KiB");
    start = System.nanoTime();
    load(schemas, all);
    System.out.println("all " + all.size() + " group versions: " + millis(start) + " ms");
    System.out.println("heap of all: " + (used() - before) / 1024 + " KiB");
    for (int round = 1; round <= 3; round++) {
      Schemas again = new Schemas(server, InstantSource.system());
      start = System.nanoTime();
      load(again, TYPICAL);
      System.out.println("start, warm: " + millis(start) + " ms");
    }
    check(schemas);
    server.close();
  }

  private static void load(Schemas schemas, Collection<String> apiVersions)
      throws InterruptedException {
    for (String apiVersion : apiVersions) {
      schemas.document(apiVersion);
    }
  }

  private static String deployment(int i) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web-%1$d, namespace: shop, labels: {app: web, tier: front}}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: web
            image: registry.example.org/shop/web:%1$d
            ports: [{name: http, containerPort: 8080}]
            env:
            - {name: A, value: "1"}
            - {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}
            resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
            livenessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 10}
            volumeMounts: [{name: data, mountPath: /data}]
          volumes: [{name: data, emptyDir: {}}]
    """
        .formatted(i);
  }

  private static void check(Schemas schemas) throws InterruptedException {
    List<Manifest> manifests = new ArrayList<>();
    ManifestReader reader = new ManifestReader(Limits.DEFAULT);
    for (int i = 0; i < MANIFESTS; i++) {
      manifests.addAll(
          reader.read("web-" + i + ".yaml", deployment(i).getBytes(UTF_8)).manifests());
    }
    for (int round = 1; round <= 8; round++) {
      long start = System.nanoTime();
      int findings = 0;
      for (Manifest manifest : manifests) {
        Optional<KindSchema> schema = schemas.find(manifest.gvk());
        findings += SchemaCheck.check(manifest.body(), schema.orElseThrow()).size();
      }
      System.out.println(
          "check of " + manifests.size() + " Deployments: " + millis(start) + " ms, " + findings);
    }
  }

  private static long millis(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static long used() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(100);
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
