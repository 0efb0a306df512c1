package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Commit;
import dev.fairlead.reconcile.SyncDecision.Look;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what one sync in mode Plan does next. Pure: everything that it may know is in {@link
 * Facts}.
 */
final class PlanDecision {
  private PlanDecision() {}

  /**
   * @param planned the target that was planned last
   * @param due when it is to be planned again
   * @param failed the target whose last plan failed
   * @param retryAt when it may be tried again; absent when only a change can help
   */
  record Facts(
      Look look,
      Optional<Target> planned,
      Instant due,
      Optional<Target> failed,
      Optional<Instant> retryAt,
      long generation,
      Instant now) {
    Facts {
      requireNonNull(look);
      requireNonNull(planned);
      requireNonNull(due);
      requireNonNull(failed);
      requireNonNull(retryAt);
      requireNonNull(now);
    }
  }

  /** The next step. */
  sealed interface Step {
    /** Nothing until something changes. */
    record Rest() implements Step {}

    /** Nothing until that time. */
    record RestUntil(Instant when) implements Step {}

    /** Find out what applying the commit would do. */
    record Plan(Commit commit) implements Step {}
  }

  static Step decide(Facts facts) {
    return switch (facts.look()) {
      case Look.Pending _, Look.Failed _ -> new Step.Rest();
      case Look.Seen seen -> decide(facts, seen.commit());
    };
  }

  private static Step decide(Facts facts, Commit commit) {
    Optional<Target> target =
        Optional.of(new Target(commit.revision().commit(), facts.generation()));
    Optional<Instant> next =
        facts.failed().equals(target)
            ? facts.retryAt()
            : facts.planned().equals(target) ? Optional.of(facts.due()) : Optional.of(facts.now());
    if (next.isEmpty()) {
      return new Step.Rest();
    }
    return next.get().isAfter(facts.now()) ? new Step.RestUntil(next.get()) : new Step.Plan(commit);
  }
}
