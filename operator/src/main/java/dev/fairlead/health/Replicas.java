package dev.fairlead.health;

import java.util.List;

/** The words for counted replicas. */
final class Replicas {
  private Replicas() {}

  static Health fewer(String reason, long are, long wanted, String how) {
    return Health.progressing(reason, are + " of " + wanted + " replicas are " + how);
  }

  static Health more(long extra) {
    return Health.progressing(
        "ExtraPods",
        extra == 1 ? "1 old replica is still there" : extra + " old replicas are still there");
  }

  static Health all(long count) {
    return Health.healthy(
        count == 1 ? "its 1 replica is available" : "all " + count + " replicas are available");
  }

  /**
   * The same state, with what kept Pods from being created (a quota, a policy) where it is told.
   */
  static Health explained(Health health, List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.is("ReplicaFailure") && c.isTrue()) {
        return new Health(
            health.state(),
            c.reason().isEmpty() ? "ReplicaFailure" : c.reason(),
            c.message().isEmpty() ? health.message() : health.message() + ": " + c.message());
      }
    }
    return health;
  }
}
