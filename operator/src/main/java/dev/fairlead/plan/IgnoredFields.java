package dev.fairlead.plan;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes fields that are left to others out of what is applied, and out of what a sync owns.
 *
 * <p>Stateless: any thread may call.
 */
public final class IgnoredFields {
  private IgnoredFields() {}

  /**
   * A body without what is ignored.
   *
   * @param removed what of it was there; where a map or list would be left empty, it went as a
   *     whole
   */
  public record Rest(Json.Obj body, List<JsonPointer> removed) {
    public Rest {
      removed = List.copyOf(removed);
    }
  }

  /** Takes fields out of a body. A list's items are named by their position in this body. */
  public static Rest without(Json.Obj body, List<JsonPointer> ignored) {
    if (ignored.isEmpty()) {
      return new Rest(body, List.of());
    }
    TreeSet<JsonPointer> removed = new TreeSet<>();
    Optional<Json> rest =
        rest(body, ignored.stream().map(JsonPointer::tokens).toList(), List.of(), removed);
    return new Rest(rest.map(Json.Obj.class::cast).orElse(body), List.copyOf(removed));
  }

  private static Optional<Json> rest(
      Json value, List<List<String>> paths, List<String> at, Set<JsonPointer> removed) {
    if (paths.stream().anyMatch(List::isEmpty)) {
      removed.add(new JsonPointer(at));
      return Optional.empty();
    }
    return switch (value) {
      case Json.Obj object -> {
        Map<String, Json> left = new LinkedHashMap<>();
        object
            .members()
            .forEach((name, member) ->
                child(member, name, paths, at, removed).ifPresent(v -> left.put(name, v)));
        yield emptied(object.members().size(), left.size(), at, removed)
            ? Optional.empty()
            : Optional.of(new Json.Obj(left, object.line(), object.column()));
      }
      case Json.Arr list -> {
        List<Json> left = new ArrayList<>();
        for (int i = 0; i < list.items().size(); i++) {
          child(list.items().get(i), Integer.toString(i), paths, at, removed).ifPresent(left::add);
        }
        yield emptied(list.items().size(), left.size(), at, removed)
            ? Optional.empty()
            : Optional.of(new Json.Arr(left, list.line(), list.column()));
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Optional.of(value);
    };
  }

  private static Optional<Json> child(
      Json value,
      String token,
      List<List<String>> paths,
      List<String> at,
      Set<JsonPointer> removed) {
    List<List<String>> within =
        paths.stream()
            .filter(p -> p.getFirst().equals(token))
            .map(p -> p.subList(1, p.size()))
            .toList();
    if (within.isEmpty()) {
      return Optional.of(value);
    }
    List<String> here = new ArrayList<>(at);
    here.add(token);
    return rest(value, within, here, removed);
  }

  /** An empty map or list says nothing, but would make us its owner. */
  private static boolean emptied(int before, int after, List<String> at, Set<JsonPointer> removed) {
    boolean emptied = before > 0 && after == 0 && !at.isEmpty();
    if (emptied) {
      removed.add(new JsonPointer(at));
    }
    return emptied;
  }

  /**
   * What a sync owns without what is ignored.
   *
   * @param body as Git has it, which says what the positions in its lists mean
   */
  public static FieldSet without(FieldSet owned, Json.Obj body, List<JsonPointer> ignored) {
    FieldSet left = owned;
    for (JsonPointer pointer : ignored) {
      if (find(left, body, pointer) instanceof Place.Found found) {
        left = left.without(found.path());
      }
    }
    return left;
  }

  /** Where the ignored fields are in a set, as {@code fieldsV1} has places. */
  public static List<List<String>> places(
      FieldSet owned, Json.Obj body, List<JsonPointer> ignored) {
    List<List<String>> places = new ArrayList<>();
    for (JsonPointer pointer : ignored) {
      if (find(owned, body, pointer) instanceof Place.Found found) {
        places.add(List.copyOf(found.path()));
      }
    }
    return places;
  }

  /**
   * The first ignored field that cannot be left to others by itself, since the server knows one
   * owner only for a map or list around it.
   *
   * @param owned what the sync owns after an apply of that body
   * @param removed what is ignored and was in it
   */
  public static Optional<Undivided> undivided(
      FieldSet owned, Json.Obj body, List<JsonPointer> removed) {
    for (JsonPointer pointer : removed) {
      boolean covered = removed.stream().anyMatch(r -> !r.equals(pointer) && r.contains(pointer));
      if (!covered && find(owned, body, pointer) instanceof Place.Within within) {
        return Optional.of(new Undivided(pointer, pointer.first(within.depth())));
      }
    }
    return Optional.empty();
  }

  /**
   * A field within a map or list that has one owner.
   *
   * @param whole that map or list
   */
  public record Undivided(JsonPointer field, JsonPointer whole) {}

  /** Where a field is in a set. */
  private sealed interface Place {
    record Nowhere() implements Place {}

    record Found(List<String> path) implements Place {}

    /** In a place that the set has as a whole. */
    record Within(int depth) implements Place {}
  }

  private static Place find(FieldSet owned, Json.Obj body, JsonPointer pointer) {
    List<String> path = new ArrayList<>();
    Optional<Json> at = Optional.of(body);
    for (String token : pointer.tokens()) {
      if (!path.isEmpty() && owned.isWhole(path)) {
        return new Place.Within(path.size());
      }
      Optional<Json> next = at.flatMap(v -> member(v, token));
      Optional<String> key =
          at.filter(Json.Arr.class::isInstance).isPresent()
              ? next.flatMap(item -> keyOf(item, owned.children(path)))
              : Optional.of("f:" + token);
      if (key.isEmpty() || !owned.children(path).contains(key.get())) {
        return new Place.Nowhere();
      }
      path.add(key.get());
      at = next;
    }
    return new Place.Found(path);
  }

  private static Optional<Json> member(Json value, String token) {
    return switch (value) {
      case Json.Obj object -> object.get(token);
      case Json.Arr list -> {
        int index = JsonPointer.index(token);
        yield index >= 0 && index < list.items().size()
            ? Optional.of(list.items().get(index))
            : Optional.empty();
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Optional.empty();
    };
  }

  /** The key by which the server knows an item of a list. */
  static Optional<String> keyOf(Json item, Iterable<String> keys) {
    for (String key : keys) {
      if (key.startsWith("k:") && item instanceof Json.Obj object) {
        if (parse(key.substring(2)) instanceof Json.Obj fields
            && fields.members().entrySet().stream()
                .allMatch(e -> has(object, e.getKey(), e.getValue()))) {
          return Optional.of(key);
        }
      } else if (key.startsWith("v:") && parse(key.substring(2)).equals(item)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  /** The server names keys that it has filled in itself; a missing protocol is TCP. */
  private static boolean has(Json.Obj item, String name, Json value) {
    return item.get(name)
        .map(value::equals)
        .orElse(name.equals("protocol") && value.equals(Json.of("TCP")));
  }

  private static Json parse(String json) {
    try {
      return JsonReader.parse(json.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // No key of a list that can be understood is none that matches.
      return Json.Null.NULL;
    }
  }
}
