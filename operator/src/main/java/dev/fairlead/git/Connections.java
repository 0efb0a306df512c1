package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.jgit.transport.Transport;

/**
 * How one remote is reached: whatever of a conversation depends on the url's scheme and on the
 * credentials. Any thread may use it.
 */
interface Connections {
  /** Makes a transport of JGit's, before its first use, connect this way. */
  Conversation use(Transport transport);

  /** What a transport has opened; ends all of it, once the transport is closed. */
  interface Conversation extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Whether what the server has refused was ours to renew, and now is another: it is worth another
   * try then, but not for ever.
   */
  default boolean renewed(Throwable failure) {
    return false;
  }

  /**
   * @throws GitException AUTHENTICATION_FAILED: these credentials or this proxy are none for such a
   *     url, or something in them cannot be used
   */
  static Connections to(
      RemoteUrl url,
      Credentials credentials,
      Optional<GitProxy> proxy,
      InstallationTokens tokens,
      InstantSource clock)
      throws GitException {
    if (proxy.isPresent() && url.isFile()) {
      throw new GitException(
          Reason.FETCH_FAILED,
          "spec.url is a file:// url, which no proxy can reach: take spec.proxySecretRef out");
    }
    Optional<ProxyRoute> route =
        proxy.isPresent() ? Optional.of(ProxyRoute.through(proxy.get())) : Optional.empty();
    if (url.isSsh()) {
      return SshConnections.to(url, credentials, route);
    }
    if (credentials instanceof Credentials.Ssh) {
      throw Credentials.unusable(
          "has known_hosts, which are for ssh, and spec.url is no ssh address: write"
              + " ssh://git@host/path or git@host:path there, or take identity and known_hosts out");
    }
    if (url.isFile()) {
      return _ -> () -> {};
    }
    if (credentials.tls().certificate().isPresent() && url.uri().getScheme().equals("http")) {
      throw Credentials.unusable(
          "has tls.crt, which is for https, and spec.url begins with http://: write https:// there,"
              + " or take tls.crt and tls.key out");
    }
    try {
      return new HttpConnections(url, credentials, route, tokens, clock);
    } catch (GeneralSecurityException e) {
      throw new GitException(
          Reason.AUTHENTICATION_FAILED,
          "the certificates in the Secret of spec.secretRef cannot be used");
    }
  }
}
