package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a person reads when a repository cannot be read; none of it is ever a credential. */
final class FailureTest {
  private static final String PASSWORD = "hunter2-is-secret";
  private static final Credentials BASIC =
      new Credentials.Basic("robot", PASSWORD, Credentials.Tls.NONE);

  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  private GitException failure(Credentials credentials, RefSelector ref) throws Exception {
    try (Mirror mirror = git.mirrors.acquire(new Remote(git.server.url(), credentials))) {
      GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, ref));
      assertThat(e).as("the look fails").isNotNull();
      var trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      assertThat(trace.toString())
          .doesNotContain(PASSWORD)
          .doesNotContain(
              Base64.getEncoder()
                  .encodeToString(("robot:" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
      assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("secret-of-the-server");
      return e;
    }
  }

  record Row(String name, GitHttp.Fault fault, Reason reason, String message, long retryAfter) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> answers() {
    String later =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC).plusYears(1));
    return Stream.of(
        new Row(
            "401 with credentials says that they are wrong",
            GitHttp.status(401, "WWW-Authenticate", "Basic realm=\"x\""),
            Reason.AUTHENTICATION_FAILED,
            "127.0.0.1:PORT does not accept the credentials (401)",
            -1),
        new Row(
            "403 says that the credentials need access",
            GitHttp.status(403),
            Reason.AUTHENTICATION_FAILED,
            "forbids reading (403): the credentials need read access",
            -1),
        new Row(
            "403 with Retry-After is a limit and no lack of rights",
            GitHttp.status(403, "Retry-After", "7"),
            Reason.FETCH_FAILED,
            "has had too many requests (403), and wants 7 s of peace",
            7),
        new Row(
            "404 says where there is no repository",
            GitHttp.status(404),
            Reason.FETCH_FAILED,
            "there is no repository at http://127.0.0.1:PORT/team/repo.git (404)",
            -1),
        new Row(
            "429 is left alone for as long as it says",
            GitHttp.status(429, "Retry-After", "120"),
            Reason.FETCH_FAILED,
            "has had too many requests (429), and wants 120 s of peace",
            120),
        new Row(
            "a length that is no number is quoted, and not where it was stumbled over",
            exchange -> {
              if (exchange.getRequestMethod().equals("GET")) {
                return false;
              }
              exchange
                  .getResponseHeaders()
                  .add("Content-Type", "application/x-git-upload-pack-result");
              GitHttp.body(exchange, 200, "00om refs/heads/main");
              return true;
            },
            Reason.FETCH_FAILED,
            "cannot read from http://127.0.0.1:PORT/team/repo.git: Invalid packet line header: 00om",
            -1),
        new Row(
            "a Retry-After date far away is cut to an hour",
            GitHttp.status(429, "Retry-After", later),
            Reason.FETCH_FAILED,
            "(429), and wants 3600 s",
            3600),
        new Row(
            "a Retry-After of nonsense is ignored",
            GitHttp.status(429, "Retry-After", "soon"),
            Reason.FETCH_FAILED,
            "has had too many requests (429)",
            -1),
        new Row(
            "500 is the server's own problem",
            GitHttp.status(500),
            Reason.FETCH_FAILED,
            "has a problem of its own (500)",
            -1),
        new Row(
            "503 with Retry-After is waited for",
            GitHttp.status(503, "Retry-After", "5"),
            Reason.FETCH_FAILED,
            "(503), and wants 5 s",
            5),
        new Row(
            "a teapot is named by its status",
            GitHttp.status(418),
            Reason.FETCH_FAILED,
            "answers with the HTTP status 418",
            -1),
        new Row(
            "a web page is not Git",
            GitHttp.status(200, "Content-Type", "text/html; charset=utf-8"),
            Reason.FETCH_FAILED,
            "answers with text/html that is not Git: spec.url must be what 'git clone' takes",
            -1),
        new Row(
            "an answer that only pretends to be Git",
            GitHttp.status(200, "Content-Type", "application/x-git-upload-pack-advertisement"),
            Reason.FETCH_FAILED,
            "cannot read from http://127.0.0.1:PORT/team/repo.git: ",
            -1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void an_answer_becomes_a_message(Row row) throws Exception {
    git.server.fault(row.fault());

    GitException e = failure(BASIC, MAIN);

    assertThat(e.reason()).isEqualTo(row.reason());
    assertThat(e.getMessage())
        .contains(row.message().replace("PORT", String.valueOf(git.server.port())));
    assertThat(e.retryAfter().map(Duration::toSeconds).orElse(-1L)).isEqualTo(row.retryAfter());
    assertThat(e.isLimit()).isEqualTo(row.message().matches(".*(\\(429\\)|too many requests).*"));
  }

  @Test
  void a_server_that_asks_for_credentials_is_told_apart_from_one_that_refuses_them()
      throws Exception {
    git.server.require(BASIC.authorization().orElseThrow());

    GitException none = failure(Credentials.NONE, MAIN);
    GitException wrong = failure(new Credentials.Bearer(PASSWORD, Credentials.Tls.NONE), MAIN);

    assertThat(none)
        .hasMessageContaining("asks for credentials (401): name a Secret")
        .hasMessageEndingWith("where there is no such repository, so check spec.url")
        .extracting(GitException::reason)
        .isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(wrong)
        .hasMessageContaining("does not accept the credentials (401)")
        .extracting(GitException::reason)
        .isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(git.told).containsExactly("look denied", "look denied");
  }

  @Test
  void right_credentials_are_sent_with_the_first_request() throws Exception {
    git.server.require(BASIC.authorization().orElseThrow());
    Mirror mirror = git.mirrors.acquire(new Remote(git.server.url(), BASIC));
    look(mirror, MAIN);
    git.server.forget();

    look(mirror, MAIN);

    assertThat(git.server.requests()).hasSize(2);
  }

  @Test
  void a_bearer_token_is_sent_as_such() throws Exception {
    git.server.require("Bearer token-1");

    look(
        git.mirrors.acquire(
            new Remote(git.server.url(), new Credentials.Bearer("token-1", Credentials.Tls.NONE))),
        MAIN);

    assertThat(git.server.authorizations()).containsOnly("Bearer token-1");
  }

  @Test
  void a_redirect_is_named_and_nothing_goes_to_the_other_host() throws Exception {
    try (var other = new GitHttp(git.origin)) {
      String there = other.url().replace("127.0.0.1", "localhost");
      git.server.fault(
          GitHttp.status(301, "Location", there + "/info/refs?service=git-upload-pack"));

      GitException e = failure(BASIC, MAIN);

      assertThat(e).hasMessageContaining("redirects to " + there + ": use that as spec.url");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void a_server_that_drips_is_given_up_at_the_deadline() throws Exception {
    git.server.fault(exchange -> {
      exchange
          .getResponseHeaders()
          .add("Content-Type", "application/x-git-upload-pack-advertisement");
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        for (int i = 0; i < 1000; i++) {
          out.write("000eversion 2\n".charAt(i % 14));
          out.flush();
          Thread.sleep(100);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return true;
    });
    Mirror mirror = git.mirror();
    long began = System.nanoTime();

    GitException e =
        catchThrowableOfType(
            GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofMillis(1500)));

    assertThat(e).hasMessageContaining("did not answer within spec.fetchTimeout (1500ms)");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    git.server.fault(null);
    assertThat(look(mirror, MAIN).subject()).as("and works again afterwards").isEqualTo("First");
    assertThat(git.told).startsWith("look timeout");
  }

  @Test
  void a_closed_port_is_named() throws Exception {
    String url = git.server.url();
    git.server.close();
    Mirror mirror = git.mirrors.acquire(new Remote(url, BASIC));

    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e).hasMessageContaining("cannot connect to " + url).hasMessageContaining("refused");
  }

  @Test
  void an_interrupted_caller_leaves_at_once() throws Exception {
    git.server.fault(exchange -> {
      try {
        Thread.sleep(30_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return true;
    });
    Mirror mirror = git.mirror();
    var thrown = new CompletableFuture<Throwable>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              try {
                mirror.look(MAIN, Instant.now(), TIMEOUT);
              } catch (GitException | InterruptedException e) {
                thrown.complete(e);
              }
            });
    Thread.sleep(200);

    caller.interrupt();

    assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
  }

  @Test
  void missing_refs_are_named() throws Exception {
    git.origin.commit("main-2", "First", Map.of("a", "1"));

    assertThat(failure(BASIC, new RefSelector.Branch("mai")))
        .hasMessageContaining("branch mai does not exist in http://127.0.0.1")
        .extracting(GitException::reason)
        .isEqualTo(Reason.REF_NOT_FOUND);
    assertThat(failure(BASIC, new RefSelector.Tag("v9"))).hasMessageContaining("tag v9 does not");
    assertThat(failure(BASIC, new RefSelector.Branch("a..b\nx")))
        .hasMessageContaining("not possible in Git: branch a..b?x");
    assertThat(failure(BASIC, new RefSelector.Hash("xyz")))
        .hasMessageContaining("not possible in Git: commit xyz");
  }

  @Test
  void an_empty_repository_has_no_default_branch() throws Exception {
    git.origin.delete("refs/heads/main");

    assertThat(failure(BASIC, new RefSelector.Head()))
        .hasMessageContaining("has no commit on its default branch")
        .extracting(GitException::reason)
        .isEqualTo(Reason.REF_NOT_FOUND);
  }
}
