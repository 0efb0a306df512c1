package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One request for a plain http url, over a connection of its own. A proxy of HTTP reads the request
 * itself, and gets the credentials that are meant for it; behind SOCKS5, or without a proxy, it is
 * the host that does. Follows no redirect, keeps nothing, and asks nobody but that proxy or host.
 * Of an answer that is closed before its end, nothing more is read.
 *
 * <p>The JDK's own reads all that has come by then, as much as the kernel holds of it, and takes a
 * time for it that grows with the square of the number of chunks. It can neither have its sockets
 * replaced, nor TLS with the proxy, nor credentials for SOCKS that are not those of the whole
 * process. Like that one it is for one thread.
 */
final class PlainHttp extends HttpURLConnection {
  /** What the head of an answer may take, those of interim answers before it counted. */
  private static final int HEAD = 64 * 1024;

  private static final int HTTP_PORT = 80;

  private final Optional<ProxyRoute> route;
  private final Socket socket;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** The lines of the answer's head, the one with the status first; empty before there is one. */
  private final List<Line> head = new ArrayList<>();

  private @Nullable InputStream answer;
  private @Nullable IOException failure;

  /**
   * @param name null for the line with the status
   */
  private record Line(@Nullable String name, String value) {}

  PlainHttp(URL url, Optional<ProxyRoute> route) {
    super(url);
    this.route = route;
    this.socket = route.map(ProxyRoute::forRequests).orElseGet(() -> new Socket(Proxy.NO_PROXY));
  }

  @Override
  public boolean usingProxy() {
    return route.isPresent();
  }

  @Override
  public void connect() throws IOException {
    if (connected) {
      return;
    }
    socket.connect(destination(), getConnectTimeout());
    socket.setSoTimeout(getReadTimeout());
  }

  /** A proxy looks the host's name up itself. */
  private InetSocketAddress destination() {
    String host = url.getHost();
    if (host.startsWith("[")) {
      host = host.substring(1, host.length() - 1);
    }
    int port = url.getPort() == -1 ? HTTP_PORT : url.getPort();
    return route.isPresent()
        ? InetSocketAddress.createUnresolved(host, port)
        : new InetSocketAddress(host, port);
  }

  /** Sent as one piece, when the answer is asked for. */
  @Override
  public OutputStream getOutputStream() {
    return body;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream in = exchange();
    if (status() >= HTTP_BAD_REQUEST) {
      throw new IOException("HTTP status " + status());
    }
    return in;
  }

  @Override
  public @Nullable InputStream getErrorStream() {
    return answer != null && status() >= HTTP_BAD_REQUEST ? answer : null;
  }

  private InputStream exchange() throws IOException {
    if (failure != null) {
      throw failure;
    }
    InputStream known = answer;
    if (known != null) {
      return known;
    }
    try {
      byte[] request = request();
      connect();
      connected = true;
      OutputStream out = socket.getOutputStream();
      out.write(request);
      out.write(body.toByteArray());
      out.flush();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      int left = HEAD;
      do {
        left = readHead(in, left);
      } while (status() < HTTP_OK);
      answer = new Closing(content(in));
      return answer;
    } catch (IOException e) {
      failure = e;
      // Half a head is no answer.
      head.clear();
      disconnect();
      throw e;
    }
  }

  private byte[] request() {
    Optional<GitProxy> reader = route.map(ProxyRoute::proxy).filter(GitProxy::readsRequests);
    var text = new StringBuilder();
    text.append(method)
        .append(' ')
        .append(reader.isPresent() ? url.toString() : url.getFile())
        .append(" HTTP/1.1\r\n");
    line(text, "Host", url.getAuthority());
    line(text, "Connection", "close");
    getRequestProperties().forEach((name, values) -> values.forEach(v -> line(text, name, v)));
    reader
        .flatMap(GitProxy::login)
        .ifPresent(l -> line(text, "Proxy-Authorization", l.authorization()));
    if (doOutput) {
      line(text, "Content-Length", String.valueOf(body.size()));
    }
    return text.append("\r\n").toString().getBytes(ISO_8859_1);
  }

  private static void line(StringBuilder text, String name, String value) {
    if (value.chars().anyMatch(c -> c == '\r' || c == '\n')) {
      // Without the value, which may be a password.
      throw new IllegalArgumentException("a line end in the header " + name);
    }
    text.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * @param most bytes that it may have
   * @return how many of them are left for the next one
   */
  private int readHead(InputStream in, int most) throws IOException {
    head.clear();
    int left = most;
    while (true) {
      String line = line(in, left);
      left -= line.length() + 1;
      if (head.isEmpty()) {
        if (!line.matches("HTTP/1\\.[01] [1-9][0-9]{2}( .*)?")) {
          throw new SocketException("Invalid Http response");
        }
        head.add(new Line(null, line));
      } else if (line.isEmpty()) {
        return left;
      } else {
        int colon = line.indexOf(':');
        if (colon > 0) {
          head.add(new Line(line.substring(0, colon).strip(), line.substring(colon + 1).strip()));
        }
      }
    }
  }

  /**
   * A line without its end.
   *
   * @param most bytes that it may have
   */
  static String line(InputStream in, int most) throws IOException {
    var bytes = new ByteArrayOutputStream();
    int count = 0;
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new SocketException("Unexpected end of file from server");
      }
      if (count++ >= most) {
        throw new SocketException("the head of its answer has more than " + Text.size(HEAD));
      }
      if (b != '\r') {
        bytes.write(b);
      }
    }
    return bytes.toString(ISO_8859_1);
  }

  private int status() {
    return Integer.parseInt(head.getFirst().value().substring(9, 12));
  }

  private InputStream content(InputStream in) throws IOException {
    String coding = getHeaderField("Transfer-Encoding");
    if (coding != null) {
      if (!coding.equalsIgnoreCase("chunked")) {
        throw new SocketException("its answer is encoded in a way that nobody asked for");
      }
      return new HttpBody.Chunked(in);
    }
    if (status() == HTTP_NO_CONTENT || status() == HTTP_NOT_MODIFIED) {
      return InputStream.nullInputStream();
    }
    String length = getHeaderField("Content-Length");
    if (length == null) {
      return in;
    }
    if (!length.matches("[0-9]{1,18}")) {
      throw new SocketException("Invalid Http response");
    }
    return new HttpBody.Counted(in, Long.parseLong(length));
  }

  /** Ends the connection with the answer. */
  private final class Closing extends FilterInputStream {
    Closing(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      return ended(super.read());
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
      return ended(super.read(into, from, count));
    }

    private int ended(int read) {
      if (read < 0) {
        disconnect();
      }
      return read;
    }

    @Override
    public void close() {
      disconnect();
    }
  }

  @Override
  public void disconnect() {
    try {
      socket.close();
    } catch (IOException e) {
      // Nobody waits for anything on it.
    }
  }

  /** As the JDK has it: without an answer there is none, and whoever reads learns why. */
  private List<Line> answered() {
    try {
      var _ = exchange();
    } catch (IOException e) {
      return List.copyOf(head);
    }
    return head;
  }

  @Override
  public @Nullable String getHeaderField(int n) {
    List<Line> lines = answered();
    return n < lines.size() ? lines.get(n).value() : null;
  }

  @Override
  public @Nullable String getHeaderFieldKey(int n) {
    List<Line> lines = answered();
    return n < lines.size() ? lines.get(n).name() : null;
  }

  @Override
  public @Nullable String getHeaderField(String name) {
    List<Line> lines = head.isEmpty() ? answered() : head;
    return lines.stream()
        .filter(line -> name.equalsIgnoreCase(line.name()))
        .map(Line::value)
        .reduce((_, last) -> last)
        .orElse(null);
  }

  @Override
  public Map<String, List<String>> getHeaderFields() {
    Map<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (Line line : answered()) {
      if (line.name() != null) {
        all.computeIfAbsent(line.name(), _ -> new ArrayList<>()).add(line.value());
      }
    }
    return all;
  }
}
