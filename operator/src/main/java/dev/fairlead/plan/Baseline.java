package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What our last apply left of an object, to compare events with. It comes only from the answer to
 * an apply of ours, and is neither computed nor kept over a restart.
 *
 * @param set absent when the answer had not exactly one entry of ours
 * @param time of our entry, to the second; the server may leave it out
 */
public record Baseline(
    String uid,
    String resourceVersion,
    Optional<FieldSet.Digest> set,
    Optional<Instant> time,
    OptionalLong generation) {
  public Baseline {
    requireNonNull(uid);
    requireNonNull(resourceVersion);
    requireNonNull(set);
    requireNonNull(time);
    requireNonNull(generation);
  }

  /** From the answer to our apply under this manager. */
  public static Baseline of(Live answer, String manager) {
    Optional<Owner> ours = answer.applied(manager);
    return new Baseline(
        answer.uid(),
        answer.resourceVersion(),
        ours.map(o -> o.fields().digest()),
        ours.flatMap(Owner::time),
        answer.generation());
  }

  /** Whether our entry is the same, and of the same time. */
  public boolean sameOwnership(Baseline other) {
    return set.isPresent() && set.equals(other.set) && time.equals(other.time);
  }
}
