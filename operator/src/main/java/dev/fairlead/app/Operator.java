package dev.fairlead.app;

import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.git.Mirrors;
import dev.fairlead.model.LogKeys;
import dev.fairlead.observe.Meters;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.reconcile.Daemon;
import dev.fairlead.web.ApiListener;
import dev.fairlead.web.HttpListener;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The daemon: everything wired by hand, started in one order and stopped in the other. */
final class Operator implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Operator.class);
  private static final Duration REQUEST_DEADLINE = Duration.ofSeconds(30);

  private final Meters meters;
  private final ApiServer api;
  private final Mirrors mirrors;
  private final Daemon daemon;
  private final HttpListener http;
  private final Optional<ApiListener> ui;

  private Operator(
      Meters meters,
      ApiServer api,
      Mirrors mirrors,
      Daemon daemon,
      HttpListener http,
      Optional<ApiListener> ui) {
    this.meters = meters;
    this.api = api;
    this.mirrors = mirrors;
    this.daemon = daemon;
    this.http = http;
    this.ui = ui;
  }

  /**
   * Starts; returns when the listener answers. The daemon then goes on by itself.
   *
   * @throws IOException the cache directory or the address cannot be had
   */
  static Operator start(Settings settings) throws IOException {
    Config config =
        settings.kubeconfig().map(Connection::fromFile).orElseGet(Connection::fromEnvironment);
    Meters meters = new Meters();
    Mirrors mirrors =
        new Mirrors(settings.cacheDir(), settings.git(), Clock.systemUTC(), meters.git());
    ApiServer api = ApiServer.connect(config, REQUEST_DEADLINE, meters.requests());
    Daemon daemon =
        new Daemon(
            api,
            mirrors,
            new Daemon.Options(
                settings.concurrency(),
                settings.apiConcurrency(),
                settings.git().parallelRequests(),
                settings.verifyRate(),
                settings.limits(),
                ResourceWatch.Timing.DEFAULT.withSilence(settings.watchSilence()),
                settings.finishPatience(),
                Guard.Own.in(settings.namespace()),
                !settings.noCrossNamespaceRefs(),
                new Tenancy(settings.namespace(), settings.defaultServiceAccount())),
            meters.syncs(),
            meters.queue(),
            instance(),
            Clock.systemUTC(),
            new Random());
    Optional<ApiListener> ui =
        settings.uiListen().isEmpty() ? Optional.empty() : serve(settings.uiListen().get(), daemon);
    HttpListener http =
        HttpListener.start(socket(settings.listen()), meters, daemon::alive, daemon::ready);
    LOG.atInfo()
        .addKeyValue("address", settings.listen().host() + ":" + http.port())
        .log("Listening");
    daemon.start();
    return new Operator(meters, api, mirrors, daemon, http, ui);
  }

  /** Nobody's deployments wait for a listener that only people look at. */
  private static Optional<ApiListener> serve(Settings.Address address, Daemon daemon)
      throws IOException {
    InetSocketAddress socket = socket(address);
    ApiListener ui;
    try {
      ui = ApiListener.start(socket, daemon.views());
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
      daemon.stop();
      mirrors.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.atWarn().setCause(e).log("The cache directory could not be given free");
    }
    api.close();
    ui.ifPresent(ApiListener::close);
    http.close();
    meters.close();
    LOG.atInfo().log("Stopped");
  }
}
