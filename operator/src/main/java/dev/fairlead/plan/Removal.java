package dev.fairlead.plan;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes fields out of an object, as the server does with those that an apply does not declare any
 * more.
 *
 * <p>Stateless: any thread may call.
 */
final class Removal {
  private Removal() {}

  /**
   * The object without the fields.
   *
   * @param gone what is taken out; a map or an item that is in it as a whole goes as a whole, if
   *     nothing within it is kept
   * @param kept what somebody still has
   */
  static Json.Obj without(Json.Obj object, FieldSet gone, FieldSet kept) {
    return (Json.Obj) rest(object, List.of(), gone, kept).orElse(object);
  }

  private static Optional<Json> rest(Json value, List<String> place, FieldSet gone, FieldSet kept) {
    if (!place.isEmpty() && gone.owns(place) && !kept.contains(place)) {
      return Optional.empty();
    }
    if (gone.children(place).isEmpty()) {
      return Optional.of(value);
    }
    return switch (value) {
      case Json.Obj object -> {
        Map<String, Json> left = new LinkedHashMap<>();
        object
            .members()
            .forEach((name, member) ->
                rest(member, below(place, "f:" + name), gone, kept)
                    .ifPresent(v -> left.put(name, v)));
        yield Optional.of(new Json.Obj(left, object.line(), object.column()));
      }
      case Json.Arr list -> {
        List<Json> left = new ArrayList<>();
        for (Json item : list.items()) {
          Optional<String> key = IgnoredFields.keyOf(item, gone.children(place));
          if (key.isEmpty()) {
            left.add(item);
          } else {
            rest(item, below(place, key.get()), gone, kept).ifPresent(left::add);
          }
        }
        yield Optional.of(new Json.Arr(left, list.line(), list.column()));
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Optional.of(value);
    };
  }

  private static List<String> below(List<String> place, String element) {
    List<String> next = new ArrayList<>(place);
    next.add(element);
    return next;
  }
}
