package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

/**
 * What the url of a repository says, for whoever tells people about it.
 *
 * @param ssh whether it is reached by ssh
 * @param host without a port
 * @param usualPort whether it names no port, or the one that its scheme has anyway
 * @param path without a slash before it, and without {@code .git}
 */
public record RepositoryAddress(boolean ssh, String host, boolean usualPort, String path) {
  public RepositoryAddress {
    requireNonNull(host);
    requireNonNull(path);
  }

  /**
   * @throws GitException FETCH_FAILED: why this url cannot be used
   */
  public static RepositoryAddress parse(String url) throws GitException {
    RemoteUrl remote = RemoteUrl.parse(url, false);
    String path = remote.uri().getPath().replaceFirst("^/+", "").replaceFirst("[.]git$", "");
    return new RepositoryAddress(
        remote.isSsh(), remote.uri().getHost(), remote.uri().getPort() == -1, path);
  }
}
