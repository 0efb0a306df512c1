package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Expiry;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A proxy that all connections of a sync to Git go through, and who we are for it. Two equal ones
 * may share a mirror. {@code toString} shows the address and nothing of the credentials.
 *
 * @param host a name, or an address without brackets
 * @param authority PEM certificates that a proxy behind TLS is trusted by instead of the JVM's own
 */
public record GitProxy(
    Scheme scheme, String host, int port, Optional<Login> login, Optional<String> authority) {
  /** The field of the spec that names the Secret. */
  static final String FIELD = "spec.proxySecretRef";

  /** In SOCKS5 their length is one byte. */
  private static final int LONGEST = 255;

  /** What is spoken with the proxy. */
  public enum Scheme {
    /** HTTP: CONNECT for https and ssh, the whole url in a request for http. */
    HTTP("http", 80),
    /** The same behind TLS. */
    HTTPS("https", 443),
    /** SOCKS version 5, RFC 1928, with names left to the proxy. */
    SOCKS5("socks5", 1080);

    private final String text;
    private final int usual;

    Scheme(String text, int usual) {
      this.text = text;
      this.usual = usual;
    }
  }

  /** Who we are for the proxy. */
  public record Login(String username, String password) {
    public Login {
      requireNonNull(username);
      requireNonNull(password);
    }

    /** The value of the header Proxy-Authorization. */
    String authorization() {
      byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String toString() {
      return "Login";
    }
  }

  public GitProxy {
    requireNonNull(scheme);
    requireNonNull(host);
    requireNonNull(login);
    requireNonNull(authority);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("no port: " + port);
    }
  }

  /**
   * Reads the keys {@code address}, {@code username} with {@code password}, and {@code ca.crt}. A
   * line end after a value, as editors leave it, is not part of it.
   *
   * @throws GitException AUTHENTICATION_FAILED: which key is missing, contradictory or unusable
   */
  public static GitProxy fromSecret(Map<String, byte[]> secret) throws GitException {
    var text = new SecretText(secret, FIELD);
    String address =
        text.value("address")
            .orElseThrow(() ->
                text.unusable(
                    "has no address: add the proxy's, such as http://proxy.example.org:3128; it has "
                        + text.keys()));
    URI uri = uri(address, text);
    Scheme scheme = scheme(uri, text);
    int port = uri.getPort() == -1 ? scheme.usual : uri.getPort();
    if (port < 1 || port > 65_535) {
      throw text.unusable("has an address with a port that there is not");
    }
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return new GitProxy(
        scheme,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        port,
        login(text, scheme),
        authority(text, scheme));
  }

  private static URI uri(String address, SecretText text) throws GitException {
    if (address.contains("@")) {
      throw text.unusable(
          "has a user or a password in address: put them under username and password");
    }
    if (!address.contains("://")) {
      throw text.unusable(
          "has an address without scheme: it must begin with http://, https:// or socks5://, such"
              + " as http://proxy.example.org:3128");
    }
    URI uri;
    try {
      uri = new URI(address.strip());
    } catch (URISyntaxException e) {
      // Not as the cause: it quotes the address, which may hold a password.
      throw text.unusable("has an address that is not a valid url");
    }
    if (uri.getHost() == null) {
      throw text.unusable("has an address that names no host");
    }
    boolean more =
        !(uri.getRawPath() == null || uri.getRawPath().matches("/?"))
            || uri.getRawQuery() != null
            || uri.getRawFragment() != null;
    if (more) {
      throw text.unusable(
          "has an address with more than scheme, host and port, such as"
              + " http://proxy.example.org:3128");
    }
    return uri;
  }

  private static Scheme scheme(URI uri, SecretText text) throws GitException {
    String name = uri.getScheme().toLowerCase(Locale.ROOT);
    String known = name.equals("socks5h") ? "socks5" : name;
    return Arrays.stream(Scheme.values())
        .filter(s -> s.text.equals(known))
        .findFirst()
        .orElseThrow(() ->
            text.unusable(
                "has an address that begins with "
                    + Text.cut(name, 20)
                    + "://, which is not supported: it must begin with http://, https:// or"
                    + " socks5://"));
  }

  private static Optional<Login> login(SecretText text, Scheme scheme) throws GitException {
    Optional<String> username = text.value("username");
    Optional<String> password = text.value("password");
    if (username.isEmpty() && password.isEmpty()) {
      return Optional.empty();
    }
    if (username.isEmpty() || password.isEmpty()) {
      throw text.unusable(
          "has "
              + (username.isPresent() ? "username but no password" : "password but no username"));
    }
    if (scheme != Scheme.SOCKS5 && username.get().contains(":")) {
      throw text.unusable("has a colon in username, which HTTP does not allow");
    }
    if (scheme == Scheme.SOCKS5
        && (bytes(username.get()).length > LONGEST || bytes(password.get()).length > LONGEST)) {
      throw text.unusable(
          "has a username or password of more than 255 bytes, which SOCKS5 does not allow");
    }
    return Optional.of(new Login(username.get(), password.get()));
  }

  private static Optional<String> authority(SecretText text, Scheme scheme) throws GitException {
    Optional<String> pem = text.file("ca.crt");
    if (pem.isEmpty()) {
      return pem;
    }
    if (scheme != Scheme.HTTPS) {
      throw text.unusable(
          "has ca.crt, which is for a proxy whose address begins with https://: a Git server's"
              + " belongs into the Secret of spec.secretRef");
    }
    try {
      if (!ClientCertificate.certificates("ca.crt", pem.get()).isEmpty()) {
        return pem;
      }
    } catch (GitException e) {
      // It speaks of the other Secret.
      throw text.unusable("has a ca.crt that cannot be read as PEM certificates");
    }
    throw text.unusable("has no certificate in ca.crt");
  }

  /** Until when what is in its Secret is good, as far as that can be seen there. */
  public List<Expiry> expiries() throws GitException {
    return authority.isEmpty()
        ? List.of()
        : Validity.ofAuthorities(ClientCertificate.certificates("ca.crt", authority.get()));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether it reads requests for {@code http://} itself, and does not just pass bytes on. */
  boolean readsRequests() {
    return scheme != Scheme.SOCKS5;
  }

  /** For people. */
  String display() {
    return scheme.text + "://" + authority(host, port);
  }

  /** Host and port as they stand in a url. */
  static String authority(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return display();
  }
}
