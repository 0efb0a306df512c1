package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What others have made: whole objects that nobody may touch, and fields of our objects that nobody
 * may take away.
 *
 * <p>One thread.
 */
final class Foreign {
  static final String NOTE = "injected.example.org/note";

  private final Map<ObjectKey, String> versions = new TreeMap<>();
  private final Map<ObjectKey, Note> notes = new TreeMap<>();

  /** What somebody put on the object with this uid. */
  record Note(String uid, String text) {}

  /** Creates a ConfigMap with these labels. */
  void create(World world, String namespace, String name, Map<String, String> labels) {
    String json =
        labels.entrySet().stream()
            .map(e -> "\"" + e.getKey() + "\":\"" + e.getValue() + "\"")
            .collect(Collectors.joining(","));
    world.create(
        Kind.CONFIG_MAP.collection(namespace),
        "{\"metadata\":{\"name\":\"%s\",\"labels\":{%s}},\"data\":{\"key\":\"mine\"}}"
            .formatted(name, json));
    remember(world, Kind.CONFIG_MAP.key(namespace, name));
  }

  /** Creates a ConfigMap as if a sync had applied it, but without its label. */
  void apply(World world, String namespace, String name, String manager) {
    world.apply(
        Kind.CONFIG_MAP.collection(namespace) + "/" + name,
        manager,
        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"key\":\"mine\"}}"
            .formatted(name));
    remember(world, Kind.CONFIG_MAP.key(namespace, name));
  }

  private void remember(World world, ObjectKey key) {
    Json.Obj object = World.ask(() -> world.api().get(Kind.path(key))).orElseThrow();
    versions.put(key, version(object));
  }

  static String version(Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    return metadata.string("uid").orElse("") + " " + metadata.string("resourceVersion").orElse("");
  }

  boolean has(ObjectKey key) {
    return versions.containsKey(key);
  }

  /** Uid and version of each object. */
  Map<ObjectKey, String> versions() {
    return Map.copyOf(versions);
  }

  /** Somebody has put a note on an object of ours, which is like this now. */
  void noted(ObjectKey key, Json.Obj object, String text) {
    notes.put(key, new Note(uid(object), text));
  }

  /** The last note on each object. */
  Map<ObjectKey, Note> notes() {
    return Map.copyOf(notes);
  }

  static String uid(Json.Obj object) {
    return object.object("metadata").flatMap(m -> m.string("uid")).orElse("");
  }

  static Optional<String> note(Json.Obj object) {
    return object
        .object("metadata")
        .flatMap(m -> m.object("annotations"))
        .flatMap(a -> a.string(NOTE));
  }
}
