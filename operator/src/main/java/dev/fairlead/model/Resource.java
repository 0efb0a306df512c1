package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * How the API server serves one kind in one version.
 *
 * @param group the API group, empty for the core group
 * @param version for example {@code v1}
 * @param plural the name in paths and in RBAC rules
 * @param kind the kind
 * @param namespaced whether its objects live in namespaces
 * @param verbs what the server can do with it, as discovery lists it
 */
public record Resource(
    String group, String version, String plural, String kind, boolean namespaced, Set<String> verbs)
    implements Comparable<Resource> {
  public Resource {
    requireNonNull(group);
    requireNonNull(version);
    requireNonNull(plural);
    requireNonNull(kind);
    verbs = Set.copyOf(verbs);
  }

  public GroupVersionKind gvk() {
    return new GroupVersionKind(group, version, kind);
  }

  public GroupKind groupKind() {
    return new GroupKind(group, kind);
  }

  /** The key of this kind's object of that name; a cluster-scoped kind ignores the namespace. */
  public ObjectKey key(String namespace, String name) {
    return new ObjectKey(group, kind, namespaced ? namespace : "", name);
  }

  /** Whether its objects can be listed, watched, patched and deleted: what a sync needs. */
  public boolean manageable() {
    return verbs.containsAll(Set.of("list", "watch", "patch", "delete"));
  }

  @Override
  public int compareTo(Resource other) {
    int byGroup = group.compareTo(other.group);
    if (byGroup != 0) {
      return byGroup;
    }
    int byPlural = plural.compareTo(other.plural);
    return byPlural != 0 ? byPlural : version.compareTo(other.version);
  }

  /** {@code deployments.v1.apps}, {@code configmaps.v1}. */
  @Override
  public String toString() {
    return group.isEmpty() ? plural + "." + version : plural + "." + version + "." + group;
  }
}
