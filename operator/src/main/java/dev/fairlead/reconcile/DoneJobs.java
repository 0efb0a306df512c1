package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Jobs that a sync has finished since its last good commit, each with every content that it had: a
 * commit that is rolled back, or comes again, does not run them a second time.
 *
 * <p>Which content is wanted at present does not matter here. A Job may finish at any moment of the
 * work on the next commit, so whoever asks gets the same answer before and after it.
 *
 * <p>Bounded by {@link #MAX} Jobs and contents of one, of which the oldest go first. For use under
 * its owner's lock.
 */
final class DoneJobs {
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

  /** Whether it finished with any content. */
  boolean has(ObjectKey job) {
    return digests.containsKey(job);
  }

  void forget(ObjectKey job) {
    digests.remove(job);
  }

  /** Forgets all but these, which are in it already. */
  void retain(Collection<Map.Entry<ObjectKey, String>> jobs) {
    digests.clear();
    jobs.forEach(job -> add(job.getKey(), job.getValue()));
  }

  /** All of them, the oldest first. */
  List<Map.Entry<ObjectKey, String>> all() {
    List<Map.Entry<ObjectKey, String>> all = new ArrayList<>();
    digests.forEach((job, some) -> some.forEach(digest -> all.add(Map.entry(job, digest))));
    return all;
  }
}
