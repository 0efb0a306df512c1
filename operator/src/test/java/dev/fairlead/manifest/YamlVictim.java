package dev.fairlead.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * A process of its own, for {@link ManifestHeapIT}: reads all files of a directory as a sync each,
 * several at the same time, and says of each what came of it.
 */
final class YamlVictim {
  private static final int AT_ONCE = 6;

  private YamlVictim() {}

  /**
   * @param args the directory
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var reader =
        new ManifestReader(Limits.DEFAULT.withMaxMemory(Runtime.getRuntime().maxMemory() / 2));
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of(args[0]))) {
      files = all.sorted().toList();
    }
    var places = new Semaphore(AT_ONCE);
    List<Thread> threads = new ArrayList<>();
    for (Path file : files) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                places.acquireUninterruptibly();
                say(file.getFileName().toString(), outcome(reader, file));
                places.release();
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    System.out.println("alive");
  }

  private static synchronized void say(String name, String outcome) {
    System.out.println(name + " -> " + outcome);
  }

  private static String outcome(ManifestReader reader, Path file) {
    try (ManifestMemory memory = reader.memory()) {
      memory.expect(Files.size(file));
      String name = file.getFileName().toString();
      var parsed = reader.read(name, name, Files.readAllBytes(file), memory);
      return parsed.findings().isEmpty()
          ? parsed.manifests().size()
              + " read, the digest has "
              + parsed.manifests().getFirst().digest().length()
          : parsed.findings().getFirst().toString();
    } catch (IOException | StackOverflowError e) {
      return e.toString();
    }
  }
}
