package dev.fairlead.runtime;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who in this process may touch what: at most one owner for each key.
 *
 * <p>Guarantees: keys are claimed together or not at all, so that two owners never hold half of
 * what both need; claiming what one already holds is granted; nobody ever blocks. An owner that was
 * turned away can leave word and is called once, after the key that stood in its way is free and
 * outside of all locks; being called is no promise, so it must claim again. There is one such word
 * for each owner at most, and the claims of an owner are forgotten as soon as it releases them, so
 * memory is bounded by what is held.
 *
 * <p>Any thread may call it; one lock guards all state.
 */
public final class Claims<K, O> {
  private final Object lock = new Object();
  private final Map<K, O> holders = new HashMap<>();
  private final Map<O, Set<K>> held = new HashMap<>();
  private final Map<O, Word<K>> words = new LinkedHashMap<>();

  private record Word<K>(K key, Runnable whenFree) {}

  /** Whether one has what one asked for. */
  public sealed interface Attempt<K, O> {
    /** All of it. */
    record Granted<K, O>() implements Attempt<K, O> {}

    /** Nothing, because others hold these, in the order in which they were asked for. */
    record Refused<K, O>(Map<K, O> holders) implements Attempt<K, O> {
      public Refused {
        if (holders.isEmpty()) {
          throw new IllegalArgumentException("nobody stands in the way");
        }
      }
    }
  }

  /** Claims all keys for the owner, or none. */
  public Attempt<K, O> claim(Collection<K> keys, O owner) {
    synchronized (lock) {
      return claimLocked(keys, owner);
    }
  }

  /**
   * Claims all keys for the owner, or none; if none, then {@code whenFree} (for example: put the
   * owner back into its queue) is called once when the first key in the way was released. It
   * replaces what the owner left before.
   */
  public Attempt<K, O> claim(Collection<K> keys, O owner, Runnable whenFree) {
    synchronized (lock) {
      Attempt<K, O> attempt = claimLocked(keys, owner);
      switch (attempt) {
        case Attempt.Granted<K, O> _ -> {}
        case Attempt.Refused<K, O>(Map<K, O> others) ->
            words.put(owner, new Word<>(others.keySet().iterator().next(), whenFree));
      }
      return attempt;
    }
  }

  /** Releases those of the keys that the owner holds. */
  public void release(Collection<K> keys, O owner) {
    List<Runnable> free = new ArrayList<>();
    synchronized (lock) {
      Set<K> own = held.get(owner);
      if (own == null) {
        return;
      }
      for (K key : keys) {
        if (own.remove(key)) {
          holders.remove(key);
        }
      }
      if (own.isEmpty()) {
        held.remove(owner);
      }
      takeWords(free);
    }
    free.forEach(Runnable::run);
  }

  /** Releases all that the owner holds but these keys. */
  public void retain(Set<K> keys, O owner) {
    List<K> others;
    synchronized (lock) {
      others =
          held.getOrDefault(owner, Set.of()).stream().filter(key -> !keys.contains(key)).toList();
    }
    release(others, owner);
  }

  /** Releases all that the owner holds and drops the word that it left. */
  public void releaseAll(O owner) {
    synchronized (lock) {
      words.remove(owner);
    }
    retain(Set.of(), owner);
  }

  /** Who holds the key. */
  public Optional<O> holder(K key) {
    synchronized (lock) {
      return Optional.ofNullable(holders.get(key));
    }
  }

  /** How many keys are held. */
  public int size() {
    synchronized (lock) {
      return holders.size();
    }
  }

  private Attempt<K, O> claimLocked(Collection<K> keys, O owner) {
    requireNonNull(owner);
    Map<K, O> others = new LinkedHashMap<>();
    for (K key : keys) {
      O holder = holders.get(key);
      if (holder != null && !holder.equals(owner)) {
        others.put(key, holder);
      }
    }
    if (!others.isEmpty()) {
      return new Attempt.Refused<>(others);
    }
    words.remove(owner);
    if (!keys.isEmpty()) {
      Set<K> own = held.computeIfAbsent(owner, _ -> new HashSet<>());
      for (K key : keys) {
        holders.put(key, owner);
        own.add(key);
      }
    }
    return new Attempt.Granted<>();
  }

  private void takeWords(List<Runnable> free) {
    words
        .values()
        .removeIf(word -> {
          boolean isFree = !holders.containsKey(word.key);
          if (isFree) {
            free.add(word.whenFree);
          }
          return isFree;
        });
  }
}
