package dev.fairlead.plan;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells the items of a list apart as the server does: by their keys, or as values of a set; where
 * that is not known, by their names. Pure.
 */
final class ListItems {
  private ListItems() {}

  /**
   * The items by the element that stands for each in {@code fieldsV1}; nothing when they cannot be
   * told apart.
   *
   * @param known the elements that somebody owns in the list
   */
  static Optional<Map<String, Json>> of(Json.Arr list, Set<String> known) {
    List<String> keys = keyNames(known);
    boolean set = known.stream().anyMatch(k -> k.startsWith("v:"));
    Map<String, Json> items = new LinkedHashMap<>();
    for (Json item : list.items()) {
      Optional<String> element =
          !keys.isEmpty()
              ? IgnoredFields.keyOf(item, known).or(() -> key(item, keys))
              : set ? scalar(item) : key(item, List.of("name"));
      if (element.isEmpty() || items.put(element.get(), item) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(items);
  }

  private static Optional<String> scalar(Json item) {
    return item instanceof Json.Obj || item instanceof Json.Arr
        ? Optional.empty()
        : Optional.of("v:" + item.toJson());
  }

  private static Optional<String> key(Json item, List<String> names) {
    if (!(item instanceof Json.Obj object)) {
      return Optional.empty();
    }
    Map<String, Json> key = new LinkedHashMap<>();
    for (String name : names) {
      object.get(name).ifPresent(v -> key.put(name, v));
    }
    return key.isEmpty() ? Optional.empty() : Optional.of("k:" + Json.of(key).toJson());
  }

  /** The names of the fields by which the server tells the items of a list apart. */
  private static List<String> keyNames(Set<String> elements) {
    for (String element : elements) {
      if (element.startsWith("k:")) {
        try {
          if (JsonReader.parse(element.substring(2).getBytes(StandardCharsets.UTF_8))
              instanceof Json.Obj key) {
            return List.copyOf(key.members().keySet());
          }
        } catch (IOException e) {
          // A key that cannot be understood tells nothing.
          return List.of();
        }
      }
    }
    return List.of();
  }
}
