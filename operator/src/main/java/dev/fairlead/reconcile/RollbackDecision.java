package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncSpec.OnFailure;
import dev.fairlead.model.SyncStatus.LastGood;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Decides whether a commit that was written has failed, and what becomes of it then. Pure. */
final class RollbackDecision {
  private RollbackDecision() {}

  /** Why a commit that failed stays nevertheless. */
  enum Because {
    /** That is what the spec asks for. */
    ASKED,
    /** No commit of this sync was healthy before. */
    NOTHING_GOOD,
    /** The last good commit was so under another spec, and nobody has seen it under this one. */
    SPEC_CHANGED,
    /** The last good commit cannot be had from Git. */
    GONE
  }

  /** What becomes of the commit. */
  sealed interface Verdict {
    /** It works, or worked, or there is nothing to blame it for. */
    record Stands() implements Verdict {}

    /**
     * It does not work, but may yet.
     *
     * @param to what is applied again if it does not
     * @param until when that is decided
     * @param because what kept it from being decided before
     */
    record Waits(Revision to, Instant until, Optional<String> because) implements Verdict {}

    /**
     * It is given up.
     *
     * @param blamed the object that is not healthy
     */
    record RollBack(Revision to, ObjectKey blamed) implements Verdict {}

    /**
     * It does not work, and stays.
     *
     * @param lastGood the last commit that was healthy
     * @param detail what Git said of it
     */
    record Holds(Because because, Optional<Revision> lastGood, String detail) implements Verdict {}
  }

  /**
   * The last good commit could not be had.
   *
   * @param retryAt when that may have changed; absent when Git does not have it any more
   */
  record Unavailable(String commit, String message, Optional<Instant> retryAt) {}

  /**
   * @param commit what was written completely
   * @param instead whether it was written in place of one that failed: nobody rolls back further
   * @param worked whether all that it changed was healthy once; what comes later is not its fault
   * @param unwell what it changed, that was not ill before and is not healthy
   * @param deadline until when it may take to become healthy
   * @param sameSpec whether the last good commit was good under a spec that meant the same
   */
  record Facts(
      OnFailure onFailure,
      Revision commit,
      boolean instead,
      boolean worked,
      List<HealthView.Unhealthy> unwell,
      Instant deadline,
      Optional<LastGood> lastGood,
      boolean sameSpec,
      Optional<Unavailable> unavailable,
      Instant now) {
    Facts {
      requireNonNull(onFailure);
      requireNonNull(commit);
      unwell = List.copyOf(unwell);
      requireNonNull(deadline);
      requireNonNull(lastGood);
      requireNonNull(unavailable);
      requireNonNull(now);
    }
  }

  static Verdict decide(Facts facts) {
    if (facts.instead() || facts.worked() || facts.unwell().isEmpty() || wasGood(facts)) {
      return new Verdict.Stands();
    }
    Optional<Revision> lastGood = facts.lastGood().map(LastGood::revision);
    if (facts.onFailure() == OnFailure.HOLD) {
      return new Verdict.Holds(Because.ASKED, lastGood, "");
    }
    if (lastGood.isEmpty()) {
      return new Verdict.Holds(Because.NOTHING_GOOD, lastGood, "");
    }
    if (!facts.sameSpec()) {
      return new Verdict.Holds(Because.SPEC_CHANGED, lastGood, "");
    }
    Revision to = lastGood.get();
    Optional<Unavailable> unavailable =
        facts.unavailable().filter(u -> u.commit().equals(to.commit()));
    if (unavailable.isPresent()) {
      Unavailable u = unavailable.get();
      if (u.retryAt().isEmpty()) {
        return new Verdict.Holds(Because.GONE, lastGood, u.message());
      }
      if (u.retryAt().get().isAfter(facts.now())) {
        return new Verdict.Waits(to, u.retryAt().get(), Optional.of(u.message()));
      }
    }
    return blamed(facts)
        .<Verdict>map(key -> new Verdict.RollBack(to, key))
        .orElseGet(() -> new Verdict.Waits(to, facts.deadline(), Optional.empty()));
  }

  private static boolean wasGood(Facts facts) {
    return facts.sameSpec()
        && facts
            .lastGood()
            .filter(g -> g.revision().commit().equals(facts.commit().commit()))
            .isPresent();
  }

  /** Whom the commit is given up for, if it is. */
  private static Optional<ObjectKey> blamed(Facts facts) {
    Optional<ObjectKey> hopeless =
        facts.unwell().stream()
            .filter(RollbackDecision::isHopeless)
            .map(HealthView.Unhealthy::key)
            .findFirst();
    return hopeless.isPresent() || facts.now().isBefore(facts.deadline())
        ? hopeless
        : Optional.of(facts.unwell().getFirst().key());
  }

  /**
   * Whether waiting helps nobody: a Deployment has waited for its own deadline, and a failed Job is
   * not started again. What else counts as failed may still change: a container that crashes is
   * started again, and a custom resource tried again.
   */
  private static boolean isHopeless(HealthView.Unhealthy unwell) {
    return switch (unwell.key().groupKind().toString()) {
      case "Deployment.apps" -> unwell.health().reason().equals("ProgressDeadlineExceeded");
      case "Job.batch" -> unwell.health().isFailed();
      default -> false;
    };
  }
}
