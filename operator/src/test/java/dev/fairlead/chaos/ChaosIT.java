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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
  void the_cluster_holds_what_git_says_whatever_happens() throws Exception {
    Files.createDirectories(directory);
    Long seed = Long.getLong("fairlead.seed");
    String time = System.getProperty("fairlead.chaos", "short");
    if (seed != null) {
      report(episode(seed).call());
    } else if (time.equals("short")) {
      runTogether(FIXED);
    } else {
      Instant end = Instant.now().plus(Duration.parse("PT" + time.toUpperCase(Locale.ROOT)));
      for (long next = Instant.now().getEpochSecond(); Instant.now().isBefore(end); next++) {
        report(episode(next).call());
      }
    }
    say("All together:\n" + total);
    assertThat(violations).as("violations").isEmpty();
  }

  /** Two at a time, since they wait more than they compute; each has a cluster of its own. */
  private void runTogether(List<Long> seeds) throws Exception {
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      for (Future<Result> result : two.invokeAll(seeds.stream().map(this::episode).toList())) {
        report(result.get());
      }
    }
  }

  private Callable<Result> episode(long seed) {
    return () -> {
      Instant began = Instant.now();
      String name = "seed-" + seed + "-" + began.getEpochSecond();
      Episode episode = new Episode(seed, ROUNDS, directory.resolve(name));
      episode.run();
      return new Result(seed, episode, Duration.between(began, Instant.now()));
    };
  }

  private void report(Result result) throws IOException {
    Episode episode = result.episode();
    Duration took = result.took();
    total.addAll(episode.tally());
    total.add("seconds", "seconds", took.toSeconds());
    String seeds = "SEED=" + result.seed();
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

  private record Result(long seed, Episode episode, Duration took) {}

  private void say(String text) throws IOException {
    System.out.println(text);
    Files.writeString(
        directory.resolve("report.txt"),
        text + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
