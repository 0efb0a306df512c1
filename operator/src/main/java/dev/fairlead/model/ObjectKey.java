package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * What identifies one object in a cluster, whatever version it is written in.
 *
 * @param group the API group, empty for the core group
 * @param kind the kind
 * @param namespace empty for a cluster-scoped object
 * @param name the object's name
 */
public record ObjectKey(String group, String kind, String namespace, String name)
    implements Comparable<ObjectKey> {
  private static final Comparator<ObjectKey> ORDER =
      Comparator.comparing(ObjectKey::namespace)
          .thenComparing(ObjectKey::kind)
          .thenComparing(ObjectKey::group)
          .thenComparing(ObjectKey::name);

  public ObjectKey {
    requireNonNull(group);
    requireNonNull(kind);
    requireNonNull(namespace);
    requireNonNull(name);
  }

  public GroupKind groupKind() {
    return new GroupKind(group, kind);
  }

  public boolean clusterScoped() {
    return namespace.isEmpty();
  }

  @Override
  public int compareTo(ObjectKey other) {
    return ORDER.compare(this, other);
  }

  /** As messages name it: {@code Deployment portfolio/web}, {@code Namespace portfolio}. */
  @Override
  public String toString() {
    return namespace.isEmpty() ? kind + " " + name : kind + " " + namespace + "/" + name;
  }
}
