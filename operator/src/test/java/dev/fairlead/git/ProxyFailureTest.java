package dev.fairlead.git;

import static dev.fairlead.git.ProxyTest.failure;
import static dev.fairlead.git.ProxyTest.proxy;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.TestProxy;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said when it is the proxy that stands in the way. */
final class ProxyFailureTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String URL = "https://git.invalid/r.git";
  private static final String[] LOGIN = {"username", "robot", "password", "swordfish"};

  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws Exception {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
  }

  @AfterEach
  void stop() throws Exception {
    git.close();
  }

  private Mirror mirror(String url, GitProxy proxy) throws GitException {
    return git.mirrors.acquire(new Remote(url, Credentials.NONE, Optional.of(proxy)));
  }

  /** A proxy's answer to CONNECT, and what is made of it. */
  record Row(
      String name, String answer, boolean login, Reason reason, String message, boolean ill) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> answers() {
    Reason failed = Reason.FETCH_FAILED;
    Reason denied = Reason.AUTHENTICATION_FAILED;
    String silent = "does not answer as one that speaks HTTP: check scheme and port";
    return Stream.of(
        new Row(
            "credentials wanted",
            "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
            false,
            denied,
            "asks for credentials (407): put username and password into its Secret",
            false),
        new Row(
            "credentials refused",
            "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: basic\r\n\r\n",
            true,
            denied,
            "does not accept the credentials (407): check username and password in its Secret",
            false),
        new Row(
            "credentials by another way",
            "HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n",
            true,
            denied,
            "asks for credentials (407) by Negotiate, NTLM only, and Fairlead gives them by Basic",
            false),
        new Row(
            "forbidden",
            "HTTP/1.1 403 Filtered\r\nX: robot:swordfish\r\n\r\n",
            true,
            failed,
            "does not let us connect to git.invalid:443 (403): allow CONNECT to this host and port",
            false),
        new Row(
            "credentials wanted as of a website",
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n",
            false,
            denied,
            "asks for credentials (401): put username and password into its Secret",
            false),
        new Row(
            "credentials refused as of a website",
            "HTTP/1.1 401 Unauthorized\r\n\r\n",
            true,
            denied,
            "does not accept the credentials (401): check username and password in its Secret",
            false),
        new Row(
            "a failure of its own",
            "HTTP/1.0 500 Unable to connect\r\n\r\n",
            false,
            failed,
            "cannot reach git.invalid:443 (500): is this name known to the proxy",
            true),
        new Row(
            "bad gateway",
            "HTTP/1.0 502 Bad\r\n\r\n",
            false,
            failed,
            "cannot reach git.invalid:443 (502): is this name known to the proxy",
            true),
        new Row(
            "gateway time-out",
            "HTTP/1.1 504 Late\n\n",
            false,
            failed,
            "cannot reach git.invalid:443 (504)",
            true),
        new Row(
            "another status",
            "HTTP/1.1 418 Teapot\r\n\r\n",
            false,
            failed,
            "answers CONNECT to git.invalid:443 with the HTTP status 418: check that address in its"
                + " Secret is that of a proxy",
            false),
        new Row("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", false, failed, silent, false),
        new Row("no status", "HTTP/1.1 swordfish\r\n\r\n", true, failed, silent, false),
        new Row(
            "a head without end",
            "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(4000),
            false,
            failed,
            "answers with a head of more than 16 KiB",
            false),
        new Row(
            "nothing",
            "",
            false,
            failed,
            "closes the connection without an answer: does it speak what address",
            true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void an_answer_to_connect_says_what_to_do(Row row) throws Exception {
    try (TestProxy proxy = TestProxy.http()) {
      proxy.fault((in, out) -> {
        TestProxy.head(in);
        out.write(row.answer().getBytes(ISO_8859_1));
        out.flush();
      });

      GitException e =
          failure(mirror(URL, row.login() ? proxy(proxy, LOGIN) : proxy(proxy)), TIMEOUT);

      assertThat(e)
          .hasMessageStartingWith("the proxy " + proxy.address() + " of spec.proxySecretRef ")
          .hasMessageContaining(row.message());
      assertThat(e.reason()).isEqualTo(row.reason());
      assertThat(e.hostTrouble().isPresent()).isEqualTo(row.ill());
    }
  }

  /** The proxy's bytes after the greeting. */
  static Stream<Row> replies() {
    Reason failed = Reason.FETCH_FAILED;
    Reason denied = Reason.AUTHENTICATION_FAILED;
    String target = "git.invalid:443 (SOCKS reply ";
    return Stream.of(
        new Row(
            "credentials wanted",
            "\5\u00ff",
            false,
            denied,
            "asks for credentials: put username and password into its Secret",
            false),
        new Row(
            "none of ours",
            "\5\u00ff",
            true,
            denied,
            "takes credentials neither by username and password nor not at all",
            false),
        new Row(
            "credentials refused",
            "\5\2\1\1",
            true,
            denied,
            "does not accept the credentials: check username and password in its Secret",
            false),
        new Row(
            "general failure", "\5\0\5\1", false, failed, "cannot reach " + target + "1)", true),
        new Row(
            "not allowed",
            "\5\0\5\2",
            false,
            failed,
            "does not let us connect to " + target + "2): allow this host and port in its rules",
            false),
        new Row("no network", "\5\0\5\3", false, failed, target + "3): the network is not", true),
        new Row("no host", "\5\0\5\4", false, failed, target + "4): is this name known", true),
        new Row("no port", "\5\0\5\5", false, failed, target + "5): the host refuses", true),
        new Row("too far", "\5\0\5\6", false, failed, target + "6): the host is too far", true),
        new Row("no CONNECT", "\5\0\5\7", false, failed, "(SOCKS reply 7)", false),
        new Row("no names", "\5\0\5\10", false, failed, "the kind of address that git.inv", false),
        new Row("another version", "\4\132", false, failed, "as one that speaks SOCKS5", false),
        new Row("a method not offered", "\5\2", false, failed, "as one that speaks SOCKS5", false),
        new Row("half an answer", "\5\0\5\0\0\3\11", false, failed, "closes the connection", true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("replies")
  void a_reply_of_socks_says_what_to_do(Row row) throws Exception {
    try (TestProxy proxy = TestProxy.socks()) {
      proxy.fault((in, out) -> {
        assertThat(in.read()).isEqualTo(5);
        out.write(row.answer().getBytes(ISO_8859_1));
        out.flush();
        // Until the client has read all of it, for a close with something unread would reset it.
        if (!row.name().equals("half an answer")) {
          in.transferTo(OutputStream.nullOutputStream());
        } else {
          in.readNBytes(2 + 7 + "git.invalid".length());
        }
      });

      GitException e =
          failure(mirror(URL, row.login() ? proxy(proxy, LOGIN) : proxy(proxy)), TIMEOUT);

      assertThat(e)
          .hasMessageStartingWith("the proxy " + proxy.address() + " of spec.proxySecretRef ")
          .hasMessageContaining(row.message());
      assertThat(e.reason()).isEqualTo(row.reason());
      assertThat(e.hostTrouble().isPresent()).isEqualTo(row.ill());
    }
  }

  @Test
  void a_proxy_that_is_down_is_told_for_https_and_http_alike() throws Exception {
    GitProxy down;
    try (TestProxy proxy = TestProxy.http()) {
      down = proxy(proxy);
    }
    for (String url : new String[] {URL, "http://git.invalid/r.git"}) {
      GitException e = failure(mirror(url, down), TIMEOUT);

      assertThat(e)
          .hasMessageStartingWith(
              "the proxy " + down + " of spec.proxySecretRef cannot be connected to (Connection")
          .hasMessageContaining("is it up and open to this pod");
      assertThat(e.hostTrouble()).contains("cannot be reached through its proxy");
    }
  }

  @Test
  void a_proxy_behind_tls_must_be_one_that_is_trusted() throws Exception {
    try (TestProxy proxy = TestProxy.https(directory);
        TestProxy plain = TestProxy.http()) {
      Map<String, byte[]> untold = Map.of("address", proxy.address().getBytes(UTF_8));
      Map<String, byte[]> wrong =
          Map.of("address", plain.address().replace("http", "https").getBytes(UTF_8));

      assertThat(failure(mirror(URL, GitProxy.fromSecret(untold)), TIMEOUT))
          .hasMessageContaining("cannot be trusted (")
          .hasMessageContaining("belongs into ca.crt of its Secret");
      plain.fault((in, out) -> {
        assertThat(in.read()).isPositive();
        out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(ISO_8859_1));
        out.flush();
        in.transferTo(OutputStream.nullOutputStream());
      });
      assertThat(failure(mirror(URL, GitProxy.fromSecret(wrong)), TIMEOUT))
          .hasMessageStartingWith("the proxy https://127.0.0.1:" + plain.port())
          .hasMessageContaining("a proxy without TLS has an address that begins with http://");
      assertThat(proxy.asked()).isEmpty();
    }
  }

  static Stream<Row> forwarded() {
    return Stream.of(
        new Row(
            "credentials wanted",
            "407 No\r\nProxy-Authenticate: Basic realm=\"x\"",
            false,
            Reason.AUTHENTICATION_FAILED,
            "of spec.proxySecretRef asks for credentials (407): put username and password",
            false),
        new Row(
            "credentials refused",
            "407 No\r\nProxy-Authenticate: Basic realm=\"x\"",
            true,
            Reason.AUTHENTICATION_FAILED,
            "of spec.proxySecretRef does not accept the credentials (407): check username",
            false),
        new Row(
            "forbidden",
            "403 Filtered",
            true,
            Reason.AUTHENTICATION_FAILED,
            "before it, forbids reading (403): allow this host in the proxy's rules",
            false),
        new Row(
            "credentials wanted as of a website",
            "401 Unauthorized",
            false,
            Reason.AUTHENTICATION_FAILED,
            "git.invalid, or the proxy http://127.0.0.1:PORT before it, asks for credentials (401):"
                + " check username and password in the Secrets of spec.secretRef and"
                + " spec.proxySecretRef",
            false),
        new Row(
            "credentials refused as of a website",
            "401 Unauthorized",
            true,
            Reason.AUTHENTICATION_FAILED,
            "before it, does not accept the credentials (401): check username and password",
            false),
        new Row(
            "a failure of its own",
            "500 Unable to connect",
            false,
            Reason.FETCH_FAILED,
            "git.invalid or the proxy http://127.0.0.1:PORT before it has a problem (500)",
            true),
        new Row(
            "bad gateway",
            "502 Bad Gateway",
            false,
            Reason.FETCH_FAILED,
            "git.invalid or the proxy http://127.0.0.1:PORT before it has a problem (502)",
            true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forwarded")
  void an_answer_to_a_request_for_http_may_be_the_proxys(Row row) throws Exception {
    try (TestProxy proxy = TestProxy.http()) {
      proxy.fault((in, out) -> {
        TestProxy.head(in);
        out.write(
            ("HTTP/1.1 " + row.answer() + "\r\nContent-Length: 0\r\n\r\n").getBytes(ISO_8859_1));
        out.flush();
      });

      GitException e =
          failure(
              mirror("http://git.invalid/r.git", row.login() ? proxy(proxy, LOGIN) : proxy(proxy)),
              TIMEOUT);

      assertThat(e)
          .hasMessageContaining(row.message().replace("PORT", String.valueOf(proxy.port())));
      assertThat(e.reason()).isEqualTo(row.reason());
      assertThat(e.hostTrouble().isPresent()).isEqualTo(row.ill());
    }
  }

  static Stream<Map.Entry<String, String>> secrets() {
    return Stream.of(
        Map.entry("", "has no address: add the proxy's, such as http://proxy.example.org:3128"),
        Map.entry("url=http://p", "such as http://proxy.example.org:3128; it has url"),
        Map.entry("address=p:3128", "has an address without scheme: it must begin with http://"),
        Map.entry("address=socks4://p", "begins with socks4://, which is not supported"),
        Map.entry("address=ftp://p", "begins with ftp://, which is not supported"),
        Map.entry("address=http://robot:swordfish@p", "has a user or a password in address"),
        Map.entry("address=http://p/x", "has an address with more than scheme, host and port"),
        Map.entry("address=http://p?x", "has an address with more than scheme, host and port"),
        Map.entry("address=http://p p", "has an address that is not a valid url"),
        Map.entry("address=http://:80", "has an address that names no host"),
        Map.entry("address=http://p:0", "has an address with a port that there is not"),
        Map.entry("address=http://p:65536", "has an address with a port that there is not"),
        Map.entry("address=http://p|username=robot", "has username but no password"),
        Map.entry("address=http://p|password=swordfish", "has password but no username"),
        Map.entry("address=http://p|username=a:b|password=swordfish", "has a colon in username"),
        Map.entry("address=http://p|username=a\nb|password=swordfish", "within username"),
        Map.entry("address=http://p|ca.crt=x", "has ca.crt, which is for a proxy whose address"),
        Map.entry("address=https://p|ca.crt=x", "has a ca.crt that cannot be read as PEM"),
        Map.entry(
            "address=socks5://p|username=a|password=" + "x".repeat(256), "more than 255 bytes"));
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void a_secret_that_cannot_be_used_says_why(Map.Entry<String, String> row) {
    var secret = new HashMap<String, byte[]>();
    for (String pair : row.getKey().split("\\|", -1)) {
      if (!pair.isEmpty()) {
        secret.put(
            pair.substring(0, pair.indexOf('=')),
            pair.substring(pair.indexOf('=') + 1).getBytes(UTF_8));
      }
    }

    GitException e = catchThrowableOfType(GitException.class, () -> GitProxy.fromSecret(secret));

    assertThat(e)
        .isNotNull()
        .hasMessageStartingWith("the Secret of spec.proxySecretRef ")
        .hasMessageContaining(row.getValue());
    assertThat(e.getMessage()).doesNotContain("swordfish");
    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
  }

  @Test
  void addresses_are_read_with_the_ports_that_go_with_their_schemes() throws Exception {
    for (String[] row :
        new String[][] {
          {"http://Proxy.example.org", "http://proxy.example.org:80"},
          {"https://proxy.example.org/\n", "https://proxy.example.org:443"},
          {"socks5://proxy.example.org", "socks5://proxy.example.org:1080"},
          {"socks5h://proxy.example.org:9", "socks5://proxy.example.org:9"},
          {"http://[::1]:3128", "http://[::1]:3128"},
        }) {
      assertThat(GitProxy.fromSecret(Map.of("address", row[0].getBytes(UTF_8))))
          .hasToString(row[1]);
    }
  }

  @Test
  void a_file_needs_no_proxy() throws Exception {
    try (TestProxy proxy = TestProxy.http();
        var mirrors =
            new Mirrors(
                directory.resolve("files"),
                new GitLimits(
                    true,
                    1,
                    GitLimits.Pack.DEFAULT,
                    GitLimits.Disk.DEFAULT,
                    GitLimits.Tree.DEFAULT),
                InstantSource.system(),
                git)) {
      GitException e =
          catchThrowableOfType(
              GitException.class,
              () ->
                  mirrors.acquire(
                      new Remote("file:///srv/r", Credentials.NONE, Optional.of(proxy(proxy)))));

      assertThat(e)
          .hasMessage(
              "spec.url is a file:// url, which no proxy can reach: take spec.proxySecretRef out");
    }
  }
}
