package dev.fairlead.reconcile;

import dev.fairlead.model.Condition;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.MissingRights;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The kinds of a sync's objects that Fairlead may not watch at present, each with what it lacks.
 * Pure.
 */
record Blindness(Map<GroupKind, String> kinds) {
  static final Blindness NONE = new Blindness(Map.of());

  /** What all of its warnings and problems have in them, and nothing else has. */
  private static final String MARK = ": drift and health of its objects are not seen";

  Blindness {
    kinds = Map.copyOf(kinds);
  }

  /**
   * @param denied why a kind may not be watched; empty where it may
   */
  static Blindness of(
      Collection<GroupKind> kinds, Function<GroupKind, Optional<ApiError.Forbidden>> denied) {
    SortedMap<GroupKind, String> blind = new TreeMap<>();
    for (GroupKind kind : kinds) {
      denied.apply(kind).ifPresent(no -> blind.put(kind, lacks(no)));
    }
    return blind.isEmpty() ? NONE : new Blindness(blind);
  }

  /** What is missing, and the rule to add. */
  static String lacks(ApiError.Forbidden no) {
    return no.permission().map(MissingRights::advice).orElse(no.message());
  }

  boolean isEmpty() {
    return kinds.isEmpty();
  }

  /** One for each kind, by kind. */
  List<Warning> warnings() {
    return sentences("").stream()
        .map(said -> new Warning(Optional.empty(), Origin.ofFile(""), said))
        .toList();
  }

  /** Whether a warning in status is of a kind that may not be watched. */
  static boolean covers(String warning) {
    return warning.contains(MARK);
  }

  /** What keeps a sync from going on whose objects cannot be listed. */
  String message() {
    List<String> all =
        sentences(", and nothing of the GitSync is applied or pruned until they are");
    return all.getFirst() + (all.size() == 1 ? "" : " (and " + (all.size() - 1) + " more)");
  }

  private List<String> sentences(String consequence) {
    return new TreeMap<>(kinds)
        .entrySet().stream()
            .map(e -> "kind " + e.getKey() + MARK + consequence + ": " + e.getValue())
            .toList();
  }

  /**
   * The status of a sync that waits since its objects could never be listed by this process: what
   * was known of it before stays, but it is not Ready, for nothing that is pushed is applied.
   */
  SyncStatus waiting(SyncStatus before, boolean suspended, long generation, Instant now) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    String message = ProblemText.cut(message());
    List<Problem> problems =
        ProblemText.since(
            Stream.concat(
                    sentences("").stream()
                        .map(s ->
                            new Problem(
                                "",
                                "",
                                0,
                                Reason.ACCESS_DENIED.toString(),
                                ProblemText.cut(s),
                                second)),
                    others(before))
                .toList(),
            before.problems());
    return new SyncStatus(
        // The spec is not acted on yet.
        before.observedGeneration(),
        before.handledRequest(),
        suspended ? before.conditions() : conditions(before, message, generation, second),
        before.source(),
        before.applied(),
        before.lastGood(),
        before.rollback(),
        before.webhookPath(),
        before.objects(),
        suspended ? before.message() : message,
        before.inventory(),
        before.pendingPrune(),
        before.plan(),
        before.finishedJobs(),
        suspended
            ? before.problemCount()
            : before.problemCount()
                - (int) before.problems().stream().filter(p -> covers(p.message())).count()
                + kinds.size(),
        suspended ? before.problems() : problems.stream().limit(SyncStatus.MAX_PROBLEMS).toList(),
        amend(before.warnings()).stream().limit(SyncStatus.MAX_WARNINGS).toList(),
        before.history());
  }

  private static Stream<Problem> others(SyncStatus before) {
    return before.problems().stream().filter(p -> !covers(p.message()));
  }

  /** The warnings that status has, with those of now. */
  private List<String> amend(List<String> warnings) {
    return Stream.concat(
            warnings().stream().map(w -> ProblemText.cut(w.toString())),
            warnings.stream().filter(w -> !covers(w)))
        .toList();
  }

  /** Applied and Healthy stay, from which the work is resumed. */
  private static List<Condition> conditions(
      SyncStatus before, String message, long generation, Instant now) {
    List<Condition> conditions = new ArrayList<>();
    for (Condition.Type type : List.of(Condition.Type.READY, Condition.Type.STALLED)) {
      Condition.State state =
          type == Condition.Type.READY ? Condition.State.FALSE : Condition.State.TRUE;
      Instant since =
          before
              .condition(type)
              .filter(c -> c.state() == state)
              .map(Condition::lastTransition)
              .orElse(now);
      conditions.add(
          new Condition(type, state, Reason.ACCESS_DENIED.toString(), message, generation, since));
    }
    before.conditions().stream()
        .filter(c ->
            c.type() != Condition.Type.READY
                && c.type() != Condition.Type.STALLED
                && c.type() != Condition.Type.RECONCILING)
        .forEach(conditions::add);
    return conditions;
  }
}
