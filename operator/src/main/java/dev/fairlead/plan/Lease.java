package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Resource;
import java.time.Duration;
import java.util.Set;

/**
 * The Lease by which processes agree on who of them leads, as the API server has it.
 *
 * @param holder who leads by it; empty when nobody does
 * @param duration for how long it counts after each renewal, as its holder promised; zero when it
 *     says nothing
 * @param transitions how often it went from one to another
 * @param renewed when its holder says that it was renewed, as text: no clock of ours
 * @param address where its holder listens for webhooks; empty when it does not say
 * @param resourceVersion for writes that must not overtake another's
 */
public record Lease(
    String holder,
    Duration duration,
    int transitions,
    String renewed,
    String address,
    String resourceVersion) {
  /** Where it is. */
  public static final Resource RESOURCE =
      new Resource(
          "coordination.k8s.io", "v1", "leases", "Lease", true, Set.of("get", "create", "patch"));

  /** What a holder that goes leaves behind. */
  public static final Duration RELEASED = Duration.ofSeconds(1);

  public Lease {
    requireNonNull(holder);
    requireNonNull(duration);
    requireNonNull(renewed);
    requireNonNull(address);
    requireNonNull(resourceVersion);
  }

  /**
   * Whether its holder gave it up when it had written its last. That it has no holder is not
   * enough: somebody may have emptied it by hand while its holder goes on.
   */
  public boolean released() {
    return holder.isEmpty() && duration.equals(RELEASED);
  }

  /** Whether nothing was done by it since: an annotation is no renewal. */
  public boolean isAsBefore(Lease before) {
    return holder.equals(before.holder)
        && renewed.equals(before.renewed)
        && transitions == before.transitions
        && duration.equals(before.duration);
  }
}
