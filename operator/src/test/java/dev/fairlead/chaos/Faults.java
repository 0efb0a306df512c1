package dev.fairlead.chaos;

import dev.fairlead.testbed.GitFault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** What breaks around the daemons, and the daemons themselves. */
final class Faults {
  private static final String GROUP = "faults";

  private Faults() {}

  static List<Action> all() {
    return List.of(
        of("kill a daemon", 10, Faults::kill),
        of("stop a daemon", 5, Faults::stop),
        of("pause a daemon", 6, Faults::pause),
        of("kill a daemon and lose its cache", 2, Faults::loseCache),
        of("kill the API server", 2, (world, random) -> serverDown(world, random, true)),
        of("stop the API server", 2, (world, random) -> serverDown(world, random, false)),
        of("bad way to the API server", 14, Faults::storm),
        of("watches fall silent", 6, Faults::mute),
        of("bad way to Git", 6, Faults::git));
  }

  private static Action of(String name, int weight, Action.Act act) {
    return new Action(GROUP, name, weight, act);
  }

  private static int seat(World world, SplittableRandom random) {
    return random.nextInt(world.seats().size());
  }

  private static Optional<String> kill(World world, SplittableRandom random) {
    int number = seat(world, random);
    world.seats().get(number).kill();
    return startLater(world, random, number);
  }

  private static Optional<String> stop(World world, SplittableRandom random) {
    int number = seat(world, random);
    world.seats().get(number).stop();
    return startLater(world, random, number);
  }

  private static Optional<String> loseCache(World world, SplittableRandom random) {
    int number = seat(world, random);
    world.seats().get(number).kill();
    world.seats().get(number).loseCache();
    return startLater(world, random, number);
  }

  private static Optional<String> startLater(World world, SplittableRandom random, int number) {
    int steps = random.nextInt(4);
    if (steps == 0) {
      world.seats().get(number).start();
    } else {
      world.later(steps, "daemon " + number + " starts", () -> world.seats().get(number).start());
    }
    return Optional.of("daemon " + number + ", for " + steps + " steps");
  }

  private static Optional<String> pause(World world, SplittableRandom random) {
    int number = seat(world, random);
    // The longer ones cost a leader its lease.
    int steps = random.nextInt(3) == 0 ? random.nextInt(12, 30) : random.nextInt(1, 5);
    world.seats().get(number).pause();
    world.later(steps, "daemon " + number + " goes on", () -> world.seats().get(number).resume());
    return Optional.of("daemon " + number + ", for " + steps + " steps");
  }

  private static Optional<String> serverDown(World world, SplittableRandom random, boolean kill) {
    int steps = random.nextInt(4);
    if (!world.isServerUp()) {
      return Optional.empty();
    }
    world.serverDown(kill);
    if (steps == 0) {
      world.serverUp();
    } else {
      world.later(steps, "the API server starts", world::serverUp);
    }
    return Optional.of("for " + steps + " steps");
  }

  private static Optional<String> storm(World world, SplittableRandom random) {
    int number = seat(world, random);
    int steps = random.nextInt(3, 12);
    int percent = List.of(5, 15, 40, 90, 100).get(random.nextInt(5));
    Storm storm = world.seats().get(number).storm();
    storm.blow(percent);
    world.later(steps, "the way of daemon " + number + " is good again", () -> storm.blow(0));
    return Optional.of("daemon " + number + ", " + percent + " %, for " + steps + " steps");
  }

  private static Optional<String> mute(World world, SplittableRandom random) {
    int number = seat(world, random);
    world.seats().get(number).storm().mute();
    return Optional.of("daemon " + number);
  }

  private static Optional<String> git(World world, SplittableRandom random) {
    int steps = random.nextInt(1, 4);
    GitFault fault =
        switch (random.nextInt(5)) {
          case 0 -> new GitFault.Answer(503);
          case 1 -> new GitFault.Answer(500);
          case 2 -> GitFault.tooMany(Duration.ofSeconds(1));
          case 3 -> new GitFault.Truncate(random.nextInt(1, 400));
          default -> new GitFault.Stall();
        };
    world.git().fail(fault);
    world.later(steps, "the way to Git is good again", () -> world.git().heal());
    return Optional.of(fault.toString().strip().replace("\n", "") + ", for " + steps + " steps");
  }
}
