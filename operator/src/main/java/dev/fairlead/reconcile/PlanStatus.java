package dev.fairlead.reconcile;

import static dev.fairlead.model.Condition.State.FALSE;
import static dev.fairlead.model.Condition.State.TRUE;
import static dev.fairlead.model.Condition.State.UNKNOWN;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.PlanSummary;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Preview;
import dev.fairlead.reconcile.StatusReport.Failure;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Computes the whole status of a sync in mode Plan. Pure.
 *
 * <p>What tells of applying (what is applied, the last good commit, the history) stays as it was.
 */
final class PlanStatus {
  private static final String NOTHING_APPLIED = "nothing was applied: mode Plan only tells";
  private static final String NOT_JUDGED = "health is not judged in mode Plan";

  private PlanStatus() {}

  /**
   * @param before the status as the server has it
   * @param generation of the spec that the status is about
   * @param seen the newest commit, if one was ever seen by this process
   * @param gitFailure set while Git cannot be read
   * @param failure why the newest commit cannot be read, or would be refused
   * @param preview what it would do; absent when it is not known
   * @param warnings of the newest plan
   */
  record Facts(
      SyncStatus before,
      long generation,
      Optional<String> handledRequest,
      Optional<Commit> seen,
      Optional<Failure> gitFailure,
      Optional<Failure> failure,
      Optional<Preview> preview,
      List<String> warnings,
      Notices notices,
      Instant now) {
    Facts {
      warnings = List.copyOf(warnings);
    }
  }

  private record Verdict(Condition.State state, Reason reason, String message) {}

  static SyncStatus of(Facts f) {
    Instant now = f.now().truncatedTo(ChronoUnit.SECONDS);
    SyncStatus before = f.before();
    Verdict ready = ready(f);
    List<Condition> conditions = new ArrayList<>();
    conditions.add(condition(f, Condition.Type.READY, ready, now));
    if (f.seen().isPresent() && ready.reason() == Reason.PROGRESSING) {
      conditions.add(
          condition(
              f,
              Condition.Type.RECONCILING,
              new Verdict(TRUE, ready.reason(), ready.message()),
              now));
    }
    if (f.gitFailure().or(f::failure).map(Failure::lasting).orElse(false)) {
      conditions.add(
          condition(
              f, Condition.Type.STALLED, new Verdict(TRUE, ready.reason(), ready.message()), now));
    }
    conditions.add(condition(f, Condition.Type.FETCHED, fetched(f), now));
    conditions.add(condition(f, Condition.Type.APPLIED, applied(f, ready), now));
    conditions.add(
        condition(
            f, Condition.Type.HEALTHY, new Verdict(UNKNOWN, ready.reason(), NOT_JUDGED), now));
    List<Problem> problems = problems(f);
    Optional<SyncStatus.Source> source =
        f.seen()
            .map(commit ->
                before
                    .source()
                    .filter(s -> s.commit().equals(commit))
                    .orElse(new SyncStatus.Source(commit, now)))
            .or(before::source);
    return new SyncStatus(
        f.generation(),
        f.handledRequest(),
        conditions,
        source,
        before.applied(),
        before.lastGood(),
        before.rollback(),
        f.notices().webhook().path(),
        SyncStatus.ObjectCounts.NONE,
        ProblemText.cut(ready.message()),
        before.inventory(),
        Optional.empty(),
        f.preview().map(Preview::summary),
        before.finishedJobs(),
        f.failure().map(Failure::count).orElse(0) + f.gitFailure().map(Failure::count).orElse(0),
        problems.stream().limit(SyncStatus.MAX_PROBLEMS).map(ProblemText::cut).toList(),
        f.notices().amend(f.warnings(), f.now()).stream()
            .limit(SyncStatus.MAX_WARNINGS)
            .map(ProblemText::cut)
            .toList(),
        before.history());
  }

  /** All problems, worst first. */
  static List<Problem> problems(Facts f) {
    List<Problem> all = new ArrayList<>();
    f.gitFailure().ifPresent(failure -> all.addAll(failure.problems()));
    f.failure().ifPresent(failure -> all.addAll(failure.problems()));
    return ProblemText.since(all, f.before().problems());
  }

  /** The word for what came of a plan. */
  static Reason reason(Preview preview, Optional<Failure> failure) {
    return failure
        .map(Failure::reason)
        .orElse(preview.isEmpty() ? Reason.SUCCEEDED : Reason.OUT_OF_SYNC);
  }

  private static Verdict ready(Facts f) {
    Optional<Failure> failure = f.gitFailure().or(f::failure);
    if (failure.isPresent()) {
      return new Verdict(FALSE, failure.get().reason(), failure.get().message());
    }
    if (f.preview().isEmpty()) {
      return new Verdict(
          UNKNOWN,
          Reason.PROGRESSING,
          f.seen().isEmpty() ? "looking at Git" : "planning " + revision(f));
    }
    Preview preview = f.preview().get();
    int objects = (int) preview.objects().stream().filter(o -> o.origin().isPresent()).count();
    return preview.isEmpty()
        ? new Verdict(
            TRUE,
            Reason.SUCCEEDED,
            revision(f)
                + ": nothing to change, "
                + (objects == 1 ? "1 object" : objects + " objects"))
        : new Verdict(FALSE, Reason.OUT_OF_SYNC, revision(f) + " " + counts(preview.summary()));
  }

  /** {@code would create 1, update 2, prune 0; 1 has drifted: ...}, with the first line. */
  private static String counts(PlanSummary plan) {
    String drifted =
        switch (plan.drifted()) {
          case 0 -> "";
          case 1 -> "; 1 has drifted";
          default -> "; " + plan.drifted() + " have drifted";
        };
    return "would create %d, update %d, prune %d%s: %s"
        .formatted(plan.create(), plan.update(), plan.prune(), drifted, plan.first().getFirst());
  }

  private static Verdict fetched(Facts f) {
    if (f.gitFailure().isPresent()) {
      return new Verdict(FALSE, f.gitFailure().get().reason(), f.gitFailure().get().message());
    }
    return f.seen().isPresent()
        ? new Verdict(TRUE, Reason.SUCCEEDED, "")
        : new Verdict(UNKNOWN, Reason.PROGRESSING, "looking at Git");
  }

  /** What was applied in mode Apply is there; whether it is the newest, and untouched, is Ready. */
  private static Verdict applied(Facts f, Verdict ready) {
    Optional<SyncStatus.Applied> applied = f.before().applied();
    if (applied.isEmpty()) {
      return new Verdict(UNKNOWN, ready.reason(), NOTHING_APPLIED);
    }
    boolean newest =
        f.seen().map(Commit::revision).filter(applied.get().revision()::equals).isPresent();
    return new Verdict(
        newest && ready.state() == TRUE ? TRUE : FALSE,
        newest && ready.state() == TRUE ? Reason.SUCCEEDED : ready.reason(),
        applied.get().revision().shortForm() + " was applied before mode Plan");
  }

  private static Condition condition(Facts f, Condition.Type type, Verdict verdict, Instant now) {
    Optional<Condition> before = f.before().condition(type);
    Instant since =
        before.filter(c -> c.state() == verdict.state()).map(Condition::lastTransition).orElse(now);
    return new Condition(
        type,
        verdict.state(),
        verdict.reason().toString(),
        ProblemText.cut(verdict.message()),
        f.generation(),
        since);
  }

  private static String revision(Facts f) {
    return f.seen().map(c -> c.revision().shortForm()).orElse("the newest commit");
  }
}
