package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * Decides what one of several processes does about the {@link Lease}, so that two never lead at the
 * same time.
 *
 * <p>Clocks are not compared: whoever waits for a lease to run out counts the time from when it has
 * itself seen the last change, so that a clock that is wrong changes nothing. That is later than
 * the renewal, and the holder counts from before it. Stateless: any thread may call.
 */
public final class Succession {
  /** A lease that promises more, perhaps by somebody's hand, does not hold up a takeover longer. */
  private static final Duration MOST = Duration.ofSeconds(60);

  private Succession() {}

  /**
   * All that counts.
   *
   * @param me who decides
   * @param leading whether this process leads until now
   * @param certain whether it may still write: it was the holder so shortly ago that nobody else
   *     can be by now
   * @param lease as it was just read; empty when there is none
   * @param unchanged how long it has been so, by the own clock
   * @param rivalKnown whether this process has seen another one lead
   * @param unanswered what {@link Lease#renewed} is if the last write, which was not answered, was
   *     done all the same
   * @param duration for how long a lease counts
   */
  public record Facts(
      String me,
      boolean leading,
      boolean certain,
      Optional<Lease> lease,
      Duration unchanged,
      boolean rivalKnown,
      Optional<String> unanswered,
      Duration duration) {
    public Facts {
      requireNonNull(me);
      requireNonNull(lease);
      requireNonNull(unchanged);
      requireNonNull(unanswered);
      requireNonNull(duration);
    }
  }

  /** What to do. */
  public sealed interface Step {
    /** Make the lease: it leads who succeeds. */
    record Create() implements Step {}

    /** Take what is free: it leads who succeeds. */
    record Take(Lease free) implements Step {}

    /** It is the process' own: say that it is still there. */
    record Renew(Lease own) implements Step {}

    /** Another one leads; this one may have to write no more. */
    record Lose(String holder) implements Step {}

    /**
     * Look again.
     *
     * @param holder who leads; empty when nobody seems to
     * @param atLeast how long it stays another's, if nothing changes
     */
    record Wait(String holder, Duration atLeast) implements Step {}
  }

  /** Decides. */
  public static Step decide(Facts facts) {
    if (facts.lease().isEmpty()) {
      return facts.leading() ? deletedWhileLeading(facts) : absent(facts);
    }
    Lease lease = facts.lease().get();
    if (facts.leading()) {
      return lease.holder().equals(facts.me())
          ? new Step.Renew(lease)
          : new Step.Lose(lease.holder());
    }
    if (lease.holder().equals(facts.me())
        && facts.unanswered().filter(lease.renewed()::equals).isPresent()) {
      return new Step.Renew(lease);
    }
    if (lease.released()) {
      return new Step.Take(lease);
    }
    // Also when it has this process' own name, or none: whoever wrote that by hand has not told
    // the holder, which goes on until it renews.
    Duration left = patience(lease, facts.duration()).minus(facts.unchanged());
    return left.isPositive() ? new Step.Wait(lease.holder(), left) : new Step.Take(lease);
  }

  /** Others wait before they make a new one; but who was away for long may have missed a reign. */
  private static Step deletedWhileLeading(Facts facts) {
    return facts.certain() ? new Step.Create() : new Step.Lose("");
  }

  /** A holder whose lease was deleted by hand goes on until it notices. */
  private static Step absent(Facts facts) {
    Duration left = facts.duration().minus(facts.unchanged());
    return facts.rivalKnown() && left.isPositive() ? new Step.Wait("", left) : new Step.Create();
  }

  private static Duration patience(Lease lease, Duration duration) {
    Duration promised = lease.duration().compareTo(MOST) > 0 ? MOST : lease.duration();
    return promised.compareTo(duration) > 0 ? promised : duration;
  }
}
