package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.LastGood;
import java.time.Instant;
import java.util.Optional;

/**
 * Tells what came into being with the commits since the last good one from what was there before
 * and only became the sync's: that is not deleted with a commit that is rolled back.
 *
 * <p>Stateless; any thread may call it.
 */
final class Provenance {
  private final ApiServer api;
  private final Discovery discovery;

  Provenance(ApiServer api, Discovery discovery) {
    this.api = api;
    this.discovery = discovery;
  }

  /**
   * Whether an object was created since the last good commit. After a restart it costs a request to
   * know, and where it cannot be known for sure the answer is no: what stays does less harm.
   */
  boolean isNew(Sync sync, SyncState state, Observed object)
      throws ApiException, InterruptedException {
    if (state.rollback().hasMade(object.uid())) {
      return true;
    }
    Optional<Instant> since = sync.status().lastGood().map(LastGood::at);
    Optional<Resource> resource = discovery.resolvePreferred(object.key().groupKind());
    if (state.rollback().knowsAllMade() || since.isEmpty() || resource.isEmpty()) {
      return false;
    }
    return api.createdBy(sync.key().fieldManager(), resource.get(), object.key())
        .filter(at -> !at.isBefore(since.get()))
        .isPresent();
  }
}
