package dev.fairlead.reconcile;

import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Takes note of attempts that failed, and of when they may be repeated: the more often the same one
 * failed in a row, the later. Any thread may call it.
 */
final class Failures {
  /** Also for what was refused: the cluster may change so that it passes. */
  private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));

  private final InstantSource clock;
  private final RandomGenerator random;

  Failures(InstantSource clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  /** One that only a new commit or a new spec can help. */
  void lasting(SyncState state, Target target, Failure failure) {
    state.fail(new Failed(target, failure, Optional.empty(), attempts(state, target)));
  }

  /** One that may pass by itself. */
  void passing(SyncState state, Target target, Failure failure) {
    int attempts = attempts(state, target);
    Instant retryAt = clock.instant().plus(RETRY.delay(attempts, random));
    state.fail(new Failed(target, failure, Optional.of(retryAt), attempts));
  }

  private static int attempts(SyncState state, Target target) {
    return state.failed().filter(f -> f.target().equals(target)).map(Failed::attempts).orElse(0)
        + 1;
  }
}
