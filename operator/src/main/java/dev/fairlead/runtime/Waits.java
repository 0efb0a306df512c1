package dev.fairlead.runtime;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who waits for what: for each thing those that want it while another has it, in the order in which
 * they began to wait.
 *
 * <p>Guarantees: one's waits are replaced as a whole, and whoever goes on waiting keeps its place;
 * nobody ever blocks; no more than {@code capacity} waits are known at once, and what is beyond is
 * not remembered, so that memory is bounded. Whatever is forgotten here is found again by whoever
 * tries again.
 *
 * <p>Any thread may call it; one lock guards all state.
 */
public final class Waits<K, W> {
  private final int capacity;
  private final Object lock = new Object();
  private final Map<K, Map<W, Long>> places = new HashMap<>();
  private final Map<W, Set<K>> waits = new HashMap<>();
  private long next;
  private int size;

  public Waits(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("room for one wait at least");
    }
    this.capacity = capacity;
  }

  /**
   * One waits for these and for nothing else.
   *
   * @return whether all of them are remembered
   */
  public boolean replace(W who, Collection<K> keys) {
    requireNonNull(who);
    synchronized (lock) {
      Set<K> wanted = Set.copyOf(keys);
      for (K key : List.copyOf(waits.getOrDefault(who, Set.of()))) {
        if (!wanted.contains(key)) {
          remove(who, key);
        }
      }
      boolean all = true;
      // In the order in which they were given, so that it is always the same ones that have room.
      for (K key : keys) {
        all &= addLocked(who, key);
      }
      return all;
    }
  }

  /** One waits for this too; whether there was room to remember it. */
  public boolean add(W who, K key) {
    requireNonNull(who);
    synchronized (lock) {
      return addLocked(who, key);
    }
  }

  /** One waits for nothing any more. */
  public void forget(W who) {
    var _ = replace(who, List.of());
  }

  /** One waits for this no longer. */
  public void forget(W who, K key) {
    synchronized (lock) {
      remove(who, key);
    }
  }

  /** Who waits for it, the longest first. */
  public List<W> waiting(K key) {
    synchronized (lock) {
      return places.getOrDefault(key, Map.of()).entrySet().stream()
          .sorted(Map.Entry.comparingByValue())
          .map(Map.Entry::getKey)
          .toList();
    }
  }

  /** Whether that one waits for it. */
  public boolean waits(W who, K key) {
    synchronized (lock) {
      return waits.getOrDefault(who, Set.of()).contains(key);
    }
  }

  /** What one waits for. */
  public List<K> of(W who) {
    synchronized (lock) {
      return new ArrayList<>(waits.getOrDefault(who, Set.of()));
    }
  }

  /** How many waits are known. */
  public int size() {
    synchronized (lock) {
      return size;
    }
  }

  private boolean addLocked(W who, K key) {
    Map<W, Long> queue = places.get(key);
    if (queue != null && queue.containsKey(who)) {
      return true;
    }
    if (size == capacity) {
      return false;
    }
    places.computeIfAbsent(key, k -> new HashMap<>()).put(who, next++);
    waits.computeIfAbsent(who, w -> new LinkedHashSet<>()).add(key);
    size++;
    return true;
  }

  private void remove(W who, K key) {
    Set<K> own = waits.get(who);
    if (own == null || !own.remove(key)) {
      return;
    }
    if (own.isEmpty()) {
      waits.remove(who);
    }
    Map<W, Long> queue = places.get(key);
    if (queue != null && queue.remove(who) != null && queue.isEmpty()) {
      places.remove(key);
    }
    size--;
  }
}
