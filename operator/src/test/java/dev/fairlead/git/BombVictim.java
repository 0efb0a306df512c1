package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;

import dev.fairlead.model.Commit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own, for {@link PackHeapIT}: follows all these urls at the same time, and says
 * of each what came of it.
 */
final class BombVictim {
  private static final int LARGEST_FILE = 1024 * 1024;

  private BombVictim() {}

  /**
   * @param args the cache directory, the seconds that each may take, and the urls
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Duration timeout = Duration.ofSeconds(Long.parseLong(args[1]));
    try (var mirrors =
        new Mirrors(Path.of(args[0]), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {})) {
      List<Thread> all = new ArrayList<>();
      for (int i = 2; i < args.length; i++) {
        String url = args[i];
        all.add(
            Thread.ofVirtual().start(() -> say(url, outcome(() -> read(mirrors, url, timeout)))));
      }
      for (Thread one : all) {
        one.join();
      }
    }
    System.out.println("alive");
  }

  private interface Reading {
    String take() throws GitException, InterruptedException;
  }

  private static synchronized void say(String url, String outcome) {
    System.out.println(url.replaceFirst(".*/", "") + " -> " + outcome);
  }

  private static String outcome(Reading reading) {
    try {
      return reading.take();
    } catch (GitException | InterruptedException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static String read(Mirrors mirrors, String url, Duration timeout)
      throws GitException, InterruptedException {
    Mirror mirror = mirrors.acquire(new Remote(url, Credentials.NONE));
    Commit commit = mirror.look(MAIN, Instant.now(), timeout);
    Snapshot snapshot = mirror.tree(commit.revision().commit(), "", name -> name.endsWith(".yaml"));
    for (TreeFile file : snapshot.files()) {
      snapshot.read(file, LARGEST_FILE);
    }
    return commit.subject();
  }
}
