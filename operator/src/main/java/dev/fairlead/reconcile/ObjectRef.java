package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;

/** One object of one sync: the key of the work on objects. */
record ObjectRef(SyncKey sync, ObjectKey object) {
  @Override
  public String toString() {
    return object + " of " + sync;
  }
}
