package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.sshd.certificate.OpenSshCertificateBuilder;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.kex.BuiltinDHFactories;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.ServerBuilder;
import org.apache.sshd.server.auth.password.UserAuthPasswordFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a person reads when ssh does not lead to a repository; none of it is ever a credential. */
final class SshFailureTest {
  private static final KeyPair KEY = GitSsh.key("Ed25519");
  private static final KeyPair STRANGER = GitSsh.key("RSA");
  private static final String PASSWORD = "hunter2-is-secret";

  @TempDir private Path directory;
  private MirrorFixture git;
  private GitSsh server;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
    server = new GitSsh(git.origin);
    server.allow(KEY.getPublic());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    git.close();
  }

  private static Credentials with(KeyPair key, String knownHosts) {
    return new Credentials.Ssh(
        new Credentials.Identity(SshTest.pem(key), Optional.empty()), knownHosts);
  }

  private GitException failure(String url, Credentials credentials) throws Exception {
    try (Mirror mirror = git.mirrors.acquire(new Remote(url, credentials))) {
      GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));
      assertThat(e).as("the look fails").isNotNull();
      var trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString())
          .doesNotContain(PASSWORD)
          .doesNotContain(SshTest.pem(KEY).lines().toList().get(1));
      assertThat(e.getMessage()).doesNotContain("\n");
      return e;
    }
  }

  private GitException failure(Credentials credentials) throws Exception {
    return failure(server.url(), credentials);
  }

  private String here() {
    return "127.0.0.1:" + server.port();
  }

  @Test
  void a_key_that_is_not_let_in_is_shown_with_the_ways_in() throws Exception {
    GitException e = failure(with(STRANGER, server.knownHosts()));

    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(e)
        .hasMessageStartingWith(
            here()
                + " does not let git in with the key of the Secret, "
                + SshKeys.shown(STRANGER.getPublic())
                + ": add its public half as a deploy key of the repository, with read access")
        .hasMessageContaining("the ways to log in there: ")
        .hasMessageContaining("publickey");
    assertThat(SshKeys.shown(STRANGER.getPublic())).matches("ssh-rsa SHA256:[A-Za-z0-9+/]{43}");
    assertThat(git.told).containsExactly("look denied");
  }

  @Test
  void a_host_that_takes_no_keys_says_what_it_takes() throws Exception {
    server.server().setUserAuthFactories(List.of(UserAuthPasswordFactory.INSTANCE));

    assertThat(failure(with(KEY, server.knownHosts())))
        .hasMessageEndingWith("; the ways to log in there: password");
  }

  @Test
  void a_wrong_password_is_told_and_not_shown() throws Exception {
    server.allow("git", "another");

    GitException e =
        failure(
            new Credentials.Ssh(new Credentials.Password("git", PASSWORD), server.knownHosts()));

    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining(" does not let git in with the password of the Secret");
  }

  @Test
  void a_changed_host_key_is_shown_with_the_expected_ones() throws Exception {
    String mine = "[127.0.0.1]:" + server.port();
    String hosts =
        GitSsh.knownHosts(mine, STRANGER.getPublic()) + GitSsh.knownHosts(mine, KEY.getPublic());

    GitException e = failure(with(KEY, hosts));

    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(e)
        .hasMessageStartingWith(
            here()
                + " shows the host key "
                + SshKeys.shown(server.hostKey().getPublic())
                + ", and known_hosts of the Secret has "
                + SshKeys.shown(STRANGER.getPublic())
                + ", "
                + SshKeys.shown(KEY.getPublic())
                + ": the host was given a new key, or somebody else answers in its place");
    assertThat(server.visits()).isEmpty();
  }

  @Test
  void an_unknown_host_is_shown_with_how_to_make_it_known() throws Exception {
    // The key is that of another port, as if it were another host.
    String hosts = GitSsh.knownHosts("127.0.0.1", server.hostKey().getPublic());

    assertThat(failure(with(KEY, hosts)))
        .hasMessageStartingWith(
            here() + " shows the host key " + SshKeys.shown(server.hostKey().getPublic()))
        .hasMessageContaining("known_hosts of the Secret has no key of this host")
        .hasMessageEndingWith("'ssh-keyscan -p " + server.port() + " 127.0.0.1' prints");
  }

  @Test
  void a_revoked_host_key_is_refused() throws Exception {
    assertThat(failure(with(KEY, server.knownHosts() + "@revoked " + server.knownHosts())))
        .hasMessageContaining("which known_hosts of the Secret marks as @revoked");
  }

  @Test
  void a_host_may_be_known_by_a_certificate() throws Exception {
    KeyPair authority = GitSsh.key("Ed25519");
    KeyPair own = GitSsh.key("Ed25519");
    certify(own, authority);
    String hosts =
        "@cert-authority [127.0.0.1]:"
            + server.port()
            + " "
            + PublicKeyEntry.toString(authority.getPublic());

    try (Mirror mirror = git.mirrors.acquire(new Remote(server.url(), with(KEY, hosts)))) {
      assertThat(look(mirror, MAIN).subject()).isEqualTo("First");
    }
    String strange =
        hosts.replace(
            PublicKeyEntry.toString(authority.getPublic()),
            PublicKeyEntry.toString(KEY.getPublic()));
    assertThat(failure(with(KEY, strange)))
        .hasMessageContaining(
            "and known_hosts of the Secret has " + SshKeys.shown(KEY.getPublic()));
  }

  private void certify(KeyPair own, KeyPair authority) throws Exception {
    OpenSshCertificate certificate =
        OpenSshCertificateBuilder.hostCertificate()
            .id("here")
            .serial(1)
            .publicKey(own.getPublic())
            .principals(List.of("127.0.0.1"))
            .sign(authority, "ssh-ed25519");
    server.server().setKeyPairProvider(KeyPairProvider.wrap(own));
    server.server().setHostKeyCertificateProvider(_ -> List.of(certificate));
  }

  @Test
  @SuppressWarnings("deprecation") // That it is, is the point.
  void no_algorithm_in_common_is_told_with_what_the_server_has() throws Exception {
    server
        .server()
        .setKeyExchangeFactories(
            NamedFactory.setUpTransformedFactories(
                false, List.of(BuiltinDHFactories.dhg1), ServerBuilder.DH2KEX));

    assertThat(failure(with(KEY, server.knownHosts())))
        .hasMessageStartingWith(here() + " and Fairlead have no algorithm in common")
        .hasMessageContaining("diffie-hellman-group1-sha1")
        .extracting(GitException::reason)
        .isEqualTo(Reason.FETCH_FAILED);
  }

  @Test
  void what_is_no_ssh_server_is_told() throws Exception {
    String url = "ssh://git@127.0.0.1:" + git.server.port() + "/r.git";

    GitException e = failure(url, with(KEY, server.knownHosts()));

    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e).hasMessageContaining("127.0.0.1:" + git.server.port());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("greetings")
  void a_strange_greeting_is_told(String greeting, String message, @Nullable String trouble)
      throws Exception {
    try (var listening = new ServerSocket(0)) {
      Thread.ofVirtual()
          .start(() -> {
            try (Socket visitor = listening.accept()) {
              visitor.getOutputStream().write(greeting.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
              // The test is over.
            }
          });
      String url = "ssh://git@127.0.0.1:" + listening.getLocalPort() + "/r.git";

      GitException e = failure(url, with(KEY, server.knownHosts()));

      assertThat(e).hasMessageContaining(message);
      // Who answers something else is no host in trouble, but another one.
      assertThat(e.hostTrouble()).isEqualTo(Optional.ofNullable(trouble));
    }
  }

  static Stream<Arguments> greetings() {
    @Nullable String none = null;
    String closes = "closes connections before any login";
    return Stream.of(
        Arguments.of("", "closed the connection before the login", closes),
        Arguments.of("SSH-2.0-busy\r\n", "closed the connection before the login", closes),
        Arguments.of(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\0\r\n\r\n",
            "is not an ssh server",
            none),
        Arguments.of("x".repeat(10_000), "is not an ssh server", none),
        Arguments.of("SSH-1.5-old\r\n", "is not an ssh server", none));
  }

  @Test
  void a_closed_port_is_named() throws Exception {
    int port = server.port();
    String url = server.url();
    String hosts = server.knownHosts();
    server.close();

    assertThat(failure(url, with(KEY, hosts)))
        .hasMessageContaining("cannot connect to ssh://git@127.0.0.1:" + port + "/team/repo.git")
        .hasMessageContaining("refused");
  }

  @Test
  void a_host_without_a_name_is_told() throws Exception {
    assertThat(failure("git@nowhere.invalid:r.git", with(KEY, server.knownHosts())))
        .hasMessageContaining("the host of git@nowhere.invalid:r.git is not known to DNS");
  }

  record Said(String who, String stderr, Reason reason, String message) {
    @Override
    public String toString() {
      return who;
    }
  }

  static Stream<Said> lastWords() {
    return Stream.of(
        new Said(
            "GitHub",
            "ERROR: Repository not found.\n",
            Reason.FETCH_FAILED,
            "there is no repository at URL, or the key may not read it (Repository not found.)"),
        new Said(
            "GitLab",
            """
            remote:
            remote: ========================================================================
            remote:
            remote: ERROR: The project you were looking for could not be found or you don't have\
             permission to view it.
            remote:
            remote: ========================================================================
            remote:
            """,
            Reason.FETCH_FAILED,
            "or the key may not read it (The project you were looking for could not be found or"),
        new Said(
            "Gitea",
            "error:\nerror: Cannot find repository: team/repo\nerror:\n",
            Reason.FETCH_FAILED,
            "or the key may not read it (Cannot find repository: team/repo)"),
        new Said(
            "an older Gitea",
            "Gitea: Cannot find repository: team/repo\n",
            Reason.FETCH_FAILED,
            "or the key may not read it (Gitea: Cannot find repository: team/repo)"),
        new Said(
            "Gitea, to the deploy key of another repository",
            """
            error:
            error: Public (Deploy) Key: 1:ci is not authorized to read team/repo.
            error:
            """,
            Reason.AUTHENTICATION_FAILED,
            "does not let the key of the Secret read URL (Public (Deploy) Key: 1:ci is not"
                + " authorized to read team/repo.)"),
        new Said(
            "Bitbucket",
            "The requested repository either does not exist or you do not have access.\n",
            Reason.FETCH_FAILED,
            "or the key may not read it (The requested repository either does not exist"),
        new Said(
            "git itself",
            "fatal: '/team/repo.git' does not appear to be a git repository\n",
            Reason.FETCH_FAILED,
            "or the key may not read it ('/team/repo.git' does not appear to be"),
        new Said(
            "a moved repository",
            "remote: Project 'team/old' was moved to 'team/new'.\n",
            Reason.FETCH_FAILED,
            "(Project 'team/old' was moved to 'team/new'.)"),
        new Said(
            "a lack of rights",
            "ERROR: Permission to team/repo.git denied to deploy key\n",
            Reason.AUTHENTICATION_FAILED,
            "does not let the key of the Secret read URL (Permission to team/repo.git denied to"),
        new Said("nothing", "", Reason.FETCH_FAILED, "there is no repository at URL"),
        new Said(
            "nothing but beginnings",
            "error: remote: ".repeat(1_000) + "no",
            Reason.FETCH_FAILED,
            "there is no repository at URL (no)"),
        new Said(
            "a flood",
            "x".repeat(1_000_000),
            Reason.FETCH_FAILED,
            "there is no repository at URL (xxxxxxxx"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lastWords")
  void what_a_host_says_at_the_end_becomes_a_message(Said said) throws Exception {
    server.fault(GitSsh.says(said.stderr(), 1));

    GitException e = failure(with(KEY, server.knownHosts()));

    assertThat(e.reason()).isEqualTo(said.reason());
    assertThat(e.getMessage())
        .contains(said.message().replace("URL", server.url()))
        .hasSizeLessThan(600);
  }

  @Test
  void a_flood_of_words_is_not_taken() throws Exception {
    var taken = new AtomicInteger();
    server.fault((_, _, err) -> {
      byte[] words = "x".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 1000; i++) {
        err.write(words);
        err.flush();
        taken.addAndGet(words.length);
      }
      return 1;
    });

    try (Mirror mirror =
        git.mirrors.acquire(new Remote(server.url(), with(KEY, server.knownHosts())))) {
      GitException e =
          catchThrowableOfType(
              GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofSeconds(5)));

      assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    }
    assertThat(taken.get()).isBetween(1, 8 * 1024 * 1024);
  }

  @Test
  void a_missing_branch_is_named() throws Exception {
    try (Mirror mirror =
        git.mirrors.acquire(new Remote(server.url(), with(KEY, server.knownHosts())))) {
      GitException e =
          catchThrowableOfType(
              GitException.class, () -> look(mirror, new RefSelector.Branch("gone")));

      assertThat(e.reason()).isEqualTo(Reason.REF_NOT_FOUND);
      assertThat(e).hasMessage("branch gone does not exist in " + server.url());
    }
  }

  record Misfit(String url, Credentials credentials, String message) {
    @Override
    public String toString() {
      return url + " with " + credentials;
    }
  }

  static Stream<Misfit> misfits() {
    String hosts = GitSsh.knownHosts("h", STRANGER.getPublic());
    return Stream.of(
        new Misfit(
            "ssh://git@h/r",
            Credentials.NONE,
            "name a Secret with identity (a private key) and known_hosts in spec.secretRef"),
        new Misfit(
            "git@h:r",
            new Credentials.Basic("git", PASSWORD, Credentials.Tls.NONE),
            "the Secret of spec.secretRef has no known_hosts, and spec.url is an ssh address"),
        new Misfit(
            "git@h:r",
            new Credentials.Bearer(PASSWORD, Credentials.Tls.NONE),
            "the Secret of spec.secretRef has no known_hosts, and spec.url is an ssh address"),
        new Misfit(
            "https://h/r", with(KEY, hosts), "has known_hosts, which are for ssh, and spec.url is"),
        new Misfit(
            "robot@h:r",
            new Credentials.Ssh(new Credentials.Password("git", PASSWORD), hosts),
            "has another username than the user in spec.url, robot"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("misfits")
  void credentials_that_do_not_fit_the_address_are_refused_before_anything_is_sent(Misfit misfit) {
    GitException e =
        catchThrowableOfType(
            GitException.class,
            () -> git.mirrors.acquire(new Remote(misfit.url(), misfit.credentials())));

    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining(misfit.message());
  }
}
