package dev.fairlead.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What {@code make chaos} runs: the seeds that were asked for, or new ones until the time is over,
 * and a table of what happened.
 *
 * <p>The system property {@code fairlead.chaos} says for how long, such as {@code 1h}; {@code
 * short} runs the fixed seeds. {@code fairlead.seed} repeats one.
 */
@EnabledIfSystemProperty(named = "fairlead.chaos", matches = ".+")
final class ChaosIT {
  private static final List<Long> FIXED = List.of(1L, 2L, 1795662710L);
  private static final int ROUNDS = 4;

  private final Path directory = Path.of("target", "chaos").toAbsolutePath();
  private final Tally total = new Tally();
  private final List<String> violations = new ArrayList<>();

  @Test
  void the_cluster_holds_what_git_says_whatever_happens() throws IOException {
    Files.createDirectories(directory);
    Long seed = Long.getLong("fairlead.seed");
    String time = System.getProperty("fairlead.chaos", "short");
    if (seed != null) {
      run(seed);
    } else if (time.equals("short")) {
      for (long fixed : FIXED) {
        run(fixed);
      }
    } else {
      Instant end = Instant.now().plus(Duration.parse("PT" + time.toUpperCase(Locale.ROOT)));
      for (long next = Instant.now().getEpochSecond(); Instant.now().isBefore(end); next++) {
        run(next);
      }
    }
    say("All together:\n" + total);
    assertThat(violations).as("violations").isEmpty();
  }

  private void run(long seed) throws IOException {
    Instant began = Instant.now();
    String name = "seed-" + seed + "-" + began.getEpochSecond();
    Episode episode = new Episode(seed, ROUNDS, directory.resolve(name));
    episode.run();
    Duration took = Duration.between(began, Instant.now());
    total.addAll(episode.tally());
    total.add("seconds", "seconds", took.toSeconds());
    String seeds = "SEED=" + seed;
    say(
        "chaos: %s, %d s, %d violations%n%s"
            .formatted(seeds, took.toSeconds(), episode.violations().size(), episode.tally()));
    if (!episode.violations().isEmpty()) {
      say(
          "VIOLATED, repeat with make chaos %s; everything is in %s%n%s%nThe last steps:%n%s"
              .formatted(
                  seeds,
                  episode.journal().file().getParent(),
                  String.join("\n", episode.violations()),
                  episode.journal().last()));
      episode.violations().forEach(v -> violations.add(seeds + ": " + v));
    }
  }

  private void say(String text) throws IOException {
    System.out.println(text);
    Files.writeString(
        directory.resolve("report.txt"),
        text + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
