package dev.fairlead.app;

import static java.util.Objects.requireNonNull;

import dev.fairlead.manifest.Limits;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything that can be set on the daemon; docs/settings.md has a row for each.
 *
 * @param kubeconfig how to reach the API server; absent: what the environment says
 * @param namespace the daemon's own namespace
 * @param listen where metrics and probes are served
 * @param cacheDir where the mirrors are kept; may vanish at any time
 * @param allowFileUrls whether a GitSync may name a file:// url
 * @param concurrency how many syncs are worked on at once
 * @param apiConcurrency how many applies are under way at the API server at once
 * @param gitConcurrency how many conversations with Git servers run at once
 * @param verifyRate how many objects a second are verified after a start
 * @param limits bounds on what a repository may hold
 */
public record Settings(
    Optional<Path> kubeconfig,
    String namespace,
    Address listen,
    Path cacheDir,
    boolean allowFileUrls,
    int concurrency,
    int apiConcurrency,
    int gitConcurrency,
    int verifyRate,
    Limits limits) {
  public Settings {
    requireNonNull(kubeconfig);
    requireNonNull(namespace);
    requireNonNull(listen);
    requireNonNull(cacheDir);
    requireNonNull(limits);
    if (concurrency < 1 || apiConcurrency < 1 || gitConcurrency < 1 || verifyRate < 1) {
      throw new IllegalArgumentException("concurrencies and rates are positive");
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

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }
}
