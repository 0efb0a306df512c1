package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPInputStream;

/**
 * A Git server (protocol v2 over http) that begins to answer like any other, and at one point says
 * the same thing again and again, as fast as it is read, until the connection is closed.
 */
public final class EndlessServer implements AutoCloseable {
  private static final String COMMIT = "1234567890123456789012345678901234567890";

  private final ServerSocket listening;
  private final Optional<TestCertificate> certificate;
  private final Map<String, Talk> talks = new ConcurrentHashMap<>();

  /** When it begins not to end. */
  public enum Point {
    /** In place of any answer. */
    HEAD,
    /** In place of the refs. */
    REFS,
    /** In place of what precedes a pack. */
    FETCH
  }

  /**
   * @param first is said once, then
   * @param again for ever
   */
  private record Talk(Point point, String headers, ByteBuffer first, ByteBuffer again) {}

  public EndlessServer() throws IOException {
    this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), Optional.empty());
  }

  private EndlessServer(ServerSocket listening, Optional<TestCertificate> certificate) {
    this.listening = listening;
    this.certificate = certificate;
    Thread.ofVirtual().start(this::accept);
  }

  public static EndlessServer withTls(Path directory) throws IOException, GeneralSecurityException {
    TestCertificate certificate = TestCertificate.create(directory);
    return new EndlessServer(certificate.listen(), Optional.of(certificate));
  }

  public String caCertificate() {
    return certificate.map(TestCertificate::pem).orElse("");
  }

  /** Its url. */
  public String serve(String name, Point point, String first, String again) {
    return serve(name, point, "", first.getBytes(US_ASCII), again.getBytes(US_ASCII));
  }

  /**
   * @param headers lines of the answer that does not end
   */
  public String serve(String name, Point point, String headers, byte[] first, byte[] again) {
    talks.put(
        name,
        new Talk(point, headers, ByteBuffer.wrap(first.clone()), ByteBuffer.wrap(again.clone())));
    return (certificate.isPresent() ? "https" : "http")
        + "://127.0.0.1:"
        + listening.getLocalPort()
        + "/"
        + name;
  }

  /** A line as Git frames it. */
  public static String packet(String line) {
    return "%04x%s".formatted(line.length() + 4, line);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        Thread.ofVirtual().start(() -> talk(socket));
      } catch (IOException e) {
        // It is closed.
      }
    }
  }

  private void talk(Socket socket) {
    try (socket) {
      answer(socket);
    } catch (IOException e) {
      // Whoever listened has gone.
    }
  }

  private void answer(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = socket.getOutputStream();
    String request = line(in);
    int length = 0;
    boolean zipped = false;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(lower.substring("content-length:".length()).strip());
      }
      zipped |= lower.equals("content-encoding: gzip");
    }
    InputStream sent = new ByteArrayInputStream(in.readNBytes(length));
    String body = new String((zipped ? new GZIPInputStream(sent) : sent).readAllBytes(), US_ASCII);
    String path = request.split(" ", 3)[1];
    Talk talk = talks.get(path.split("/", 3)[1]);
    if (talk == null) {
      out.write("HTTP/1.1 404 No\r\n\r\n".getBytes(US_ASCII));
    } else if (path.contains("/info/refs")) {
      advertise(out, talk);
    } else if (talk.point() == Point.REFS || !body.contains("command=ls-refs")) {
      head(out, "result", talk.headers());
      endless(out, talk);
    } else {
      head(out, "result", "");
      out.write(
          (packet(COMMIT + " HEAD symref-target:refs/heads/main\n")
                  + packet(COMMIT + " refs/heads/main\n")
                  + "0000")
              .getBytes(US_ASCII));
    }
    out.flush();
  }

  private static void advertise(OutputStream out, Talk talk) throws IOException {
    switch (talk.point()) {
      case HEAD -> endless(out, talk);
      case REFS, FETCH -> {
        head(out, "advertisement", "");
        out.write(
            (packet("# service=git-upload-pack\n")
                    + "0000"
                    + packet("version 2\n")
                    + packet("ls-refs\n")
                    + packet("fetch=shallow\n")
                    + "0000")
                .getBytes(US_ASCII));
      }
    }
  }

  private static void head(OutputStream out, String what, String headers) throws IOException {
    out.write(
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n"
                + headers
                + "Content-Type: application/x-git-upload-pack-"
                + what
                + "\r\n\r\n")
            .getBytes(US_ASCII));
  }

  private static void endless(OutputStream out, Talk talk) throws IOException {
    out.write(talk.first().array());
    byte[] again = talk.again().array();
    int times = Math.max(1, 64 * 1024 / again.length);
    byte[] many = new byte[times * again.length];
    for (int i = 0; i < times; i++) {
      System.arraycopy(again, 0, many, i * again.length, again.length);
    }
    while (true) {
      out.write(many);
    }
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
