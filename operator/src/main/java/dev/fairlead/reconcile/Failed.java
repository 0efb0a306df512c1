package dev.fairlead.reconcile;

import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Why the last attempt failed.
 *
 * @param retryAt when it may be repeated; absent when only a new commit or spec can help
 * @param attempts how often in a row
 */
record Failed(
    Target target, StatusReport.Failure failure, Optional<Instant> retryAt, int attempts) {
  /** What may be the chance of a moment: a server that has just started denies what it allows. */
  private static final Set<Reason> FLEETING =
      EnumSet.of(Reason.ACCESS_DENIED, Reason.APPLY_FAILED, Reason.FETCH_FAILED);

  /** So often it comes back before it is believed. */
  private static final int BELIEVED = 3;

  /** Whether it is no chance: what was tried would end so again, each object of it. */
  boolean isCertain() {
    return retryAt.isEmpty()
        || attempts >= BELIEVED
        || (!isFleeting(failure.reason().toString())
            && failure.problems().stream().map(Problem::reason).noneMatch(Failed::isFleeting));
  }

  private static boolean isFleeting(String reason) {
    return FLEETING.stream().anyMatch(r -> r.toString().equals(reason));
  }
}
