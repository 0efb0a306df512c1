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
  private final Map<SyncKey, SyncReading> readings = new HashMap<>();
  private final Map<SyncKey, SyncState> states = new HashMap<>();
  private final Map<String, SyncKey> applySets = new HashMap<>();

  /**
   * Takes note of what the watch says.
   *
   * @return whether there is anything in it that this process did not write itself
   */
  synchronized boolean seen(SyncReading reading) {
    SyncMetadata now = reading.metadata();
    @Nullable SyncReading before = readings.get(now.key());
    if (before != null
        && before.metadata().uid().equals(now.uid())
        && !isNews(before, now.resourceVersion())) {
      return false;
    }
    if (before != null && !before.metadata().uid().equals(now.uid())) {
      states.remove(now.key());
    }
    readings.put(now.key(), reading);
    applySets.put(Labels.applySetId(now.key()), now.key());
    return before == null
        || !before.metadata().uid().equals(now.uid())
        || before.metadata().generation() != now.generation()
        || before.metadata().deleting() != now.deleting()
        || !before.metadata().finalizers().equals(now.finalizers())
        || !before.metadata().annotations().equals(now.annotations())
        || !before.metadata().labels().equals(now.labels())
        || before.getClass() != reading.getClass();
  }

  /** The GitSync is gone, and what was known of it: another of that name may come at once. */
  synchronized void gone(SyncKey key) {
    readings.remove(key);
    states.remove(key);
    applySets.remove(Labels.applySetId(key));
  }

  synchronized Optional<SyncReading> get(SyncKey key) {
    return Optional.ofNullable(readings.get(key));
  }

  synchronized Optional<Sync> valid(SyncKey key) {
    return readings.get(key) instanceof SyncReading.Valid valid
        ? Optional.of(valid.sync())
        : Optional.empty();
  }

  synchronized List<SyncReading> all() {
    return new ArrayList<>(readings.values());
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
    @Nullable SyncReading before = readings.get(key);
    if (before != null && isNews(before, resourceVersion)) {
      SyncMetadata old = before.metadata();
      SyncMetadata now =
          new SyncMetadata(
              key,
              old.uid(),
              resourceVersion,
              old.generation(),
              old.deleting(),
              old.finalizers(),
              old.labels(),
              old.annotations());
      readings.put(key, with(before, now, status));
    }
  }

  /**
   * Takes note of metadata that we wrote, from the server's answer, unless the watch has told of a
   * later write already.
   */
  synchronized void wroteMetadata(SyncKey key, Live answer, boolean finalizer) {
    @Nullable SyncReading before = readings.get(key);
    if (before == null || !isNews(before, answer.resourceVersion())) {
      return;
    }
    SyncMetadata old = before.metadata();
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
            answer.generation().orElse(old.generation()),
            answer.deleting(),
            finalizers,
            answer.labels(),
            answer.annotations());
    readings.put(key, with(before, now, before.status()));
  }

  private static boolean isNews(SyncReading before, String resourceVersion) {
    return ResourceVersions.newer(resourceVersion, before.metadata().resourceVersion());
  }

  private static SyncReading with(SyncReading before, SyncMetadata metadata, SyncStatus status) {
    return switch (before) {
      case SyncReading.Valid valid ->
          new SyncReading.Valid(new Sync(metadata, valid.sync().spec(), status));
      case SyncReading.Malformed malformed ->
          new SyncReading.Malformed(metadata, status, malformed.problems());
    };
  }
}
