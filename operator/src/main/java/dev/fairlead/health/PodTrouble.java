package dev.fairlead.health;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What keeps one pod from serving.
 *
 * @param reason one word, Kubernetes' own where it has one
 * @param clause goes on after whom it is about: {@code cannot pull example.org/a:1}; equal for pods
 *     with the same trouble
 * @param detail what was found out beyond that, or empty; it may differ each time
 * @param since when it began, as well as the pod tells
 * @param pod the name
 * @param container empty when no container is concerned
 * @param field of the pod's spec that it is about, or empty
 */
record PodTrouble(
    Rank rank,
    String reason,
    String clause,
    String detail,
    Instant since,
    String pod,
    String uid,
    String container,
    String field) {
  /** What kind of trouble it is, the worst first: what will not pass by itself. */
  enum Rank {
    IMAGE,
    START,
    CRASH,
    ENDED,
    VOLUME,
    UNSCHEDULABLE,
    GATED,
    PROBE,
    UNREACHABLE,
    /** Its containers are being made; nothing is known to be wrong but what events tell. */
    STARTING,
    /** It is being deleted, and should have been gone for a while. */
    LINGERING
  }

  PodTrouble {
    requireNonNull(rank);
    requireNonNull(reason);
    requireNonNull(clause);
    requireNonNull(detail);
    requireNonNull(since);
    requireNonNull(pod);
    requireNonNull(uid);
    requireNonNull(container);
    requireNonNull(field);
  }

  PodTrouble with(String newReason, String newClause, String newDetail) {
    return new PodTrouble(rank, newReason, newClause, newDetail, since, pod, uid, container, field);
  }

  PodTrouble withDetail(String newDetail) {
    return with(reason, clause, newDetail);
  }

  /** Whether it is the same trouble in another pod. */
  boolean isLike(PodTrouble other) {
    return rank == other.rank && reason.equals(other.reason) && clause.equals(other.clause);
  }

  String words() {
    return detail.isEmpty() ? clause : clause + detail;
  }
}
