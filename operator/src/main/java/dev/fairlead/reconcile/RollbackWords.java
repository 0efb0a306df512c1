package dev.fairlead.reconcile;

import dev.fairlead.model.Reason;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.reconcile.RollbackDecision.Verdict;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** What people are told of a commit that failed. Pure. */
final class RollbackWords {
  private RollbackWords() {}

  /** Why Ready is what it is. */
  record Ready(Reason reason, String message) {}

  /**
   * What is to be done about a commit that is not healthy and stays, or what is about to be done.
   */
  static Optional<String> advice(Revision commit, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Stands _, Verdict.RollBack _ -> Optional.empty();
      case Verdict.Waits waits ->
          Optional.of(
              waits
                  .because()
                  .map(why ->
                      "it is to be rolled back to " + waits.to().shortForm() + ", but " + why)
                  .orElseGet(() ->
                      "unless it is healthy by "
                          + waits.until().truncatedTo(ChronoUnit.SECONDS)
                          + ", it is rolled back to "
                          + waits.to().shortForm()));
      case Verdict.Holds holds -> holds(commit, holds);
    };
  }

  private static Optional<String> holds(Revision commit, Verdict.Holds holds) {
    String good = holds.lastGood().map(Revision::shortForm).orElse("");
    String undo = "to undo it: git revert " + hash(commit);
    return switch (holds.because()) {
      case ASKED ->
          good.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  commit.commit().equals(holds.lastGood().orElseThrow().commit())
                      ? "it was healthy under another spec"
                      : good + " was the last good commit; " + undo);
      case NOTHING_GOOD -> Optional.of("not rolled back: no commit was healthy before");
      case SPEC_CHANGED ->
          Optional.of("not rolled back: the spec changed since " + good + " was healthy");
      case GONE ->
          Optional.of("not rolled back: " + good + " is gone: " + holds.detail() + "; " + undo);
    };
  }

  /**
   * What Ready says while the last good commit runs, or is to run, in place of a failed one.
   *
   * @param plain what it would say of a commit that takes nobody's place; its message is what keeps
   *     the phase from being over
   * @param unwell what is not healthy now, worst first
   */
  static Ready ready(Rollback rollback, Phase phase, Ready plain, Optional<String> unwell) {
    String from = rollback.from().shortForm();
    String to = rollback.to().shortForm();
    String way = "rolling " + from + " back to " + to;
    String remedy = "; fix it, or git revert " + hash(rollback.from()) + ", and push";
    return switch (phase) {
      case NEW, DEPENDING, CONTESTED ->
          new Ready(plain.reason(), plain.message() + "; " + from + " is rolled back to " + to);
      case VERIFYING -> plain;
      case FAILED -> new Ready(plain.reason(), way + " failed: " + plain.message());
      case APPLYING ->
          new Ready(
              plain.reason(),
              way
                  + ", since "
                  + rollback.reason()
                  + (plain.message().isEmpty() ? "" : "; " + plain.message()));
      case ROLLING_OUT ->
          new Ready(
              plain.reason(),
              way
                  + ", since "
                  + rollback.reason()
                  + "; waiting for it to become healthy"
                  + unwell.map(p -> ": " + p).orElse(""));
      case PRUNING ->
          new Ready(
              plain.reason(),
              way
                  + ", since "
                  + rollback.reason()
                  + "; removing what "
                  + from
                  + " added"
                  + (plain.message().isEmpty() ? "" : ": " + plain.message()));
      case UNHEALTHY ->
          new Ready(
              Reason.ROLLED_BACK,
              from
                  + " is rolled back to "
                  + to
                  + ", which is not healthy either"
                  + unwell.map(p -> ": " + p).orElse("")
                  + "; "
                  + from
                  + " failed: "
                  + rollback.reason());
      case ASKING ->
          new Ready(
              Reason.ROLLED_BACK,
              from
                  + " is rolled back to "
                  + to
                  + ", since "
                  + rollback.reason()
                  + "; "
                  + plain.message());
      case SETTLED ->
          new Ready(
              Reason.ROLLED_BACK,
              from + " is rolled back to " + to + ", since " + rollback.reason() + remedy);
    };
  }

  /** As people type it. */
  private static String hash(Revision revision) {
    return revision.commit().substring(0, 7);
  }
}
