package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Deployment;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code status.history} says next: one entry for each commit that wrote something or failed,
 * the newest first. Pure.
 */
final class History {
  private static final String SUCCEEDED = "Succeeded";

  /** Another commit came before it was known whether it works. */
  private static final String SUPERSEDED = "Superseded";

  private History() {}

  /** A commit that was written, and the moment at which another one took its place. */
  record Overtaken(Attempt attempt, Instant at) {}

  /**
   * @param before what it said until now
   * @param seen the newest commit
   * @param attempt the commit that was written last
   * @param pruned how many objects it took away
   * @param overtaken those before it that are not told of yet
   * @param good whether cluster and Git agree
   */
  record Facts(
      List<Deployment> before,
      Optional<Commit> seen,
      Optional<Attempt> attempt,
      int pruned,
      List<Overtaken> overtaken,
      Optional<Rollback> rollback,
      Phase phase,
      boolean good,
      Optional<Failure> failure,
      Instant now) {
    Facts {
      before = List.copyOf(before);
      requireNonNull(seen);
      requireNonNull(attempt);
      overtaken = List.copyOf(overtaken);
      requireNonNull(rollback);
      requireNonNull(phase);
      requireNonNull(failure);
      requireNonNull(now);
    }
  }

  static List<Deployment> of(Facts f) {
    List<Deployment> before = f.before();
    for (Overtaken one : f.overtaken()) {
      before = with(before, entry(one.attempt(), one.at(), SUPERSEDED, 0));
    }
    if (f.rollback().isPresent()
        && f.attempt()
            .filter(a -> a.commit().revision().equals(f.rollback().get().from()))
            .isEmpty()) {
      // Of the commit that was rolled back everything has been said.
      return before;
    }
    if (f.failure().isPresent() && f.phase() == Phase.FAILED && f.rollback().isEmpty()) {
      return refused(before, f);
    }
    Optional<String> result = result(f);
    return f.attempt().isEmpty() || result.isEmpty()
        ? before
        : written(before, f.attempt().get(), result.get(), f.pruned(), f.now());
  }

  private static Optional<String> result(Facts f) {
    if (f.rollback().isPresent()) {
      return Optional.of(Reason.ROLLED_BACK.toString());
    }
    if (f.good()) {
      return Optional.of(SUCCEEDED);
    }
    return f.phase() == Phase.UNHEALTHY
        ? Optional.of(Reason.HEALTH_CHECK_FAILED.toString())
        : Optional.empty();
  }

  private static List<Deployment> refused(List<Deployment> before, Facts f) {
    if (f.seen().isEmpty()) {
      return before;
    }
    Commit commit = f.seen().get();
    return with(
        before,
        new Deployment(
            commit.revision(),
            commit.subject(),
            commit.author(),
            f.now().truncatedTo(ChronoUnit.SECONDS),
            Duration.ZERO,
            f.failure().orElseThrow().reason().toString(),
            0,
            0,
            0));
  }

  private static List<Deployment> written(
      List<Deployment> before, Attempt attempt, String result, int pruned, Instant now) {
    boolean known =
        !before.isEmpty() && before.getFirst().revision().equals(attempt.commit().revision());
    if (!attempt.wrote() && pruned == 0 && !known && !before.isEmpty()) {
      // A commit that touched nothing of this sync is no deployment.
      return before;
    }
    return with(before, entry(attempt, now, result, pruned));
  }

  private static Deployment entry(Attempt attempt, Instant to, String result, int pruned) {
    return new Deployment(
        attempt.commit().revision(),
        attempt.commit().subject(),
        attempt.commit().author(),
        attempt.startedAt().truncatedTo(ChronoUnit.SECONDS),
        Duration.ofMillis(Duration.between(attempt.startedAt(), to).toMillis()),
        result,
        attempt.created(),
        attempt.updated(),
        pruned);
  }

  /** The newest first; a second word on the same commit replaces the first. */
  private static List<Deployment> with(List<Deployment> before, Deployment entry) {
    if (!before.isEmpty()
        && before.getFirst().revision().equals(entry.revision())
        && before.getFirst().result().equals(entry.result())) {
      return before;
    }
    List<Deployment> next = new ArrayList<>();
    next.add(entry);
    before.stream().filter(d -> !d.revision().equals(entry.revision())).forEach(next::add);
    // A refusal may have been told of since.
    next.sort(Comparator.comparing(Deployment::startedAt).reversed());
    return next.stream().limit(SyncStatus.MAX_HISTORY).toList();
  }
}
