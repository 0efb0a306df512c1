package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How an object as it would be differs from the object as it is, field by field, for people.
 *
 * <p>Both must come from the server, so that what it fills in is the same in both. Left out is what
 * says nothing of the object: status, versions, who owns what, and what tools note down for
 * themselves. Items of a list are told apart as the server does, by their keys, else by their
 * names, else by their places. Of a Secret no value is in the answer, nor how long one is.
 *
 * <p>Stateless: any thread may call.
 */
public final class ObjectDiff {
  /** How many fields of one object are told. */
  public static final int MAX_FIELDS = 100;

  /** A value is cut there. */
  static final int MAX_VALUE = 160;

  /** In place of a value that nobody is to see. */
  public static final String MASKED = "***";

  /** Deeper than any object is. */
  private static final int MAX_DEPTH = 64;

  /** What the server keeps of an object, beside what is desired. */
  private static final Set<String> SERVERS_OWN =
      Set.of(
          "managedFields",
          "resourceVersion",
          "generation",
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "selfLink");

  /** What tools note down for themselves: whoever applies next has notes of its own. */
  private static final Set<String> NOTES =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          "meta.helm.sh/release-name",
          "meta.helm.sh/release-namespace");

  private static final Set<String> OWN_LABELS =
      Set.of(Labels.PART_OF, Labels.NAME, Labels.NAMESPACE);

  private ObjectDiff() {}

  /**
   * A field that would be another.
   *
   * @param path as {@link FieldSet#paths} writes it: {@code spec.containers[name="web"].image}
   * @param from compact JSON, cut, or {@link #MASKED}; absent when the field is not there
   * @param to the same, as it would be
   * @param holders the field managers that have it now, sorted
   */
  public record Change(
      String path, Optional<String> from, Optional<String> to, List<String> holders) {
    public Change {
      requireNonNull(path);
      requireNonNull(from);
      requireNonNull(to);
      holders = List.copyOf(holders);
    }

    /** For people, in one line; a list's item by its name alone. */
    @Override
    public String toString() {
      return shown(path) + ": " + from.orElse("none") + " -> " + to.orElse("none");
    }
  }

  /** An item that has a name by that alone. */
  private static String shown(String path) {
    return path.replaceAll("\\[name=\"([^\"\\\\]*)\"]", "[$1]");
  }

  /**
   * All that would change.
   *
   * @param fields the first {@link #MAX_FIELDS}
   * @param more how many are left out
   */
  public record Changes(List<Change> fields, int more) {
    public static final Changes NONE = new Changes(List.of(), 0);

    public Changes {
      fields = List.copyOf(fields);
    }

    public boolean isEmpty() {
      return fields.isEmpty();
    }

    /** How many fields differ, all told. */
    public int count() {
      return fields.size() + more;
    }
  }

  /**
   * What a comparison has to know.
   *
   * @param managers of the object as it is and as it would be: they tell how the server tells items
   *     of lists apart
   * @param holders who has which field now
   * @param adopting whether the sync has never applied the object, so that its own labels are no
   *     news
   * @param left the places of what is left to others, as {@code fieldsV1} has them
   */
  public record Scope(
      ObjectKey key,
      List<Owner> managers,
      List<Owner> holders,
      boolean adopting,
      List<List<String>> left) {
    public Scope {
      requireNonNull(key);
      managers = List.copyOf(managers);
      holders = List.copyOf(holders);
      left = List.copyOf(left);
    }

    private boolean isSecret() {
      return key.kind().equals("Secret") && key.group().isEmpty();
    }
  }

  /**
   * The changes from one to the other.
   *
   * @param from as it is
   * @param to as it would be
   */
  public static Changes between(Json.Obj from, Json.Obj to, Scope scope) {
    Walk walk = new Walk(scope);
    walk.object(new At("", List.of()), from, to);
    return new Changes(walk.changes, walk.more);
  }

  /** A place in an object: for people, and as {@code fieldsV1} has it. */
  private record At(String path, List<String> place) {
    At field(String name) {
      return at("f:" + name);
    }

    At at(String element) {
      List<String> next = new ArrayList<>(place);
      next.add(element);
      return new At(FieldPaths.append(path, element), next);
    }

    boolean is(String... names) {
      if (place.size() != names.length) {
        return false;
      }
      for (int i = 0; i < names.length; i++) {
        if (!place.get(i).equals("f:" + names[i])) {
          return false;
        }
      }
      return true;
    }

    boolean isWithin(String... names) {
      return place.size() > names.length && new At("", place.subList(0, names.length)).is(names);
    }

    String last() {
      return place.getLast().substring(2);
    }
  }

  /** One comparison; for one use. */
  private static final class Walk {
    private final Scope scope;
    private final FieldSet owned;
    private final List<Change> changes = new ArrayList<>();
    private int more;

    Walk(Scope scope) {
      this.scope = scope;
      FieldSet all = FieldSet.of("", Json.Obj.empty());
      for (Owner owner : scope.managers()) {
        all = all.union(owner.fields());
      }
      this.owned = all;
    }

    void object(At at, Json.@Nullable Obj from, Json.@Nullable Obj to) {
      Set<String> names = new LinkedHashSet<>();
      if (to != null) {
        names.addAll(to.members().keySet());
      }
      if (from != null) {
        names.addAll(from.members().keySet());
      }
      for (String name : names) {
        value(at.field(name), member(from, name), member(to, name));
      }
    }

    private static @Nullable Json member(Json.@Nullable Obj object, String name) {
      Json value = object == null ? null : object.members().get(name);
      return value instanceof Json.Null ? null : value;
    }

    private void value(At at, @Nullable Json from, @Nullable Json to) {
      if ((from == null && to == null) || (from != null && from.equals(to)) || isLeftOut(at)) {
        return;
      }
      boolean deep = at.place().size() < MAX_DEPTH;
      if (deep && (isMap(from) || from == null) && (isMap(to) || to == null)) {
        Json.Obj before = (Json.Obj) from;
        Json.Obj after = (Json.Obj) to;
        if (!isEmpty(before) || !isEmpty(after)) {
          object(at, before, after);
          return;
        }
      } else if (deep && from instanceof Json.Arr before && to instanceof Json.Arr after) {
        list(at, before, after);
        return;
      }
      tell(at, from, to);
    }

    private static boolean isMap(@Nullable Json value) {
      return value instanceof Json.Obj;
    }

    private static boolean isEmpty(Json.@Nullable Obj object) {
      return object == null || object.members().isEmpty();
    }

    /** What says nothing of what is desired. */
    private boolean isLeftOut(At at) {
      if (at.is("status") || at.is("apiVersion") || at.is("kind")) {
        return true;
      }
      if (at.isWithin("metadata") && at.place().size() == 2 && SERVERS_OWN.contains(at.last())) {
        return true;
      }
      if (at.isWithin("metadata", "annotations") && NOTES.contains(at.last())) {
        return true;
      }
      return (scope.adopting()
              && at.isWithin("metadata", "labels")
              && OWN_LABELS.contains(at.last()))
          || scope.left().contains(at.place());
    }

    private void list(At at, Json.Arr from, Json.Arr to) {
      Optional<Map<String, Json>> before = ListItems.of(from, owned.children(at.place()));
      Optional<Map<String, Json>> after = ListItems.of(to, owned.children(at.place()));
      if (before.isEmpty() || after.isEmpty()) {
        byPlace(at, from, to);
        return;
      }
      int told = changes.size() + more;
      Set<String> elements = new LinkedHashSet<>(after.get().keySet());
      elements.addAll(before.get().keySet());
      for (String element : elements) {
        item(at.at(element), before.get().get(element), after.get().get(element));
      }
      if (told == changes.size() + more
          && before.get().keySet().equals(after.get().keySet())
          && !List.copyOf(before.get().keySet()).equals(List.copyOf(after.get().keySet()))) {
        add(
            at,
            Optional.of(names(before.get().keySet())),
            Optional.of(names(after.get().keySet())));
      }
    }

    private static String names(Set<String> elements) {
      return cut(
          elements.stream()
              .map(e -> shown(FieldPaths.append("", e)))
              .collect(Collectors.joining(",")));
    }

    /** An item that comes or goes is told as one. */
    private void item(At at, @Nullable Json from, @Nullable Json to) {
      if (from == null || to == null) {
        if (!isLeftOut(at)) {
          tell(at, from, to);
        }
      } else {
        value(at, from, to);
      }
    }

    private void byPlace(At at, Json.Arr from, Json.Arr to) {
      boolean maps =
          from.items().size() == to.items().size()
              && from.items().stream().allMatch(Walk::isMap)
              && to.items().stream().allMatch(Walk::isMap);
      if (!maps) {
        tell(at, from, to);
        return;
      }
      for (int i = 0; i < to.items().size(); i++) {
        value(at.at("i:" + i), from.items().get(i), to.items().get(i));
      }
    }

    private void tell(At at, @Nullable Json from, @Nullable Json to) {
      boolean masked = isMasked(at);
      add(
          at,
          Optional.ofNullable(from).map(v -> masked ? MASKED : cut(v.toJson())),
          Optional.ofNullable(to).map(v -> masked ? MASKED : cut(v.toJson())));
    }

    private void add(At at, Optional<String> from, Optional<String> to) {
      if (changes.size() == MAX_FIELDS) {
        more++;
        return;
      }
      List<String> holders =
          scope.holders().stream()
              .filter(o -> o.subresource().isEmpty() || o.subresource().equals("scale"))
              .filter(o -> o.fields().contains(at.place()))
              .map(Owner::manager)
              .distinct()
              .sorted()
              .toList();
      changes.add(new Change(at.path(), from, to, holders));
    }

    /** Annotations may hold all of a Secret: kubectl's do. */
    private boolean isMasked(At at) {
      return scope.isSecret()
          && !at.isWithin("metadata", "labels")
          && !at.is("type")
          && !at.is("immutable");
    }

    private static String cut(String text) {
      if (text.length() <= MAX_VALUE) {
        return text;
      }
      int end = MAX_VALUE - 1;
      return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end)
          + "…";
    }
  }
}
