package dev.fairlead.reconcile;

import dev.fairlead.model.SyncKey;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Waits;
import java.util.List;

/**
 * Wakes the syncs that wait for another one to become Ready. Any thread may call it; nobody waits
 * in it.
 */
final class Dependents {
  /** How many waits are remembered; those beyond are found again by the next look at Git. */
  private static final int MAX_WAITS = 100_000;

  private final Waits<SyncKey, SyncKey> waits = new Waits<>(MAX_WAITS);
  private final Drifts.Queues queues;

  Dependents(Drifts.Queues queues) {
    this.queues = queues;
  }

  /** A sync waits for these and is to be called when one of them changes. */
  void await(SyncKey sync, List<SyncKey> dependencies) {
    var _ = waits.replace(sync, dependencies);
  }

  /** A sync waits for nothing any more. */
  void forget(SyncKey sync) {
    waits.forget(sync);
  }

  /** A sync, or what is told of it, has changed. */
  void changed(SyncKey dependency) {
    for (SyncKey sync : waits.waiting(dependency)) {
      queues.sync(sync, Priority.NORMAL);
    }
  }
}
