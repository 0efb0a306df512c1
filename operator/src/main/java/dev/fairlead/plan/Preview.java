package dev.fairlead.plan;

import dev.fairlead.model.Origin;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.PlannedObject.Action;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.PlanSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What applying a commit would do, all told.
 *
 * @param objects those of the commit in the order of Git, then what it does not want; bounded in
 *     their fields
 */
public record Preview(List<PlannedObject> objects) {
  /** How many fields are told of all objects together. */
  public static final int MAX_FIELDS = 5_000;

  /** A line is cut there. */
  static final int MAX_LINE = 300;

  public Preview {
    List<PlannedObject> bounded = new ArrayList<>(objects.size());
    int left = MAX_FIELDS;
    for (PlannedObject object : objects) {
      PlannedObject cut = object.withFields(left);
      left -= cut.fields().size();
      bounded.add(cut);
    }
    objects = List.copyOf(bounded);
  }

  /** The counts and the first lines: what cannot be had back comes first. */
  public PlanSummary summary() {
    return new PlanSummary(
        count(Action.CREATE),
        count(Action.UPDATE) + count(Action.REPLACE) + count(Action.RELEASE),
        count(Action.PRUNE),
        (int) objects.stream().filter(PlannedObject::drifted).count(),
        objects.stream()
            .filter(o -> changes(o.action()))
            .sorted(Comparator.comparingInt(Preview::weight))
            .limit(SyncStatus.MAX_PLAN_SHOWN)
            .map(Preview::line)
            .toList());
  }

  private int count(Action action) {
    return (int) objects.stream().filter(o -> o.action() == action && !o.drifted()).count();
  }

  /** Whether cluster and Git agree, as far as nothing is refused. */
  public boolean isEmpty() {
    return objects.stream().noneMatch(o -> changes(o.action()));
  }

  private static boolean changes(Action action) {
    return switch (action) {
      case CREATE, UPDATE, REPLACE, PRUNE, RELEASE -> true;
      case UNCHANGED, LEAVE_ALONE, REFUSED -> false;
    };
  }

  private static int weight(PlannedObject object) {
    return switch (object.action()) {
      case PRUNE -> 0;
      case REPLACE -> 1;
      case UPDATE -> object.drifted() ? 3 : 2;
      case RELEASE -> 4;
      case CREATE -> 5;
      case UNCHANGED, LEAVE_ALONE, REFUSED -> 6;
    };
  }

  /** One line for people; begins with the place. */
  static String line(PlannedObject object) {
    Optional<Origin> origin =
        object.fields().isEmpty()
            ? object.origin()
            : Optional.of(object.fields().getFirst().origin());
    String place = origin.map(o -> o + ": ").orElse("");
    String note = object.note().isEmpty() ? "" : ": " + object.note();
    String said =
        switch (object.action()) {
          case CREATE ->
              object.drifted()
                  ? object.key() + ": was deleted" + note
                  : "create " + object.key() + note;
          case UPDATE ->
              object.key()
                  + ": "
                  + (object.drifted() ? "drifted: " : "")
                  + (object.fields().isEmpty() ? "differs" + note : fields(object));
          case REPLACE -> "replace " + object.key() + note;
          case PRUNE -> "prune " + object.key() + note;
          case RELEASE -> "release " + object.key() + note;
          case UNCHANGED, LEAVE_ALONE, REFUSED -> object.key() + ": " + object.action() + note;
        };
    return cut(place + said);
  }

  private static String fields(PlannedObject object) {
    PlannedObject.Field first = object.fields().getFirst();
    int more = object.fields().size() - 1 + object.more();
    return new ObjectDiff.Change(first.path(), first.from(), first.to(), first.holders())
        + (object.drifted() && !first.holders().isEmpty()
            ? " (by " + String.join(" and ", first.holders()) + ")"
            : "")
        + (more == 0 ? "" : " (and " + more + " more)");
  }

  private static String cut(String line) {
    if (line.length() <= MAX_LINE) {
      return line;
    }
    int end = MAX_LINE - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }
}
