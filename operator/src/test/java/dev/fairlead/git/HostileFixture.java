package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.PackServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors of a server that sends whatever it is told to. */
abstract class HostileFixture {
  @TempDir Path directory;
  PackServer server;
  Mirrors mirrors;

  @BeforeEach
  void start() throws IOException {
    server = new PackServer();
    mirrors =
        new Mirrors(
            directory.resolve("cache"), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    server.close();
  }

  Mirror mirror(ObjectId main, byte[] pack) throws GitException {
    return mirrors.acquire(new Remote(server.serve("x.git", main, pack), Credentials.NONE));
  }

  /** Everything that a sync does with a new commit. */
  static void readAll(Mirror mirror, ObjectId commit) throws Exception {
    look(mirror, MAIN);
    Snapshot snapshot = mirror.tree(commit.name(), "", name -> name.endsWith(".yaml"));
    for (TreeFile file : snapshot.files()) {
      snapshot.read(file, 1024 * 1024);
    }
  }

  void nothing_is_elsewhere() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      assertThat(all).containsExactly(directory.resolve("cache"));
    }
  }
}
