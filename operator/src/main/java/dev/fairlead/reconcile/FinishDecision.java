package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.plan.PruneTurn.Turn;
import java.time.Duration;
import java.time.Instant;

/**
 * Decides what is done next with a GitSync that is being deleted. Pure: everything that it may know
 * is in {@link Facts}.
 */
final class FinishDecision {
  /**
   * How long nothing is deleted: whoever deletes a GitSync with one command may delete its
   * Namespace and definition with the next, or make the GitSync anew under another name.
   */
  static final Duration GRACE = Duration.ofSeconds(1);

  /** How long a release may fail before the GitSync is let go without it. */
  static final Duration LAST_TRIES = Duration.ofMinutes(1);

  private FinishDecision() {}

  /**
   * @param finalizer whether the deletion waits for us
   * @param writing whether an object is just being written
   * @param known whether all of its objects are known
   * @param members how many objects it has
   * @param heirlooms how many of them another sync waits for
   * @param orphans whether its objects stay: it says so, or it goes with its Namespace or
   *     definition
   * @param turn whether other syncs of the repository may still come to want some of them
   * @param reachable whether anything can be done to its objects: not all of their kinds are gone
   * @param since when this process first saw that it goes
   * @param patience how long its objects may take to go
   */
  record Facts(
      boolean finalizer,
      boolean writing,
      boolean known,
      int members,
      int heirlooms,
      boolean orphans,
      Turn turn,
      boolean reachable,
      Instant since,
      Duration patience,
      Instant now) {
    Facts {
      requireNonNull(turn);
      requireNonNull(since);
      requireNonNull(patience);
      requireNonNull(now);
    }
  }

  /** The next step. */
  enum Step {
    /** Nothing: it goes without us. */
    NOTHING,
    /** Wait for a write that is under way: it may bring an object back. */
    AWAIT_WRITES,
    /** Wait until it is known what it has. */
    AWAIT_LISTS,
    /** Give to others what they wait for. */
    HAND_OVER,
    /** Wait a moment, for what else may be deleted or made. */
    AWAIT_NEWS,
    /** Wait for others to look at Git. */
    AWAIT_SIBLINGS,
    /** Take labels and ownership off all that it has. */
    RELEASE,
    /** Delete what goes with it, release what does not. */
    DELETE,
    /** Release what is left, since it does not go. */
    GIVE_UP,
    /** Let the GitSync go. */
    LET_GO
  }

  static Step decide(Facts facts) {
    if (!facts.finalizer()) {
      return Step.NOTHING;
    }
    if (facts.writing()) {
      return Step.AWAIT_WRITES;
    }
    Instant late = facts.since().plus(facts.patience());
    if (!facts.known() && facts.now().isBefore(late)) {
      return Step.AWAIT_LISTS;
    }
    if (facts.members() == 0) {
      return Step.LET_GO;
    }
    if (!facts.now().isBefore(late.plus(LAST_TRIES))) {
      return Step.LET_GO;
    }
    if (facts.heirlooms() > 0) {
      return Step.HAND_OVER;
    }
    if (!facts.now().isBefore(late)) {
      return facts.reachable() ? Step.GIVE_UP : Step.LET_GO;
    }
    if (facts.orphans()) {
      return Step.RELEASE;
    }
    if (facts.now().isBefore(facts.since().plus(GRACE))) {
      return Step.AWAIT_NEWS;
    }
    return switch (facts.turn()) {
      case Turn.Now _ -> Step.DELETE;
      case Turn.Await _ -> Step.AWAIT_SIBLINGS;
    };
  }

  /** Whether a GitSync with that spec deletes what it has when it is deleted by itself. */
  static boolean deletes(SyncSpec spec) {
    return spec.acts() && spec.prune() && spec.deletionPolicy() == DeletionPolicy.MIRROR_PRUNE;
  }
}
