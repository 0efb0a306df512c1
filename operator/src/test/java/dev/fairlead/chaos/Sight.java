package dev.fairlead.chaos;

import dev.fairlead.daemon.SyncClient;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the cluster holds at one moment.
 *
 * @param objects all of our kinds in the places where objects are
 * @param syncs the GitSyncs by {@code namespace/name}
 */
record Sight(Map<ObjectKey, Json.Obj> objects, Map<String, Json.Obj> syncs) {
  static Sight of(World world) {
    Map<ObjectKey, Json.Obj> objects = new TreeMap<>();
    for (Kind kind : Kind.values()) {
      for (String place : World.PLACES) {
        Json.Obj list = World.ask(() -> world.api().get(kind.collection(place))).orElseThrow();
        for (Json item : list.items("items")) {
          Json.Obj object = (Json.Obj) item;
          objects.put(kind.key(place, metadata(object).string("name").orElseThrow()), object);
        }
      }
    }
    Map<String, Json.Obj> syncs = new TreeMap<>();
    for (String tenant : World.TENANTS) {
      Json.Obj list = World.ask(() -> world.api().get(Sync.collection(tenant))).orElseThrow();
      for (Json item : list.items("items")) {
        Json.Obj object = (Json.Obj) item;
        syncs.put(tenant + "/" + metadata(object).string("name").orElseThrow(), object);
      }
    }
    return new Sight(objects, syncs);
  }

  static Json.Obj metadata(Json.Obj object) {
    return object.object("metadata").orElse(Json.Obj.empty());
  }

  Json.Obj sync(Sync sync) {
    return syncs.getOrDefault(sync.toString(), Json.Obj.empty());
  }

  Json.Obj status(Sync sync) {
    return sync(sync).object("status").orElse(Json.Obj.empty());
  }

  /** A condition as {@code Status Reason: message}. */
  String condition(Sync sync, String type) {
    return SyncClient.condition(status(sync), type);
  }

  /** Whether a sync says that it has seen the newest commit. */
  boolean hasSeen(Sync sync) {
    return status(sync)
        .object("source")
        .flatMap(s -> s.string("revision"))
        .filter(r -> r.endsWith(":" + sync.repo().head()))
        .isPresent();
  }

  /** Whether a sync has applied the newest commit, or waits for what another one has. */
  boolean hasTried(Sync sync) {
    return hasSeen(sync)
        && (applied(sync).equals(sync.repo().head())
            || condition(sync, "Ready").startsWith("False OwnedElsewhere:")
            || condition(sync, "Ready").startsWith("False DependencyNotReady:"));
  }

  /** The commit that a sync says is there. */
  String applied(Sync sync) {
    return SyncClient.applied(status(sync));
  }

  private static boolean isLabelled(Json.Obj object, Sync sync) {
    return metadata(object)
        .object("labels")
        .flatMap(l -> l.string("applyset.kubernetes.io/part-of"))
        .filter(sync.id()::equals)
        .isPresent();
  }

  private static boolean isApplied(Json.Obj object, Sync sync) {
    return metadata(object).items("managedFields").stream()
        .map(f -> ((Json.Obj) f))
        .filter(f -> f.string("operation").equals(Optional.of("Apply")))
        .anyMatch(f -> f.string("manager").equals(Optional.of(sync.manager())));
  }

  /** What a sync has: its label, and an entry of an apply by it. */
  Set<ObjectKey> members(Sync sync) {
    Set<ObjectKey> members = new TreeSet<>();
    objects.forEach((key, object) -> {
      if (isLabelled(object, sync) && isApplied(object, sync)) {
        members.add(key);
      }
    });
    return members;
  }

  /** What has one of these two alone. */
  Set<ObjectKey> halves(Sync sync) {
    Set<ObjectKey> halves = new TreeSet<>();
    objects.forEach((key, object) -> {
      if (isLabelled(object, sync) != isApplied(object, sync)) {
        halves.add(key);
      }
    });
    return halves;
  }

  /** Uid and version of everything, to see whether anything is written. */
  Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    objects.forEach((key, object) -> versions.put(key.toString(), Foreign.version(object)));
    syncs.forEach((name, object) -> versions.put("GitSync " + name, Foreign.version(object)));
    return versions;
  }

  /** What has another version than a moment ago, is new, or is gone. */
  static List<String> changes(Map<String, String> before, Map<String, String> after) {
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    return names.stream()
        .filter(n -> !before.getOrDefault(n, "").equals(after.getOrDefault(n, "")))
        .map(n -> n + ": " + before.getOrDefault(n, "-") + " to " + after.getOrDefault(n, "-"))
        .toList();
  }
}
