package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is measured of one GitSync.
 *
 * @param reason why it is ready or not, one word as its Ready condition has it
 * @param revision what the cluster holds
 * @param lastFetched when Git last answered, whether or not there was something new
 * @param interval how often Git is looked at; absent when the spec cannot be read
 * @param plan what would change; only in mode Plan
 * @param lastApplied when the last write of what the cluster holds was done
 * @param expiring what is good for a limited time in the Secrets that it uses
 */
public record SyncFigures(
    SyncKey sync,
    boolean ready,
    boolean suspended,
    boolean stalled,
    String reason,
    SyncStatus.ObjectCounts objects,
    Optional<Revision> revision,
    Optional<Duration> interval,
    Optional<Instant> lastFetched,
    Optional<Instant> lastApplied,
    Optional<SyncStatus.PlanSummary> plan,
    List<Expiring> expiring) {
  /** Something in a Secret that is good until then. */
  public record Expiring(Expiry.Kind kind, String namespace, String secret, Instant at) {
    public Expiring {
      requireNonNull(kind);
      requireNonNull(namespace);
      requireNonNull(secret);
      requireNonNull(at);
    }
  }

  public SyncFigures {
    requireNonNull(sync);
    requireNonNull(objects);
    requireNonNull(revision);
    requireNonNull(interval);
    requireNonNull(lastFetched);
    requireNonNull(lastApplied);
    requireNonNull(plan);
    expiring = List.copyOf(expiring);
    if (reason.isEmpty()) {
      throw new IllegalArgumentException("a sync is as it is for a reason: " + sync);
    }
  }

  /** The figures of a sync that reports this status; without a condition it is progressing. */
  public static SyncFigures of(
      SyncKey sync,
      boolean suspended,
      SyncStatus status,
      Optional<Duration> interval,
      Optional<Instant> lastFetched,
      List<Expiring> expiring) {
    return new SyncFigures(
        sync,
        isTrue(status, Condition.Type.READY),
        suspended,
        isTrue(status, Condition.Type.STALLED),
        status
            .condition(Condition.Type.READY)
            .map(Condition::reason)
            .filter(reason -> !reason.isEmpty())
            .orElse(Reason.PROGRESSING.toString()),
        status.objects(),
        status.applied().map(SyncStatus.Applied::revision),
        interval,
        lastFetched,
        status.applied().map(SyncStatus.Applied::at),
        status.plan(),
        expiring);
  }

  private static boolean isTrue(SyncStatus status, Condition.Type type) {
    return status.condition(type).map(c -> c.state() == Condition.State.TRUE).orElse(false);
  }
}
