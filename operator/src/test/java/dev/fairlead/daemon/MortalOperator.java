package dev.fairlead.daemon;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A daemon behind a proxy that counts its writes and ends it by SIGKILL at one of them.
 *
 * <p>Guarantees: of the writes before that one all have reached the API server when {@link
 * #restart} begins, of those after it none ever does. The daemon sees the GitSyncs of one namespace
 * alone, so that several can work on one cluster. Any thread may call; the monitor guards the
 * state.
 */
final class MortalOperator implements AutoCloseable {

  /** When the daemon dies: with its write under way, or with the answer under way. */
  enum Moment {
    BEFORE_FORWARDING,
    BEFORE_THE_ANSWER
  }

  private static final String GITSYNCS = "/apis/fairlead.dev/v1alpha1/gitsyncs";
  private static final Duration DRAINED = Duration.ofSeconds(20);

  private final ControlPlane cluster;
  private final Path directory;
  private final String namespace;
  private final List<ApiRequest> writes = new ArrayList<>();
  private volatile ApiProxy proxy;
  private volatile OperatorProcess process;
  private Predicate<List<ApiRequest>> fatal = seen -> false;
  private Moment moment = Moment.BEFORE_FORWARDING;
  private @Nullable ApiRequest killedAt;
  private int underWay;
  private long lastWrite = System.nanoTime();

  private MortalOperator(ControlPlane cluster, Path directory, String namespace) {
    this.cluster = cluster;
    this.directory = directory;
    this.namespace = namespace;
    this.proxy = proxy();
    this.process = process();
  }

  static MortalOperator start(ControlPlane cluster, Path directory, String namespace) {
    return new MortalOperator(cluster, directory, namespace);
  }

  private OperatorProcess process() {
    return OperatorProcess.start(proxy.kubeconfig(), directory);
  }

  private ApiProxy proxy() {
    ApiProxy fresh = ApiProxy.start(cluster);
    fresh.hook(this::decide);
    return fresh;
  }

  /** Forgets the writes until now, and dies at the first after which this holds for the others. */
  synchronized void dieAt(Predicate<List<ApiRequest>> write, Moment when) {
    writes.clear();
    fatal = write;
    moment = when;
  }

  /** Forgets the writes until now and is not killed. */
  void live() {
    dieAt(seen -> false, Moment.BEFORE_FORWARDING);
  }

  /** The writes since {@link #dieAt}, in the order of their arrival, the fatal one among them. */
  synchronized List<ApiRequest> writes() {
    return List.copyOf(writes);
  }

  /** The write at which the daemon was killed, while it is dead. */
  synchronized Optional<ApiRequest> killedAt() {
    return process.isAlive() ? Optional.empty() : Optional.ofNullable(killedAt);
  }

  /** How long it has not written anything. */
  synchronized Duration quiet() {
    return Duration.ofNanos(System.nanoTime() - lastWrite);
  }

  String log() {
    return process.log();
  }

  private ApiCourse decide(ApiRequest request) {
    if (request.path().equals(GITSYNCS)) {
      return new ApiCourse.Forward(
          GITSYNCS.replace("gitsyncs", "namespaces/" + namespace + "/gitsyncs?" + request.query()),
          () -> {});
    }
    if (!request.isWrite()) {
      return ApiCourse.FORWARD;
    }
    synchronized (this) {
      if (killedAt != null) {
        return new ApiCourse.Drop();
      }
      lastWrite = System.nanoTime();
      writes.add(request);
      if (!fatal.test(writes)) {
        underWay++;
        return new ApiCourse.Forward("", this::answered);
      }
      killedAt = request;
    }
    if (moment == Moment.BEFORE_THE_ANSWER) {
      return new ApiCourse.Forward("", process::kill);
    }
    process.kill();
    return new ApiCourse.Drop();
  }

  private synchronized void answered() {
    underWay--;
  }

  private synchronized boolean drained() {
    return underWay == 0;
  }

  /** Waits until what the dead daemon had sent before the fatal write is done. */
  void awaitDrained() {
    SyncClient.await(DRAINED, "the writes before the fatal one", this::drained, () -> "some left");
  }

  /** Starts a daemon, that nobody kills, in the place of the dead one. */
  void restart() {
    awaitDrained();
    proxy.close();
    synchronized (this) {
      killedAt = null;
      live();
      lastWrite = System.nanoTime();
    }
    proxy = proxy();
    process = process();
  }

  /** Ends the daemon in good order. */
  void stop() {
    process.stop();
  }

  @Override
  public void close() {
    process.close();
    proxy.close();
  }
}
