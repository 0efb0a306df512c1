package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Condition;
import dev.fairlead.model.Condition.State;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.PruneTurn;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the status of a GitSync that is being deleted says. Pure. */
final class FinishReport {
  private static final int NAMED = 3;

  private FinishReport() {}

  /** Names what is not gone yet, and what holds it. */
  static String waiting(List<Observed> left) {
    List<String> named =
        left.stream()
            .sorted(Comparator.comparing(Observed::key))
            .limit(NAMED)
            .map(FinishReport::describe)
            .toList();
    int more = left.size() - named.size();
    return "waiting for "
        + left.size()
        + (left.size() == 1 ? " object" : " objects")
        + " to be gone: "
        + String.join(", ", named)
        + (more > 0 ? " and " + more + " more" : "");
  }

  /** Names the other syncs that have to look at Git first. */
  static String siblings(PruneTurn.Turn turn) {
    List<SyncKey> siblings =
        turn instanceof PruneTurn.Turn.Await await ? await.siblings() : List.of();
    int more = siblings.size() - NAMED;
    return "waiting for other GitSyncs of the repository to try the commit first, since objects may"
        + " have moved to one of them: "
        + siblings.stream().limit(NAMED).map(SyncKey::toString).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }

  private static String describe(Observed object) {
    return object.finalizers().isEmpty()
        ? object.key().toString()
        : object.key() + " (" + String.join(", ", object.finalizers()) + ")";
  }

  /**
   * @param reason {@link Reason#PROGRESSING} while objects are waited for, else why they cannot be
   *     deleted
   */
  static SyncStatus status(
      SyncStatus before, long generation, Reason reason, String message, Instant now) {
    String cut = ProblemText.cut(message);
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    boolean waits = reason == Reason.PROGRESSING;
    List<Condition> conditions = new ArrayList<>();
    conditions.add(
        condition(before, Condition.Type.READY, State.FALSE, reason, cut, generation, second));
    if (waits) {
      conditions.add(
          condition(
              before, Condition.Type.RECONCILING, State.TRUE, reason, cut, generation, second));
    }
    before.condition(Condition.Type.FETCHED).ifPresent(conditions::add);
    for (Condition.Type type : List.of(Condition.Type.APPLIED, Condition.Type.HEALTHY)) {
      conditions.add(
          condition(before, type, State.UNKNOWN, reason, "is being deleted", generation, second));
    }
    return new SyncStatus(
        generation,
        before.handledRequest(),
        conditions,
        before.source(),
        before.applied(),
        before.lastGood(),
        Optional.empty(),
        Optional.empty(),
        before.objects(),
        cut,
        before.inventory(),
        Optional.empty(),
        Optional.empty(),
        before.finishedJobs(),
        0,
        List.of(),
        before.warnings(),
        before.history());
  }

  private static Condition condition(
      SyncStatus before,
      Condition.Type type,
      State state,
      Reason reason,
      String message,
      long generation,
      Instant now) {
    Instant since =
        before
            .condition(type)
            .filter(c -> c.state() == state)
            .map(Condition::lastTransition)
            .orElse(now);
    return new Condition(type, state, reason.toString(), message, generation, since);
  }
}
