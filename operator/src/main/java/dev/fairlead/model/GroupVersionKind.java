package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

/**
 * A kind in one version, as {@code apiVersion} and {@code kind} name it.
 *
 * @param group the API group, empty for the core group
 * @param version for example {@code v1}
 * @param kind the kind in singular camel case
 */
public record GroupVersionKind(String group, String version, String kind) {
  public GroupVersionKind {
    requireNonNull(group);
    requireNonNull(version);
    requireNonNull(kind);
  }

  /** From a manifest's {@code apiVersion} ({@code v1}, {@code apps/v1}) and {@code kind}. */
  public static GroupVersionKind of(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    return slash < 0
        ? new GroupVersionKind("", apiVersion, kind)
        : new GroupVersionKind(
            apiVersion.substring(0, slash), apiVersion.substring(slash + 1), kind);
  }

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  public GroupKind groupKind() {
    return new GroupKind(group, kind);
  }

  @Override
  public String toString() {
    return apiVersion() + " " + kind;
  }
}
