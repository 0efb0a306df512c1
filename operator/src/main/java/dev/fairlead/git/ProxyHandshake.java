package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.fairlead.model.Reason;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a proxy, over a connection to it, for one to a host. Nothing is read beyond the proxy's
 * answer, for what follows is the host's. What the proxy says is never shown but for its status.
 */
final class ProxyHandshake {
  /** What the head of an answer to CONNECT may take. */
  private static final int HEAD = 16 * 1024;

  /** The longest name that SOCKS5 can carry. */
  private static final int NAME = 255;

  private final GitProxy proxy;
  private final Answer in;
  private final OutputStream out;
  private final String host;
  private final int port;

  /** What the proxy says, byte by byte; -1 at its end. */
  interface Answer {
    int read() throws IOException;
  }

  /**
   * @param host a name, or an address without brackets
   */
  ProxyHandshake(GitProxy proxy, Answer in, OutputStream out, String host, int port) {
    this.proxy = proxy;
    this.in = in;
    this.out = out;
    this.host = host;
    this.port = port;
  }

  void run() throws IOException {
    switch (proxy.scheme()) {
      case HTTP, HTTPS -> connect();
      case SOCKS5 -> socks();
    }
  }

  private String target() {
    return GitProxy.authority(host, port);
  }

  private void connect() throws IOException {
    String login =
        proxy.login().map(l -> "Proxy-Authorization: " + l.authorization() + "\r\n").orElse("");
    send(
        ("CONNECT "
                + target()
                + " HTTP/1.1\r\nHost: "
                + target()
                + "\r\nUser-Agent: fairlead\r\n"
                + login
                + "\r\n")
            .getBytes(ISO_8859_1));
    List<String> head = head();
    String[] status = head.getFirst().split(" ", 3);
    if (status.length < 2 || !status[0].matches("HTTP/1\\.[01]") || !status[1].matches("\\d{3}")) {
      throw notSpoken("HTTP");
    }
    int code = Integer.parseInt(status[1]);
    if (code < 200 || code > 299) {
      throw refused(code, head);
    }
  }

  private List<String> head() throws IOException {
    var bytes = new ByteArrayOutputStream();
    int line = 0;
    while (true) {
      int b = next();
      bytes.write(b);
      if (b == '\n') {
        if (line == 0) {
          return bytes.toString(ISO_8859_1).lines().toList();
        }
        line = 0;
      } else if (b != '\r') {
        line++;
      }
      // Before there is a whole line: what is no HTTP may have no lines.
      if (bytes.size() == 5 && !bytes.toString(ISO_8859_1).equals("HTTP/")) {
        throw notSpoken("HTTP");
      }
      if (bytes.size() > HEAD) {
        throw failed("answers with a head of more than " + Text.size(HEAD), null);
      }
    }
  }

  private Refusal refused(int code, List<String> head) {
    return switch (code) {
      case 407 -> unauthorized(head);
      case 403, 405 ->
          failed(
              "does not let us connect to "
                  + target()
                  + " ("
                  + code
                  + "): allow CONNECT to this host and port in its rules; many proxies allow port"
                  + " 443 only",
              null);
      // Some, tinyproxy among them, say so as if they were a website.
      case 401 ->
          denied(
              proxy,
              proxy.login().isPresent()
                  ? "does not accept the credentials (401): check username and password in its"
                      + " Secret"
                  : "asks for credentials (401): put username and password into its Secret");
      case 500, 502, 503, 504 ->
          failed(
              "cannot reach "
                  + target()
                  + " ("
                  + code
                  + "): is this name known to the proxy, and the host open to it?",
              "cannot be reached by its proxy");
      default ->
          failed(
              "answers CONNECT to "
                  + target()
                  + " with the HTTP status "
                  + code
                  + ": check that address in its Secret is that of a proxy, and that it makes"
                  + " tunnels for this pod",
              null);
    };
  }

  private Refusal unauthorized(List<String> head) {
    return unauthorized(
        proxy,
        ways(
            head.stream()
                .filter(h -> h.toLowerCase(Locale.ROOT).startsWith("proxy-authenticate:"))
                .map(h -> h.substring(h.indexOf(':') + 1))));
  }

  /** The names of the schemes in values of Proxy-Authenticate. */
  static List<String> ways(Stream<String> values) {
    return values
        .map(value -> value.strip().split("[ ,]", 2)[0])
        .filter(way -> way.matches("[A-Za-z0-9-]{1,20}"))
        .toList();
  }

  /**
   * @param ways the names of the schemes that it offers
   */
  static Refusal unauthorized(GitProxy proxy, List<String> ways) {
    if (!ways.isEmpty() && ways.stream().noneMatch("Basic"::equalsIgnoreCase)) {
      return denied(
          proxy,
          "asks for credentials (407) by "
              + ways.stream().distinct().limit(5).collect(Collectors.joining(", "))
              + " only, and Fairlead gives them by Basic: allow that there");
    }
    return denied(
        proxy,
        proxy.login().isPresent()
            ? "does not accept the credentials (407): check username and password in its Secret"
            : "asks for credentials (407): put username and password into its Secret");
  }

  private void socks() throws IOException {
    boolean known = proxy.login().isPresent();
    send(known ? new byte[] {5, 2, 0, 2} : new byte[] {5, 1, 0});
    if (next() != 5) {
      throw notSpoken("SOCKS5");
    }
    int method = next();
    if (method == 0xff) {
      throw denied(
          proxy,
          known
              ? "takes credentials neither by username and password nor not at all: allow one of"
                  + " these there"
              : "asks for credentials: put username and password into its Secret");
    } else if (method == 2 && known) {
      logIn(proxy.login().get());
    } else if (method != 0) {
      throw notSpoken("SOCKS5");
    }
    request();
  }

  private void logIn(GitProxy.Login login) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(1);
    counted(bytes, GitProxy.bytes(login.username()));
    counted(bytes, GitProxy.bytes(login.password()));
    send(bytes.toByteArray());
    next();
    if (next() != 0) {
      throw denied(
          proxy, "does not accept the credentials: check username and password in its Secret");
    }
  }

  private void request() throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {5, 1, 0});
    if (host.contains(":") || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
      byte[] address = InetAddress.getByName(host).getAddress();
      bytes.write(address.length == 4 ? 1 : 4);
      bytes.writeBytes(address);
    } else {
      byte[] name = host.getBytes(ISO_8859_1);
      if (name.length > NAME) {
        throw failed("cannot be told a host's name of more than 255 bytes", null);
      }
      bytes.write(3);
      counted(bytes, name);
    }
    bytes.write(port >> 8);
    bytes.write(port);
    send(bytes.toByteArray());
    if (next() != 5) {
      throw notSpoken("SOCKS5");
    }
    int reply = next();
    if (reply != 0) {
      throw refused(reply);
    }
    next();
    skip(
        2
            + switch (next()) {
              case 1 -> 4;
              case 3 -> next();
              case 4 -> 16;
              default -> throw notSpoken("SOCKS5");
            });
  }

  private Refusal refused(int reply) {
    String unreachable = "cannot be reached by its proxy";
    return switch (reply) {
      case 2 ->
          failed(
              "does not let us connect to "
                  + target()
                  + " (SOCKS reply 2): allow this host and port in its rules",
              null);
      case 3 -> socksFailed(reply, "the network is not reachable from there", unreachable);
      case 4 ->
          socksFailed(reply, "is this name known to the proxy, and the host up?", unreachable);
      case 5 -> socksFailed(reply, "the host refuses the connection", unreachable);
      case 6 -> socksFailed(reply, "the host is too far away", unreachable);
      case 7 -> failed("does not make connections for its clients (SOCKS reply 7)", null);
      case 8 ->
          failed(
              "does not take the kind of address that "
                  + target()
                  + " is (SOCKS reply 8): use a name instead of an address, or a proxy that looks"
                  + " up names",
              null);
      default ->
          socksFailed(
              reply, "is this name known to the proxy, and the host open to it?", unreachable);
    };
  }

  private Refusal socksFailed(int reply, String why, String trouble) {
    return failed("cannot reach " + target() + " (SOCKS reply " + reply + "): " + why, trouble);
  }

  private static void counted(ByteArrayOutputStream out, byte[] bytes) {
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  private void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  private int next() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException("closed without an answer");
    }
    return b;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private Refusal notSpoken(String what) {
    return failed(
        "does not answer as one that speaks "
            + what
            + ": check scheme and port of address in its Secret",
        null);
  }

  private Refusal failed(String what, @Nullable String trouble) {
    return refusal(proxy, Reason.FETCH_FAILED, what, null, trouble);
  }

  private static Refusal denied(GitProxy proxy, String what) {
    return refusal(proxy, Reason.AUTHENTICATION_FAILED, what, null, null);
  }

  /** For whatever goes wrong before the proxy has said anything. */
  static Refusal unreachable(GitProxy proxy, IOException e) {
    String trouble = e instanceof SSLException ? null : "cannot be reached through its proxy";
    return refusal(proxy, Reason.FETCH_FAILED, unreachable(e), e, trouble);
  }

  private static String unreachable(IOException e) {
    return switch (e) {
      case UnknownHostException _ -> "is not known to DNS: check address in its Secret";
      case InterruptedIOException _ ->
          "does not answer in time: is it up and open to this pod, and does it speak what address"
              + " in its Secret begins with?";
      case EOFException _ ->
          "closes the connection without an answer: does it speak what address in its Secret"
              + " begins with?";
      case SSLException _ ->
          "cannot be trusted ("
              + said(e)
              + "): a private authority's certificate belongs into ca.crt of its Secret, and a"
              + " proxy without TLS has an address that begins with http://";
      default ->
          "cannot be connected to (" + said(e) + "): is it up and open to this pod, at that port?";
    };
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : Text.cut(e.getMessage(), 200);
  }

  /**
   * @param trouble of the host, for all who go this way; null if it is none
   */
  private static Refusal refusal(
      GitProxy proxy,
      Reason reason,
      String what,
      @Nullable Throwable cause,
      @Nullable String trouble) {
    return new Refusal(
        reason,
        "the proxy " + proxy.display() + " of " + GitProxy.FIELD + " " + what,
        cause,
        Optional.ofNullable(trouble));
  }
}
