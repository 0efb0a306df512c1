package dev.fairlead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the kernel counts of a container's memory, in bytes. Not what the JVM thinks of it.
 *
 * @param peak the most that was ever charged: with the pages of files that it was the first to
 *     read, which the kernel takes back before it kills anybody
 * @param anonymous what cannot be taken back, now
 * @param workingSet what {@code kubectl top} tells and evictions go by, now
 * @param failures how often the limit was met; pages of files were taken back then, or worse
 * @param kills how many processes were killed for it
 */
public record ContainerMemory(
    long peak, long anonymous, long workingSet, long failures, long kills) {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  /**
   * @param group as {@code cgroupsPath} of the runtime's configuration has it
   */
  static ContainerMemory of(String group) {
    try {
      Path first = ROOT.resolve("memory" + group);
      return Files.isDirectory(first) ? firstVersion(first) : secondVersion(ROOT, group);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ContainerMemory firstVersion(Path directory) throws IOException {
    Map<String, Long> stat = pairs(directory.resolve("memory.stat"));
    return new ContainerMemory(
        number(directory.resolve("memory.max_usage_in_bytes")),
        stat.getOrDefault("total_rss", 0L),
        number(directory.resolve("memory.usage_in_bytes"))
            - stat.getOrDefault("total_inactive_file", 0L),
        number(directory.resolve("memory.failcnt")),
        pairs(directory.resolve("memory.oom_control")).getOrDefault("oom_kill", 0L));
  }

  private static ContainerMemory secondVersion(Path root, String group) throws IOException {
    Path directory = root.resolve(group.substring(1));
    Map<String, Long> stat = pairs(directory.resolve("memory.stat"));
    Map<String, Long> events = pairs(directory.resolve("memory.events"));
    return new ContainerMemory(
        number(directory.resolve("memory.peak")),
        stat.getOrDefault("anon", 0L),
        number(directory.resolve("memory.current")) - stat.getOrDefault("inactive_file", 0L),
        events.getOrDefault("max", 0L),
        events.getOrDefault("oom_kill", 0L));
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  private static Map<String, Long> pairs(Path file) throws IOException {
    Map<String, Long> pairs = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int space = line.indexOf(' ');
      pairs.put(line.substring(0, space), Long.parseLong(line.substring(space + 1).strip()));
    }
    return pairs;
  }

  /** For a person, in MiB. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "peak %.0f MiB, anonymous %.0f, working set %.0f, limit met %d times, killed %d",
        mebibytes(peak),
        mebibytes(anonymous),
        mebibytes(workingSet),
        failures,
        kills);
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }
}
