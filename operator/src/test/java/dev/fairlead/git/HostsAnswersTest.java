package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What GitHub, GitLab, Gitea and Bitbucket, and servers before them, answer, as they document it or
 * are seen to, and what becomes of it.
 */
final class HostsAnswersTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private static final String IN_12_MINUTES =
      String.valueOf(NOW.plus(Duration.ofMinutes(12)).getEpochSecond());

  @TempDir private Path directory;
  private MirrorFixture git;
  private Mirrors mirrors;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
    mirrors =
        new Mirrors(directory.resolve("cache-2"), GitLimits.DEFAULT, () -> NOW, (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    git.close();
  }

  record Row(
      String name,
      int status,
      List<String> headers,
      String body,
      Reason reason,
      String message,
      long seconds) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row denied(
      String name, int status, String body, String message, String... headers) {
    return new Row(name, status, List.of(headers), body, Reason.AUTHENTICATION_FAILED, message, -1);
  }

  private static Row failed(
      String name, int status, String body, String message, String... headers) {
    return new Row(name, status, List.of(headers), body, Reason.FETCH_FAILED, message, -1);
  }

  private static Row limit(
      String name, int status, String body, long seconds, String message, String... headers) {
    return new Row(name, status, List.of(headers), body, Reason.FETCH_FAILED, message, seconds);
  }

  static Stream<Row> answers() {
    return Stream.of(
        limit(
            "GitHub: the limit of the hour says when it begins anew",
            403,
            "{\"message\":\"API rate limit exceeded for user ID 1.\"}",
            720,
            "has had too many requests (403), and wants 720 s of peace, until 10:12 UTC",
            "X-RateLimit-Remaining",
            "0",
            "X-RateLimit-Reset",
            IN_12_MINUTES),
        limit(
            "GitHub: the same with 429",
            429,
            "",
            720,
            "has had too many requests (429), and wants 720 s of peace, until 10:12 UTC",
            "x-ratelimit-remaining",
            "0",
            "x-ratelimit-reset",
            IN_12_MINUTES),
        limit(
            "GitHub: a secondary limit says how long to wait",
            403,
            "You have exceeded a secondary rate limit.",
            30,
            "has had too many requests (403), and wants 30 s of peace",
            "Retry-After",
            "30",
            "X-RateLimit-Remaining",
            "4000",
            "X-RateLimit-Reset",
            IN_12_MINUTES),
        limit(
            "GitHub: a secondary limit without a time is a minute",
            403,
            "You have exceeded a secondary rate limit. Please wait a few minutes.",
            60,
            "has had too many requests (403), and wants 60 s of peace",
            "X-RateLimit-Remaining",
            "4000",
            "X-RateLimit-Reset",
            IN_12_MINUTES),
        limit(
            "GitLab: RateLimit-Reset",
            429,
            "Retry later",
            720,
            "has had too many requests (429), and wants 720 s of peace, until 10:12 UTC",
            "RateLimit-Limit",
            "60",
            "RateLimit-Remaining",
            "0",
            "RateLimit-Reset",
            IN_12_MINUTES),
        limit(
            "the draft of the IETF counts seconds",
            429,
            "",
            50,
            "has had too many requests (429), and wants 50 s of peace",
            "RateLimit-Remaining",
            "0",
            "RateLimit-Reset",
            "50"),
        limit(
            "a limit that began anew already",
            429,
            "",
            0,
            "(429), and wants 0 s of peace",
            "X-RateLimit-Remaining",
            "0",
            "X-RateLimit-Reset",
            String.valueOf(NOW.minusSeconds(5).getEpochSecond())),
        denied(
            "a 403 within the limit is about rights",
            403,
            "Write access to repository not granted.",
            "forbids reading (403): the credentials need read access",
            "X-RateLimit-Remaining",
            "4000",
            "X-RateLimit-Reset",
            IN_12_MINUTES),
        denied(
            "GitHub: a password",
            401,
            "Invalid username or token. Password authentication is not supported for Git"
                + " operations.",
            "takes no account's password for Git: put an access token as password into the Secret",
            "WWW-Authenticate",
            "Basic realm=\"GitHub\""),
        denied(
            "GitHub: single sign-on",
            403,
            "The 'x' organization has enabled or enforced SAML SSO.",
            "wants single sign-on, so authorise the token for it"),
        denied(
            "GitLab: a password where a token is wanted",
            401,
            "HTTP Basic: Access denied. If a password was provided for Git authentication, the"
                + " password was incorrect or you're required to use a token instead of a"
                + " password.",
            "takes no account's password for Git: put an access token",
            "WWW-Authenticate",
            "Basic realm=\"GitLab\""),
        denied(
            "GitLab: an expired token",
            401,
            "{\"error\":\"invalid_token\",\"error_description\":\"Token is expired. You can either"
                + " do re-authorization or token refresh.\"}",
            "the token has expired, says 127.0.0.1:PORT (401): make a new one there"),
        denied(
            "a bearer challenge that says so",
            401,
            "",
            "the token has expired, says 127.0.0.1:PORT (401)",
            "WWW-Authenticate",
            "Bearer error=\"invalid_token\", error_description=\"The access token expired\""),
        denied(
            "GitLab: a revoked token",
            401,
            "{\"error\":\"invalid_token\",\"error_description\":\"Token was revoked. You have to"
                + " re-authorize from the user.\"}",
            "the token was revoked, says 127.0.0.1:PORT (401)"),
        denied(
            "GitLab: a token that may do something else",
            403,
            "{\"error\":\"insufficient_scope\",\"error_description\":\"The request requires higher"
                + " privileges than provided by the access token.\",\"scope\":\"read_repository\"}",
            "the token's scopes do not let it read repositories"),
        denied(
            "Gitea: wrong credentials",
            401,
            "Unauthorized",
            "does not accept the credentials (401): check the Secret of spec.secretRef",
            "WWW-Authenticate",
            "Basic realm=\"Gitea\""),
        denied(
            "Gitea: a wrong password, or a token that was deleted",
            401,
            "Failed to authenticate user",
            "does not accept the credentials (401): check the Secret of spec.secretRef"),
        denied(
            "Gitea: a password where a second factor is wanted",
            401,
            "Users with two-factor authentication enabled cannot perform HTTP/HTTPS operations via"
                + " plain username and password. Please create and use a personal access token on"
                + " the user settings page",
            "takes no account's password for Git: put an access token as password into the Secret"),
        denied(
            "Gitea: a token that may do something else",
            403,
            "Forbidden",
            "the credentials need read access to the repository, and an access token the scope for"
                + " it"),
        denied(
            "Bitbucket: a CAPTCHA",
            403,
            "",
            "it wants a CAPTCHA after failed logins, so log in once with a browser",
            "X-Authentication-Denied-Reason",
            "CAPTCHA_CHALLENGE; login-url=https://example.org"),
        denied(
            "a login page",
            302,
            "",
            "sends us to a login page (https://git.example.org/users/sign_in): it does not take",
            "Location",
            "https://git.example.org/users/sign_in?back=secret"),
        denied(
            "a proxy that wants a login",
            302,
            "",
            "sends us to a login page (https://login.example.org/realms/x)",
            "Location",
            "https://login.example.org/realms/x"),
        failed(
            "a repository whose name only looks like a login",
            301,
            "",
            "redirects to https://git.example.org/team/login-service.git: use that as spec.url",
            "Location",
            "https://git.example.org/team/login-service.git/info/refs?service=git-upload-pack"),
        failed(
            "a repository that is gone", 410, "", "/team/repo.git is gone (410): it was deleted"),
        failed("a repository that is blocked", 451, "", "for legal reasons (451)"),
        denied(
            "nginx: no client certificate",
            400,
            "<html><head><title>400 No required SSL certificate was sent</title></head></html>",
            "does not take the client certificate, or wants one (400)",
            "Content-Type",
            "text/html"),
        failed("any other 400", 400, "Bad Request", "answers with the HTTP status 400"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void an_answer_says_what_to_do(Row row) throws Exception {
    git.server.fault(exchange -> {
      for (int i = 0; i < row.headers().size(); i += 2) {
        exchange.getResponseHeaders().add(row.headers().get(i), row.headers().get(i + 1));
      }
      GitHttp.body(exchange, row.status(), row.body());
      return true;
    });
    var credentials = new Credentials.Basic("robot", "hunter2", Credentials.Tls.NONE);
    Mirror mirror = mirrors.acquire(new Remote(git.server.url(), credentials));

    GitException e =
        catchThrowableOfType(GitException.class, () -> mirror.look(MAIN, NOW, TIMEOUT));

    assertThat(e).as("the look fails").isNotNull();
    assertThat(e.getMessage())
        .contains(row.message().replace("PORT", String.valueOf(git.server.port())))
        .doesNotContain("back=");
    assertThat(e.reason()).isEqualTo(row.reason());
    assertThat(e.retryAfter().map(Duration::toSeconds).orElse(-1L)).isEqualTo(row.seconds());
  }
}
