package dev.fairlead.cluster;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Resource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** One answer of aggregated discovery; immutable. */
final class ServedResources {
  static final ServedResources NONE = new ServedResources(Map.of(), Set.of());

  private final Map<GroupVersionKind, Resource> byKind;
  private final Map<GroupKind, Resource> preferred = new LinkedHashMap<>();

  /** Group versions ({@code apps/v1}) whose own server did not answer. */
  private final Set<String> stale;

  /** The order of {@code byKind} is the server's order of preference. */
  private ServedResources(Map<GroupVersionKind, Resource> byKind, Set<String> stale) {
    this.byKind = byKind;
    this.stale = stale;
    byKind.values().forEach(r -> preferred.putIfAbsent(r.groupKind(), r));
  }

  /** Reads an APIGroupDiscoveryList; empty when the document is something else. */
  static Optional<ServedResources> read(Json.Obj document) {
    if (!document.string("kind").orElse("").equals("APIGroupDiscoveryList")) {
      return Optional.empty();
    }
    Map<GroupVersionKind, Resource> byKind = new LinkedHashMap<>();
    Set<String> stale = new LinkedHashSet<>();
    for (Json item : document.items("items")) {
      if (!(item instanceof Json.Obj group)) {
        continue;
      }
      String name = group.object("metadata").flatMap(m -> m.string("name")).orElse("");
      for (Json entry : group.items("versions")) {
        if (entry instanceof Json.Obj version) {
          readVersion(name, version, byKind, stale);
        }
      }
    }
    return Optional.of(new ServedResources(byKind, stale));
  }

  private static void readVersion(
      String group, Json.Obj entry, Map<GroupVersionKind, Resource> byKind, Set<String> stale) {
    String version = entry.string("version").orElse("");
    if (entry.string("freshness").orElse("").equals("Stale")) {
      stale.add(group + "/" + version);
    }
    for (Json item : entry.items("resources")) {
      if (!(item instanceof Json.Obj resource)) {
        continue;
      }
      String kind = resource.object("responseKind").flatMap(k -> k.string("kind")).orElse("");
      String plural = resource.string("resource").orElse("");
      if (kind.isEmpty() || plural.isEmpty()) {
        continue;
      }
      Set<String> verbs =
          resource.items("verbs").stream()
              .filter(Json.Str.class::isInstance)
              .map(v -> ((Json.Str) v).value())
              .collect(Collectors.toSet());
      // Two resources of one kind: the first is the one that holds objects.
      byKind.putIfAbsent(
          new GroupVersionKind(group, version, kind),
          new Resource(
              group,
              version,
              plural,
              kind,
              resource.string("scope").orElse("").equals("Namespaced"),
              verbs));
    }
  }

  Optional<Resource> find(GroupVersionKind gvk) {
    return Optional.ofNullable(byKind.get(gvk));
  }

  Optional<Resource> preferred(GroupKind kind) {
    return Optional.ofNullable(preferred.get(kind));
  }

  Collection<Resource> all() {
    return byKind.values();
  }

  ServedResources plus(ServedResources other) {
    Map<GroupVersionKind, Resource> both = new LinkedHashMap<>(byKind);
    other.byKind.forEach(both::putIfAbsent);
    Set<String> allStale = new HashSet<>(stale);
    allStale.addAll(other.stale);
    return new ServedResources(both, allStale);
  }

  /** This, where it is stale filled up with what was known before. */
  ServedResources completedBy(ServedResources before) {
    if (stale.isEmpty()) {
      return this;
    }
    Map<GroupVersionKind, Resource> all = new LinkedHashMap<>(byKind);
    before.byKind.forEach((gvk, resource) -> {
      if (stale.contains(gvk.group() + "/" + gvk.version())) {
        all.putIfAbsent(gvk, resource);
      }
    });
    return new ServedResources(all, stale);
  }
}
