package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Jobs that a sync has finished since its last good commit with another content than the present
 * one, or that it does not want at present: a commit that is rolled back, or comes again, does not
 * run them a second time.
 *
 * <p>Bounded by {@link #MAX}, of which the oldest go first. For use under its owner's lock.
 */
final class FormerJobs {
  private static final int MAX = 1000;

  private final Map<ObjectKey, Set<String>> digests = new LinkedHashMap<>();

  /** Whether that was news. */
  boolean add(ObjectKey job, String digest) {
    Set<String> known = digests.remove(job);
    Set<String> all = known == null ? new LinkedHashSet<>() : known;
    boolean news = all.add(digest);
    digests.put(job, all);
    if (all.size() > MAX) {
      all.remove(all.iterator().next());
    }
    if (digests.size() > MAX) {
      digests.remove(digests.keySet().iterator().next());
    }
    return news;
  }

  boolean has(ObjectKey job, String digest) {
    return digests.getOrDefault(job, Set.of()).contains(digest);
  }

  void forget(ObjectKey job) {
    digests.remove(job);
  }

  void clear() {
    digests.clear();
  }

  /** All of them, the oldest first. */
  List<Map.Entry<ObjectKey, String>> all() {
    List<Map.Entry<ObjectKey, String>> all = new ArrayList<>();
    digests.forEach((job, some) -> some.forEach(digest -> all.add(Map.entry(job, digest))));
    return all;
  }
}
