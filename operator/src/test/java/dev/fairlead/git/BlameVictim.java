package dev.fairlead.git;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own, for {@link BlameHeapIT}: asks for the history of all these files at the
 * same time, and says of each what came of it.
 */
final class BlameVictim {
  private BlameVictim() {}

  /**
   * @param args the cache directory, the seconds that each may take, and url, commit and file of
   *     each
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    Duration wait = Duration.ofSeconds(Long.parseLong(args[1]));
    try (var mirrors =
        new Mirrors(Path.of(args[0]), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {})) {
      List<Thread> all = new ArrayList<>();
      for (int i = 2; i < args.length; i += 3) {
        String url = args[i];
        String commit = args[i + 1];
        String file = args[i + 2];
        all.add(Thread.ofVirtual().start(() -> say(url, blame(mirrors, url, commit, file, wait))));
      }
      for (Thread one : all) {
        one.join();
      }
    }
    System.out.println("alive");
  }

  private static synchronized void say(String url, String outcome) {
    System.out.println(url.replaceFirst(".*/", "") + " -> " + outcome);
  }

  private static String blame(
      Mirrors mirrors, String url, String commit, String file, Duration wait) {
    try {
      Mirror mirror = mirrors.acquire(new Remote(url, Credentials.NONE));
      return mirror
          .blame(commit, file, wait, wait, Mirror.Gate.OPEN)
          .map(blame -> blame.lines().getFirst().change().map(c -> c.subject()).orElse("older"))
          .orElse("no answer");
    } catch (GitException | InterruptedException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
