package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import dev.fairlead.git.SshConnections.Doorway;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.sshd.common.config.keys.PublicKeyEntry;

/**
 * The key that an ssh host shows of itself, which whoever asked for it has to compare with what the
 * host publishes: it proves nothing by itself. Immutable.
 */
public final class HostKey {
  static {
    JdkEd25519.install();
  }

  private final Doorway doorway;
  private final PublicKey key;

  private HostKey(Doorway doorway, PublicKey key) {
    this.doorway = requireNonNull(doorway);
    this.key = requireNonNull(key);
  }

  /**
   * Asks the host of a repository, which is told nothing but the user's name.
   *
   * @param url {@code ssh://git@host/path} or {@code git@host:path}
   * @param proxy what the connection goes through; none: it is direct
   * @param limit of each step
   * @throws GitException FETCH_FAILED: the url cannot be used, or no key was shown, and why
   */
  public static HostKey ask(String url, Optional<GitProxy> proxy, Duration limit)
      throws GitException {
    RemoteUrl remote = RemoteUrl.parse(url, false);
    Optional<ProxyRoute> route =
        proxy.isEmpty() ? Optional.empty() : Optional.of(ProxyRoute.through(proxy.get()));
    try {
      return new HostKey(
          Doorway.of(remote, KnownHosts.NONE, Optional.empty(), Optional.empty()),
          SshConnections.hostKey(remote, route, Math.toIntExact(limit.toMillis())));
    } catch (IOException e) {
      throw new Failures(remote, Credentials.NONE, proxy, InstantSource.system(), Path.of(""))
          .translate(e);
    }
  }

  /** The host, with its port where that is not the usual one. */
  public String host() {
    return doorway.shown();
  }

  /** As hosts publish it: {@code ssh-ed25519 SHA256:...}. */
  public String fingerprint() {
    return SshKeys.shown(key);
  }

  /** The line that {@code known_hosts} needs, with its line end. */
  public String knownHosts() {
    boolean usual = doorway.port() == RemoteUrl.SSH_PORT;
    String host = doorway.host().replaceAll("[\\[\\]]", "");
    return (usual ? host : "[" + host + "]:" + doorway.port())
        + " "
        + PublicKeyEntry.toString(key)
        + "\n";
  }

  /**
   * Whether these are the keys of the host, and this is one of them.
   *
   * @param knownHosts the text of a file of that name
   * @throws GitException AUTHENTICATION_FAILED: it cannot be read
   */
  public boolean isIn(String knownHosts) throws GitException {
    return KnownHosts.parse(knownHosts).judge(doorway.host(), doorway.port(), key)
        instanceof KnownHosts.Verdict.Trusted;
  }

  @Override
  public String toString() {
    return host() + " " + fingerprint();
  }
}
