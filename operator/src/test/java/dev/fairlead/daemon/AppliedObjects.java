package dev.fairlead.daemon;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Which objects of a cluster one applier has applied, by what the API server wrote down. */
final class AppliedObjects {
  private static final String MANAGED_FIELDS = "managedFields";
  private static final String DATA = "f:data";
  private static final String STRING_DATA = "f:stringData";
  private static final GroupKind SECRET = new GroupKind("", "Secret");

  private AppliedObjects() {}

  /**
   * The objects in which a field manager has an entry of a server-side apply, and in any case those
   * of some keys: an apply of nothing but a name leaves no entry.
   *
   * <p>In place of the list {@code metadata.managedFields} they have an object with one member, the
   * {@code fieldsV1} of that entry under its {@code apiVersion}.
   */
  static Map<ObjectKey, Json.Obj> of(
      String manager, Set<ObjectKey> keys, Collection<Json.Obj> live) {
    Map<ObjectKey, Json.Obj> applied = new TreeMap<>();
    for (Json.Obj object : live) {
      ObjectKey key = key(object);
      Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
      List<Json.Obj> entries =
          metadata.items(MANAGED_FIELDS).stream()
              .map(e -> (Json.Obj) e)
              .filter(e -> e.string("manager").equals(Optional.of(manager)))
              .filter(e -> e.string("operation").equals(Optional.of("Apply")))
              .toList();
      if (entries.size() > 1) {
        throw new AssertionError(key + " has two entries of " + manager);
      }
      if (!entries.isEmpty()) {
        metadata = metadata.with(MANAGED_FIELDS, owned(key, entries.getFirst()));
      } else if (keys.contains(key)) {
        metadata = metadata.without(MANAGED_FIELDS);
      } else {
        continue;
      }
      applied.put(key, object.with("metadata", metadata));
    }
    return applied;
  }

  private static Json.Obj owned(ObjectKey key, Json.Obj entry) {
    Json.Obj fields = entry.object("fieldsV1").orElseThrow();
    Optional<Json.Obj> strings = fields.object(STRING_DATA);
    if (key.groupKind().equals(SECRET) && strings.isPresent()) {
      // The server writes it to data; kubectl's entry goes on to say how the file had it.
      Json.Obj data = fields.object(DATA).orElse(Json.Obj.empty());
      for (Map.Entry<String, Json> name : strings.get().members().entrySet()) {
        data = data.with(name.getKey(), name.getValue());
      }
      fields = fields.without(STRING_DATA).with(DATA, data);
    }
    return Json.Obj.empty().with(entry.string("apiVersion").orElseThrow(), fields);
  }

  /** The key of an object, whatever version it is in. */
  static ObjectKey key(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    GroupVersionKind kind =
        GroupVersionKind.of(
            object.string("apiVersion").orElseThrow(), object.string("kind").orElseThrow());
    return new ObjectKey(
        kind.group(),
        kind.kind(),
        metadata.string("namespace").orElse(""),
        metadata.string("name").orElseThrow());
  }
}
