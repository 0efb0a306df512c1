package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against an API that checks what it is sent, and a Git server that takes its newest token only.
 */
final class GitHubAppTest {
  /** The offset of the key in a PKCS#8 of 2,048 bits. */
  private static final int PKCS1_AT = 26;

  @TempDir private Path directory;
  private MirrorFixture git;
  private GitHubApi api;
  private Mirrors mirrors;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  @BeforeEach
  void start() throws Exception {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
    git.server.require("nobody yet");
    api = new GitHubApi(now::get, token -> git.server.require(authorization(token)));
    mirrors =
        new Mirrors(directory.resolve("cache-2"), GitLimits.DEFAULT, now::get, (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    api.close();
    git.close();
  }

  private static String authorization(String token) {
    return new Credentials.Basic("x-access-token", token, Credentials.Tls.NONE)
        .authorization()
        .orElseThrow();
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN "
        + kind
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END "
        + kind
        + "-----\n";
  }

  private static String pkcs1(KeyPair keys) {
    byte[] pkcs8 = keys.getPrivate().getEncoded();
    return pem("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, PKCS1_AT, pkcs8.length));
  }

  private Credentials app(String... changes) throws GitException {
    var secret = new HashMap<String, byte[]>();
    List<String> all =
        new ArrayList<>(
            List.of("githubAppID", "12", "githubAppInstallationID", "34\n", "githubAppBaseURL"));
    all.addAll(List.of(api.url(), "githubAppPrivateKey", pkcs1(api.keys())));
    all.addAll(Arrays.asList(changes));
    for (int i = 0; i < all.size(); i += 2) {
      secret.put(all.get(i), all.get(i + 1).getBytes(StandardCharsets.UTF_8));
    }
    // An empty one is taken out.
    secret.values().removeIf(value -> value.length == 0);
    return Credentials.fromSecret(secret);
  }

  private String subject(Mirror mirror) throws Exception {
    return mirror.look(MAIN, now.get(), TIMEOUT).subject();
  }

  private String subject(Credentials credentials) throws Exception {
    try (Mirror mirror = mirrors.acquire(new Remote(git.server.url(), credentials))) {
      return subject(mirror);
    }
  }

  private GitException failure(Credentials credentials) {
    GitException e = catchThrowableOfType(GitException.class, () -> subject(credentials));
    assertThat(e).as("the look fails").isNotNull();
    var trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    assertThat(trace.toString()).doesNotContain("ghs_").doesNotContain("eyJ");
    return e;
  }

  @Test
  void a_key_becomes_a_token_that_all_with_the_same_secret_share() throws Exception {
    Credentials pkcs1 = app();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> looks =
          Stream.of("", "/", "/a", "/b")
              .map(suffix ->
                  threads.submit(
                      () -> subject(mirrors.acquire(new Remote(git.server.url() + suffix, pkcs1)))))
              .toList();
      for (Future<String> look : looks) {
        assertThat(look.get()).isEqualTo("First");
      }
    }

    assertThat(api.requests())
        .containsExactly(GitHubApi.PATH + " {\"permissions\":{\"contents\":\"read\"}}");
    assertThat(git.server.authorizations()).containsOnly(authorization("ghs_1"));
  }

  @Test
  void a_key_in_pkcs8_does_too() throws Exception {
    String pkcs8 = pem("PRIVATE KEY", api.keys().getPrivate().getEncoded());

    assertThat(subject(app("githubAppPrivateKey", pkcs8))).isEqualTo("First");
  }

  /** Anybody may say where his API is. */
  @Test
  void a_token_of_the_first_of_all_times_is_no_trouble_of_others() throws Exception {
    api.fault(exchange -> {
      GitHttp.body(
          exchange, 201, "{\"token\":\"x\",\"expires_at\":\"-1000000000-01-01T00:00:00Z\"}");
      return true;
    });
    assertThat(failure(app("githubAppID", "13"))).hasMessageContaining("(401)");
    api.fault(null);

    assertThat(subject(app())).isEqualTo("First");
  }

  @Test
  void a_token_is_renewed_five_minutes_before_its_end() throws Exception {
    Mirror mirror = mirrors.acquire(new Remote(git.server.url(), app()));
    subject(mirror);
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(54)));
    subject(mirror);
    assertThat(api.requests()).hasSize(1);

    now.updateAndGet(at -> at.plus(Duration.ofMinutes(2)));
    subject(mirror);

    assertThat(api.requests()).hasSize(2);
  }

  @Test
  void a_token_that_is_refused_is_replaced_within_the_same_look() throws Exception {
    Mirror mirror = mirrors.acquire(new Remote(git.server.url(), app()));
    subject(mirror);
    git.server.require("revoked");
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(1)));

    assertThat(subject(mirror)).isEqualTo("First");
    assertThat(api.requests()).hasSize(2);
  }

  @Test
  void a_server_that_takes_no_token_is_asked_twice_and_no_more() throws Exception {
    git.server.fault(GitHttp.status(401));

    GitException e = failure(app());

    assertThat(e).hasMessageContaining("does not accept the token of the GitHub App (401)");
    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(api.requests()).hasSize(2);
  }

  record Row(String name, int status, String says, Reason reason, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> answers() {
    return Stream.of(
        new Row(
            "a suspended installation",
            403,
            "This installation has been suspended",
            Reason.AUTHENTICATION_FAILED,
            "the installation 34 of the GitHub App is suspended (403: This installation has been"
                + " suspended): its owner can unsuspend it"),
        new Row(
            "a permission that it does not have",
            422,
            "The permissions requested are not granted to this installation.",
            Reason.AUTHENTICATION_FAILED,
            "may not read repositories (422: The permissions requested are not granted to this"
                + " installation.): grant it the permission 'Contents: read'"),
        new Row(
            "a problem of GitHub's own",
            502,
            "Server Error",
            Reason.FETCH_FAILED,
            "gives no token for the GitHub App: it answers with the HTTP status 502"),
        new Row(
            "something that is no token",
            201,
            "hello",
            Reason.AUTHENTICATION_FAILED,
            "does not answer as GitHub's API: check githubAppBaseURL"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void an_answer_of_the_api_becomes_a_message(Row row) throws Exception {
    api.fault(exchange -> {
      GitHubApi.say(exchange, row.status(), row.says());
      return true;
    });

    GitException e = failure(app());

    assertThat(e).hasMessageContaining(row.message());
    assertThat(e.reason()).isEqualTo(row.reason());
    assertThat(git.server.requests()).isEmpty();
  }

  @Test
  void what_is_wrong_with_the_app_is_told_apart() throws Exception {
    String other = pkcs1(GitHubApi.newKeys());

    assertThat(failure(app("githubAppID", "13")))
        .hasMessageContaining("knows no App 13 (404: Integration not found): check githubAppID");
    assertThat(failure(app("githubAppInstallationID", "35")))
        .hasMessageContaining("the GitHub App 12 has no installation 35 at 127.0.0.1:")
        .hasMessageContaining("check githubAppInstallationID");
    assertThat(failure(app("githubAppPrivateKey", other)))
        .hasMessageContaining("does not accept the key of the GitHub App 12 (401: A JSON web token")
        .hasMessageContaining("githubAppPrivateKey must be one that this App has now");
    assertThat(failure(app("githubAppBaseURL", "http://127.0.0.1:1/")))
        .hasMessageContaining("GitHub's API at 127.0.0.1:1, which gives the tokens")
        .hasMessageContaining("githubAppBaseURL");
  }

  private Credentials owner(String login) throws GitException {
    return app("githubAppInstallationID", "", "githubAppInstallationOwner", login);
  }

  @Test
  void an_installation_may_be_named_by_its_owner() throws Exception {
    assertThat(subject(owner("acme\n"))).isEqualTo("First");
    assertThat(subject(owner("ada"))).isEqualTo("First");
    assertThat(api.requests())
        .extracting(request -> request.replaceFirst("^/api/v3/(\\S+).*$", "$1"))
        .containsExactly(
            "orgs/acme/installation",
            "app/installations/34/access_tokens",
            "orgs/ada/installation",
            "users/ada/installation",
            "app/installations/34/access_tokens");

    assertThat(failure(owner("nobody")))
        .hasMessageContaining("the GitHub App 12 has no installation for nobody at 127.0.0.1:")
        .hasMessageContaining("(404: Not Found): check githubAppInstallationOwner");
    assertThat(
            failure(
                app(
                    "githubAppInstallationID",
                    "",
                    "githubAppInstallationOwner",
                    "acme",
                    "githubAppID",
                    "13")))
        .hasMessageContaining("knows no App 13 (404: Integration not found): check githubAppID");
    api.fault(exchange -> {
      GitHubApi.say(exchange, 200, "hello");
      return true;
    });
    assertThat(failure(owner("later"))).hasMessageContaining("does not answer as GitHub's API");
  }

  @Test
  void of_number_and_owner_one_is_needed_and_one_only() {
    assertThat(catchThrowableOfType(GitException.class, () -> owner("")))
        .hasMessageContaining("has no githubAppInstallationID: it is the number at the end")
        .hasMessageContaining("githubAppInstallationOwner, the organisation or user, may stand");
    assertThat(
            catchThrowableOfType(
                GitException.class, () -> app("githubAppInstallationOwner", "acme")))
        .hasMessageContaining(
            "has githubAppInstallationID and githubAppInstallationOwner: keep only one of them");
    assertThat(catchThrowableOfType(GitException.class, () -> owner("acme/../x")))
        .hasMessageContaining("has a githubAppInstallationOwner that is no name");
  }

  @Test
  void a_clock_that_is_wrong_is_named() throws Exception {
    try (var late = new GitHubApi(() -> now.get().plus(Duration.ofMinutes(20)), _ -> {})) {
      String key = pkcs1(late.keys());

      assertThat(failure(app("githubAppBaseURL", late.url(), "githubAppPrivateKey", key)))
          .hasMessageContaining("finds our clock wrong (401: 'Expiration time' claim ('exp')")
          .hasMessageContaining("correct the time of the node");
    }
    try (var little =
        new GitHubApi(
            () -> now.get().minusSeconds(30), token -> git.server.require(authorization(token)))) {
      String key = pkcs1(little.keys());

      assertThat(subject(app("githubAppBaseURL", little.url(), "githubAppPrivateKey", key)))
          .isEqualTo("First");
    }
  }

  @Test
  void a_repository_that_the_installation_may_not_read_is_named() throws Exception {
    git.server.fault(GitHttp.status(404));

    GitException e = failure(app());

    assertThat(e)
        .hasMessageContaining("or the installation of the GitHub App has no access to it (404)")
        .hasMessageContaining("add the repository in the settings of the installation");
    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
  }

  @Test
  void nothing_of_the_key_is_printed() throws Exception {
    assertThat(app()).hasToString("GitHubApp[12]");
    assertThat(Optional.of(app()).toString()).doesNotContain("BEGIN");
  }
}
