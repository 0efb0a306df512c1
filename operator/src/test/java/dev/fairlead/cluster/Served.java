package dev.fairlead.cluster;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.testbed.ControlPlane;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** A real API server as the tests of this package speak to it. */
final class Served implements AutoCloseable {
  static final String MANAGER = "fairlead/tests/one";
  static final Duration DEADLINE = Duration.ofSeconds(20);

  final ApiServer server;
  final Discovery discovery;

  private Served(Path kubeconfig, RequestListener listener) {
    server = ApiServer.connect(Connection.fromFile(kubeconfig), DEADLINE, listener);
    discovery = new Discovery(server, InstantSource.system(), Duration.ofSeconds(1));
  }

  static Served by(ControlPlane cluster) {
    return new Served(cluster.kubeconfig(), RequestListener.NONE);
  }

  static Served by(Path kubeconfig, RequestListener listener) {
    return new Served(kubeconfig, listener);
  }

  /** The resource of {@code apiVersion} and kind, which is served. */
  Resource resource(String apiVersion, String kind) throws ApiException, InterruptedException {
    return discovery
        .resolve(GroupVersionKind.of(apiVersion, kind))
        .orElseThrow(() -> new AssertionError(apiVersion + " " + kind + " is not served"));
  }

  ApplyResult apply(Resource resource, String namespace, String name, String body)
      throws ApiException, InterruptedException {
    return apply(resource, namespace, name, body, MANAGER, false);
  }

  ApplyResult apply(
      Resource resource, String namespace, String name, String body, String manager, boolean force)
      throws ApiException, InterruptedException {
    return server.apply(
        resource,
        resource.key(namespace, name),
        bytes(resource, name, body),
        manager,
        force,
        false);
  }

  /** The object with its kind and name put before the given members. */
  static byte[] bytes(Resource resource, String name, String members) {
    String json =
        "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"%s"
            .formatted(
                resource.gvk().apiVersion(),
                resource.kind(),
                name,
                // More metadata begins with a comma, other members with a brace.
                members.startsWith(",") ? members : "}" + (members.isEmpty() ? "" : "," + members));
    return (json + "}").getBytes(StandardCharsets.UTF_8);
  }

  static ApiError refusal(ThrowingCallable action) {
    ApiException refused = Assertions.catchThrowableOfType(ApiException.class, action);
    if (refused == null) {
      throw new AssertionError("was not refused");
    }
    return refused.error();
  }

  static ObjectKey key(Resource resource, String namespace, String name) {
    return resource.key(namespace, name);
  }

  @Override
  public void close() {
    server.close();
  }
}
