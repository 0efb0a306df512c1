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
import dev.fairlead.manifest.ManifestSet;
import dev.fairlead.manifest.Scope;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.testbed.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A control plane with definitions, and valid objects of many kinds. */
final class FuzzGround implements AutoCloseable {
  private static final String MANAGER = "fairlead/tests/schema";

  /** What the objects of other kinds need to be there. */
  private static final Set<String> BASIC =
      Set.of("CustomResourceDefinition", "Namespace", "PriorityClass", "RuntimeClass");

  private static final String NAMESPACE = "corpus";
  private static final Path RESOURCES = Path.of("src", "test", "resources");

  private final ControlPlane cluster;
  private final ApiServer server;
  private final Discovery discovery;
  final Schemas schemas;
  final List<Manifest> manifests;

  FuzzGround() throws ApiException, InterruptedException {
    cluster = ControlPlane.start();
    server =
        ApiServer.connect(
            Connection.fromFile(cluster.kubeconfig()),
            Duration.ofSeconds(20),
            RequestListener.NONE);
    discovery = new Discovery(server, InstantSource.system(), Duration.ofSeconds(1));
    schemas = new Schemas(server, InstantSource.system());
    List<Manifest> read = read();
    cluster.tryKubectl("", "create", "namespace", NAMESPACE);
    for (Manifest manifest : read) {
      if (BASIC.contains(manifest.gvk().kind())) {
        // By the manager of the dry runs, so that what they leave out is nobody else's.
        Resource resource = discovery.resolve(manifest.gvk()).orElseThrow();
        byte[] body = manifest.body().toJson().getBytes(UTF_8);
        server.apply(resource, manifest.key(), body, MANAGER, true, false);
      }
    }
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
    discovery.refresh();
    manifests =
        ManifestSet.assemble(
                read,
                Optional.of(NAMESPACE),
                kind ->
                    discovery
                        .preferred(kind)
                        .map(r -> r.namespaced() ? Scope.NAMESPACED : Scope.CLUSTER)
                        .orElse(Scope.UNKNOWN),
                Limits.DEFAULT)
            .manifests();
    for (Manifest manifest : manifests) {
      awaitSchema(manifest.gvk());
    }
  }

  /** Definitions are published some time after they are established. */
  private void awaitSchema(GroupVersionKind gvk) throws InterruptedException {
    for (int i = 0; i < 100 && schemas.find(gvk).isEmpty(); i++) {
      Thread.sleep(100);
      schemas.refresh();
    }
  }

  private static List<Manifest> read() {
    List<Manifest> manifests = new ArrayList<>();
    ManifestReader reader = new ManifestReader(Limits.DEFAULT);
    for (String directory : List.of("corpus", "schema")) {
      try (Stream<Path> files = Files.walk(RESOURCES.resolve(directory))) {
        for (Path file : files.filter(f -> ManifestReader.reads(f.toString())).sorted().toList()) {
          manifests.addAll(reader.read(file.toString(), Files.readAllBytes(file)).manifests());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return manifests;
  }

  /** Whether the server would take the object, and if not, why. */
  Optional<ApiError> dryRun(Manifest manifest, Json.Obj body) throws InterruptedException {
    try {
      Optional<Resource> resource = discovery.find(manifest.gvk());
      if (resource.isEmpty()) {
        return Optional.of(new ApiError.Rejected("not served", 404));
      }
      ObjectKey key =
          new ObjectKey(
              manifest.gvk().group(), manifest.gvk().kind(), manifest.namespace(), manifest.name());
      server.apply(resource.get(), key, body.toJson().getBytes(UTF_8), MANAGER, true, true);
      return Optional.empty();
    } catch (ApiException e) {
      return Optional.of(e.error());
    }
  }

  @Override
  public void close() {
    server.close();
    cluster.close();
  }
}
