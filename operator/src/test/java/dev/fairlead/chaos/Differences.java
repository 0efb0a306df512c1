package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** In what a live object differs from what an apply would make of it. */
final class Differences {
  private static final int SHOWN = 5;

  private Differences() {}

  /** The first of them in words; empty when there are none. */
  static String between(Json.Obj live, Json.Obj after) {
    List<String> found = new ArrayList<>();
    compare("", Optional.of(timeless(live)), Optional.of(timeless(after)), found);
    List<String> shown = found.subList(0, Math.min(SHOWN, found.size()));
    return String.join("; ", shown)
        + (found.size() > SHOWN ? "; and " + (found.size() - SHOWN) + " more" : "");
  }

  /** Lists leave out the kind of their items, and a dry run tells another time. */
  private static Json.Obj timeless(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    List<Json> entries =
        metadata.items("managedFields").stream()
            .map(e -> (Json) ((Json.Obj) e).without("time"))
            .sorted(java.util.Comparator.comparing(Json::toJson))
            .toList();
    return object
        .without("apiVersion")
        .without("kind")
        .with("metadata", metadata.with("managedFields", new Json.Arr(entries, 0, 0)));
  }

  private static void compare(
      String at, Optional<Json> live, Optional<Json> after, List<String> found) {
    if (live.equals(after)) {
      return;
    }
    if (live.orElse(Json.Null.NULL) instanceof Json.Obj left
        && after.orElse(Json.Null.NULL) instanceof Json.Obj right) {
      TreeSet<String> names = new TreeSet<>(left.members().keySet());
      names.addAll(right.members().keySet());
      names.forEach(name -> compare(at + "/" + name, left.get(name), right.get(name), found));
      return;
    }
    if (live.orElse(Json.Null.NULL) instanceof Json.Arr left
        && after.orElse(Json.Null.NULL) instanceof Json.Arr right
        && left.items().size() == right.items().size()) {
      for (int i = 0; i < left.items().size(); i++) {
        compare(
            at + "/" + i,
            Optional.of(left.items().get(i)),
            Optional.of(right.items().get(i)),
            found);
      }
      return;
    }
    found.add(at + ": " + text(live) + ", and Git would make it " + text(after));
  }

  private static String text(Optional<Json> value) {
    return value.map(Json::toJson).orElse("nothing");
  }
}
