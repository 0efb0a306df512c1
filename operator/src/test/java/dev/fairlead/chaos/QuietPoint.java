package dev.fairlead.chaos;

import dev.fairlead.model.ObjectKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One look at a world that ought to be at rest.
 *
 * @param uids of what there was at the last quiet point
 * @param writes all since then
 */
record QuietPoint(
    World world,
    Sight sight,
    Map<Sync, Rest> rests,
    Map<ObjectKey, String> uids,
    List<AuditLog.Write> writes) {

  static QuietPoint of(World world, Map<ObjectKey, String> uids, int writesBefore) {
    Sight sight = Sight.of(world);
    Map<Sync, Rest> rests = new HashMap<>();
    for (Sync sync : world.model().syncs()) {
      rests.put(sync, Rest.of(world.model(), sync, sight));
    }
    List<AuditLog.Write> writes = world.audit().writes();
    return new QuietPoint(world, sight, rests, uids, writes.subList(writesBefore, writes.size()));
  }

  Model model() {
    return world.model();
  }

  Rest rest(Sync sync) {
    Rest rest = rests.get(sync);
    return rest == null ? new Rest.Not("nobody looked") : rest;
  }

  /** What a sync has although its newest commit does not want it. */
  Set<ObjectKey> extras(Sync sync) {
    Set<ObjectKey> extras = new TreeSet<>(sight.members(sync));
    extras.removeAll(sync.wants().keySet());
    return extras;
  }

  Map<Sync, Set<ObjectKey>> leftovers() {
    Map<Sync, Set<ObjectKey>> leftovers = new HashMap<>();
    model().syncs().forEach(sync -> leftovers.put(sync, extras(sync)));
    return leftovers;
  }

  /** The syncs that have not applied their newest commit. */
  Set<Sync> behind() {
    Set<Sync> behind = new HashSet<>(model().syncs());
    behind.removeIf(sync -> sight.applied(sync).equals(sync.repo().head()));
    return behind;
  }

  /** The commits that syncs were rolled back to. */
  Map<Sync, String> back() {
    Map<Sync, String> back = new HashMap<>();
    rests.forEach((sync, rest) -> {
      if (rest instanceof Rest.RolledBack(String to)) {
        back.put(sync, to);
      }
    });
    return back;
  }

  Map<ObjectKey, String> uidsNow() {
    Map<ObjectKey, String> now = new TreeMap<>();
    sight.objects().forEach((key, object) -> now.put(key, Foreign.uid(object)));
    return now;
  }
}
