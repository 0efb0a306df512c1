package dev.fairlead.health;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Keeps what is told about one object calm: until it was healthy once, everything is told as it is
 * seen; afterwards only Failed, or being unwell for {@link #PATIENCE}, ends its being healthy.
 *
 * <p>Both hold for one epoch, a number that the owner raises whenever a change of its own was
 * written to the object. It must not be {@code metadata.generation}: an autoscaler raises that one
 * too, and what it does is to be told calmly. A new epoch starts afresh.
 *
 * <p>Immutable: {@link #next} gives the state after what was seen.
 *
 * @param epoch whose health this is
 * @param told what others may know
 * @param unwellSince since when it is neither healthy nor failed, while it still counts as healthy
 */
public record Stability(long epoch, Health told, Optional<Instant> unwellSince) {
  /** How long an object that was healthy may be unavailable before that is told. */
  public static final Duration PATIENCE = Duration.ofMinutes(1);

  public Stability {
    requireNonNull(told);
    requireNonNull(unwellSince);
  }

  /** The first that is seen of an epoch. */
  public static Stability first(long epoch, Health seen) {
    return new Stability(epoch, seen, Optional.empty());
  }

  /**
   * The state after the object was seen again, or after {@link #due} with what was seen last.
   *
   * @param now not before the last time
   */
  public Stability next(long newEpoch, Health seen, Instant now) {
    if (newEpoch != epoch) {
      return first(newEpoch, seen);
    }
    // Once it is known to be unwell, the details may change as they like until it is healthy again.
    if (!told.isHealthy() || seen.isHealthy() || seen.isFailed()) {
      return new Stability(epoch, seen, Optional.empty());
    }
    Instant since = unwellSince.orElse(now);
    return now.isBefore(since.plus(PATIENCE))
        ? new Stability(epoch, told, Optional.of(since))
        : new Stability(epoch, seen, Optional.empty());
  }

  /** When what is told changes although nothing new is seen. */
  public Optional<Instant> due() {
    return unwellSince.map(since -> since.plus(PATIENCE));
  }
}
