package dev.fairlead.reconcile;

import dev.fairlead.model.Commit;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Revision;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * The commit that was written completely.
 *
 * @param startedAt when the work on it began
 * @param writtenAt when the last write was done
 * @param changed what has to become healthy before anything is pruned
 * @param wrote whether it wrote anything
 * @param blamed what the commit is given up for when it is not healthy in time
 * @param insteadOf the commit in whose place this one was written, since it had failed
 */
record Attempt(
    Target target,
    Commit commit,
    Instant startedAt,
    Instant writtenAt,
    int created,
    int updated,
    Set<ObjectKey> changed,
    boolean wrote,
    Set<ObjectKey> blamed,
    Optional<Revision> insteadOf) {
  Attempt {
    changed = Set.copyOf(changed);
    blamed = Set.copyOf(blamed);
  }

  /** Of a commit that takes nobody's place and is to blame for all that it changed. */
  Attempt(
      Target target,
      Commit commit,
      Instant startedAt,
      Instant writtenAt,
      int created,
      int updated,
      Set<ObjectKey> changed,
      boolean wrote) {
    this(
        target,
        commit,
        startedAt,
        writtenAt,
        created,
        updated,
        changed,
        wrote,
        changed,
        Optional.empty());
  }
}
