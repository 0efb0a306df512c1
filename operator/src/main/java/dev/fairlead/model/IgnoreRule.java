package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Fields that a sync leaves to others.
 *
 * @param group the API group of the objects, empty for the core group; absent for any
 * @param kind absent for any
 * @param name absent for any
 * @param namespace absent for any
 * @param paths the fields; at least one
 */
public record IgnoreRule(
    Optional<String> group,
    Optional<String> kind,
    Optional<String> name,
    Optional<String> namespace,
    List<JsonPointer> paths) {
  private static final Set<JsonPointer> RESERVED =
      Set.of(
          new JsonPointer(List.of("apiVersion")),
          new JsonPointer(List.of("kind")),
          new JsonPointer(List.of("metadata", "name")),
          new JsonPointer(List.of("metadata", "namespace")),
          new JsonPointer(List.of("metadata", "labels", Labels.PART_OF)),
          new JsonPointer(List.of("metadata", "labels", Labels.NAME)),
          new JsonPointer(List.of("metadata", "labels", Labels.NAMESPACE)));

  public IgnoreRule {
    requireNonNull(group);
    requireNonNull(kind);
    requireNonNull(name);
    requireNonNull(namespace);
    paths = List.copyOf(paths);
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("a rule without a path ignores nothing");
    }
  }

  /** Whether the rule is about that object. */
  public boolean matches(ObjectKey key) {
    return group.filter(g -> !g.equals(key.group())).isEmpty()
        && kind.filter(k -> !k.equals(key.kind())).isEmpty()
        && name.filter(n -> !n.equals(key.name())).isEmpty()
        && namespace.filter(n -> !n.equals(key.namespace())).isEmpty();
  }

  /** Whether a sync cannot do without the field: what the object is, and whose. */
  public static boolean isReserved(JsonPointer path) {
    return RESERVED.stream().anyMatch(r -> path.contains(r) || r.contains(path));
  }
}
