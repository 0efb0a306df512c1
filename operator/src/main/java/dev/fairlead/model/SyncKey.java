package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** What identifies one GitSync, and so the owner of everything that it applied. */
public record SyncKey(String namespace, String name) implements Comparable<SyncKey> {
  private static final String MANAGER = "fairlead/";

  public SyncKey {
    requireNonNull(namespace);
    requireNonNull(name);
  }

  /**
   * The field manager that owns this sync's objects; unique, so that the server tells syncs apart.
   */
  public String fieldManager() {
    return MANAGER + namespace + "/" + name;
  }

  /** Whether the field manager is that of some GitSync. */
  public static boolean isSyncManager(String fieldManager) {
    return fieldManager.startsWith(MANAGER) && fieldManager.indexOf('/', MANAGER.length()) > 0;
  }

  /** The sync whose field manager that is. */
  public static Optional<SyncKey> ofFieldManager(String fieldManager) {
    if (!isSyncManager(fieldManager)) {
      return Optional.empty();
    }
    int slash = fieldManager.indexOf('/', MANAGER.length());
    return Optional.of(
        new SyncKey(
            fieldManager.substring(MANAGER.length(), slash), fieldManager.substring(slash + 1)));
  }

  @Override
  public int compareTo(SyncKey other) {
    int byNamespace = namespace.compareTo(other.namespace);
    return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
