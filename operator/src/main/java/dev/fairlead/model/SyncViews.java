package dev.fairlead.model;

import java.util.List;
import java.util.Optional;

/**
 * What may be read of the GitSyncs, by any thread. An answer costs no request to the API server and
 * holds up nobody's work; it is the knowledge of the moment and not kept up to date.
 */
public interface SyncViews {
  /** Whether all GitSyncs are known. Until then the other methods know less than there is. */
  Probe ready();

  /**
   * GitSyncs in the order of their keys.
   *
   * @param after only those behind this one
   */
  List<Summary> list(Optional<SyncKey> after, int limit);

  /** Everything about one; empty when there is no such GitSync. */
  Optional<SyncView> find(SyncKey key);

  /**
   * One GitSync in short.
   *
   * @param ready {@code True}, {@code False} or {@code Unknown}
   * @param reason why, in one word
   * @param revision what the cluster holds; empty when that is nothing yet
   */
  record Summary(
      SyncKey key,
      String ready,
      String reason,
      String message,
      String revision,
      boolean suspended,
      boolean deleting) {}
}
