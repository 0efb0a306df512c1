package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.model.Labels;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.ResourceVersions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The GitSyncs of the cluster, as the watch shows them and as our own writes have left them, with
 * what this process knows of each.
 *
 * <p>Guarantees: of events and answers to our own writes the newest counts, in whatever order they
 * arrive, so that nobody decides on a status or an inventory that we know to be outdated. Any
 * thread may call it; its monitor guards all fields.
 */
final class Syncs {
  private final Map<SyncKey, Known> known = new HashMap<>();
  private final Map<SyncKey, SyncState> states = new HashMap<>();
  private final Map<String, SyncKey> applySets = new HashMap<>();

  /** A write of ours that the watch may not have told of yet. */
  private record Written<T>(String resourceVersion, T value) {
    boolean isNewerThan(String version) {
      return ResourceVersions.newer(resourceVersion, version);
    }

    boolean isKnownTo(String version) {
      return ResourceVersions.newer(version, resourceVersion);
    }
  }

  /**
   * One GitSync.
   *
   * @param event the newest event of the watch; others' changes are in here alone, so a write of
   *     ours must not keep a later event from being looked at
   */
  private record Known(
      SyncReading event,
      Optional<Written<SyncStatus>> status,
      Optional<Written<SyncMetadata>> metadata) {
    String version() {
      return event.metadata().resourceVersion();
    }

    /** What the event says, with what we wrote after it. */
    SyncReading merged() {
      SyncMetadata now = event.metadata();
      String newest = now.resourceVersion();
      if (status.isPresent() && !status.get().isKnownTo(newest)) {
        newest = status.get().resourceVersion();
      }
      if (metadata.isPresent() && !metadata.get().isKnownTo(now.resourceVersion())) {
        SyncMetadata ours = metadata.get().value();
        now =
            new SyncMetadata(
                now.key(),
                now.uid(),
                now.resourceVersion(),
                now.generation(),
                now.deleting() || ours.deleting(),
                ours.finalizers(),
                ours.labels(),
                ours.annotations());
        newest =
            ResourceVersions.newer(ours.resourceVersion(), newest)
                ? ours.resourceVersion()
                : newest;
      }
      SyncMetadata merged =
          new SyncMetadata(
              now.key(),
              now.uid(),
              newest,
              now.generation(),
              now.deleting(),
              now.finalizers(),
              now.labels(),
              now.annotations());
      SyncStatus told =
          status.filter(s -> !s.isKnownTo(version())).map(Written::value).orElse(event.status());
      return switch (event) {
        case SyncReading.Valid valid ->
            new SyncReading.Valid(new Sync(merged, valid.sync().spec(), told));
        case SyncReading.Malformed malformed ->
            new SyncReading.Malformed(merged, told, malformed.problems());
      };
    }
  }

  /**
   * Takes note of what the watch says.
   *
   * @return whether there is anything in it that this process did not write itself
   */
  synchronized boolean seen(SyncReading reading) {
    SyncMetadata now = reading.metadata();
    @Nullable Known before = known.get(now.key());
    if (before != null && !before.event().metadata().uid().equals(now.uid())) {
      states.remove(now.key());
      before = null;
    }
    if (before != null && !ResourceVersions.newer(now.resourceVersion(), before.version())) {
      return false;
    }
    Known next =
        before == null
            ? new Known(reading, Optional.empty(), Optional.empty())
            : new Known(reading, before.status(), before.metadata());
    known.put(now.key(), next);
    applySets.put(Labels.applySetId(now.key()), now.key());
    return before == null || isNews(before.merged(), next.merged());
  }

  private static boolean isNews(SyncReading before, SyncReading after) {
    SyncMetadata old = before.metadata();
    SyncMetadata now = after.metadata();
    return old.generation() != now.generation()
        || old.deleting() != now.deleting()
        || !old.finalizers().equals(now.finalizers())
        || !old.annotations().equals(now.annotations())
        || !old.labels().equals(now.labels())
        || before.getClass() != after.getClass();
  }

  /** The GitSync is gone, and what was known of it: another of that name may come at once. */
  synchronized void gone(SyncKey key) {
    known.remove(key);
    states.remove(key);
    applySets.remove(Labels.applySetId(key));
  }

  synchronized Optional<SyncReading> get(SyncKey key) {
    return Optional.ofNullable(known.get(key)).map(Known::merged);
  }

  synchronized Optional<Sync> valid(SyncKey key) {
    @Nullable Known found = known.get(key);
    return found != null && found.merged() instanceof SyncReading.Valid valid
        ? Optional.of(valid.sync())
        : Optional.empty();
  }

  synchronized List<SyncReading> all() {
    return known.values().stream().map(Known::merged).toList();
  }

  /** The sync whose ApplySet has that id, if it exists. */
  synchronized Optional<SyncKey> owner(String applySetId) {
    return Optional.ofNullable(applySets.get(applySetId));
  }

  synchronized SyncState state(SyncKey key) {
    return states.computeIfAbsent(key, SyncState::new);
  }

  synchronized void forget(SyncKey key) {
    states.remove(key);
  }

  /** Takes note of a status that we wrote, unless the watch has told of a later write already. */
  synchronized void wroteStatus(SyncKey key, SyncStatus status, String resourceVersion) {
    Written<SyncStatus> written = new Written<>(resourceVersion, status);
    known.computeIfPresent(
        key,
        (k, before) ->
            written.isNewerThan(before.version())
                    && before
                        .status()
                        .filter(s -> !written.isNewerThan(s.resourceVersion()))
                        .isEmpty()
                ? new Known(before.event(), Optional.of(written), before.metadata())
                : before);
  }

  /**
   * Takes note of metadata that we wrote, from the server's answer, unless the watch has told of a
   * later write already.
   */
  synchronized void wroteMetadata(SyncKey key, Live answer, boolean finalizer) {
    @Nullable Known before = known.get(key);
    if (before == null || !ResourceVersions.newer(answer.resourceVersion(), before.version())) {
      return;
    }
    SyncMetadata old = before.merged().metadata();
    List<String> finalizers = new ArrayList<>(old.finalizers());
    finalizers.remove(Labels.FINALIZER);
    if (finalizer) {
      finalizers.add(Labels.FINALIZER);
    }
    SyncMetadata now =
        new SyncMetadata(
            key,
            old.uid(),
            answer.resourceVersion(),
            old.generation(),
            answer.deleting(),
            finalizers,
            answer.labels(),
            answer.annotations());
    known.put(
        key,
        new Known(
            before.event(),
            before.status(),
            Optional.of(new Written<>(answer.resourceVersion(), now))));
  }
}
