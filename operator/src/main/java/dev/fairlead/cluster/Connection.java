package dev.fairlead.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;

/** Where the API server is and who we are to it. */
public final class Connection {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  private Connection() {}

  /**
   * What the environment says: {@code KUBECONFIG}, {@code ~/.kube/config}, or the pod's
   * ServiceAccount, in this order.
   */
  public static Config fromEnvironment() {
    return Config.autoConfigure(null);
  }

  /** One context of a kubeconfig file; without one, its current context. */
  public static Config fromFile(Path kubeconfig) {
    return Config.fromKubeconfig(kubeconfig.toFile());
  }

  /** A named context of a kubeconfig file. */
  public static Config fromFile(Path kubeconfig, String context) {
    return Config.fromKubeconfig(context, kubeconfig.toFile());
  }

  /** The same place, with what {@link Wire} needs. */
  static Config tune(Config config) {
    Config tuned =
        new ConfigBuilder(config)
            // Over HTTP/2 the JDK's client fails at 100 streams, and each watch is one.
            .withHttp2Disable(true)
            .withConnectionTimeout((int) CONNECT.toMillis())
            // Each request has a deadline of its own, and whoever sends it decides about a retry.
            .withRequestTimeout(0)
            .withRequestRetryBackoffLimit(0)
            .build();
    tuned.setUserAgent("fairlead/" + version());
    return tuned;
  }

  private static String version() {
    return Optional.ofNullable(Connection.class.getPackage().getImplementationVersion())
        .orElse("dev");
  }

  /** The JDK's HTTP client on virtual threads; fabric8's own has a pool of platform threads. */
  static final class VirtualThreads extends JdkHttpClientFactory {
    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
      return HttpClient.newBuilder().executor(Executors.newVirtualThreadPerTaskExecutor());
    }
  }
}
