package dev.fairlead.daemon;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/**
 * One of several daemons of an installation, behind a proxy of its own that notes what it writes
 * and can cut it off. Any thread may call.
 */
final class Replica implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** What it wrote, other than its lease. */
  record Write(String replica, String request) {}

  final String name;
  final ApiProxy proxy;
  final OperatorProcess process;
  private final List<Write> writes;
  private volatile boolean cutOff;
  private volatile CountDownLatch lease = new CountDownLatch(0);

  private Replica(
      String name,
      ControlPlane cluster,
      Path directory,
      List<Write> writes,
      String namespace,
      String... flags) {
    this.name = name;
    this.writes = writes;
    this.proxy = ApiProxy.start(cluster);
    proxy.hook(this::decide);
    List<String> all = new CopyOnWriteArrayList<>(flags);
    all.addAll(List.of("--namespace", namespace, "--leader-elect=true"));
    this.process =
        OperatorProcess.start(proxy.kubeconfig(), directory.resolve(name), "", List.copyOf(all));
  }

  /**
   * Starts one.
   *
   * @param writes where all replicas note theirs, in the order in which they came
   */
  static Replica start(
      String name, ControlPlane cluster, Path directory, List<Write> writes, String namespace) {
    return new Replica(name, cluster, directory, writes, namespace);
  }

  private ApiCourse decide(ApiRequest request) {
    if (cutOff) {
      return new ApiCourse.Drop();
    }
    if (request.path().contains("/leases")) {
      return new ApiCourse.Stall(lease);
    }
    if (request.isWrite()) {
      writes.add(new Write(name, request.toString()));
    }
    return ApiCourse.FORWARD;
  }

  /** Requests about the lease are forwarded when the latch opens. */
  void stallLease(CountDownLatch until) {
    lease = until;
  }

  /** From now on no request of it reaches the API server, or, again, all do. */
  void cutOff(boolean now) {
    cutOff = now;
  }

  boolean leads() {
    return process.metric("fairlead_leader", "") == 1;
  }

  /** How long it took until it led and was ready. */
  Duration awaitLeads() {
    long began = System.nanoTime();
    awaitReady("200 at work");
    return Duration.ofNanos(System.nanoTime() - began);
  }

  void awaitStandby() {
    awaitReady("200 standby");
  }

  void awaitReady(String answer) {
    SyncClient.await(
        PATIENCE,
        "/readyz of " + name + " says " + answer,
        () -> process.readyz().startsWith(answer),
        () -> process.readyz() + "\n" + process.log());
  }

  /** How often its log says this. */
  long says(String words) {
    return process.log().lines().filter(l -> l.contains(words)).count();
  }

  @Override
  public void close() {
    process.close();
    proxy.close();
  }
}
