package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Optional;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.RemoteSession;
import org.eclipse.jgit.transport.SshSessionFactory;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * Opens ssh conversations with one remote. Guarantees that nothing is sent to a host but its own
 * name for us before it has shown a key that {@code known_hosts} of the Secret has; that only what
 * the Secret holds is offered to it; and that nothing is read from, or written to, the disk. Any
 * thread may use it.
 */
final class SshConnections extends SshSessionFactory implements Connections {
  private final RemoteUrl remote;
  private final Doorway doorway;
  private final Optional<ProxyRoute> route;

  /**
   * Whom to expect and how to get in.
   *
   * @param key set for a login by key
   * @param password set for a login by password
   */
  record Doorway(
      String host,
      int port,
      String user,
      KnownHosts knownHosts,
      Optional<KeyPair> key,
      Optional<String> password) {
    static Doorway of(
        RemoteUrl url, KnownHosts known, Optional<KeyPair> key, Optional<String> password) {
      int port = url.uri().getPort() == -1 ? RemoteUrl.SSH_PORT : url.uri().getPort();
      return new Doorway(url.uri().getHost(), port, url.uri().getUserInfo(), known, key, password);
    }

    @Override
    public String toString() {
      return user + "@" + host + ":" + port;
    }

    /** For messages. */
    String shown() {
      return port == RemoteUrl.SSH_PORT ? host : host + ":" + port;
    }
  }

  private SshConnections(RemoteUrl remote, Doorway doorway, Optional<ProxyRoute> route) {
    this.remote = remote;
    this.doorway = doorway;
    this.route = route;
  }

  static SshConnections to(RemoteUrl url, Credentials credentials, Optional<ProxyRoute> route)
      throws GitException {
    if (!(credentials instanceof Credentials.Ssh ssh)) {
      throw credentials instanceof Credentials.None
          ? new GitException(
              Reason.AUTHENTICATION_FAILED,
              "spec.url is an ssh address: name a Secret with identity (a private key) and"
                  + " known_hosts in spec.secretRef")
          : Credentials.unusable(
              "has no known_hosts, and spec.url is an ssh address: put identity (a private key) and"
                  + " known_hosts there");
    }
    String user = url.uri().getUserInfo();
    KnownHosts known = KnownHosts.parse(ssh.knownHosts());
    return new SshConnections(
        url,
        switch (ssh.login()) {
          case Credentials.Identity identity ->
              Doorway.of(url, known, Optional.of(SshKeys.read(identity)), Optional.empty());
          case Credentials.Password(String username, String password) -> {
            if (!username.equals(user)) {
              throw Credentials.unusable(
                  "has another username than the user in spec.url, "
                      + user
                      + ": make them the same");
            }
            yield Doorway.of(url, known, Optional.empty(), Optional.of(password));
          }
        },
        route);
  }

  /**
   * Asks a host which key it has, and goes away again: it is told nothing but the name of a user.
   *
   * @param url of a repository there
   * @throws IOException no key was shown
   */
  static PublicKey hostKey(RemoteUrl url, Optional<ProxyRoute> route, int millis)
      throws IOException {
    Doorway door = Doorway.of(url, KnownHosts.NONE, Optional.empty(), Optional.empty());
    SshLogin login = new SshLogin(door);
    try {
      login.enter(connect(door, route, millis), millis).disconnect();
      throw new IllegalStateException("a host that is not known was trusted");
    } catch (IOException e) {
      Optional<PublicKey> shown = login.hostKey();
      if (shown.isEmpty()) {
        throw e;
      }
      return shown.get();
    }
  }

  @Override
  public Conversation use(Transport transport) {
    ((SshTransport) transport).setSshSessionFactory(this);
    // Its session ends with the transport.
    return () -> {};
  }

  @Override
  public String getType() {
    return "fairlead";
  }

  @Override
  public RemoteSession getSession(
      URIish uri, @Nullable CredentialsProvider provider, FS fs, int millis)
      throws TransportException {
    try {
      return new SshLogin(doorway).enter(connect(doorway, route, millis), millis);
    } catch (TransportException e) {
      throw e;
    } catch (IOException e) {
      throw new TransportException(remote + ": " + e.getMessage(), e);
    }
  }

  /** The one place where a socket for ssh is opened. */
  private static Socket connect(Doorway doorway, Optional<ProxyRoute> route, int millis)
      throws IOException {
    String host = plain(doorway.host());
    Socket socket = route.map(ProxyRoute::socket).orElseGet(Socket::new);
    try {
      socket.setTcpNoDelay(true);
      socket.setKeepAlive(true);
      socket.connect(
          route.isPresent()
              ? InetSocketAddress.createUnresolved(host, doorway.port())
              : new InetSocketAddress(host, doorway.port()),
          millis);
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** Without the brackets that a url has around an IPv6 address. */
  private static String plain(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
