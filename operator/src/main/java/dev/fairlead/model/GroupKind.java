package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/**
 * A kind without its version, as ApplySet's inventory and discovery name it.
 *
 * @param group the API group, empty for the core group
 * @param kind the kind in singular camel case, never empty
 */
public record GroupKind(String group, String kind) implements Comparable<GroupKind> {
  public GroupKind {
    requireNonNull(group);
    if (kind.isEmpty()) {
      throw new IllegalArgumentException("a kind must not be empty");
    }
  }

  /** Reads {@link #toString()}'s form, {@code Kind} or {@code Kind.group}. */
  public static GroupKind parse(String text) {
    int dot = text.indexOf('.');
    return dot < 0
        ? new GroupKind("", text)
        : new GroupKind(text.substring(dot + 1), text.substring(0, dot));
  }

  @Override
  public int compareTo(GroupKind other) {
    int byGroup = group.compareTo(other.group);
    return byGroup != 0 ? byGroup : kind.compareTo(other.kind);
  }

  /** {@code ConfigMap} or {@code Deployment.apps}, as KEP-3659 writes it. */
  @Override
  public String toString() {
    return group.isEmpty() ? kind : kind + "." + group;
  }
}
