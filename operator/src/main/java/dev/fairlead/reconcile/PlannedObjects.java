package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.PlannedObject;
import dev.fairlead.model.PlannedObject.Action;
import dev.fairlead.model.SyncView;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.ObjectDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes one account of an object out of all that a check has found. Pure.
 *
 * @param found what the server said of the objects that it would take
 * @param toReplace what can only be replaced, with the field that cannot be changed
 * @param putOff what the server cannot be asked about before other objects are there
 */
record PlannedObjects(
    PlanCheck found,
    Map<ObjectKey, String> toReplace,
    Set<ObjectKey> putOff,
    Set<ObjectKey> refused) {
  private static final String NOT_COMPARED = "the account may not read it";
  private static final String PUT_OFF =
      "not checked, since it needs something that the commit brings";
  private static final String GOING = "the old one is being deleted";

  PlannedObjects {
    toReplace = Map.copyOf(toReplace);
    putOff = Set.copyOf(putOff);
    refused = Set.copyOf(refused);
  }

  /**
   * What would become of an object that was looked at.
   *
   * @param before what the applied commit wants of it, if it wants it
   */
  PlannedObject of(DesiredObject object, Optional<DesiredObject> before) {
    PlannedObject planned = of(object);
    boolean drifted =
        before.filter(b -> b.sameContentAs(object)).isPresent()
            && switch (planned.action()) {
              case CREATE, UPDATE, REPLACE -> planned.checked();
              case PRUNE, RELEASE, UNCHANGED, LEAVE_ALONE, REFUSED -> false;
            };
    return drifted ? planned.asDrift() : planned;
  }

  private PlannedObject of(DesiredObject object) {
    ObjectKey key = object.key();
    if (refused.contains(key)) {
      return plain(object, Action.REFUSED);
    }
    Optional<PlanCheck.Found> seen = found.found(key);
    boolean there = seen.filter(PlanCheck.Found::there).isPresent();
    if (putOff.contains(key)) {
      return planned(object, there ? Action.UPDATE : Action.CREATE, false, PUT_OFF);
    }
    if (toReplace.containsKey(key)) {
      String field = toReplace.getOrDefault(key, "");
      return planned(
          object,
          Action.REPLACE,
          true,
          (field.isEmpty() ? "a field" : field) + " cannot be changed in place");
    }
    if (seen.isEmpty()) {
      return plain(object, Action.LEAVE_ALONE);
    }
    if (!there) {
      return planned(object, Action.CREATE, true, "");
    }
    if (seen.get().deleting()) {
      return planned(object, Action.CREATE, true, GOING);
    }
    if (!seen.get().compared()) {
      return planned(object, Action.UPDATE, true, NOT_COMPARED);
    }
    ObjectDiff.Changes changes = seen.get().changes();
    return changes.isEmpty()
        ? plain(object, Action.UNCHANGED)
        : new PlannedObject(
            key,
            Optional.of(object.origin()),
            Action.UPDATE,
            false,
            true,
            "",
            found.fields(key),
            changes.more());
  }

  /** One of which nothing more is to be said. */
  static PlannedObject plain(DesiredObject object, Action action) {
    return planned(object, action, true, "");
  }

  private static PlannedObject planned(
      DesiredObject object, Action action, boolean checked, String note) {
    return new PlannedObject(
        object.key(), Optional.of(object.origin()), action, false, checked, note, List.of(), 0);
  }

  /** One that Git does not want. */
  static PlannedObject leaving(ObjectKey key, Action action, String note) {
    return new PlannedObject(key, Optional.empty(), action, false, true, note, List.of(), 0);
  }

  /** All of them, sorted into what would be done. */
  static SyncView.Changes changes(List<PlannedObject> objects) {
    List<ObjectKey> create = new ArrayList<>();
    List<ObjectKey> update = new ArrayList<>();
    List<ObjectKey> unchanged = new ArrayList<>();
    List<ObjectKey> prune = new ArrayList<>();
    List<ObjectKey> refused = new ArrayList<>();
    for (PlannedObject object : objects) {
      List<ObjectKey> list =
          switch (object.action()) {
            case CREATE -> create;
            case UPDATE, REPLACE, RELEASE -> update;
            case UNCHANGED, LEAVE_ALONE -> unchanged;
            case PRUNE -> prune;
            case REFUSED -> refused;
          };
      list.add(object.key());
    }
    return new SyncView.Changes(create, update, unchanged, prune, refused);
  }
}
