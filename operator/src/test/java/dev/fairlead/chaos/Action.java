package dev.fairlead.chaos;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Something that may happen.
 *
 * @param weight how often it is chosen, compared with the others of its group
 */
record Action(String group, String name, int weight, Act act) {

  /** Lets it happen. */
  @FunctionalInterface
  interface Act {
    /**
     * What exactly was done; empty when there is nothing to do it to, and then nothing was done.
     * What is chosen depends on the random numbers and on the model alone, never on the cluster.
     */
    Optional<String> on(World world, SplittableRandom random);
  }

  static Action choose(List<Action> actions, SplittableRandom random) {
    int number = random.nextInt(actions.stream().mapToInt(Action::weight).sum());
    for (Action action : actions) {
      number -= action.weight();
      if (number < 0) {
        return action;
      }
    }
    throw new AssertionError("the weights do not add up");
  }

  /** One of them; empty when there is none. */
  static <T> Optional<T> oneOf(List<T> all, SplittableRandom random) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
  }
}
