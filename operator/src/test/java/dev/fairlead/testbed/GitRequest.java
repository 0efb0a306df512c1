package dev.fairlead.testbed;

import java.util.Optional;

/**
 * One request that a {@link GitServer} got.
 *
 * @param path decoded, such as {@code /demo.git/info/refs}
 * @param query as it came, such as {@code service=git-upload-pack}; empty where there was none
 * @param authorization the header with the credentials
 * @param protocol the header Git-Protocol, such as {@code version=2}
 */
public record GitRequest(
    String method,
    String path,
    String query,
    Optional<String> authorization,
    Optional<String> protocol) {

  /**
   * Whether a client asks for the refs of a repository or for what the server can do: the first
   * request of any look.
   */
  public boolean isLook() {
    return path.endsWith("/info/refs");
  }

  /** Whether a client fetches, or lists refs by protocol version 2. */
  public boolean isUploadPack() {
    return path.endsWith("/git-upload-pack");
  }
}
