package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.MirrorFixture.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Commit;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A mirror of a repository behind ssh. */
final class SshTest {
  private static final KeyPair KEY = GitSsh.key("Ed25519");

  @TempDir private Path directory;
  private MirrorFixture git;
  private GitSsh server;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1", "deploy/b", "2"));
    server = new GitSsh(git.origin);
    server.allow(KEY.getPublic());
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    git.close();
  }

  static String pem(KeyPair key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getPrivate().getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  private Credentials credentials() {
    return new Credentials.Ssh(
        new Credentials.Identity(pem(KEY), Optional.empty()), server.knownHosts());
  }

  private Mirror mirror() throws GitException {
    return git.mirrors.acquire(new Remote(server.url(), credentials()));
  }

  @Test
  void a_look_asks_for_one_ref_by_protocol_v2_and_a_new_commit_is_fetched() throws Exception {
    Mirror mirror = mirror();

    Commit first = look(mirror, MAIN);

    assertThat(first.subject()).isEqualTo("First");
    assertThat(paths(mirror, first, "deploy")).containsExactly("deploy/b");
    git.origin.commit("main", "Second", Map.of("c", "3"));
    assertThat(paths(mirror, look(mirror, MAIN), "")).containsExactly("c");
    assertThat(look(mirror, MAIN).subject()).isEqualTo("Second");
    assertThat(server.visits())
        .hasSize(3)
        .containsOnly("git-upload-pack '/team/repo.git' version=2");
    assertThat(git.told)
        .containsExactly(
            "look success", "fetch success", "look success", "fetch success", "look success");
  }

  @Test
  void a_password_lets_in_too() throws Exception {
    server.allow("git", "hunter2");
    var password =
        new Credentials.Ssh(new Credentials.Password("git", "hunter2"), server.knownHosts());

    Commit first = look(git.mirrors.acquire(new Remote(server.url(), password)), MAIN);

    assertThat(first.subject()).isEqualTo("First");
  }

  @Test
  void a_path_after_a_colon_begins_at_the_users_home() throws Exception {
    String hosts = GitSsh.knownHosts("127.0.0.1", server.hostKey().getPublic());
    Credentials credentials =
        new Credentials.Ssh(new Credentials.Identity(pem(KEY), Optional.empty()), hosts);
    var closed = new Remote("git@127.0.0.1:team/repo.git", credentials);

    RemoteUrl url = RemoteUrl.parse(closed.url(), false);

    // No port can be said in this form, and 22 is not ours to have here.
    assertThat(url.location().getPath()).isEqualTo("team/repo.git");
    assertThat(url.location().getUser()).isEqualTo("git");
    assertThat(url.location().getHost()).isEqualTo("127.0.0.1");
    assertThat(RemoteUrl.parse("git@127.0.0.1:/team/repo.git", false).location().getPath())
        .isEqualTo("/team/repo.git");
  }

  @Test
  void syncs_of_one_repository_and_key_share_a_mirror_and_of_another_key_do_not() throws Exception {
    Mirror one = mirror();
    Mirror other = mirror();
    Credentials stranger =
        new Credentials.Ssh(
            new Credentials.Identity(pem(GitSsh.key("Ed25519")), Optional.empty()),
            server.knownHosts());
    Mirror third = git.mirrors.acquire(new Remote(server.url(), stranger));
    look(one, MAIN);

    Commit shared = other.look(MAIN, Instant.EPOCH, TIMEOUT);

    assertThat(shared.subject()).isEqualTo("First");
    assertThat(server.visits()).hasSize(1);
    assertThat(
            catchThrowableOfType(
                GitException.class, () -> third.look(MAIN, Instant.EPOCH, TIMEOUT)))
        .hasMessageContaining("does not let git in");
  }

  @Test
  void a_server_that_does_not_know_protocol_v2_is_asked_in_the_old_way() throws Exception {
    server.forgetProtocol();
    git.origin.commit("other", "Other", Map.of("x", "1"));
    Mirror mirror = mirror();

    assertThat(look(mirror, MAIN).subject()).isEqualTo("First");
    assertThat(look(mirror, new RefSelector.Branch("other")).subject()).isEqualTo("Other");
    assertThat(server.visits()).containsOnly("git-upload-pack '/team/repo.git' ");
  }

  @Test
  void a_host_of_several_keys_is_asked_for_the_one_that_is_known() throws Exception {
    KeyPair rsa = GitSsh.key("RSA");
    try (var many = new GitSsh(git.origin, GitSsh.key("EC"), GitSsh.key("Ed25519"), rsa)) {
      many.allow(KEY.getPublic());
      String hosts = GitSsh.knownHosts("[127.0.0.1]:" + many.port(), rsa.getPublic());
      var credentials =
          new Credentials.Ssh(new Credentials.Identity(pem(KEY), Optional.empty()), hosts);

      Commit first = look(git.mirrors.acquire(new Remote(many.url(), credentials)), MAIN);

      assertThat(first.subject()).isEqualTo("First");
    }
  }

  enum Stall {
    BEFORE_THE_GREETING,
    DURING_THE_LOGIN,
    AFTER_THE_LOGIN,
    DRIPPING
  }

  /** Where it happens, a server that says nothing costs no more than the time that is granted. */
  @ParameterizedTest
  @EnumSource
  void a_stalled_server_is_given_up_at_the_deadline(Stall stall) throws Exception {
    try (var silent = new ServerSocket(0)) {
      Mirror mirror = stalled(stall, silent);
      long began = System.nanoTime();

      GitException e =
          catchThrowableOfType(
              GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofMillis(1500)));

      assertThat(e).hasMessageContaining("did not answer within spec.fetchTimeout (1500ms)");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
      await("the end of the look")
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(git.told).startsWith("look timeout"));
      if (stall != Stall.BEFORE_THE_GREETING) {
        server.fault(null);
        server.allow(KEY.getPublic());
        assertThat(look(mirror, MAIN).subject()).as("and works again").isEqualTo("First");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void an_interrupted_caller_leaves_at_once_and_so_does_the_conversation(Stall stall)
      throws Exception {
    try (var silent = new ServerSocket(0)) {
      Mirror mirror = stalled(stall, silent);
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
      Thread.sleep(500);

      caller.interrupt();

      assertThat(thrown.get(2, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      if (stall != Stall.DURING_THE_LOGIN) { // There the server itself looks at nothing.
        await("the server's sight of it")
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(() -> assertThat(server.server().getActiveSessions()).isEmpty());
      }
    }
  }

  private Mirror stalled(Stall stall, ServerSocket silent) throws Exception {
    switch (stall) {
      case BEFORE_THE_GREETING -> {
        String url = "ssh://git@127.0.0.1:" + silent.getLocalPort() + "/r.git";
        return git.mirrors.acquire(new Remote(url, credentials()));
      }
      case DURING_THE_LOGIN ->
          server.server().setPublickeyAuthenticator((_, _, _) -> sleep(30_000) == 0);
      case AFTER_THE_LOGIN -> server.fault((_, _, _) -> sleep(30_000));
      case DRIPPING ->
          server.fault((_, out, _) -> {
            int status = 0;
            for (int i = 0; i < 1000 && status == 0; i++) {
              out.write("000eversion 2\n".charAt(i % 14));
              out.flush();
              status = sleep(300);
            }
            return status;
          });
    }
    return mirror();
  }

  private static int sleep(long millis) {
    try {
      Thread.sleep(millis);
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  @Test
  void nothing_of_a_conversation_is_left_behind() throws Exception {
    Mirror mirror = mirror();
    look(mirror, MAIN);

    for (int i = 0; i < 5; i++) {
      look(mirror, MAIN);
    }

    await("the end of the threads")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() ->
            assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.contains("SshClient") || name.contains("-client-")));
    await("the end of the sessions")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(server.server().getActiveSessions()).isEmpty());
    try (Stream<Path> files = Files.walk(git.cache)) {
      assertThat(files.filter(Files::isRegularFile))
          .allSatisfy(file ->
              assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                  .doesNotContain("PRIVATE KEY"));
    }
  }
}
