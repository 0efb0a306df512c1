package dev.fairlead.plan;

import dev.fairlead.model.ObjectKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The objects of one change whose check waits for others of it, and what has to be written so that
 * they can be checked.
 *
 * <p>Guarantees: {@link #toWrite} has nothing that was not checked and nothing that nobody waits
 * for; as long as one of {@link #toWrite} and {@link #toCheck} is not empty, there is a way on;
 * when both are empty, what is left waits for each other. One thread uses it.
 */
public final class Deferrals {
  private final Map<ObjectKey, Set<ObjectKey>> waiting = new LinkedHashMap<>();
  private final Set<ObjectKey> written = new HashSet<>();

  /** The object cannot be checked, or not pass, before these are written. */
  public void defer(ObjectKey object, Set<ObjectKey> on) {
    waiting.put(object, Set.copyOf(on));
  }

  /** The object has passed its check. */
  public void passed(ObjectKey object) {
    waiting.remove(object);
  }

  /** These are in the cluster as the change wants them. */
  public void written(Collection<ObjectKey> objects) {
    written.addAll(objects);
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** All that still wait. */
  public Set<ObjectKey> waiting() {
    return Set.copyOf(waiting.keySet());
  }

  /** What one of them waits for; nothing when it does not wait. */
  public Set<ObjectKey> waitingOf(ObjectKey object) {
    return waiting.getOrDefault(object, Set.of());
  }

  /** What has passed and others wait for, sorted: to be written now, and nothing else. */
  public Set<ObjectKey> toWrite() {
    Set<ObjectKey> first = new TreeSet<>();
    for (Set<ObjectKey> on : waiting.values()) {
      for (ObjectKey key : on) {
        if (!waiting.containsKey(key) && !written.contains(key)) {
          first.add(key);
        }
      }
    }
    return first;
  }

  /** Those for which all is there that they waited for, sorted. */
  public Set<ObjectKey> toCheck() {
    Set<ObjectKey> ready = new TreeSet<>();
    waiting.forEach((object, on) -> {
      if (written.containsAll(on)) {
        ready.add(object);
      }
    });
    return ready;
  }

  /** What of these is not written yet. */
  public Set<ObjectKey> unwritten(Set<ObjectKey> objects) {
    Set<ObjectKey> left = new HashSet<>(objects);
    left.removeAll(written);
    return left;
  }
}
