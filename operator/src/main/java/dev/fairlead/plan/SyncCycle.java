package dev.fairlead.plan;

import dev.fairlead.model.SyncKey;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Finds GitSyncs that wait for each other. Stateless: any thread may call. */
public final class SyncCycle {
  private SyncCycle() {}

  /**
   * The shortest way from a GitSync over its dependencies back to itself, with itself at both ends;
   * of several that are equally short the one whose names come first. Takes time in proportion to
   * what can be reached.
   *
   * @param from where it begins
   * @param dependsOn what the GitSync itself depends on
   * @param waitsFor what any GitSync has to wait for before it is Ready
   */
  public static Optional<List<SyncKey>> through(
      SyncKey from,
      Collection<SyncKey> dependsOn,
      Function<SyncKey, ? extends Collection<SyncKey>> waitsFor) {
    Map<SyncKey, SyncKey> reachedFrom = new HashMap<>();
    Deque<SyncKey> open = new ArrayDeque<>();
    SyncKey at = from;
    Collection<SyncKey> next = dependsOn;
    while (true) {
      for (SyncKey key : next.stream().sorted().distinct().toList()) {
        if (key.equals(from)) {
          return Optional.of(path(from, at, reachedFrom));
        }
        if (reachedFrom.putIfAbsent(key, at) == null) {
          open.add(key);
        }
      }
      if (open.isEmpty()) {
        return Optional.empty();
      }
      at = open.remove();
      next = waitsFor.apply(at);
    }
  }

  private static List<SyncKey> path(SyncKey from, SyncKey last, Map<SyncKey, SyncKey> reachedFrom) {
    List<SyncKey> back = new ArrayList<>();
    back.add(from);
    SyncKey key = last;
    while (!key.equals(from)) {
      back.add(key);
      key = reachedFrom.getOrDefault(key, from);
    }
    back.add(from);
    Collections.reverse(back);
    return back;
  }
}
