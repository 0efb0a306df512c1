package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The way to any host through one proxy. Guarantees that what it opens is never a direct
 * connection, and that the proxy looks up the names of the hosts. Any thread may use it.
 */
final class ProxyRoute {
  private final GitProxy proxy;
  private final @Nullable SSLSocketFactory tls;

  private ProxyRoute(GitProxy proxy, @Nullable SSLSocketFactory tls) {
    this.proxy = proxy;
    this.tls = tls;
  }

  static ProxyRoute through(GitProxy proxy) throws GitException {
    if (proxy.scheme() != GitProxy.Scheme.HTTPS) {
      return new ProxyRoute(proxy, null);
    }
    try {
      var trust = new Credentials.Tls(proxy.authority(), Optional.empty());
      return new ProxyRoute(proxy, HttpConnections.factory(trust));
    } catch (GeneralSecurityException e) {
      throw new GitException(
          Reason.AUTHENTICATION_FAILED,
          "the certificates in the Secret of " + GitProxy.FIELD + " cannot be used");
    }
  }

  GitProxy proxy() {
    return proxy;
  }

  /** Not connected yet: what it is told to connect to is reached through the proxy. */
  Socket socket() {
    return new ProxiedSocket(proxy, tls, true);
  }

  /** The same for requests of plain http, which a proxy of HTTP reads itself, without a tunnel. */
  Socket forRequests() {
    return new ProxiedSocket(proxy, tls, !proxy.readsRequests());
  }

  /** TLS with the host itself, end to end, on such sockets. */
  SSLSocketFactory under(SSLSocketFactory end) {
    return new Tunnelled(end);
  }

  /** As the JDK's https connection uses it: an unconnected socket first, and TLS on it later. */
  private final class Tunnelled extends SSLSocketFactory {
    private final SSLSocketFactory end;

    Tunnelled(SSLSocketFactory end) {
      this.end = end;
    }

    @Override
    public Socket createSocket() {
      return socket();
    }

    @Override
    public Socket createSocket(Socket tunnel, String host, int port, boolean autoClose)
        throws IOException {
      return end.createSocket(tunnel, host, port, autoClose);
    }

    @Override
    public String[] getDefaultCipherSuites() {
      return end.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
      return end.getSupportedCipherSuites();
    }

    // The JDK tries this when TLS in the tunnel fails, and it would go past the proxy.
    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new SocketException("no connection but through the proxy");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return createSocket(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
        throws IOException {
      return createSocket(host.getHostAddress(), port);
    }
  }
}
