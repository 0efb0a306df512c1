package dev.fairlead.model;

import java.time.Duration;

/**
 * Told what becomes of the GitSyncs, by several threads at once; must return at once and throw
 * nothing.
 */
public interface SyncListener extends ReconcileListener {
  /** How a sync is now; the first time makes it known, and later ones replace what was told. */
  void figures(SyncFigures figures);

  /** The sync was deleted; everything that was told of it is forgotten. */
  void gone(SyncKey sync);

  /** So many objects of a change met this end. */
  void applied(Action action, int count);

  /** Someone changed an object of the sync, and it was changed back. Unknown syncs do not count. */
  void drifted(SyncKey sync);

  /** A commit of the sync failed and is rolled back. Unknown syncs do not count. */
  void rolledBack(SyncKey sync);

  /** So long after it was committed, a commit runs and is healthy. */
  void commitToHealthy(Duration took);

  /** What was done to an object; the value of a metric's label. */
  enum Action {
    CREATED("created"),
    UPDATED("updated"),
    PRUNED("pruned"),
    /** The API server or another owner did not allow it. */
    REFUSED("refused");

    private final String text;

    Action(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
