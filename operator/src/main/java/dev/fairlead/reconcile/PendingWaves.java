package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.util.Set;

/**
 * What is left of a commit of which only the first waves are written.
 *
 * @param wave the last one that was written
 * @param objects those of higher waves that have still to be written
 */
record PendingWaves(Target target, int wave, Set<ObjectKey> objects) {
  PendingWaves {
    objects = Set.copyOf(objects);
  }

  /** What is told of it while what was written is awaited. */
  String told() {
    return "wave %d is written, and %s of later waves %s for it"
        .formatted(
            wave,
            objects.size() == 1 ? "1 object" : objects.size() + " objects",
            objects.size() == 1 ? "waits" : "wait");
  }
}
