package dev.fairlead.app;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.Election;
import dev.fairlead.cluster.Preconditions;
import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.git.Mirrors;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.Probe;
import dev.fairlead.observe.Meters;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Requirements;
import dev.fairlead.plan.Requirements.Finding;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.reconcile.Daemon;
import dev.fairlead.web.ApiListener;
import dev.fairlead.web.HookListener;
import dev.fairlead.web.HttpListener;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon: everything wired by hand, started in one order and stopped in the other. One thread
 * starts and closes it.
 */
final class Operator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Operator.class);
  private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(30);

  private final Settings settings;
  private final Meters meters;
  private final ApiServer api;
  private final Preconditions preconditions;
  private final LeaderDaemon daemon;
  private final StartUp startUp;
  private final HttpListener http;
  private final Optional<HttpListener> probes;
  private final Optional<ApiListener> ui;
  private final Optional<HookListener> hooks;

  /** Both are written by the thread that starts up, and read when it has ended. */
  private Optional<Mirrors> mirrors = Optional.empty();

  private Optional<Election> election = Optional.empty();

  private Operator(Settings settings) throws IOException {
    this.settings = settings;
    Config config =
        settings.kubeconfig().map(Connection::fromFile).orElseGet(Connection::fromEnvironment);
    this.meters = new Meters();
    this.api = ApiServer.connect(config, REQUEST_DEADLINE, meters.requests());
    this.preconditions = new Preconditions(api, Clock.systemUTC());
    this.startUp = new StartUp(this::missing, this::begin);
    this.daemon =
        new LeaderDaemon(
            api,
            server -> daemon(settings, server, mirrors.orElseThrow(), meters),
            () -> mirrors.orElseThrow().clear(),
            meters,
            () -> startUp.readiness(Probe.bad("starting")));
    this.ui =
        settings.uiListen().isEmpty() ? Optional.empty() : serve(settings.uiListen().get(), daemon);
    Supplier<Probe> ready = () -> startUp.readiness(daemon.readiness());
    try {
      this.http = HttpListener.start(socket(settings.listen()), meters, daemon::alive, ready);
    } catch (BindException e) {
      throw new IOException(
          "--listen: the address "
              + settings.listen()
              + " cannot be had ("
              + e.getMessage()
              + "); set it to another one",
          e);
    }
    this.probes =
        settings.probeListen().isEmpty()
            ? Optional.empty()
            : answer(settings.probeListen().get(), daemon::alive, ready);
    LOG.atInfo()
        .addKeyValue("address", settings.listen().host() + ":" + http.port())
        .log("Listening");
    this.hooks =
        settings.hookListen().isEmpty()
            ? Optional.empty()
            : listen(settings.hookListen().get(), daemon, meters);
  }

  /**
   * Starts; returns when the listener answers. The daemon then goes on by itself, as soon as all
   * that it needs is there.
   *
   * @throws IOException the address cannot be had
   */
  static Operator start(Settings settings) throws IOException {
    Operator operator = new Operator(settings);
    operator.startUp.start();
    return operator;
  }

  /** What is not as it should be. */
  private List<Finding> missing() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    if (mirrors.isEmpty()) {
      try {
        mirrors =
            Optional.of(
                new Mirrors(settings.cacheDir(), settings.git(), Clock.systemUTC(), meters.git()));
      } catch (IOException e) {
        findings.add(new Finding(true, String.valueOf(e.getMessage())));
      }
    }
    try {
      findings.addAll(
          Requirements.judge(
              preconditions.gather(
                  Requirements.rights(settings.namespace(), settings.leaderElect()), memory())));
    } catch (ApiException e) {
      findings.add(new Finding(true, "the API server cannot be asked: " + e.getMessage()));
    }
    return findings;
  }

  private void begin() {
    if (!settings.leaderElect()) {
      daemon.leadAlone();
      return;
    }
    // A container that is started again in its pod is another process than the one before.
    String me = "%s_%08x".formatted(instance(), new SecureRandom().nextInt());
    Election started =
        Election.start(
            api,
            settings.namespace(),
            me,
            hooks.map(h -> advertised(settings, h.port())).orElse(""),
            Election.Timing.DEFAULT,
            daemon,
            Clock.systemUTC());
    daemon.obey(started);
    election = Optional.of(started);
  }

  /** The JDK knows of the limits of a container. */
  private static Requirements.Memory memory() {
    long limit =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : Long.MAX_VALUE;
    return new Requirements.Memory(limit, Runtime.getRuntime().maxMemory());
  }

  private static Daemon daemon(
      Settings settings, ApiServer server, Mirrors mirrors, Meters meters) {
    return new Daemon(
        server,
        mirrors,
        new Daemon.Options(
            settings.concurrency(),
            settings.apiConcurrency(),
            settings.git().parallelRequests(),
            settings.gitHostConcurrency(),
            settings.verifyRate(),
            settings.limits(),
            ResourceWatch.Timing.DEFAULT.withSilence(settings.watchSilence()),
            settings.finishPatience(),
            Guard.Own.in(settings.namespace()),
            !settings.noCrossNamespaceRefs(),
            new Tenancy(
                settings.namespace(), settings.defaultServiceAccount(), settings.restricted())),
        meters.syncs(),
        meters.queue(),
        instance(),
        Clock.systemUTC(),
        new Random());
  }

  /** Nobody's deployments wait for a listener that only people look at. */
  private static Optional<ApiListener> serve(Settings.Address address, LeaderDaemon daemon)
      throws IOException {
    InetSocketAddress socket = socket(address);
    ApiListener ui;
    try {
      ui = ApiListener.start(socket, daemon, daemon);
    } catch (BindException e) {
      LOG.atWarn()
          .addKeyValue("address", address.host() + ":" + address.port())
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log("No JSON API: its address cannot be had; set --ui-listen to another one, or to off");
      return Optional.empty();
    }
    LOG.atInfo()
        .addKeyValue("address", address.host() + ":" + ui.port())
        .log("Serving the JSON API");
    if (!socket.getAddress().isLoopbackAddress()) {
      LOG.atWarn()
          .addKeyValue("address", address.host())
          .log("Whoever reaches this address can read what all GitSyncs hold, without a login");
    }
    return Optional.of(ui);
  }

  /** Without it the probes are still where the metrics are. */
  private static Optional<HttpListener> answer(
      Settings.Address address, Supplier<Probe> alive, Supplier<Probe> ready) throws IOException {
    try {
      HttpListener listener = HttpListener.start(socket(address), alive, ready);
      LOG.atInfo()
          .addKeyValue("address", address.host() + ":" + listener.port())
          .log("Listening for probes");
      return Optional.of(listener);
    } catch (BindException e) {
      LOG.atWarn()
          .addKeyValue("address", address.host() + ":" + address.port())
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log(
              "No port of the probes' own: its address cannot be had; set --probe-listen to"
                  + " another, or to off");
      return Optional.empty();
    }
  }

  /** Without hooks there is still the interval. */
  private static Optional<HookListener> listen(Settings.Address address, Hooks hooks, Meters meters)
      throws IOException {
    try {
      HookListener listener = HookListener.start(socket(address), hooks, meters.hooks());
      LOG.atInfo()
          .addKeyValue("address", address.host() + ":" + listener.port())
          .log("Listening for webhooks");
      return Optional.of(listener);
    } catch (BindException e) {
      LOG.atWarn()
          .addKeyValue("address", address.host() + ":" + address.port())
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log("No webhooks: their address cannot be had; set --hook-listen to another, or to off");
      return Optional.empty();
    }
  }

  /** Where other replicas reach the listener of this one; empty when nobody can say. */
  private static String advertised(Settings settings, int port) {
    if (settings.hookAdvertise().isPresent()) {
      return settings.hookAdvertise().get().toString();
    }
    try {
      InetAddress listens = socket(settings.hookListen().orElseThrow()).getAddress();
      InetAddress own = listens.isAnyLocalAddress() ? InetAddress.getLocalHost() : listens;
      String host = own.getHostAddress();
      return (own instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
    } catch (IOException e) {
      return "";
    }
  }

  private static InetSocketAddress socket(Settings.Address address) throws IOException {
    InetSocketAddress socket = new InetSocketAddress(address.host(), address.port());
    if (socket.isUnresolved()) {
      throw new IOException("there is no host " + address.host());
    }
    return socket;
  }

  /** The pod's name in a cluster. */
  private static String instance() {
    return Optional.ofNullable(System.getenv("HOSTNAME"))
        .filter(h -> !h.isBlank())
        .orElse("fairlead");
  }

  /** Stops within five seconds; a second call does nothing. */
  @Override
  public void close() {
    LOG.atInfo().log("Stopping");
    try {
      startUp.stop();
      if (election.isPresent()) {
        election.get().stop();
      }
      daemon.stop();
      if (election.isPresent()) {
        // Not before the last write: the next one begins at once.
        election.get().release();
      }
      if (mirrors.isPresent()) {
        mirrors.get().close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("The cache directory could not be given free");
    }
    api.close();
    ui.ifPresent(ApiListener::close);
    hooks.ifPresent(HookListener::close);
    probes.ifPresent(HttpListener::close);
    http.close();
    meters.close();
    LOG.atInfo().log("Stopped");
  }
}
