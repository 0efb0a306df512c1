package dev.fairlead.testbed;

/**
 * Where tests with random cases get their seed. It is the same in every ordinary run, so that a
 * commit passes or fails once and for all; {@code make fuzz} looks for new cases with other seeds
 * and more of them.
 */
public final class Seed {
  private static final long SEED = Long.getLong("fairlead.seed", 20_261);
  private static final int EFFORT = Integer.getInteger("fairlead.effort", 1);

  private Seed() {}

  /** The seed of this run, after telling how to repeat the test with it. */
  public static long of(Class<?> test) {
    System.out.println(test.getSimpleName() + ": repeat with -Dfairlead.seed=" + SEED);
    return SEED;
  }

  /** How many cases to try where an ordinary run tries so many. */
  public static int cases(int ordinary) {
    return Math.multiplyExact(ordinary, EFFORT);
  }
}
