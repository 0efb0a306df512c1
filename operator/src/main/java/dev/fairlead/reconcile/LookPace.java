package dev.fairlead.reconcile;

import java.time.Duration;
import java.time.Instant;

/**
 * When an object that is not healthy is looked into: when nothing moves for a while, then ever more
 * rarely, and soon when its status changes after something was found. Immutable.
 *
 * @param since when it began
 * @param changed when its status changed last
 * @param looks how often it was looked into
 * @param looked when that was last
 * @param found whether the last look found anything
 */
record LookPace(Instant since, Instant changed, int looks, Instant looked, boolean found) {
  /** How long nothing may move before it counts as stalled. */
  static final Duration STALLED = Duration.ofSeconds(5);

  /** A rollout that moves on slowly is looked into after this time, too. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final Duration SOON = Duration.ofSeconds(2);
  private static final Duration SLOW = Duration.ofMinutes(1);

  /** Whoever leaves it like that has time: nobody is asked every minute for days. */
  private static final int MANY = 20;

  private static final Duration RARE = Duration.ofMinutes(10);

  static LookPace first(Instant now) {
    return new LookPace(now, now, 0, Instant.EPOCH, false);
  }

  LookPace changed(Instant now) {
    return new LookPace(since, now, looks, looked, found);
  }

  LookPace looked(Instant now, boolean foundSomething) {
    return new LookPace(since, changed, looks + 1, now, foundSomething);
  }

  /** When it is to be looked into next. */
  Instant due() {
    if (looks == 0) {
      return earlier(changed.plus(STALLED), since.plus(PATIENCE));
    }
    Instant next = looked.plus(pause());
    if (!changed.isAfter(looked)) {
      return next;
    }
    Instant news = found ? later(changed, looked.plus(SOON)) : changed.plus(STALLED);
    return earlier(next, news);
  }

  /** 5, 10, 20, 40 seconds, then minutes. */
  private Duration pause() {
    if (looks > MANY) {
      return RARE;
    }
    return looks > 4 ? SLOW : STALLED.multipliedBy(1L << (looks - 1));
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
