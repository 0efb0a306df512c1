package dev.fairlead.runtime;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Shares workers between lanes, for example the namespaces of a cluster.
 *
 * <p>Guarantees: a lane that has workers gets one more only while more than those are free. So one
 * lane has at most half of them, a second one half of the rest, and there is a worker for one that
 * has none until many lanes have all they can get; whatever waits in a lane that has its share
 * holds up no other lane.
 *
 * <p>Not thread-safe: {@link WorkQueue} calls it under its lock.
 *
 * @param <E> what waits
 */
final class Lanes<E> {
  /** Something that waited for its lane and may run now. */
  record Freed<E>(E entry, Priority priority) {}

  private static final class Lane<E> {
    final Map<Priority, SequencedSet<E>> parked = new EnumMap<>(Priority.class);
    int running;

    boolean isUnused() {
      return running == 0 && parked.isEmpty();
    }
  }

  private final int workers;
  private final Map<Object, Lane<E>> lanes = new HashMap<>();
  private int running;

  /**
   * @param workers of all lanes together
   */
  Lanes(int workers) {
    this.workers = workers;
  }

  /** Whether the lane may have another worker. */
  boolean mayRun(Object lane) {
    Lane<E> known = lanes.get(lane);
    return known == null || mayRun(known);
  }

  private boolean mayRun(Lane<E> lane) {
    return lane.running < workers - running;
  }

  void started(Object lane) {
    lane(lane).running++;
    running++;
  }

  /** Keeps what may not run yet. */
  void park(Object lane, E entry, Priority priority) {
    lane(lane).parked.computeIfAbsent(priority, _ -> new LinkedHashSet<>()).add(entry);
  }

  void unpark(Object lane, E entry, Priority priority) {
    Lane<E> known = lane(lane);
    SequencedSet<E> parked = known.parked.get(priority);
    if (parked != null && parked.remove(entry) && parked.isEmpty()) {
      known.parked.remove(priority);
    }
    if (known.isUnused()) {
      lanes.remove(lane);
    }
  }

  /** A worker of the lane is free again; returns who may have it, the first of each lane. */
  List<Freed<E>> ended(Object lane) {
    Lane<E> known = lane(lane);
    known.running--;
    running--;
    if (known.isUnused()) {
      lanes.remove(lane);
    }
    List<Freed<E>> freed = new ArrayList<>();
    for (Iterator<Lane<E>> all = lanes.values().iterator(); all.hasNext(); ) {
      Lane<E> waiting = all.next();
      if (!waiting.parked.isEmpty() && mayRun(waiting)) {
        Priority priority = waiting.parked.keySet().iterator().next();
        SequencedSet<E> parked = waiting.parked.getOrDefault(priority, new LinkedHashSet<>());
        freed.add(new Freed<>(parked.removeFirst(), priority));
        if (parked.isEmpty()) {
          waiting.parked.remove(priority);
        }
        if (waiting.isUnused()) {
          all.remove();
        }
      }
    }
    return freed;
  }

  /** Forgets all that waits. */
  void clear() {
    lanes.values().forEach(lane -> lane.parked.clear());
  }

  private Lane<E> lane(Object lane) {
    return lanes.computeIfAbsent(lane, _ -> new Lane<>());
  }
}
