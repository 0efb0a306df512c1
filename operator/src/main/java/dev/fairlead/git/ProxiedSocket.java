package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is connected through a proxy: {@link #connect} reaches the proxy, and asks it for
 * the host by the name that it is given, within four fifths of the one time-out. What stands in the
 * way becomes a {@link Refusal}, and nothing is left open then.
 */
final class ProxiedSocket extends Socket {
  private final GitProxy proxy;
  private final @Nullable SSLSocketFactory tls;
  private final boolean tunnel;

  /** Whatever there is to read and write on: the connection to the proxy, or TLS on it. */
  private volatile Socket wire = new Socket(Proxy.NO_PROXY);

  /**
   * @param tls for a proxy behind it
   * @param tunnel whether the host is asked for; without one the proxy itself is spoken with
   */
  ProxiedSocket(GitProxy proxy, @Nullable SSLSocketFactory tls, boolean tunnel) {
    this.proxy = proxy;
    this.tls = tls;
    this.tunnel = tunnel;
  }

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    connect(endpoint, 0);
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    if (!(endpoint instanceof InetSocketAddress target)) {
      throw new SocketException("no address of a host");
    }
    // Ends before the one who waits gives up, so that it is known that the proxy was silent.
    var clock = new Countdown(timeout == 0 ? 0 : Math.max(1, (int) (timeout * 0.8)));
    try {
      wire.connect(new InetSocketAddress(proxy.host(), proxy.port()), clock.left());
      if (tls != null) {
        wire = secured(tls, clock);
      }
      if (tunnel) {
        ask(wire, target, clock);
      }
      wire.setSoTimeout(0);
    } catch (IOException e) {
      closeAfter(e);
      throw told(e);
    } catch (RuntimeException e) {
      closeAfter(e);
      throw e;
    }
  }

  private void ask(Socket wire, InetSocketAddress target, Countdown clock) throws IOException {
    ProxyHandshake.Answer in =
        () -> {
          wire.setSoTimeout(clock.left());
          return wire.getInputStream().read();
        };
    new ProxyHandshake(proxy, in, wire.getOutputStream(), target.getHostString(), target.getPort())
        .run();
  }

  /** What is left of a time-out, for each of several steps. */
  private record Countdown(int millis, long end) {
    Countdown(int millis) {
      this(millis, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** As a socket takes it: 0 is for ever. */
    int left() throws SocketTimeoutException {
      if (millis == 0) {
        return 0;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new SocketTimeoutException("no answer in time");
      }
      return (int) left;
    }
  }

  private SSLSocket secured(SSLSocketFactory factory, Countdown clock) throws IOException {
    var secured = (SSLSocket) factory.createSocket(wire, proxy.host(), proxy.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.setSoTimeout(clock.left());
    secured.startHandshake();
    return secured;
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** An interrupt stays what it is. */
  private IOException told(IOException e) {
    if (e instanceof Refusal
        || Thread.currentThread().isInterrupted()
        || (!(e instanceof SocketTimeoutException) && Failures.givenUp(e))) {
      return e;
    }
    return ProxyHandshake.unreachable(proxy, e);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return wire.getInputStream();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return wire.getOutputStream();
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }

  @Override
  public boolean isClosed() {
    return wire.isClosed();
  }

  @Override
  public boolean isConnected() {
    return wire.isConnected();
  }

  @Override
  public boolean isBound() {
    return wire.isBound();
  }

  @Override
  public void shutdownInput() throws IOException {
    wire.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    wire.shutdownOutput();
  }

  @Override
  public boolean isInputShutdown() {
    return wire.isInputShutdown();
  }

  @Override
  public boolean isOutputShutdown() {
    return wire.isOutputShutdown();
  }

  @Override
  public void setSoTimeout(int timeout) throws SocketException {
    wire.setSoTimeout(timeout);
  }

  @Override
  public int getSoTimeout() throws SocketException {
    return wire.getSoTimeout();
  }

  @Override
  public void setTcpNoDelay(boolean on) throws SocketException {
    wire.setTcpNoDelay(on);
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return wire.getTcpNoDelay();
  }

  @Override
  public void setKeepAlive(boolean on) throws SocketException {
    wire.setKeepAlive(on);
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return wire.getKeepAlive();
  }

  @Override
  public void setSoLinger(boolean on, int linger) throws SocketException {
    wire.setSoLinger(on, linger);
  }

  @Override
  public int getSoLinger() throws SocketException {
    return wire.getSoLinger();
  }

  @Override
  public @Nullable InetAddress getInetAddress() {
    return wire.getInetAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    return wire.getLocalAddress();
  }

  @Override
  public int getPort() {
    return wire.getPort();
  }

  @Override
  public int getLocalPort() {
    return wire.getLocalPort();
  }

  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    return wire.getRemoteSocketAddress();
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return wire.getLocalSocketAddress();
  }
}
