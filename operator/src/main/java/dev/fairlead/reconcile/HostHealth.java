package dev.fairlead.reconcile;

import dev.fairlead.runtime.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How a Git host has behaved, and so whether it may be asked. Immutable.
 *
 * @param failures how often in a row it was in trouble
 * @param failed when the last look began that it failed
 * @param retryAt when it is tried again with one look
 * @param peaceUntil until when it wants to be left alone by everybody
 * @param trouble what it did, as in {@code answers 503}; empty when it is fine
 */
record HostHealth(
    int failures, Instant failed, Instant retryAt, Instant peaceUntil, String trouble) {
  static final HostHealth FINE = new HostHealth(0, Instant.MIN, Instant.MIN, Instant.MIN, "");

  /**
   * A minute at most: a host that is back is not to be waited for longer than the usual interval.
   */
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  /** Whoever might ask for so long and did not finds out anew when he does. */
  static final Duration KEPT = Duration.ofHours(1);

  /** Whether a look may begin. */
  enum Verdict {
    GO,
    /** It is one look that finds out, and this one comes later. */
    LATER,
    /** The host asked for peace: nobody looks, whoever asks. */
    PEACE
  }

  /**
   * @param urgent whether somebody says that there is something new
   * @param looking whether a look is under way
   */
  Verdict verdict(boolean urgent, boolean looking, Instant now) {
    if (now.isBefore(peaceUntil)) {
      return Verdict.PEACE;
    }
    if (failures == 0 || urgent) {
      return Verdict.GO;
    }
    return now.isBefore(retryAt) || looking ? Verdict.LATER : Verdict.GO;
  }

  /** Whether nothing has to be kept of it any more. */
  boolean isOver(Instant now) {
    return !now.isBefore(peaceUntil) && (failures == 0 || !now.isBefore(retryAt.plus(KEPT)));
  }

  /** When it may be asked, after a verdict other than GO. */
  Instant again(Instant now) {
    Instant later = peaceUntil.isAfter(retryAt) ? peaceUntil : retryAt;
    return later.isAfter(now) ? later : now.plusSeconds(1);
  }

  /**
   * It failed a look. Looks that were under way together are one failure.
   *
   * @param retryAfter how long it wants to be left alone
   * @param longest nobody is to wait longer than the interval that he has chosen
   */
  HostHealth failed(
      String what,
      Optional<Duration> retryAfter,
      Instant began,
      Instant now,
      Duration longest,
      RandomGenerator random) {
    Instant peace = retryAfter.map(now::plus).filter(p -> p.isAfter(peaceUntil)).orElse(peaceUntil);
    if (failures > 0 && !began.isAfter(failed)) {
      return new HostHealth(failures, failed, retryAt, peace, what);
    }
    int more = failures == Integer.MAX_VALUE ? failures : failures + 1;
    Duration pause = BACKOFF.delay(more, random);
    Instant retry = now.plus(pause.compareTo(longest) > 0 ? longest : pause);
    return new HostHealth(more, now, retry, peace, what);
  }

  /** It answered a look that began then; a peace that it wants goes on. */
  HostHealth answered(Instant began) {
    return failures == 0 || began.isBefore(failed)
        ? this
        : new HostHealth(0, Instant.MIN, Instant.MIN, peaceUntil, "");
  }
}
