package dev.fairlead.app;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything that can be set on the daemon, with its defaults; docs/settings.md has a row for each.
 *
 * @param kubeconfig how to reach the API server; absent in a cluster
 * @param namespace the daemon's own namespace
 * @param listen where metrics and probes are served
 * @param cacheDir where the mirrors are kept; may vanish at any time
 * @param allowFileUrls whether a GitSync may name a file:// url
 * @param concurrency how many syncs are worked on at once
 * @param apiConcurrency how many requests of syncs are under way at the API server at once
 * @param gitConcurrency how many Git operations run at once
 * @param verifyRate how many objects a second are verified in the background
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
    Limits limits,
    Duration watchSilence) {
  public Settings {
    requireNonNull(kubeconfig);
    requireNonNull(namespace);
    requireNonNull(listen);
    requireNonNull(cacheDir);
    requireNonNull(limits);
    requireNonNull(watchSilence);
    if (concurrency < 1 || apiConcurrency < 1 || gitConcurrency < 1 || verifyRate < 1) {
      throw new IllegalArgumentException("concurrencies and rates are positive");
    }
  }

  /** A host and a port; port 0 takes a free one. */
  public record Address(String host, int port) {
    public static Address parse(String text) {
      int colon = text.lastIndexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("not HOST:PORT: " + text);
      }
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port < 0 || port > 65_535) {
        throw new IllegalArgumentException("not a port: " + port);
      }
      return new Address(text.substring(0, colon), port);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * @param maxFileBytes a larger manifest file is an error
   * @param maxFiles manifest files below a sync's path
   * @param maxObjects objects of a sync
   */
  public record Limits(int maxFileBytes, int maxFiles, int maxObjects) {
    public static final Limits DEFAULT = new Limits(3 * 1024 * 1024, 20_000, 20_000);
  }
}
