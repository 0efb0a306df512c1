package dev.fairlead.app;

import static java.util.Objects.requireNonNull;

import dev.fairlead.git.GitLimits;
import dev.fairlead.manifest.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything that can be set on the daemon; docs/settings.md has a row for each.
 *
 * @param kubeconfig how to reach the API server; absent: what the environment says
 * @param namespace the daemon's own namespace
 * @param leaderElect whether it works only while it has the lease
 * @param defaultServiceAccount the account that syncs without one impersonate, in their namespace
 * @param noCrossNamespaceRefs whether a sync may depend on those of its own namespace only
 * @param restricted whether every sync has to have an account, since the daemon writes no objects
 *     in its own name
 * @param listen where metrics and probes are served
 * @param probeListen where the probes are served alone; absent: nowhere
 * @param uiListen where the JSON API is served; absent: nowhere
 * @param hookListen where webhooks are listened for; absent: nowhere
 * @param hookAdvertise where other replicas reach that; absent: at the address of this host
 * @param cacheDir where the mirrors are kept; may vanish at any time
 * @param concurrency how many syncs are worked on at once
 * @param apiConcurrency how many applies are under way at the API server at once
 * @param gitHostConcurrency how many conversations with one Git server run at once
 * @param verifyRate how many objects a second are verified after a start
 * @param watchSilence how long a watch may say nothing before it is opened anew
 * @param finishPatience how long the objects of a deleted GitSync may take to go before they are
 *     released
 * @param limits bounds on what the manifests of a sync may hold
 * @param git bounds on what a repository, or the server behind it, may cost
 */
public record Settings(
    Optional<Path> kubeconfig,
    String namespace,
    boolean leaderElect,
    Optional<String> defaultServiceAccount,
    boolean noCrossNamespaceRefs,
    boolean restricted,
    Address listen,
    Optional<Address> probeListen,
    Optional<Address> uiListen,
    Optional<Address> hookListen,
    Optional<Address> hookAdvertise,
    Path cacheDir,
    int concurrency,
    int apiConcurrency,
    int gitHostConcurrency,
    int verifyRate,
    Duration watchSilence,
    Duration finishPatience,
    Limits limits,
    GitLimits git) {
  public Settings {
    requireNonNull(kubeconfig);
    requireNonNull(namespace);
    requireNonNull(defaultServiceAccount);
    requireNonNull(listen);
    if (!defaultServiceAccount.orElse("default").matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?")) {
      throw new IllegalArgumentException(
          "not the name of a ServiceAccount: " + defaultServiceAccount.get());
    }
    requireNonNull(probeListen);
    requireNonNull(uiListen);
    requireNonNull(hookListen);
    requireNonNull(hookAdvertise);
    requireNonNull(cacheDir);
    requireNonNull(limits);
    requireNonNull(git);
    if (concurrency < 1 || apiConcurrency < 1 || gitHostConcurrency < 1 || verifyRate < 1) {
      throw new IllegalArgumentException("concurrencies and rates are positive");
    }
    if (watchSilence.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a watch must be allowed a second of silence at least");
    }
    if (finishPatience.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("objects must be allowed a second to go at least");
    }
  }

  /** A host and a port; port 0 takes a free one. */
  public record Address(String host, int port) {
    public Address {
      requireNonNull(host);
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("not a port: " + port);
      }
    }

    /** Reads {@code HOST:PORT}; an {@link IllegalArgumentException} says what is wrong. */
    public static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      try {
        if (colon > 0) {
          return new Address(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("not HOST:PORT: " + text, e);
      }
      throw new IllegalArgumentException("not HOST:PORT: " + text);
    }

    /** The same, or {@code off}. */
    public static Optional<Address> parseOrOff(String text) {
      return text.isBlank() || text.equals("off") ? Optional.empty() : Optional.of(parse(text));
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }
}
