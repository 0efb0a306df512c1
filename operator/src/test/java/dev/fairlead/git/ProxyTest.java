package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.TestProxy;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Repositories at a host whose name only the proxy knows. */
final class ProxyTest {
  private static final String PASSWORD = "swordfish";
  private static final KeyPair KEY = GitSsh.key("Ed25519");

  @TempDir private Path directory;
  private MirrorFixture git;

  enum Kind {
    HTTP,
    HTTPS,
    SOCKS5
  }

  @BeforeEach
  void start() throws Exception {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
  }

  @AfterEach
  void stop() throws Exception {
    git.close();
  }

  private TestProxy start(Kind kind) {
    return switch (kind) {
      case HTTP -> TestProxy.http();
      case HTTPS -> TestProxy.https(directory);
      case SOCKS5 -> TestProxy.socks();
    };
  }

  static GitProxy proxy(TestProxy proxy, String... more) throws GitException {
    var secret = new HashMap<String, byte[]>();
    secret.put("address", proxy.address().getBytes(UTF_8));
    if (proxy.address().startsWith("https:")) {
      secret.put("ca.crt", proxy.caCertificate().getBytes(UTF_8));
    }
    for (int i = 0; i < more.length; i += 2) {
      secret.put(more[i], more[i + 1].getBytes(UTF_8));
    }
    return GitProxy.fromSecret(secret);
  }

  private static GitProxy withLogin(TestProxy proxy) throws GitException {
    return proxy(proxy, "username", "robot", "password", PASSWORD + "\n");
  }

  private static String named(String url) {
    return url.replace("127.0.0.1", "git.invalid");
  }

  private Mirror mirror(String url, Credentials credentials, GitProxy proxy) throws GitException {
    return git.mirrors.acquire(new Remote(url, credentials, Optional.of(proxy)));
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void https_goes_through_a_tunnel_and_the_proxy_looks_up_the_name(Kind kind) throws Exception {
    try (var server = GitServer.startWithTls(Files.createDirectory(directory.resolve("server")));
        TestProxy proxy = start(kind)) {
      server.create("r.git").commit(Map.of("a", "1"), "First");
      server.requireBasic("git", "pw");
      proxy.require("robot", PASSWORD);
      var tls = new Credentials.Tls(Optional.of(server.caCertificate()), Optional.empty());
      Mirror mirror =
          mirror(
              named(server.url()) + "/r.git",
              new Credentials.Basic("git", "pw", tls),
              withLogin(proxy));

      assertThat(look(mirror, MAIN).subject()).isEqualTo("First");
      look(mirror, MAIN);
      look(mirror, MAIN);

      String target = named(server.url()).replace("https://", "");
      assertThat(proxy.asked())
          .as("a connection for each request")
          .hasSameSizeAs(server.requests())
          .containsOnly((kind == Kind.SOCKS5 ? "SOCKS " : "CONNECT ") + target);
    }
  }

  /** Whoever trusts the proxy does not have to trust it with what is in the tunnel. */
  @Test
  void in_the_tunnel_the_host_has_to_prove_who_it_is_and_nothing_goes_past_the_proxy()
      throws Exception {
    try (var server = GitServer.startWithTls(Files.createDirectory(directory.resolve("server")));
        TestProxy proxy = TestProxy.http()) {
      server.create("r.git").commit(Map.of("a", "1"), "First");
      Mirror mirror = mirror(server.url() + "/r.git", Credentials.NONE, proxy(proxy));

      assertThatThrownBy(() -> look(mirror, MAIN))
          .hasMessageContaining(
              "no trusted connection to "
                  + server.url()
                  + "/r.git through the proxy "
                  + proxy.address())
          .hasMessageContaining("belongs into ca.crt");
      assertThat(proxy.asked()).containsOnly("CONNECT 127.0.0.1:" + port(server.url()));
      assertThat(server.requests()).isEmpty();
    }
  }

  private static String port(String url) {
    return url.substring(url.lastIndexOf(':') + 1);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void http_is_asked_of_the_proxy_which_alone_gets_its_credentials(Kind kind) throws Exception {
    try (TestProxy proxy = start(kind)) {
      proxy.require("robot", PASSWORD);
      git.server.require("Basic Z2l0OnB3");
      var credentials = new Credentials.Basic("git", "pw", Credentials.Tls.NONE);

      Mirror mirror = mirror(named(git.server.url()), credentials, withLogin(proxy));

      assertThat(look(mirror, MAIN).subject()).isEqualTo("First");
      String host = named(git.server.url()).replaceFirst("^http://([^/]+)/.*", "$1");
      assertThat(proxy.asked())
          .first()
          .asString()
          .startsWith(
              kind == Kind.SOCKS5
                  ? "SOCKS " + host
                  : "GET " + named(git.server.url()) + "/info/refs");
      assertThat(git.server.authorizations()).containsOnly("Basic Z2l0OnB3");

      git.origin.commit("main", "Second", Map.of("a", "2", "b", "x".repeat(300_000)));
      assertThat(look(mirror, MAIN).subject()).isEqualTo("Second");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void ssh_goes_through_a_tunnel_and_the_proxy_looks_up_the_name(Kind kind) throws Exception {
    try (var server = new GitSsh(git.origin);
        TestProxy proxy = start(kind)) {
      server.allow(KEY.getPublic());
      proxy.require("robot", PASSWORD);
      var credentials =
          new Credentials.Ssh(
              new Credentials.Identity(SshTest.pem(KEY), Optional.empty()),
              named(server.knownHosts()));

      Mirror mirror = mirror(named(server.url()), credentials, withLogin(proxy));

      assertThat(look(mirror, MAIN).subject()).isEqualTo("First");
      assertThat(proxy.asked())
          .containsExactly(
              (kind == Kind.SOCKS5 ? "SOCKS " : "CONNECT ") + "git.invalid:" + server.port());
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void the_api_of_a_github_app_is_asked_by_the_same_way_and_each_way_has_a_token_of_its_own(
      Kind kind) throws Exception {
    try (var api =
            new GitHubApi(
                InstantSource.system(),
                token -> git.server.require("Basic " + base64("x-access-token:" + token)));
        TestProxy one = start(kind);
        TestProxy other = start(kind)) {
      String key =
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder().encodeToString(api.keys().getPrivate().getEncoded())
              + "\n-----END PRIVATE KEY-----\n";
      Credentials app =
          Credentials.fromSecret(
              Map.of(
                  "githubAppID", "12".getBytes(UTF_8),
                  "githubAppInstallationID", "34".getBytes(UTF_8),
                  "githubAppPrivateKey", key.getBytes(UTF_8),
                  "githubAppBaseURL", named(api.url()).getBytes(UTF_8)));

      look(mirror(named(git.server.url()), app, proxy(one)), MAIN);
      look(mirror(named(git.server.url()), app, proxy(other)), MAIN);

      String asked =
          kind == Kind.SOCKS5
              ? "SOCKS " + URI.create(named(api.url())).getAuthority()
              : "POST " + named(api.url()).replace("/api/v3", GitHubApi.PATH);
      assertThat(one.asked()).containsOnlyOnce(asked);
      assertThat(other.asked()).containsOnlyOnce(asked);
      assertThat(api.requests()).hasSize(2);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void another_proxy_or_user_there_is_another_mirror() throws Exception {
    try (TestProxy proxy = TestProxy.http()) {
      String url = named(git.server.url());
      look(mirror(url, Credentials.NONE, proxy(proxy)), MAIN);
      look(mirror(url, Credentials.NONE, proxy(proxy)), MAIN);
      assertThat(git.directories()).hasSize(1);

      look(mirror(url, Credentials.NONE, withLogin(proxy)), MAIN);

      assertThat(git.directories()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void a_proxy_that_never_answers_is_given_up_before_the_time_out_of_the_connection(Kind kind)
      throws Exception {
    try (TestProxy proxy = start(kind)) {
      proxy.fault((in, _) -> in.transferTo(OutputStream.nullOutputStream()));
      Socket socket = ProxyRoute.through(proxy(proxy)).socket();

      Refusal e =
          catchThrowableOfType(
              Refusal.class,
              () -> socket.connect(InetSocketAddress.createUnresolved("git.invalid", 443), 500));

      assertThat(e)
          .hasMessageStartingWith(
              "the proxy " + proxy.address() + " of spec.proxySecretRef does not answer in time");
      assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
      assertThat(e.hostTrouble()).contains("cannot be reached through its proxy");
      assertThat(Failures.givenUp(e)).as("it counts as a time-out").isTrue();
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void an_interrupted_look_ends_though_the_proxy_never_answers(Kind kind) throws Exception {
    try (TestProxy proxy = start(kind);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var reached = new CountDownLatch(1);
      proxy.fault((in, _) -> {
        // Behind TLS there is nothing to read before its handshake is through.
        assertThat(in.read()).isPositive();
        reached.countDown();
        in.transferTo(OutputStream.nullOutputStream());
      });
      Mirror mirror = mirror("https://git.invalid/r.git", Credentials.NONE, proxy(proxy));
      var look = threads.submit(() -> mirror.look(MAIN, Instant.now(), Duration.ofHours(1)));
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

      look.cancel(true);

      assertThat(git.told(20)).containsExactly("look timeout");
    }
  }

  static GitException failure(Mirror mirror, Duration timeout) {
    GitException e =
        catchThrowableOfType(GitException.class, () -> mirror.look(MAIN, Instant.now(), timeout));
    assertThat(e).as("the look fails").isNotNull();
    var trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    assertThat(Arrays.asList(PASSWORD, base64("robot:" + PASSWORD)))
        .noneMatch(trace.toString()::contains);
    return e;
  }
}
