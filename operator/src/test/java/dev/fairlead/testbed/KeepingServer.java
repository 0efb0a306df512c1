package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Git server (protocol v2 over https) without a ref, that asks to keep each connection for days.
 */
public final class KeepingServer implements AutoCloseable {
  private static final String LENGTH = "content-length:";

  private final TestCertificate certificate;
  private final ServerSocket listening;
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private volatile int missing;

  public KeepingServer(Path directory) throws IOException, GeneralSecurityException {
    certificate = TestCertificate.create(directory);
    listening = certificate.listen();
    Thread.ofVirtual().start(this::accept);
  }

  public String url() {
    return "https://127.0.0.1:" + listening.getLocalPort() + "/r.git";
  }

  public String caCertificate() {
    return certificate.pem();
  }

  /** So many bytes of each answer are said to come, and do not. */
  public void missing(int bytes) {
    missing = bytes;
  }

  /** Connections since the start. */
  public int accepted() {
    return accepted.get();
  }

  /** Connections now. */
  public int open() {
    return open.get();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        accepted.incrementAndGet();
        open.incrementAndGet();
        Thread.ofVirtual().start(() -> talk(socket));
      } catch (IOException e) {
        // It is closed.
      }
    }
  }

  private void talk(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (String request = line(in); !request.isEmpty(); request = line(in)) {
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          if (line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
            length = Integer.parseInt(line.substring(LENGTH.length()).strip());
          }
        }
        in.skipNBytes(length);
        answer(socket.getOutputStream(), request.startsWith("GET "));
      }
    } catch (IOException e) {
      // The client has gone.
    } finally {
      open.decrementAndGet();
    }
  }

  private void answer(OutputStream out, boolean advertises) throws IOException {
    String body =
        advertises
            ? EndlessServer.packet("# service=git-upload-pack\n")
                + "0000"
                + EndlessServer.packet("version 2\n")
                + EndlessServer.packet("ls-refs\n")
                + EndlessServer.packet("fetch=shallow\n")
                + "0000"
            : "0000";
    out.write(
        ("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=1000000\r\n"
                + "Content-Type: application/x-git-upload-pack-"
                + (advertises ? "advertisement" : "result")
                + "\r\nContent-Length: "
                + (body.length() + (advertises ? 0 : missing))
                + "\r\n\r\n"
                + body)
            .getBytes(ISO_8859_1));
    out.flush();
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
