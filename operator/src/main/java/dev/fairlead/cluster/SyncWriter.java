package dev.fairlead.cluster;

import dev.fairlead.api.GitSyncs;
import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.StatusPatch;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.Live;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All that the operator writes about a GitSync: metadata and status by JSON merge patch, and events.
 *
 * <p>Never by apply: GitSyncs come from Git too, and an apply of ours would fight with that one. Any
 * thread may call it.
 */
public final class SyncWriter {
  /** The field manager, and the name under which events are reported. */
  public static final String MANAGER = "fairlead-operator";

  public static final Resource GITSYNCS =
      new Resource("fairlead.dev", "v1alpha1", GitSyncs.PLURAL, GitSyncs.KIND, true);
  private static final Resource EVENTS = new Resource("", "v1", "events", "Event", true);
  private static final int MAX_EVENT_MESSAGE = 1_000;

  private final ApiServer api;
  private final AtomicLong counter = new AtomicLong(System.nanoTime() & 0xffff_ffffL);

  public SyncWriter(ApiServer api) {
    this.api = api;
  }

  public static ObjectKey key(SyncKey sync) {
    return new ObjectKey(GITSYNCS.group(), GITSYNCS.kind(), sync.namespace(), sync.name());
  }

  /**
   * Makes the GitSync the parent of exactly this inventory, and gives it our finalizer; empty when
   * that was so already.
   */
  public Optional<Live> adopt(SyncMetadata now, Inventory inventory)
      throws ApiException, InterruptedException {
    Optional<Json.Obj> patch = MetadataPatch.adopt(now, inventory);
    return patch.isEmpty()
        ? Optional.empty()
        : Optional.of(api.mergePatch(GITSYNCS, key(now.key()), "", patch.get(), MANAGER));
  }

  /** Lets a GitSync that is being deleted go. */
  public Optional<Live> release(SyncMetadata now) throws ApiException, InterruptedException {
    Optional<Json.Obj> patch = MetadataPatch.release(now);
    return patch.isEmpty()
        ? Optional.empty()
        : Optional.of(api.mergePatch(GITSYNCS, key(now.key()), "", patch.get(), MANAGER));
  }

  /** Writes what differs in status; empty when nothing does. */
  public Optional<Live> status(SyncKey sync, SyncStatus before, SyncStatus after)
      throws ApiException, InterruptedException {
    Optional<Json.Obj> patch = StatusPatch.between(before, after);
    return patch.isEmpty()
        ? Optional.empty()
        : Optional.of(api.mergePatch(GITSYNCS, key(sync), "status", patch.get(), MANAGER));
  }

  /**
   * Tells of something that happened, on the GitSync.
   *
   * @param warning whether a person should look at it
   * @param reason one word
   */
  public void event(
      SyncMetadata sync, boolean warning, String reason, String message, Instant now)
      throws ApiException, InterruptedException {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("apiVersion", Json.of("v1"));
    body.put("kind", Json.of("Event"));
    body.put(
        "metadata",
        Json.of(
            Map.of(
                "name",
                Json.of(sync.key().name() + "." + Long.toHexString(counter.incrementAndGet())),
                "namespace",
                Json.of(sync.key().namespace()))));
    body.put(
        "involvedObject",
        Json.of(
            Map.of(
                "apiVersion", Json.of(GitSyncs.API_VERSION),
                "kind", Json.of(GitSyncs.KIND),
                "namespace", Json.of(sync.key().namespace()),
                "name", Json.of(sync.key().name()),
                "uid", Json.of(sync.uid()))));
    body.put("type", Json.of(warning ? "Warning" : "Normal"));
    body.put("reason", Json.of(reason));
    body.put(
        "message",
        Json.of(
            message.length() <= MAX_EVENT_MESSAGE
                ? message
                : message.substring(0, MAX_EVENT_MESSAGE - 1) + "…"));
    body.put("source", Json.of(Map.of("component", Json.of("fairlead"))));
    body.put("reportingComponent", Json.of("fairlead.dev/operator"));
    body.put("firstTimestamp", Json.of(time));
    body.put("lastTimestamp", Json.of(time));
    body.put("count", Json.of(1));
    api.create(EVENTS, sync.key().namespace(), Json.of(body), MANAGER);
  }
}
