package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.ResourceVersions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a sync wrote and its newest commit does not want any more, until the watches have told of
 * it: what they do not know of is pruned by nobody, and would be left for ever by a watch that
 * lags.
 *
 * <p>Not thread-safe.
 */
final class Departed {
  /** A watch that tells of nothing for so long is begun anew, and knows then. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private record Written(String resourceVersion, Instant since) {}

  private final Map<ObjectKey, Written> objects = new HashMap<>();

  /** A commit does not want an object any more that was written by this process. */
  void left(ObjectKey key, Baseline written, Instant now) {
    objects.put(key, new Written(written.resourceVersion(), now));
  }

  /** It is wanted again, another sync's, or gone. */
  boolean forget(ObjectKey key) {
    return objects.remove(key) != null;
  }

  /** How many there are that the watches have not told of. */
  int unseen(Function<ObjectKey, Optional<Observed>> observed, Instant now) {
    objects
        .entrySet()
        .removeIf(e ->
            e.getValue().since().plus(PATIENCE).isBefore(now)
                || observed.apply(e.getKey()).filter(o -> isSeen(o, e.getValue())).isPresent());
    return objects.size();
  }

  private static boolean isSeen(Observed observed, Written written) {
    return !ResourceVersions.newer(written.resourceVersion(), observed.resourceVersion());
  }

  boolean has(ObjectKey key) {
    return objects.containsKey(key);
  }
}
