package dev.fairlead.cluster;

import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Owner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells from an object's field owners whose it is. Remembers names and ids, of which there are few,
 * so that tens of thousands of objects can share them. Any thread may call it.
 */
final class Ownership {
  /** How many different lists of names are shared; the others are kept object by object. */
  private static final int MOST_LISTS = 1_000;

  private final Map<String, String> ids = new ConcurrentHashMap<>();
  private final Map<List<String>, List<String>> lists = new ConcurrentHashMap<>();

  /** Whether the sync of that ApplySet has applied the object. */
  boolean isProven(Live live, String partOf) {
    for (Owner owner : live.managers()) {
      if (owner.applied()
          && owner.subresource().isEmpty()
          && idOf(owner.manager()).equals(partOf)) {
        return true;
      }
    }
    return false;
  }

  /** The managers beside that of the ApplySet that own something other than the status, sorted. */
  List<String> others(Live live, String partOf) {
    List<String> others =
        List.copyOf(
            live.managers().stream()
                .filter(o -> !o.subresource().equals("status") && !idOf(o.manager()).equals(partOf))
                .map(Owner::manager)
                .distinct()
                .sorted()
                .toList());
    if (others.isEmpty() || lists.size() >= MOST_LISTS) {
      return lists.getOrDefault(others, others);
    }
    List<String> known = lists.putIfAbsent(others, others);
    return known == null ? others : known;
  }

  /** The annotations that somebody else than the sync of that ApplySet has set. */
  Map<String, String> said(Live live, String partOf) {
    if (live.annotations().isEmpty()) {
      return Map.of();
    }
    return live.managers().stream()
        .map(Owner::manager)
        .filter(m -> idOf(m).equals(partOf))
        .findFirst()
        .map(live::saidByOthers)
        .orElse(live.annotations());
  }

  private String idOf(String manager) {
    return ids.computeIfAbsent(
        manager, m -> SyncKey.ofFieldManager(m).map(Labels::applySetId).orElse("-"));
  }
}
