package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import dev.fairlead.testbed.BlameBomb;
import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackServer;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Histories of small files that want all of the heap or of a processor, in a process that has the
 * daemon's heap and flags.
 */
@Timeout(300)
final class BlameHeapIT {
  private static final int LARGE = 15 * 1024 * 1024;

  @TempDir private Path directory;

  @Test
  void histories_that_would_take_all_memory_or_all_day_do_neither() throws Exception {
    Map<String, BlameBomb> bombs = new LinkedHashMap<>();
    bombs.put("merge", BlameBomb.merge(6, LARGE));
    bombs.put("empty-lines", BlameBomb.emptyLines(LARGE));
    bombs.put("large-merge", BlameBomb.merge(20, 4 << 20));
    bombs.put("like-lines", BlameBomb.likeLines(2, 500_000));
    bombs.put("fewer-like-lines", BlameBomb.likeLines(20, 90_000));
    bombs.put("swaps", BlameBomb.swaps(4, 90_000));
    bombs.put("deletions", BlameBomb.deletions(400_000));
    bombs.put("fewer-deletions", BlameBomb.deletions(100_000));
    bombs.put("messages", BlameBomb.messages(20, 4_000_000));
    bombs.put("directories", BlameBomb.directories(5, LARGE));
    var good = new HandmadePack();
    ObjectId content = good.put(OBJ_BLOB, "a: 1\n");
    ObjectId first = good.commit(good.tree("100644", "a.yaml", content), "Good");
    ObjectId second = good.commit(good.tree("100644", "a.yaml", content), "Later", first);
    bombs.put("good", new BlameBomb(second, "a.yaml", good));
    String said = victim(bombs);

    assertThat(said).endsWith("alive\n");
    assertThat(said.lines().map(line -> line.replaceFirst("in commit [0-9a-f]{7}", "once")))
        .as(said)
        .containsExactlyInAnyOrder(
            "good -> Good",
            "merge -> a.yaml has 15 MiB once, and the history of files up to 4 MiB is told",
            "empty-lines -> a.yaml has 15 MiB once, and the history of files up to 4 MiB is told",
            "large-merge -> Parent 0",
            "like-lines -> a.yaml has 500000 lines once, and the history of files up to 100000"
                + " lines is told",
            "fewer-like-lines -> Version",
            "swaps -> a.yaml has a history that takes more than 10 s to be looked through",
            "deletions -> a.yaml has a history that leads through a directory with more entries"
                + " than fit into 4 MiB",
            "fewer-deletions -> One",
            "messages -> First",
            "directories -> d/d/d/d/a.yaml has a history that leads through a directory with more"
                + " entries than fit into 4 MiB",
            "alive");
  }

  private String victim(Map<String, BlameBomb> bombs) throws IOException, InterruptedException {
    Path flags = Path.of("").toAbsolutePath().resolve("jvm.options");
    assertThat(flags).exists();
    Path log = directory.resolve("log");
    try (var server = new PackServer()) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  System.getProperty("java.home")
                      + File.separator
                      + "bin"
                      + File.separator
                      + "java",
                  "@" + flags,
                  "-Xmx64m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BlameVictim.class.getName(),
                  directory.resolve("cache").toString(),
                  "240"));
      bombs.forEach((name, bomb) -> {
        command.add(server.serve(name, bomb.commit(), bomb.pack().bytes()));
        command.add(bomb.commit().name());
        command.add(bomb.file());
      });
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        boolean ended = process.waitFor(280, TimeUnit.SECONDS);
        String said = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(ended).as("it has ended; it said\n" + said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
