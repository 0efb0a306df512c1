package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * What one seed stands for: a new cluster, rounds of random steps, and after each round the
 * question whether everything is as it has to be.
 *
 * <p>The seed alone decides what is done in which order; what happens at the same time is up to the
 * machine. One thread.
 */
final class Episode {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration IDLE = Duration.ofSeconds(6);
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final int MIN_STEPS = 8;
  private static final int MAX_STEPS = 20;
  private static final int DRAWS = 20;

  private final long seed;
  private final int rounds;
  private final Path directory;
  private final SplittableRandom random;
  private final Tally tally = new Tally();
  private final Journal journal;
  private final List<String> violations = new ArrayList<>();
  private Map<ObjectKey, String> uids = new TreeMap<>();
  private int writesBefore;

  Episode(long seed, int rounds, Path directory) {
    this.seed = seed;
    this.rounds = rounds;
    this.directory = directory;
    this.random = new SplittableRandom(seed);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.journal = new Journal(directory.resolve("journal.txt"));
  }

  Tally tally() {
    return tally;
  }

  /** What did not hold, each with its check's sentence; none when all is well. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  Journal journal() {
    return journal;
  }

  /** Lives until the last round, or until something does not hold. */
  void run() {
    try (World world = new World(directory, seed, daemons(), tally)) {
      begin(world);
      for (int round = 1; round <= rounds && violations.isEmpty(); round++) {
        journal.note("round " + round);
        int steps = random.nextInt(MIN_STEPS, MAX_STEPS);
        for (int i = 0; i < steps; i++) {
          step(world);
        }
        quiet(world);
      }
    } catch (RuntimeException | AssertionError e) {
      // Also a mistake of the test is to be seen beside what led to it.
      violations.add("the run ended: " + e);
      journal.note("the run ended: " + e);
      for (StackTraceElement at : e.getStackTrace()) {
        journal.note("  at " + at);
      }
    }
  }

  /** One that is alone starts at once after a crash, and so sees more of the middle of things. */
  private int daemons() {
    return seed % 3 == 0 ? 1 : 2;
  }

  private void begin(World world) {
    Commits.first(world, random);
    world.foreign().create(world, "red", "nobodys", Map.of());
    world.foreign().apply(world, "blue", "applied", world.model().syncs().getFirst().manager());
    for (Sync sync : world.model().syncs()) {
      world.create(sync);
    }
    world.seats().forEach(Seat::start);
    quiet(world);
  }

  private void step(World world) {
    tally.count("steps", "steps");
    world.step().forEach(journal::note);
    int group = random.nextInt(100);
    List<Action> actions =
        group < 46
            ? Commits.all()
            : group < 64 ? LiveActions.all() : group < 74 ? SyncActions.all() : Faults.all();
    for (int i = 0; i < DRAWS; i++) {
      Action action = Action.choose(actions, random);
      Optional<String> done = action.act().on(world, random);
      if (done.isPresent()) {
        tally.count(action.group(), action.name());
        journal.note(action.name() + ": " + done.get());
        break;
      }
    }
    int haste = random.nextInt(100);
    pause(
        Duration.ofMillis(
            haste < 40
                ? random.nextInt(100)
                : haste < 85 ? random.nextInt(100, 900) : random.nextInt(900, 3000)));
  }

  /** Ends all disturbance, waits until all is well, and sees that it stays so. */
  private void quiet(World world) {
    world.heal().forEach(journal::note);
    finish(world);
    journal.note("quiet from now on");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<String> wrong = List.of("nobody looked");
    while (!wrong.isEmpty() && System.nanoTime() < deadline) {
      pause(LOOK);
      QuietPoint point = look(world);
      wrong = differences(point, true);
      if (wrong.isEmpty()) {
        wrong = settled(world, point);
      }
    }
    QuietPoint point = look(world);
    for (Check check : Checks.all()) {
      tally.count("checks", check.name());
      for (String difference : check.test().differences(point)) {
        violate(check.name(), check.sentence(), difference);
      }
    }
    tally.count("checks", "quiet");
    if (violations.isEmpty()) {
      wrong.forEach(w -> violate("quiet", "Nothing is written when nothing happens", w));
    }
    tally.count("quiet", "quiet points");
    point.rests().forEach((sync, rest) -> tally.count("rests", rest.getClass().getSimpleName()));
    journal.note("quiet point " + (violations.isEmpty() ? "passed" : "failed"));
    world.model().settled(point.leftovers(), point.behind(), point.back());
    uids = point.uidsNow();
    writesBefore += point.writes().size();
  }

  private void finish(World world) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Unfinished half : world.model().unfinished()) {
      while (!half.isReady(Sight.of(world)) && System.nanoTime() < deadline) {
        pause(LOOK);
      }
      world.model().end(half);
      journal.note(half.finish(world));
      pause(Duration.ofMillis(random.nextInt(500)));
      if (random.nextInt(3) == 0) {
        journal.note("and a daemon is killed");
        tally.count("faults", "kill a daemon");
        Seat seat = world.seats().get(random.nextInt(world.seats().size()));
        seat.kill();
        seat.start();
      }
    }
  }

  /** What is still written although all is well, in a while in which nothing ought to be. */
  private static List<String> settled(World world, QuietPoint point) {
    pause(IDLE);
    return Sight.changes(point.sight().versions(), Sight.of(world).versions());
  }

  private QuietPoint look(World world) {
    return QuietPoint.of(world, uids, writesBefore);
  }

  private static List<String> differences(QuietPoint point, boolean eventual) {
    List<String> found = new ArrayList<>();
    for (Check check : Checks.all()) {
      if (check.eventual() == eventual && found.isEmpty()) {
        found.addAll(check.test().differences(point));
      }
    }
    return found;
  }

  private void violate(String name, String sentence, String difference) {
    tally.count("violations", name);
    violations.add(sentence + ". But " + difference);
    journal.note("VIOLATION " + sentence + ". But " + difference);
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
