package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How often one object is verified, and what verifying it has shown. A VERIFY comes {@link
 * #DEBOUNCE} after the first event that asks for it, so that it serves a burst of them, and {@link
 * #PAUSE} after the one before it at the earliest.
 *
 * <p>Immutable.
 *
 * @param due when the next one is
 * @param last when the last one was
 * @param rewrites how many in a row had to write although nobody had taken a field of ours
 * @param reported whether that was told
 */
public record VerifyPace(
    Optional<Instant> due, Optional<Instant> last, int rewrites, boolean reported) {
  public static final Duration DEBOUNCE = Duration.ofSeconds(1);
  public static final Duration PAUSE = Duration.ofMinutes(1);

  /** So many in a row show that admission rewrites what we apply. */
  public static final int REWRITES = 2;

  /** Nothing was verified yet. */
  public static final VerifyPace NEW = new VerifyPace(Optional.empty(), Optional.empty(), 0, false);

  public VerifyPace {
    requireNonNull(due);
    requireNonNull(last);
  }

  /**
   * What a VERIFY has shown.
   *
   * @param next the state after it
   * @param admissionRewrites true once for an object: admission rewrites it; report it, and count
   *     none of it as drift
   */
  public record Verified(VerifyPace next, boolean admissionRewrites) {}

  /** A VERIFY is wanted; {@link #due} then says when. */
  public VerifyPace asked(Instant now) {
    if (due.isPresent()) {
      return this;
    }
    Instant debounced = now.plus(DEBOUNCE);
    // A last one in the future was before the clock was set back.
    Instant at =
        last.filter(l -> !l.isAfter(now))
            .map(l -> l.plus(PAUSE))
            .filter(p -> p.isAfter(debounced))
            .orElse(debounced);
    return new VerifyPace(Optional.of(at), last, rewrites, reported);
  }

  /**
   * A VERIFY was done.
   *
   * @param wroteAlthoughEqual whether our set was untouched before and the apply wrote nevertheless
   */
  public Verified verified(Instant now, boolean wroteAlthoughEqual) {
    int inRow = wroteAlthoughEqual ? Math.min(rewrites + 1, REWRITES) : 0;
    boolean tell = inRow == REWRITES && !reported;
    return new Verified(
        new VerifyPace(Optional.empty(), Optional.of(now), inRow, reported || tell), tell);
  }
}
