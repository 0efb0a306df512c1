package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What identifies one GitSync, and so the owner of everything that it applied. */
public record SyncKey(String namespace, String name) implements Comparable<SyncKey> {
  private static final String MANAGER = "fairlead/";
  private static final Pattern MANAGERS = Pattern.compile(MANAGER + "([^/]+)/([^/]+)");

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
    return ofFieldManager(fieldManager).isPresent();
  }

  /** The sync whose field manager that is. */
  public static Optional<SyncKey> ofFieldManager(String fieldManager) {
    Matcher matcher = MANAGERS.matcher(fieldManager);
    return matcher.matches()
        ? Optional.of(new SyncKey(matcher.group(1), matcher.group(2)))
        : Optional.empty();
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
