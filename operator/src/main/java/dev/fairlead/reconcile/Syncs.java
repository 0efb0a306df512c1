package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.ResourceVersions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The GitSyncs of the cluster, as the watch shows them and as our own writes have left them, with
 * what this process knows of each.
 *
 * <p>Guarantees: an event that is older than our own last write does not undo it, so that nobody
 * decides on a status or an inventory that we know to be outdated; what others wrote is taken from
 * events alone and never missed. Any thread may call it; its monitor guards all fields.
 */
final class Syncs implements LiveObjects.Inventories {
  /** The labels and annotations that nobody but us writes. */
  private static final List<String> OURS =
      List.of(
          Labels.APPLYSET_ID,
          Labels.TOOLING,
          Labels.CONTAINS_GROUP_KINDS,
          Labels.ADDITIONAL_NAMESPACES);

  private final Map<SyncKey, SyncReading> readings = new HashMap<>();

  /** The version that the watch has told of last; our own writes may be newer. */
  private final Map<SyncKey, String> told = new HashMap<>();

  private final Map<SyncKey, SyncState> states = new HashMap<>();
  private final Map<String, SyncKey> applySets = new HashMap<>();

  /**
   * Takes note of what the watch says.
   *
   * @return whether there is anything in it that this process did not write itself
   */
  synchronized boolean seen(SyncReading event) {
    SyncKey key = event.metadata().key();
    @Nullable SyncReading before = readings.get(key);
    @Nullable String last = told.put(key, event.metadata().resourceVersion());
    applySets.put(Labels.applySetId(key), key);
    if (before == null || !before.metadata().uid().equals(event.metadata().uid())) {
      states.remove(key);
      readings.put(key, event);
      return true;
    }
    if (last != null && !ResourceVersions.newer(event.metadata().resourceVersion(), last)) {
      told.put(key, last);
      return false;
    }
    // The answer to a write of ours may be known before the events that led to it. It stands for
    // what we wrote, not for what others did.
    SyncReading now =
        isOld(event.metadata().resourceVersion(), before) ? ours(event, before) : event;
    readings.put(key, now);
    return isNews(before, now);
  }

  private static boolean isNews(SyncReading before, SyncReading now) {
    SyncMetadata was = before.metadata();
    SyncMetadata is = now.metadata();
    return was.generation() != is.generation()
        || was.deleting() != is.deleting()
        || !was.finalizers().equals(is.finalizers())
        || !was.annotations().equals(is.annotations())
        || !was.labels().equals(is.labels())
        || before.getClass() != now.getClass();
  }

  /** The event as it would be with what we have written since. */
  private static SyncReading ours(SyncReading event, SyncReading ours) {
    SyncMetadata theirs = event.metadata();
    SyncMetadata known = ours.metadata();
    return with(
        event,
        new SyncMetadata(
            theirs.key(),
            theirs.uid(),
            known.resourceVersion(),
            theirs.generation(),
            theirs.deleting(),
            finalizers(theirs, known.hasFinalizer()),
            withOurs(theirs.labels(), known.labels()),
            withOurs(theirs.annotations(), known.annotations())),
        ours.status());
  }

  private static Map<String, String> withOurs(
      Map<String, String> theirs, Map<String, String> ours) {
    Map<String, String> both = new HashMap<>(theirs);
    for (String key : OURS) {
      Optional.ofNullable(ours.get(key))
          .ifPresentOrElse(value -> both.put(key, value), () -> both.remove(key));
    }
    return both;
  }

  private static List<String> finalizers(SyncMetadata metadata, boolean ours) {
    List<String> finalizers = new ArrayList<>(metadata.finalizers());
    finalizers.remove(Labels.FINALIZER);
    if (ours) {
      finalizers.add(Labels.FINALIZER);
    }
    return finalizers;
  }

  /**
   * Forgets it and what is known of it at once: one that is made anew under the name is another.
   */
  synchronized void gone(SyncKey key) {
    readings.remove(key);
    told.remove(key);
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

  /**
   * With the status that is known by now: another report may have been written while this one
   * waited for its turn, and only what differs from the last one is sent.
   */
  Sync upToDate(Sync sync) {
    return valid(sync.key())
        .filter(known -> known.metadata().uid().equals(sync.metadata().uid()))
        .map(known -> new Sync(sync.metadata(), sync.spec(), known.status()))
        .orElse(sync);
  }

  synchronized List<SyncReading> all() {
    return new ArrayList<>(readings.values());
  }

  @Override
  public synchronized Set<GroupKind> kinds() {
    Set<GroupKind> kinds = new HashSet<>();
    for (SyncReading reading : readings.values()) {
      kinds.addAll(
          MetadataPatch.inventory(reading.metadata(), reading.status().inventory()).groupKinds());
    }
    return kinds;
  }

  @Override
  public Predicate<ObjectKey> of(SyncKey key) {
    Optional<SyncReading> reading = get(key);
    if (reading.isEmpty()) {
      return _ -> false;
    }
    Inventory inventory =
        MetadataPatch.inventory(reading.get().metadata(), reading.get().status().inventory());
    Set<GroupKind> kinds = Set.copyOf(inventory.groupKinds());
    Set<String> namespaces = new HashSet<>(inventory.namespaces());
    // The annotation does not name it.
    namespaces.add(key.namespace());
    return object ->
        kinds.contains(object.groupKind())
            && (object.namespace().isEmpty() || namespaces.contains(object.namespace()));
  }

  /** The sync whose ApplySet has that id, if it exists. */
  synchronized Optional<SyncKey> owner(String applySetId) {
    return Optional.ofNullable(applySets.get(applySetId));
  }

  synchronized SyncState state(SyncKey key) {
    return states.computeIfAbsent(key, SyncState::new);
  }

  /** What is known of a sync, if anything was ever. */
  synchronized Optional<SyncState> known(SyncKey key) {
    return Optional.ofNullable(states.get(key));
  }

  synchronized void forget(SyncKey key) {
    states.remove(key);
  }

  /** Takes note of a status that we wrote. */
  synchronized void wroteStatus(SyncKey key, SyncStatus status, String resourceVersion) {
    @Nullable SyncReading before = readings.get(key);
    if (before == null || isOld(resourceVersion, before)) {
      return;
    }
    SyncMetadata old = before.metadata();
    wrote(before, resourceVersion, old.finalizers(), old.labels(), old.annotations(), status);
  }

  /** Takes note of metadata that we wrote, from the server's answer; of ours alone. */
  synchronized void wroteMetadata(SyncKey key, Live answer, boolean finalizer) {
    @Nullable SyncReading before = readings.get(key);
    if (before == null
        || !before.metadata().uid().equals(answer.uid())
        || isOld(answer.resourceVersion(), before)) {
      return;
    }
    SyncMetadata old = before.metadata();
    wrote(
        before,
        answer.resourceVersion(),
        finalizers(old, finalizer),
        withOurs(old.labels(), answer.labels()),
        withOurs(old.annotations(), answer.annotations()),
        before.status());
  }

  /** What the watch has shown since has our own write in it, and perhaps more. */
  private static boolean isOld(String resourceVersion, SyncReading known) {
    return !ResourceVersions.newer(resourceVersion, known.metadata().resourceVersion());
  }

  private void wrote(
      SyncReading before,
      String resourceVersion,
      List<String> finalizers,
      Map<String, String> labels,
      Map<String, String> annotations,
      SyncStatus status) {
    SyncMetadata old = before.metadata();
    SyncMetadata now =
        new SyncMetadata(
            old.key(),
            old.uid(),
            resourceVersion,
            old.generation(),
            old.deleting(),
            finalizers,
            labels,
            annotations);
    readings.put(old.key(), with(before, now, status));
  }

  private static SyncReading with(SyncReading reading, SyncMetadata metadata, SyncStatus status) {
    return switch (reading) {
      case SyncReading.Valid valid ->
          new SyncReading.Valid(new Sync(metadata, valid.sync().spec(), status));
      case SyncReading.Malformed malformed ->
          new SyncReading.Malformed(metadata, status, malformed.problems());
    };
  }
}
