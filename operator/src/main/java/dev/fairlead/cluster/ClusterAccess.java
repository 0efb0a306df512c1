package dev.fairlead.cluster;

import dev.fairlead.cluster.Kubeconfig.Entry;
import dev.fairlead.model.Json;
import dev.fairlead.model.RequestListener;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One cluster, and as whom it is spoken to: what a context of a kubeconfig says, or a pod's
 * ServiceAccount. Immutable, but for the tokens that a credential plugin gives.
 */
public final class ClusterAccess {
  private static final Path POD_NAMESPACE =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");

  private final String context;
  private final Optional<String> namespace;
  private final Config config;

  private ClusterAccess(String context, Optional<String> namespace, Config config) {
    this.context = context;
    this.namespace = namespace;
    this.config = config;
  }

  /** Whether this process runs in a pod that may speak to its cluster. */
  public static boolean inPod(Map<String, String> environment) {
    return environment.containsKey("KUBERNETES_SERVICE_HOST")
        && Files.isReadable(POD_NAMESPACE.resolveSibling("token"));
  }

  /** The pod's own cluster, as its ServiceAccount. */
  public static ClusterAccess ofPod() {
    Optional<String> namespace;
    try {
      namespace = Optional.of(Files.readString(POD_NAMESPACE).strip()).filter(n -> !n.isEmpty());
    } catch (IOException e) {
      namespace = Optional.empty();
    }
    return new ClusterAccess("the pod's own", namespace, Connection.fromEnvironment());
  }

  /** What a context, its cluster and its user say. */
  static ClusterAccess of(
      String context,
      Optional<String> namespace,
      Entry cluster,
      Entry user,
      Map<String, String> environment,
      boolean interactive)
      throws KubeconfigException {
    ConfigBuilder config =
        new ConfigBuilder(Config.empty()).withMasterUrl(cluster.text("server").orElse(""));
    if (cluster.value().bool("insecure-skip-tls-verify").orElse(false)) {
      config.withTrustCerts(true).withDisableHostnameVerification(true);
    }
    cluster.text("certificate-authority-data").ifPresent(config::withCaCertData);
    cluster.path("certificate-authority").ifPresent(file -> config.withCaCertFile(file.toString()));
    cluster.text("tls-server-name").ifPresent(config::withTlsServerName);
    proxy(cluster, environment, config);
    credentials(context, cluster, user, environment, interactive, config);
    return new ClusterAccess(context, namespace, config.build());
  }

  private static void proxy(Entry cluster, Map<String, String> environment, ConfigBuilder config) {
    Optional<String> own = cluster.text("proxy-url");
    Optional<String> general =
        first(environment, "HTTPS_PROXY", "https_proxy").filter(p -> !p.isEmpty());
    own.or(() -> general).ifPresent(proxy -> config.withHttpsProxy(proxy).withHttpProxy(proxy));
    if (own.isEmpty()) {
      first(environment, "NO_PROXY", "no_proxy")
          .ifPresent(hosts -> config.withNoProxy(hosts.split(",", -1)));
    }
  }

  private static Optional<String> first(Map<String, String> environment, String... names) {
    for (String name : names) {
      String value = environment.get(name);
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  private static void credentials(
      String context,
      Entry cluster,
      Entry user,
      Map<String, String> environment,
      boolean interactive,
      ConfigBuilder config)
      throws KubeconfigException {
    user.text("client-certificate-data").ifPresent(config::withClientCertData);
    user.path("client-certificate").ifPresent(f -> config.withClientCertFile(f.toString()));
    user.text("client-key-data").ifPresent(config::withClientKeyData);
    user.path("client-key").ifPresent(f -> config.withClientKeyFile(f.toString()));
    user.text("username").ifPresent(config::withUsername);
    user.text("password").ifPresent(config::withPassword);
    user.text("as").ifPresent(config::withImpersonateUsername);
    List<String> groups = new ArrayList<>();
    for (Json group : user.value().items("as-groups")) {
      if (group instanceof Json.Str name) {
        groups.add(name.value());
      }
    }
    if (!groups.isEmpty()) {
      config.withImpersonateGroups(groups.toArray(String[]::new));
    }
    Optional<Path> tokenFile = user.path("tokenFile");
    if (tokenFile.isPresent()) {
      if (!Files.isReadable(tokenFile.get())) {
        throw new KubeconfigException(
            "the token file %s of context %s cannot be read".formatted(tokenFile.get(), context));
      }
      config.withOauthTokenProvider(() -> read(tokenFile.get()));
    } else {
      user.text("token").ifPresent(config::withOauthToken);
    }
    if (user.value().object("auth-provider").isPresent()) {
      throw new KubeconfigException(
          "the user of context "
              + context
              + " has an auth-provider, which kubectl does not know any more either: use a"
              + " credential plugin (exec)");
    }
    Optional<Json.Obj> exec = user.value().object("exec");
    if (exec.isPresent()) {
      CredentialPlugin plugin =
          new CredentialPlugin(
              context,
              exec.get(),
              user.directory(),
              cluster,
              environment,
              interactive,
              InstantSource.system());
      CredentialPlugin.Credential first = plugin.run();
      first.certificate().ifPresent(pem -> config.withClientCertData(base64(pem)));
      first.key().ifPresent(pem -> config.withClientKeyData(base64(pem)));
      if (first.token().isPresent()) {
        config.withOauthTokenProvider(plugin::token);
      }
    }
  }

  private static String base64(String pem) {
    return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      // The server then says that it does not accept it.
      return "";
    }
  }

  /** The context's name. */
  public String context() {
    return context;
  }

  /** The namespace that the context names; empty when it names none. */
  public Optional<String> namespace() {
    return namespace;
  }

  /** The API server's url. */
  public String server() {
    String url = config.getMasterUrl();
    return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /**
   * Makes ready to speak to the cluster, without a request yet.
   *
   * @param deadline of every request but lists and watches, with its answer
   */
  public ApiServer connect(Duration deadline) {
    return ApiServer.connect(config, deadline, RequestListener.NONE);
  }
}
