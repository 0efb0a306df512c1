package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * What would become of one object if a commit were applied.
 *
 * @param origin where it is written; absent when Git does not want it
 * @param drifted whether Git wants what it wanted when the object was applied last, so that it
 *     differs for what others did
 * @param checked whether the API server was asked; it cannot be asked about what needs something
 *     that the commit brings
 * @param note why, for people; empty where the action says it all
 * @param fields that would change; none of an object that would be created or deleted
 * @param more how many of the fields are left out
 */
public record PlannedObject(
    ObjectKey key,
    Optional<Origin> origin,
    Action action,
    boolean drifted,
    boolean checked,
    String note,
    List<Field> fields,
    int more) {
  /** What would be done. */
  public enum Action {
    CREATE("create"),
    UPDATE("update"),
    /** Deleted and created again, since a field cannot be changed. */
    REPLACE("replace"),
    PRUNE("prune"),
    /** It left Git and stays, without being the sync's any more. */
    RELEASE("release"),
    UNCHANGED("unchanged"),
    /** Nothing is done about it, as Git or an annotation in the cluster says. */
    LEAVE_ALONE("leaveAlone"),
    REFUSED("refused");

    private final String text;

    Action(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A field that would be another.
   *
   * @param origin where Git says so, as exactly as it is known
   * @param from compact JSON, cut, or masked; absent when the field is not there
   * @param to the same, as it would be
   * @param holders the field managers that have it now, sorted
   */
  public record Field(
      String path,
      Origin origin,
      Optional<String> from,
      Optional<String> to,
      List<String> holders) {
    public Field {
      requireNonNull(path);
      requireNonNull(origin);
      requireNonNull(from);
      requireNonNull(to);
      holders = List.copyOf(holders);
    }
  }

  public PlannedObject {
    requireNonNull(key);
    requireNonNull(origin);
    requireNonNull(action);
    requireNonNull(note);
    fields = List.copyOf(fields);
  }

  /** The same as something that others did. */
  public PlannedObject asDrift() {
    return new PlannedObject(key, origin, action, true, checked, note, fields, more);
  }

  /** The same with no more than so many fields. */
  public PlannedObject withFields(int max) {
    return fields.size() <= max
        ? this
        : new PlannedObject(
            key,
            origin,
            action,
            drifted,
            checked,
            note,
            fields.subList(0, max),
            more + fields.size() - max);
  }
}
