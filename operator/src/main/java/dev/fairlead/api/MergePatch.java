package dev.fairlead.api;

import dev.fairlead.model.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** JSON merge patches (RFC 7386). */
public final class MergePatch {
  private MergePatch() {}

  /**
   * The smallest patch that makes the one object of the other: null for what is gone, lists whole,
   * nothing for what is equal. Empty when the two are equal. A null in {@code after} means absent,
   * as it does to the server.
   */
  public static Optional<Json.Obj> between(Json.Obj before, Json.Obj after) {
    Map<String, Json> patch = new LinkedHashMap<>();
    for (String name : before.members().keySet()) {
      if (after.get(name).isEmpty()) {
        patch.put(name, Json.Null.NULL);
      }
    }
    after
        .members()
        .forEach((name, value) -> {
          if (value instanceof Json.Obj to && before.object(name).isPresent()) {
            between(before.object(name).get(), to).ifPresent(p -> patch.put(name, p));
          } else if (!before.get(name).equals(Optional.of(value))) {
            patch.put(name, value);
          }
        });
    return patch.isEmpty() ? Optional.empty() : Optional.of(Json.of(patch));
  }
}
