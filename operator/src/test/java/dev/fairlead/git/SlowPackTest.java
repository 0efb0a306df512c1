package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Packs that want the turns of others, from servers that take their time. */
@Timeout(120)
final class SlowPackTest {
  /** Of which 1,388 whole objects are a share, and 625 deltas. */
  private static final GitLimits LIMITS =
      new GitLimits(
          false,
          16,
          new GitLimits.Pack(16 << 20, 10_000, 64 << 10),
          GitLimits.Disk.DEFAULT,
          GitLimits.Tree.DEFAULT);

  private static final int FILES = 3_000;

  /** In the answers of the server: behind the objects of more than a share. */
  private static final int PLACE = 130_000;

  @TempDir private Path directory;
  private Origin origin;
  private GitHttp server;
  private ManglingProxy proxy;
  private Mirrors mirrors;

  @BeforeEach
  void start() throws IOException {
    origin = new Origin(directory.resolve("origin.git"));
    Map<String, String> files = new HashMap<>();
    for (int i = 0; i < FILES; i++) {
      files.put("d%02d/file-%05d.yaml".formatted(i % 50, i), "a: " + i * 7919L + "\n");
    }
    origin.commit("main", "Many", files);
    server = new GitHttp(origin);
    proxy = new ManglingProxy(server.port());
    mirrors =
        new Mirrors(directory.resolve("cache"), LIMITS, InstantSource.system(), (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    proxy.close();
    server.close();
    origin.close();
  }

  private CompletableFuture<String> lookThroughProxy(Mangling how, Duration timeout)
      throws GitException {
    return lookThroughProxy(mirrors, how, timeout);
  }

  private CompletableFuture<String> lookThroughProxy(
      Mirrors mirrors, Mangling how, Duration timeout) throws GitException {
    proxy.mangle(Mangling.none(), how);
    Mirror mirror =
        mirrors.acquire(
            new Remote("http://127.0.0.1:" + proxy.port() + "/team/repo.git", Credentials.NONE));
    return CompletableFuture.supplyAsync(() -> {
      try {
        return mirror.look(MAIN, Instant.now(), timeout).subject();
      } catch (GitException | InterruptedException e) {
        return String.valueOf(e.getMessage());
      }
    });
  }

  private String lookStraight() throws GitException, InterruptedException {
    return mirrors
        .acquire(new Remote(server.url(), Credentials.NONE))
        .look(MAIN, Instant.now(), Duration.ofSeconds(20))
        .subject();
  }

  @ParameterizedTest
  @EnumSource(
      value = Mangling.Kind.class,
      names = {"STALL", "DRIP"})
  void a_server_that_takes_its_time_holds_up_no_other_large_fetch(Mangling.Kind kind)
      throws Exception {
    Mangling how = new Mangling(kind, PLACE, 0, 1);
    CompletableFuture<String> slowOne = lookThroughProxy(how, Duration.ofSeconds(60));
    await().atMost(Duration.ofSeconds(30)).until(how::met);
    Thread.sleep(500);

    assertThat(lookStraight()).isEqualTo("Many");

    assertThat(slowOne).as("the slow one is still at it").isNotDone();
    how.calm();
    if (kind == Mangling.Kind.DRIP) {
      assertThat(slowOne.get(30, TimeUnit.SECONDS)).isEqualTo("Many");
    }
  }

  /** There is one turn to unpack, and it is for small packs too. */
  @Test
  void a_slow_server_keeps_nobody_from_unpacking() throws Exception {
    try (var narrow =
        new Mirrors(
            directory.resolve("narrow"),
            new GitLimits(false, 4, LIMITS.pack(), LIMITS.disk(), LIMITS.tree()),
            InstantSource.system(),
            (_, _, _) -> {})) {
      Mangling how = new Mangling(Mangling.Kind.STALL, 2_000, 0, 1);
      CompletableFuture<String> slowOne = lookThroughProxy(narrow, how, Duration.ofSeconds(60));
      await().atMost(Duration.ofSeconds(30)).until(how::met);
      Thread.sleep(500);

      assertThat(
              narrow
                  .acquire(new Remote(server.url(), Credentials.NONE))
                  .look(MAIN, Instant.now(), Duration.ofSeconds(20))
                  .subject())
          .isEqualTo("Many");

      assertThat(slowOne).as("the slow one is still at it").isNotDone();
      how.calm();
    }
  }

  @Test
  void nothing_is_left_of_one_that_never_comes_to_its_end() throws Exception {
    CompletableFuture<String> slowOne =
        lookThroughProxy(new Mangling(Mangling.Kind.STALL, PLACE, 0, 1), Duration.ofSeconds(4));

    assertThat(slowOne.get(60, TimeUnit.SECONDS)).contains("did not answer");

    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> {
          try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
            assertThat(all.map(p -> p.getFileName().toString()))
                .as("what is left")
                .noneMatch(name -> name.startsWith("incoming_"));
          }
        });
    proxy.calm();
    assertThat(lookThroughProxy(Mangling.none(), Duration.ofSeconds(30)).get(60, TimeUnit.SECONDS))
        .isEqualTo("Many");
  }

  @Test
  void what_is_received_ahead_is_bounded_by_the_size_of_a_pack() throws Exception {
    GitLimits.Pack pack = new GitLimits.Pack(120_000, 10_000, 64 << 10);
    try (var tight =
        new Mirrors(
            directory.resolve("tight"),
            new GitLimits(false, 16, pack, LIMITS.disk(), LIMITS.tree()),
            InstantSource.system(),
            (_, _, _) -> {})) {
      Mirror mirror = tight.acquire(new Remote(server.url(), Credentials.NONE));

      GitException e =
          catchThrowableOfType(
              GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofSeconds(30)));

      assertThat(e).hasMessageContaining("it is larger than the allowed 117 KiB");
    }
  }
}
