package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.testbed.PackBomb;
import dev.fairlead.testbed.PackServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is interrupted while he waits for his turn to read has found nothing wrong with a mirror. */
@Timeout(60)
final class InterruptedReadTest {
  private static final int MIB = 1024 * 1024;
  private static final GitLimits LIMITS =
      new GitLimits(
          false,
          16,
          new GitLimits.Pack(16 * MIB, 10_000, MIB),
          new GitLimits.Disk(0, 512L * MIB, 2048L * MIB, 2, Duration.ZERO),
          GitLimits.Tree.DEFAULT);

  @TempDir private Path directory;
  private final Turns turns = new Turns(LIMITS);
  private PackServer server;
  private Mirrors mirrors;
  private Mirror mirror;
  private PackBomb pack;

  @BeforeEach
  void start() throws Exception {
    server = new PackServer();
    mirrors =
        new Mirrors(
            directory.resolve("cache"), LIMITS, InstantSource.system(), (_, _, _) -> {}, turns);
    // Its file takes more than a share to be read.
    pack = PackBomb.cuttings(2, 1, MIB / 2);
    mirror =
        mirrors.acquire(
            new Remote(server.serve("x.git", pack.commit(), pack.pack()), Credentials.NONE));
    look(mirror, MAIN);
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    server.close();
  }

  @Test
  void an_interrupted_reader_leaves_the_mirror_as_it_is() throws Exception {
    Snapshot snapshot = mirror.tree(pack.commit().name(), "", name -> name.endsWith("a.yaml"));
    AtomicReference<String> said = new AtomicReference<>("");
    Thread reader;
    try (Turns.Turn _ = turns.large()) {
      reader =
          Thread.ofVirtual()
              .start(
                  () -> said.set(outcome(() -> snapshot.read(snapshot.files().getFirst(), MIB))));
      waits(reader);
      reader.interrupt();
      reader.join();
    }

    assertThat(said.get()).contains("was given up");
    the_mirror_is_the_same_and_readable(server.fetches("x.git"));
  }

  @Test
  void an_interrupted_walk_leaves_the_mirror_as_it_is() throws Exception {
    AtomicReference<String> said = new AtomicReference<>("");
    Thread reader;
    try (Turns.Turn _ = turns.large()) {
      reader =
          Thread.ofVirtual()
              .start(() -> said.set(outcome(() -> mirror.treeId(pack.commit().name(), "sub"))));
      waits(reader);
      reader.interrupt();
      reader.join();
    }

    assertThat(said.get()).contains("was given up");
    the_mirror_is_the_same_and_readable(server.fetches("x.git"));
  }

  private interface Reading {
    Object take() throws GitException;
  }

  private static String outcome(Reading reading) {
    try {
      return "read " + reading.take();
    } catch (GitException e) {
      return e.getMessage();
    }
  }

  private static void waits(Thread reader) {
    await().atMost(Duration.ofSeconds(20)).until(() -> reader.getState() == Thread.State.WAITING);
  }

  private void the_mirror_is_the_same_and_readable(int fetches) throws Exception {
    try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
      assertThat(all.map(p -> p.getFileName().toString()).filter(n -> n.endsWith(".pack")))
          .hasSize(1);
    }
    look(mirror, MAIN);
    Snapshot again = mirror.tree(pack.commit().name(), "", name -> name.endsWith("a.yaml"));
    assertThat(again.read(again.files().getFirst(), MIB)).isNotEmpty();
    assertThat(server.fetches("x.git")).as("fetches").isEqualTo(fetches);
  }
}
