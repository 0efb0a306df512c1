package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A proxy on a free port of the loopback address: HTTP, HTTP behind TLS, or SOCKS5. It alone knows
 * names that end with {@code .invalid}: they are this machine. It notes what it is asked for, wants
 * credentials where it is told to, and misbehaves on demand. Any thread may call it.
 */
public final class TestProxy implements AutoCloseable {
  /** Answers in the proxy's place; the connection is closed afterwards. */
  public interface Fault {
    void run(InputStream in, OutputStream out) throws IOException, InterruptedException;
  }

  private final String scheme;
  private final ServerSocket server;
  private final Optional<TestCertificate> certificate;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private volatile @Nullable String user;
  private volatile @Nullable String password;
  private volatile @Nullable Fault fault;

  private TestProxy(String scheme, ServerSocket server, Optional<TestCertificate> certificate) {
    this.scheme = scheme;
    this.server = server;
    this.certificate = certificate;
    threads.execute(this::accept);
  }

  public static TestProxy http() {
    return plain("http");
  }

  public static TestProxy socks() {
    return plain("socks5");
  }

  private static TestProxy plain(String scheme) {
    try {
      return new TestProxy(
          scheme, new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Behind TLS, by a certificate of its own. */
  public static TestProxy https(Path directory) {
    TestCertificate certificate = TestCertificate.create(directory);
    try {
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(certificate.keyStore(), TestCertificate.PASSWORD.toCharArray());
      var tls = SSLContext.getInstance("TLS");
      tls.init(keys.getKeyManagers(), null, null);
      return new TestProxy(
          "https",
          tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
          Optional.of(certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return server.getLocalPort();
  }

  /** As it is written into a Secret. */
  public String address() {
    return scheme + "://127.0.0.1:" + port();
  }

  /** PEM, of one behind TLS. */
  public String caCertificate() {
    return certificate.orElseThrow().pem();
  }

  /** From now on only this user is let through. */
  public void require(String name, String secret) {
    user = name;
    password = secret;
  }

  public void fault(@Nullable Fault misbehaviour) {
    fault = misbehaviour;
  }

  /**
   * Such as {@code CONNECT git.invalid:443}, {@code GET http://git.invalid/r} or {@code SOCKS
   * git.invalid:22}.
   */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  public void forget() {
    asked.clear();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        open.add(client);
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        // Closed, or a client that is gone already.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      OutputStream out = client.getOutputStream();
      Fault misbehaviour = fault;
      if (misbehaviour != null) {
        misbehaviour.run(in, out);
      } else if (scheme.equals("socks5")) {
        socks(client, new DataInputStream(in), out);
      } else {
        http(client, in, out);
      }
    } catch (IOException e) {
      // The client sees it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  /** The head of a request, with the empty line at its end. */
  public static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("no request");
      }
      head.write(b);
    }
    return head.toString(ISO_8859_1);
  }

  private void http(Socket client, InputStream in, OutputStream out) throws IOException {
    String head = head(in);
    String[] request = head.lines().findFirst().orElseThrow().split(" ", 3);
    asked.add(request[0] + " " + request[1]);
    if (user != null && !head.contains("\r\nProxy-Authorization: " + basic() + "\r\n")) {
      say(out, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"");
      return;
    }
    boolean tunnel = request[0].equals("CONNECT");
    URI target = URI.create(tunnel ? "tunnel://" + request[1] : request[1]);
    try (Socket host = reach(target.getHost(), target.getPort() == -1 ? 80 : target.getPort())) {
      if (tunnel) {
        out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(ISO_8859_1));
        out.flush();
      } else {
        String rest =
            head.lines()
                .skip(1)
                .filter(line -> !line.startsWith("Proxy-") && !line.startsWith("Connection:"))
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\r\n"));
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        host.getOutputStream()
            .write(
                (request[0]
                        + " "
                        + target.getRawPath()
                        + query
                        + " HTTP/1.1\r\n"
                        + rest
                        + "\r\nConnection: close\r\n\r\n")
                    .getBytes(ISO_8859_1));
      }
      relay(client, host);
    } catch (IOException e) {
      say(out, "502 Bad Gateway");
    }
  }

  private String basic() {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
  }

  private static void say(OutputStream out, String answer) throws IOException {
    out.write(("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n").getBytes(ISO_8859_1));
    out.flush();
  }

  private void socks(Socket client, DataInputStream in, OutputStream out) throws IOException {
    in.readByte();
    byte[] methods = in.readNBytes(in.readUnsignedByte());
    int wanted = user == null ? 0 : 2;
    boolean offered = new String(methods, ISO_8859_1).indexOf(wanted) >= 0;
    out.write(new byte[] {5, (byte) (offered ? wanted : 0xff)});
    if (!offered) {
      return;
    }
    if (user != null) {
      in.readByte();
      String name = new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
      String secret = new String(in.readNBytes(in.readUnsignedByte()), UTF_8);
      boolean right = name.equals(user) && secret.equals(password);
      out.write(new byte[] {1, (byte) (right ? 0 : 1)});
      if (!right) {
        return;
      }
    }
    in.readNBytes(3);
    String host =
        switch (in.readUnsignedByte()) {
          case 1 -> InetAddress.getByAddress(in.readNBytes(4)).getHostAddress();
          case 3 -> new String(in.readNBytes(in.readUnsignedByte()), ISO_8859_1);
          default -> InetAddress.getByAddress(in.readNBytes(16)).getHostAddress();
        };
    int port = in.readUnsignedShort();
    asked.add("SOCKS " + host + ":" + port);
    try (Socket there = reach(host, port)) {
      // A name as the bound address, whose length varies.
      out.write(new byte[] {5, 0, 0, 3, 2, 'm', 'e', 0, 80});
      relay(client, there);
    } catch (IOException e) {
      out.write(new byte[] {5, 5, 0, 1, 0, 0, 0, 0, 0, 0});
    }
  }

  private Socket reach(String host, int port) throws IOException {
    Socket there = new Socket(host.endsWith(".invalid") ? "127.0.0.1" : host, port);
    open.add(there);
    return there;
  }

  /** Until both sides are through. */
  private void relay(Socket one, Socket other) throws IOException {
    var back =
        threads.submit(() -> {
          try {
            other.getInputStream().transferTo(one.getOutputStream());
          } finally {
            one.close();
          }
          return true;
        });
    try {
      one.getInputStream().transferTo(other.getOutputStream());
      other.shutdownOutput();
      back.get();
    } catch (Exception e) {
      // One of them is gone, and the other goes with it.
      one.close();
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
