package dev.fairlead.reconcile;

import static dev.fairlead.model.Condition.State.FALSE;
import static dev.fairlead.model.Condition.State.TRUE;
import static dev.fairlead.model.Condition.State.UNKNOWN;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import dev.fairlead.model.SyncStatus.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Computes the whole status of a sync from what is known. Pure. */
final class StatusReport {
  private StatusReport() {}

  /** Where a sync stands. */
  enum Phase {
    /** Nobody has looked at Git yet. */
    NEW,
    /** The newest commit cannot be fetched, built, validated or written. */
    FAILED,
    /** The newest commit waits until the syncs that it depends on are Ready. */
    DEPENDING,
    /** The newest commit is being checked and written. */
    APPLYING,
    /** The newest commit is written, but not healthy yet. */
    ROLLING_OUT,
    /** It was not healthy in time, or something that was healthy failed. */
    UNHEALTHY,
    /** It is healthy; what it does not want waits for approval. */
    ASKING,
    /** It is healthy; what it does not want is going. */
    PRUNING,
    /** Cluster and Git agree. */
    SETTLED,
    /** Somebody keeps changing it back. */
    CONTESTED,
    /** After a restart: what status said before still stands until every object is verified. */
    VERIFYING
  }

  /**
   * Why the newest commit is not there.
   *
   * @param problems the first {@link #MAX_KEPT} of them
   * @param count how many there are
   */
  record Failure(
      Reason reason, String message, List<Problem> problems, int count, boolean lasting) {
    /** A commit may hold more mistakes than anybody reads, and each sync keeps its own. */
    static final int MAX_KEPT = 1_000;

    Failure {
      problems = List.copyOf(problems.subList(0, Math.min(MAX_KEPT, problems.size())));
    }

    /** The first of them, and how many more there are. */
    static String summary(List<Problem> problems) {
      String first = ProblemText.describe(problems.getFirst());
      int more = problems.size() - 1;
      return more == 0 ? first : first + " (and " + more + " more)";
    }
  }

  /**
   * @param before the status as the server has it
   * @param generation of the spec that the status is about
   * @param holdsNewest whether {@code next.applied} is the newest commit that was seen, written
   *     under this generation of the spec
   * @param gitFailure set while Git cannot be read
   * @param seen the newest commit, if one was ever seen by this process
   * @param failure set in the phases FAILED and DEPENDING, and in APPLYING while another sync is
   *     waited for
   * @param blocked why a prune waits and what to do; set in phase ASKING
   * @param leftovers what becomes of the objects that the commit removed and that are still there
   * @param unhealthy what is wrong with objects, worst first
   * @param next the parts that are bookkeeping and pass through unchanged
   */
  record Facts(
      SyncStatus before,
      long generation,
      boolean holdsNewest,
      Phase phase,
      Optional<Failure> gitFailure,
      Optional<Commit> seen,
      Optional<Failure> failure,
      Optional<String> blocked,
      Optional<String> leftovers,
      ObjectCounts counts,
      List<Problem> unhealthy,
      SyncStatus next,
      Instant now) {
    Facts {
      unhealthy = List.copyOf(unhealthy);
    }

    private Facts in(Phase other) {
      return new Facts(
          before,
          generation,
          holdsNewest,
          other,
          gitFailure,
          seen,
          failure,
          blocked,
          leftovers,
          counts,
          unhealthy,
          next,
          now);
    }
  }

  static SyncStatus of(Facts facts) {
    Facts f = facts.in(amended(facts));
    Instant now = f.now().truncatedTo(ChronoUnit.SECONDS);
    Optional<SyncStatus.Source> source =
        f.seen()
            .map(commit ->
                f.before()
                    .source()
                    .filter(s -> s.commit().equals(commit))
                    .orElse(new SyncStatus.Source(commit, now)))
            .or(() -> f.before().source());
    Verdict ready = ready(f);
    List<Condition> conditions = new ArrayList<>();
    conditions.add(condition(f, Condition.Type.READY, ready, now));
    switch (f.phase()) {
      case APPLYING, ROLLING_OUT, PRUNING ->
          conditions.add(
              condition(
                  f,
                  Condition.Type.RECONCILING,
                  new Verdict(TRUE, Reason.PROGRESSING, ready.message()),
                  now));
      case DEPENDING -> {
        if (!stalled(f)) {
          conditions.add(
              condition(
                  f,
                  Condition.Type.RECONCILING,
                  new Verdict(TRUE, ready.reason(), ready.message()),
                  now));
        }
      }
      case NEW, FAILED, UNHEALTHY, ASKING, SETTLED, CONTESTED, VERIFYING -> {}
    }
    if (stalled(f)) {
      conditions.add(
          condition(
              f, Condition.Type.STALLED, new Verdict(TRUE, ready.reason(), ready.message()), now));
    }
    conditions.add(condition(f, Condition.Type.FETCHED, fetched(f), now));
    conditions.add(condition(f, Condition.Type.APPLIED, applied(f), now));
    conditions.add(condition(f, Condition.Type.HEALTHY, healthy(f), now));

    List<Problem> problems =
        problems(f).stream().limit(SyncStatus.MAX_PROBLEMS).map(ProblemText::cut).toList();
    int count =
        f.unhealthy().size()
            + f.failure().map(Failure::count).orElse(0)
            + f.gitFailure().map(Failure::count).orElse(0);
    SyncStatus next = f.next();
    return new SyncStatus(
        f.generation(),
        next.handledRequest(),
        conditions,
        source,
        next.applied(),
        next.lastGood(),
        next.rollback(),
        next.webhookPath(),
        f.counts(),
        ProblemText.cut(ready.message()),
        next.inventory(),
        next.pendingPrune(),
        next.plan(),
        next.finishedJobs(),
        count,
        problems,
        next.warnings(),
        next.history());
  }

  private record Verdict(Condition.State state, Reason reason, String message) {}

  /**
   * The phase in the light of what has changed since it was decided: nothing is called settled that
   * is not.
   */
  private static Phase amended(Facts f) {
    return f.phase() == Phase.SETTLED && f.gitFailure().isEmpty()
        ? settled(f.holdsNewest(), f.failure(), f.counts())
        : f.phase();
  }

  /** What a sync that was found settled is now. */
  static Phase settled(boolean holdsNewest, Optional<Failure> failure, ObjectCounts counts) {
    if (failure.isPresent()) {
      return Phase.FAILED;
    }
    if (!holdsNewest) {
      return Phase.APPLYING;
    }
    if (counts.failed() > 0) {
      return Phase.UNHEALTHY;
    }
    return counts.healthy() < counts.total() ? Phase.ROLLING_OUT : Phase.SETTLED;
  }

  private static Verdict ready(Facts f) {
    Verdict plain = plain(f);
    return f.next().rollback().map(rollback -> ready(f, rollback, plain)).orElse(plain);
  }

  /** While the last good commit takes the place of the newest one. */
  private static Verdict ready(Facts f, SyncStatus.Rollback rollback, Verdict plain) {
    Phase phase = f.gitFailure().isPresent() ? Phase.NEW : f.phase();
    String detail =
        switch (phase) {
          case APPLYING -> f.failure().map(Failure::message).orElse("");
          case PRUNING -> f.leftovers().orElse("");
          case ASKING -> f.blocked().orElse("");
          case NEW, FAILED, DEPENDING, ROLLING_OUT, UNHEALTHY, SETTLED, CONTESTED, VERIFYING ->
              plain.message();
        };
    RollbackWords.Ready said =
        RollbackWords.ready(
            rollback,
            phase,
            new RollbackWords.Ready(plain.reason(), detail),
            first(f.unhealthy()).map(ProblemText::describe));
    return new Verdict(
        phase == Phase.SETTLED ? FALSE : plain.state(), said.reason(), said.message());
  }

  private static Verdict plain(Facts f) {
    if (f.phase() == Phase.VERIFYING) {
      Optional<Condition> before = f.before().condition(Condition.Type.READY);
      if (before.isPresent()) {
        Condition c = before.get();
        return new Verdict(c.state(), reason(c.reason()), c.message());
      }
    }
    if (f.gitFailure().isPresent()) {
      Failure failure = f.gitFailure().get();
      return new Verdict(FALSE, failure.reason(), failure.message());
    }
    return switch (f.phase()) {
      case NEW -> new Verdict(UNKNOWN, Reason.PROGRESSING, "looking at Git");
      case FAILED, DEPENDING ->
          f.failure()
              .map(failure -> new Verdict(FALSE, failure.reason(), failure.message()))
              .orElse(new Verdict(FALSE, Reason.APPLY_FAILED, "the last attempt failed"));
      case APPLYING ->
          new Verdict(
              FALSE,
              Reason.PROGRESSING,
              "applying "
                  + revision(f)
                  + f.failure().map(failure -> ": " + failure.message()).orElse(""));
      case ROLLING_OUT, VERIFYING ->
          new Verdict(
              FALSE,
              Reason.PROGRESSING,
              "waiting for "
                  + revision(f)
                  + " to become healthy"
                  + first(f.unhealthy()).map(p -> ": " + ProblemText.describe(p)).orElse("")
                  + f.leftovers().map(l -> "; " + l).orElse(""));
      case UNHEALTHY ->
          new Verdict(
              FALSE,
              Reason.HEALTH_CHECK_FAILED,
              first(f.unhealthy())
                      .map(ProblemText::describe)
                      .orElse(revision(f) + " did not become healthy in time")
                  + f.leftovers().map(l -> "; " + l).orElse(""));
      case CONTESTED ->
          new Verdict(
              FALSE,
              Reason.CONTESTED,
              f.unhealthy().stream()
                  .filter(StatusReport::isContest)
                  .findFirst()
                  .map(ProblemText::describe)
                  .orElse("somebody keeps changing it"));
      case ASKING ->
          new Verdict(
              FALSE,
              Reason.PRUNE_BLOCKED,
              revision(f) + " is applied, but " + f.blocked().orElse("a prune waits for approval"));
      case PRUNING ->
          new Verdict(
              FALSE,
              Reason.PROGRESSING,
              "pruning what "
                  + revision(f)
                  + " removed"
                  + f.leftovers().map(l -> ": " + l).orElse(""));
      case SETTLED ->
          new Verdict(
              TRUE,
              Reason.SUCCEEDED,
              "applied " + revision(f) + ", " + f.counts().total() + " objects");
    };
  }

  private static Verdict fetched(Facts f) {
    if (f.gitFailure().isPresent()) {
      Failure failure = f.gitFailure().get();
      return new Verdict(FALSE, failure.reason(), failure.message());
    }
    if (f.seen().isEmpty()) {
      return f.before()
          .condition(Condition.Type.FETCHED)
          .map(c -> new Verdict(c.state(), reason(c.reason()), c.message()))
          .orElse(new Verdict(UNKNOWN, Reason.PROGRESSING, "looking at Git"));
    }
    return new Verdict(TRUE, Reason.SUCCEEDED, "");
  }

  private static Verdict applied(Facts f) {
    Optional<SyncStatus.Applied> applied = f.next().applied();
    if (applied.isPresent()
        && f.holdsNewest()
        && f.phase() != Phase.FAILED
        && f.phase() != Phase.DEPENDING
        && f.phase() != Phase.APPLYING) {
      return new Verdict(TRUE, Reason.SUCCEEDED, applied.get().revision().shortForm());
    }
    String stays =
        applied
            .map(a -> "the cluster holds " + a.revision().shortForm())
            .orElse("nothing applied yet");
    if (f.failure().isPresent()) {
      return new Verdict(FALSE, f.failure().get().reason(), stays);
    }
    if (f.phase() == Phase.APPLYING) {
      return new Verdict(FALSE, Reason.PROGRESSING, stays);
    }
    return new Verdict(UNKNOWN, Reason.PROGRESSING, stays);
  }

  private static Verdict healthy(Facts f) {
    if (f.next().applied().isEmpty()) {
      return new Verdict(UNKNOWN, Reason.PROGRESSING, "nothing applied yet");
    }
    return switch (f.phase()) {
      case NEW, VERIFYING ->
          f.before()
              .condition(Condition.Type.HEALTHY)
              .map(c -> new Verdict(c.state(), reason(c.reason()), c.message()))
              .orElse(new Verdict(UNKNOWN, Reason.PROGRESSING, ""));
      case UNHEALTHY ->
          new Verdict(
              FALSE,
              Reason.HEALTH_CHECK_FAILED,
              first(f.unhealthy()).map(ProblemText::describe).orElse("not healthy in time"));
      case ROLLING_OUT ->
          new Verdict(
              FALSE,
              Reason.PROGRESSING,
              first(f.unhealthy()).map(ProblemText::describe).orElse(""));
      case FAILED, DEPENDING, APPLYING, ASKING, PRUNING, SETTLED, CONTESTED -> asCounted(f);
    };
  }

  /** A contest by itself makes nobody ill. */
  private static Verdict asCounted(Facts f) {
    long contests = f.unhealthy().stream().filter(StatusReport::isContest).count();
    String worst =
        f.unhealthy().stream()
            .filter(p -> !isContest(p))
            .findFirst()
            .map(ProblemText::describe)
            .orElse("");
    if (f.counts().failed() > contests) {
      return new Verdict(FALSE, Reason.HEALTH_CHECK_FAILED, worst);
    }
    return f.counts().progressing() > 0
        ? new Verdict(UNKNOWN, Reason.PROGRESSING, worst)
        : new Verdict(TRUE, Reason.SUCCEEDED, "");
  }

  private static boolean isContest(Problem problem) {
    return problem.reason().equals(HealthView.CONTESTED);
  }

  private static boolean stalled(Facts f) {
    boolean back = f.next().rollback().isPresent() && f.gitFailure().isEmpty();
    return switch (f.phase()) {
      case FAILED, DEPENDING ->
          f.failure().map(Failure::lasting).orElse(false)
              || f.gitFailure().map(Failure::lasting).orElse(false);
      case ASKING, CONTESTED -> f.gitFailure().map(Failure::lasting).orElse(true);
      // What was rolled back waits for another commit.
      case UNHEALTHY, SETTLED -> back || f.gitFailure().map(Failure::lasting).orElse(false);
      case NEW -> f.gitFailure().map(Failure::lasting).orElse(false);
      case VERIFYING ->
          back
              ? f.before().condition(Condition.Type.STALLED).isPresent()
              : f.gitFailure().map(Failure::lasting).orElse(false);
      // Who is at work has not given up.
      case APPLYING, ROLLING_OUT, PRUNING -> false;
    };
  }

  /** All problems, worst first, of which status has the first. */
  static List<Problem> problems(Facts f) {
    List<Problem> all = new ArrayList<>();
    f.gitFailure().ifPresent(failure -> all.addAll(failure.problems()));
    f.failure().ifPresent(failure -> all.addAll(failure.problems()));
    all.addAll(f.unhealthy());
    return ProblemText.since(all, f.before().problems());
  }

  private static Condition condition(Facts f, Condition.Type type, Verdict verdict, Instant now) {
    String message = ProblemText.cut(verdict.message());
    Optional<Condition> before = f.before().condition(type);
    Instant since =
        before.filter(c -> c.state() == verdict.state()).map(Condition::lastTransition).orElse(now);
    return new Condition(
        type, verdict.state(), verdict.reason().toString(), message, f.generation(), since);
  }

  private static String revision(Facts f) {
    return f.seen()
        .map(Commit::revision)
        .or(() -> f.next().applied().map(SyncStatus.Applied::revision))
        .map(r -> r.shortForm())
        .orElse("the newest commit");
  }

  private static <T> Optional<T> first(List<T> list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list.getFirst());
  }

  private static Reason reason(String text) {
    for (Reason reason : Reason.values()) {
      if (reason.toString().equals(text)) {
        return reason;
      }
    }
    return Reason.PROGRESSING;
  }
}
