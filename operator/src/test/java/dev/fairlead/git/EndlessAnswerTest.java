package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.testbed.EndlessServer.packet;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.EndlessServer;
import dev.fairlead.testbed.EndlessServer.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Servers that never stop to talk, as fast as they are listened to. */
final class EndlessAnswerTest {
  private static final String COMMIT = "1234567890123456789012345678901234567890";
  private static final String SHALLOW = packet("shallow-info\n");
  private static final String PACK =
      SHALLOW + packet("shallow " + COMMIT + "\n") + "0001" + packet("packfile\n");

  /** One conversation at a time. */
  private static final GitLimits ONE_TURN =
      new GitLimits(
          false, 1, GitLimits.Pack.DEFAULT, GitLimits.Disk.DEFAULT, GitLimits.Tree.DEFAULT);

  @TempDir private Path directory;

  record Row(String name, String first, String again) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> talks() {
    return Stream.of(
        new Row("lines of progress", PACK, packet("\2Counting objects, and counting them again\n")),
        new Row("one line of progress", PACK, packet("\2" + "x".repeat(60_000))),
        new Row("pieces of a pack with nothing in them", PACK, packet("\1")),
        new Row("commits without parents", SHALLOW, packet("shallow " + COMMIT + "\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("talks")
  void what_is_said_beside_a_pack_is_bounded(Row row) throws Exception {
    try (var server = new EndlessServer();
        var git = new MirrorFixture(directory, ONE_TURN)) {
      git.origin.commit("main", "Good", Map.of("a", "1"));
      String url = server.serve("talks", Point.FETCH, row.first(), row.again());
      Mirror mirror = git.mirrors.acquire(new Remote(url, Credentials.NONE));

      GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

      assertThat(e).as("it is refused").isNotNull();
      assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
      assertThat(e)
          .hasMessage(
              "what " + url + " sends is too much: it says more than 1 MiB beside its files");
      assertThat(e.hostTrouble()).isEmpty();
      assertThat(look(git.mirror(), MAIN).subject()).as("another's turn").isEqualTo("Good");
    }
  }

  static Stream<Row> heads() {
    return Stream.of(
        new Row("answers that are not the last", "", "HTTP/1.1 100 Continue\r\n\r\n"),
        new Row("lines of the head", "HTTP/1.1 200 OK\r\n", "A: b\r\n"),
        new Row("one line of the head", "HTTP/1.1 200 OK\r\nA: b", "c"),
        new Row("ends of a line", "HTTP/1.1 200 OK\r\nA: b", "\r"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("heads")
  void what_precedes_an_answer_is_bounded(Row row) throws Exception {
    try (var server = new EndlessServer();
        var git = new MirrorFixture(directory, ONE_TURN)) {
      git.origin.commit("main", "Good", Map.of("a", "1"));
      String url = server.serve("heads", Point.HEAD, row.first(), row.again());
      Mirror mirror = git.mirrors.acquire(new Remote(url, Credentials.NONE));

      GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

      assertThat(e).as("it is refused").isNotNull();
      assertThat(e).hasMessageContaining("the head of its answer has more than 64 KiB");
      assertThat(look(git.mirror(), MAIN).subject()).as("another's turn").isEqualTo("Good");
    }
  }

  /** The JDK calls itself for each of them, until its stack is full. */
  @Test
  void answers_over_https_that_are_not_the_last_end_and_are_told() throws Exception {
    try (var server = EndlessServer.withTls(directory);
        var git = new MirrorFixture(directory, ONE_TURN)) {
      git.origin.commit("main", "Good", Map.of("a", "1"));
      String url = server.serve("heads", Point.HEAD, "", "HTTP/1.1 100 Continue\r\n\r\n");
      Credentials trusting =
          Credentials.fromSecret(
              Map.of(
                  "username", "robot".getBytes(UTF_8),
                  "password", "pw".getBytes(UTF_8),
                  "ca.crt", server.caCertificate().getBytes(UTF_8)));
      Mirror mirror = git.mirrors.acquire(new Remote(url, trusting));

      GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

      assertThat(e).as("it is refused").isNotNull();
      assertThat(e)
          .hasMessage(
              "cannot read from " + url + ": it answers without an end, and never for good");
      assertThat(look(git.mirror(), MAIN).subject()).as("another's turn").isEqualTo("Good");
    }
  }

  /** Nothing of it is counted, for it unpacks to nothing. */
  @Test
  void a_look_at_one_who_always_says_something_ends_with_its_time() throws Exception {
    byte[] head = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0};
    byte[] empty = {0, 0, 0, (byte) 0xff, (byte) 0xff};
    try (var server = new EndlessServer();
        var git = new MirrorFixture(directory, ONE_TURN)) {
      git.origin.commit("main", "Good", Map.of("a", "1"));
      String url = server.serve("zip", Point.REFS, "Content-Encoding: gzip\r\n", head, empty);
      Mirror mirror = git.mirrors.acquire(new Remote(url, Credentials.NONE));

      GitException e =
          catchThrowableOfType(
              GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofMillis(500)));

      assertThat(e).hasMessageContaining("did not answer within spec.fetchTimeout (500ms)");
      assertThat(git.mirror().look(MAIN, Instant.now(), TIMEOUT).subject())
          .as("another's turn")
          .isEqualTo("Good");
    }
  }
}
