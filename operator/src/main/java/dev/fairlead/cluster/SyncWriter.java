package dev.fairlead.cluster;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.StatusPatch;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.Live;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * All that the operator writes about a GitSync: metadata and status by JSON merge patch, and
 * events.
 *
 * <p>Never by apply: GitSyncs come from Git too, and an apply of ours would fight with that one.
 * Any thread may call it.
 */
public final class SyncWriter {
  /** The field manager of our own writes. */
  public static final String MANAGER = "fairlead-operator";

  /** GitSyncs, as our CRD defines them. */
  public static final Resource GITSYNCS =
      new Resource(
          "fairlead.dev",
          "v1alpha1",
          GitSyncs.PLURAL,
          GitSyncs.KIND,
          true,
          Set.of("get", "list", "watch", "patch"));

  private final ApiServer api;
  private final EventSink events;

  public SyncWriter(ApiServer api, EventSink events) {
    this.api = api;
    this.events = events;
  }

  public static ObjectKey key(SyncKey sync) {
    return GITSYNCS.key(sync.namespace(), sync.name());
  }

  /**
   * Makes the GitSync the parent of exactly this inventory, and gives it our finalizer; empty when
   * that was so already.
   */
  public Optional<Live> adopt(SyncMetadata now, Inventory inventory)
      throws ApiException, InterruptedException {
    return patch(now.key(), "", MetadataPatch.adopt(now, inventory));
  }

  /** Lets a GitSync that is being deleted go. */
  public Optional<Live> release(SyncMetadata now) throws ApiException, InterruptedException {
    return patch(now.key(), "", MetadataPatch.release(now));
  }

  /** Writes what differs in status; empty when nothing does. */
  public Optional<Live> status(SyncKey sync, SyncStatus before, SyncStatus after)
      throws ApiException, InterruptedException {
    return patch(sync, "status", StatusPatch.between(before, after));
  }

  private Optional<Live> patch(SyncKey sync, String subresource, Optional<Json.Obj> patch)
      throws ApiException, InterruptedException {
    return patch.isEmpty()
        ? Optional.empty()
        : Optional.of(api.mergePatch(GITSYNCS, key(sync), subresource, patch.get(), MANAGER));
  }

  /** The GitSync as the server has it now. */
  public Optional<Json.Obj> read(SyncKey sync) throws ApiException, InterruptedException {
    return api.get(GITSYNCS, key(sync));
  }

  /**
   * Tells of something that happened, on the GitSync.
   *
   * @param warning whether a person should look at it
   * @param reason one word, as in conditions
   * @param action what was done, one word
   */
  public void event(
      SyncMetadata sync, boolean warning, String reason, String action, String note, Instant now)
      throws ApiException, InterruptedException {
    events.emit(
        new EventSink.ClusterEvent(
            key(sync.key()), GitSyncs.API_VERSION, sync.uid(), warning, reason, action, note, now));
  }
}
