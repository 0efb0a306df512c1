package dev.fairlead.daemon;

import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A control plane, a daemon, and the proxy between them. Any thread may call. */
final class FaultGround implements FaultSite.Ground, AutoCloseable {
  private final ControlPlane cluster;
  private final Path directory;
  private final List<String> flags;
  private final ApiClient api;
  private final ApiProxy proxy;
  private final Map<String, ApiProxy.Hook> hooks = new ConcurrentHashMap<>();
  private volatile OperatorProcess daemon;

  FaultGround(ControlPlane cluster, Path directory, List<String> flags) {
    this.cluster = cluster;
    this.directory = directory;
    this.flags = List.copyOf(flags);
    this.api = ApiClient.of(cluster);
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
    this.proxy = ApiProxy.start(cluster);
    proxy.hook(this::course);
    this.daemon = start();
  }

  private OperatorProcess start(String... further) {
    OperatorProcess started =
        OperatorProcess.start(
            proxy.kubeconfig(),
            directory,
            Stream.concat(flags.stream(), Stream.of(further)).toArray(String[]::new));
    SyncClient.await(
        Duration.ofSeconds(20), "the daemon at work", () -> isReady(started), started::log);
    return started;
  }

  private static boolean isReady(OperatorProcess daemon) {
    try {
      return daemon.get("/readyz").contains("at work");
    } catch (AssertionError e) {
      return false;
    }
  }

  private ApiCourse course(ApiRequest request) {
    for (ApiProxy.Hook hook : hooks.values()) {
      ApiCourse course = hook.on(request);
      if (!course.equals(ApiCourse.FORWARD)) {
        return course;
      }
    }
    return ApiCourse.FORWARD;
  }

  String createNamespace() {
    return cluster.createTrustedNamespace("fault");
  }

  @Override
  public ApiClient api() {
    return api;
  }

  @Override
  public void hook(String namespace, ApiProxy.Hook hook) {
    hooks.put(namespace, hook);
  }

  @Override
  public void stopApiServer() {
    cluster.stopApiServer();
  }

  @Override
  public void killApiServer() {
    cluster.killApiServer();
  }

  @Override
  public void startApiServer() {
    cluster.startApiServer();
  }

  @Override
  public void restartDaemon(String... further) {
    daemon.stop();
    daemon = start(further);
  }

  @Override
  public OperatorProcess daemon() {
    return daemon;
  }

  @Override
  public void close() {
    daemon.close();
    proxy.close();
  }
}
