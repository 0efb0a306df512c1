package dev.fairlead.plan;

import dev.fairlead.model.ObjectKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How what one commit wants differs from what another one wanted.
 *
 * @param added wanted now, and not before
 * @param altered wanted with another content
 * @param removed wanted before, and not now
 */
public record Difference(Set<ObjectKey> added, Set<ObjectKey> altered, Set<ObjectKey> removed) {
  public Difference {
    added = Set.copyOf(added);
    altered = Set.copyOf(altered);
    removed = Set.copyOf(removed);
  }

  public static Difference between(
      Collection<DesiredObject> before, Collection<DesiredObject> now) {
    Map<ObjectKey, DesiredObject> old = HashMap.newHashMap(before.size());
    before.forEach(object -> old.put(object.key(), object));
    Set<ObjectKey> added = new HashSet<>();
    Set<ObjectKey> altered = new HashSet<>();
    for (DesiredObject object : now) {
      DesiredObject was = old.remove(object.key());
      if (was == null) {
        added.add(object.key());
      } else if (!was.sameContentAs(object)) {
        altered.add(object.key());
      }
    }
    return new Difference(added, altered, old.keySet());
  }

  /** What differs and is wanted now. */
  public Set<ObjectKey> written() {
    Set<ObjectKey> written = new HashSet<>(added);
    written.addAll(altered);
    return written;
  }
}
