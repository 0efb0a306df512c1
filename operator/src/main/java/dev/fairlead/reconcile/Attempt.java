package dev.fairlead.reconcile;

import dev.fairlead.model.Commit;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Set;

/**
 * The commit that was written completely.
 *
 * @param startedAt when the work on it began
 * @param writtenAt when the last write was done
 * @param changed what has to become healthy before anything is pruned
 * @param wrote whether it wrote anything
 */
record Attempt(
    Target target,
    Commit commit,
    Instant startedAt,
    Instant writtenAt,
    int created,
    int updated,
    Set<ObjectKey> changed,
    boolean wrote) {
  Attempt {
    changed = Set.copyOf(changed);
  }
}
