package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackBomb;
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
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packs that want all of the heap, at once, in a process that has the daemon's heap and flags. */
@Timeout(300)
final class PackHeapIT {
  private static final int LARGE = 15 * 1024 * 1024;

  @TempDir private Path directory;

  @Test
  void bombs_from_two_hosts_at_once_do_not_end_the_process_and_a_neighbour_is_read()
      throws Exception {
    Map<String, PackBomb> bombs =
        Map.of(
            "branches", PackBomb.branches(8, LARGE),
            "hashes", PackBomb.branchesByHash(8, LARGE),
            "copies", PackBomb.copies(8, LARGE),
            "copies2", PackBomb.copies(8, LARGE),
            "instructions", PackBomb.instructions(LARGE),
            "directories", PackBomb.directories(4, LARGE),
            "objects", PackBomb.copies(199_996, 100),
            "reading", PackBomb.cuttings(4, 2, LARGE),
            "reading2", PackBomb.cuttings(4, 2, LARGE));
    List<String> urls = new ArrayList<>();
    try (var server = new PackServer()) {
      bombs.forEach((name, bomb) -> {
        String url = server.serve(name, bomb.commit(), bomb.pack());
        urls.add(urls.size() % 2 == 0 ? url : url.replace("127.0.0.1", "localhost"));
      });
      var good = new HandmadePack();
      ObjectId commit =
          good.commit(good.tree("100644", "a.yaml", good.put(OBJ_BLOB, "a: 1\n")), "Good");
      urls.add(server.serve("good", commit, good.bytes()));

      String said = victim(urls);

      assertThat(said).contains("good -> Good").endsWith("alive\n");
      assertThat(
              said.lines().filter(line -> line.contains("to unpack it takes more than the 32 MiB")))
          .as(said)
          .extracting(line -> line.replaceFirst(" .*", ""))
          .containsExactlyInAnyOrder("branches", "hashes", "instructions");
      for (String taken :
          List.of("copies", "copies2", "directories", "objects", "reading", "reading2")) {
        assertThat(said).contains(taken + " -> Bomb");
      }
    }
    try (Stream<Path> left = Files.walk(directory.resolve("cache"))) {
      assertThat(left.filter(Files::isRegularFile).map(p -> p.getFileName().toString()))
          .as("what is left of them")
          .noneMatch(name -> name.endsWith(".pack"));
    }
  }

  /** Each of them some 13 MiB in the heap. */
  @Test
  void lists_of_refs_from_many_servers_at_once_do_not_end_the_process() throws Exception {
    var good = new HandmadePack();
    ObjectId commit =
        good.commit(good.tree("100644", "a.yaml", good.put(OBJ_BLOB, "a: 1\n")), "Good");
    Map<String, String> refs = new LinkedHashMap<>();
    refs.put("refs/heads/main", commit.name());
    for (int i = 0; i < 50_000; i++) {
      refs.put("refs/tags/tag-%07d".formatted(i), commit.name());
    }
    List<String> urls = new ArrayList<>();
    try (var server = new PackServer()) {
      for (int i = 0; i < 12; i++) {
        urls.add(server.serve("many" + i, refs, good.bytes()));
      }
      urls.add(server.serve("good", commit, good.bytes()));

      String said = victim(urls);

      assertThat(said).contains("good -> Good").endsWith("alive\n");
      assertThat(said.lines().filter(line -> line.startsWith("many")))
          .as(said)
          .hasSize(12)
          .allMatch(line -> line.endsWith(" -> Good") || line.contains("MiB of refs together"));
    }
  }

  private String victim(List<String> urls) throws IOException, InterruptedException {
    Path flags = Path.of("").toAbsolutePath().resolve("jvm.options");
    assertThat(flags).exists();
    Path log = directory.resolve("log");
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "@" + flags,
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                BombVictim.class.getName(),
                directory.resolve("cache").toString(),
                "240"));
    command.addAll(urls);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
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
