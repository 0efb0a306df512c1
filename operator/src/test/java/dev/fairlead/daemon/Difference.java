package dev.fairlead.daemon;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * One field in which an object that Fairlead applied is not what kubectl makes of the same file.
 *
 * @param pointer JSON pointer to the field; empty for an object that only one of them has
 * @param fairlead the value with Fairlead, compact JSON; {@code -} where there is none
 * @param kubectl the same with kubectl
 */
record Difference(ObjectKey key, String pointer, String fairlead, String kubectl) {
  private static final String ABSENT = "-";

  /** All differences between two sets of objects, sorted by object and field. */
  static List<Difference> between(
      Map<ObjectKey, Json.Obj> fairlead, Map<ObjectKey, Json.Obj> kubectl) {
    List<Difference> differences = new ArrayList<>();
    TreeSet<ObjectKey> keys = new TreeSet<>(fairlead.keySet());
    keys.addAll(kubectl.keySet());
    for (ObjectKey key : keys) {
      Optional<Json> ours = Optional.ofNullable(fairlead.get(key));
      Optional<Json> theirs = Optional.ofNullable(kubectl.get(key));
      if (ours.isPresent() && theirs.isPresent()) {
        compare(key, "", ours, theirs, differences);
      } else {
        differences.add(
            new Difference(
                key,
                "",
                ours.isPresent() ? "the object" : ABSENT,
                theirs.isPresent() ? "the object" : ABSENT));
      }
    }
    return List.copyOf(differences);
  }

  private static void compare(
      ObjectKey key,
      String pointer,
      Optional<Json> ours,
      Optional<Json> theirs,
      List<Difference> differences) {
    if (ours.equals(theirs)) {
      return;
    }
    if (ours.orElse(Json.Null.NULL) instanceof Json.Obj left
        && theirs.orElse(Json.Null.NULL) instanceof Json.Obj right) {
      TreeSet<String> names = new TreeSet<>(left.members().keySet());
      names.addAll(right.members().keySet());
      for (String name : names) {
        compare(key, Pointers.append(pointer, name), left.get(name), right.get(name), differences);
      }
      return;
    }
    if (ours.orElse(Json.Null.NULL) instanceof Json.Arr left
        && theirs.orElse(Json.Null.NULL) instanceof Json.Arr right) {
      for (int i = 0; i < Math.max(left.items().size(), right.items().size()); i++) {
        String item = Pointers.append(pointer, Integer.toString(i));
        compare(key, item, item(left, i), item(right, i), differences);
      }
      return;
    }
    differences.add(new Difference(key, pointer, text(ours), text(theirs)));
  }

  private static Optional<Json> item(Json.Arr list, int index) {
    return index < list.items().size() ? Optional.of(list.items().get(index)) : Optional.empty();
  }

  private static String text(Optional<Json> value) {
    return value.map(Json::toJson).orElse(ABSENT);
  }

  /** For example {@code Deployment corpus/web /spec/replicas: 2 with Fairlead, 3 with kubectl}. */
  @Override
  public String toString() {
    String where = pointer.isEmpty() ? key.toString() : key + " " + pointer;
    return where + ": " + fairlead + " with Fairlead, " + kubectl + " with kubectl";
  }
}
