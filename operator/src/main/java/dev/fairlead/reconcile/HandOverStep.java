package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Json;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.HandOver;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.OwnershipPatch;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.runtime.Pause;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Waits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives objects that one sync no longer wants to another that waits for them.
 *
 * <p>Guarantees: the heir's inventory names the object's kind and namespace before the object is
 * its, and ownership changes in one write, so that at no moment a crash could orphan it; what
 * somebody else has changed meanwhile is looked at again; the heir is woken. A thread of the sync
 * that gives calls it, several syncs side by side.
 */
final class HandOverStep {
  private static final Logger LOG = LoggerFactory.getLogger(HandOverStep.class);

  /** How often a write is tried when others write to the same object at the same time. */
  private static final int TRIES = 5;

  private static final Duration WATCH_DELAY = Duration.ofMillis(200);

  /** Everything that the work needs. */
  record Tools(
      ApiServer api,
      Discovery discovery,
      SyncWriter writer,
      Syncs syncs,
      Waits<ObjectKey, SyncKey> waits,
      Tenancy tenancy,
      Drifts.Queues queues) {}

  /** How long a hand-over that was not allowed is put off. */
  private static final Duration NOT_ALLOWED = Duration.ofMinutes(1);

  private final Tools tools;
  private final OwnershipWriter ownership;
  private final InstantSource clock;
  private final Map<SyncKey, Instant> putOff = new ConcurrentHashMap<>();

  HandOverStep(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.ownership = new OwnershipWriter(tools.api());
    this.clock = clock;
  }

  /** Whether nobody waits for anything, as is usual. */
  boolean nobodyWaits() {
    return tools.waits().size() == 0;
  }

  /**
   * Who gets what of these.
   *
   * @param members what the sync has
   * @param wanted what it wants
   */
  Map<Observed, SyncKey> heirs(Sync sync, Collection<Observed> members, Set<ObjectKey> wanted) {
    Map<Observed, SyncKey> heirs = new LinkedHashMap<>();
    if (nobodyWaits()) {
      return heirs;
    }
    SyncState state = tools.syncs().state(sync.key());
    for (Observed member : members) {
      List<HandOver.Waiter> waiters =
          tools.waits().waiting(member.key()).stream()
              .filter(w -> !w.equals(sync.key()))
              .map(w -> waiter(sync, w))
              .toList();
      if (!waiters.isEmpty()) {
        HandOver.heir(
                new HandOver.Facts(
                    wanted.contains(member.key()),
                    !sync.spec().acts(),
                    sync.deleting(),
                    state.prune().isGoing(member),
                    waiters))
            .ifPresent(heir -> heirs.put(member, heir));
      }
    }
    return heirs;
  }

  private HandOver.Waiter waiter(Sync holder, SyncKey key) {
    Optional<Sync> sync = tools.syncs().valid(key);
    return new HandOver.Waiter(
        key,
        sync.filter(s -> !s.deleting() && s.spec().acts()).isPresent(),
        sync.filter(s -> Siblings.isSameRepository(s.spec(), holder.spec())).isPresent());
  }

  /** Whether the sync was refused a hand-over a short time ago. */
  boolean isPutOff(SyncKey sync) {
    Instant until = putOff.get(sync);
    if (until != null && !until.isAfter(clock.instant())) {
      putOff.remove(sync, until);
      return false;
    }
    return until != null;
  }

  void gone(SyncKey sync) {
    putOff.remove(sync);
  }

  /**
   * Hands these over. What may not be is put off, and kept until then.
   *
   * @throws ApiException the server cannot at present
   */
  void run(Sync sync, Map<Observed, SyncKey> heirs) throws ApiException, InterruptedException {
    try {
      handOver(sync, heirs);
    } catch (ApiException e) {
      if (e.error().retryable()) {
        throw e;
      }
      putOff.put(sync.key(), clock.instant().plus(NOT_ALLOWED));
      LOG.atWarn()
          .addKeyValue(LogKeys.SYNC, sync.key())
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log("What another GitSync waits for cannot be handed over");
    }
  }

  private void handOver(Sync sync, Map<Observed, SyncKey> heirs)
      throws ApiException, InterruptedException {
    SyncState state = tools.syncs().state(sync.key());
    Set<SyncKey> woken = new HashSet<>();
    try {
      for (SyncKey heir : Set.copyOf(heirs.values())) {
        List<Observed> objects =
            heirs.entrySet().stream()
                .filter(e -> e.getValue().equals(heir))
                .map(Map.Entry::getKey)
                .toList();
        if (!widen(heir, objects.stream().map(Observed::key).toList())) {
          // It is gone, or going: it waits no more.
          tools.waits().forget(heir);
          continue;
        }
        woken.add(heir);
        for (Observed object : objects) {
          give(sync.key(), state, heir, object);
          tools.waits().forget(heir, object.key());
        }
        LOG.atInfo()
            .addKeyValue(LogKeys.SYNC, sync.key())
            .addKeyValue(LogKeys.COUNT, objects.size())
            .addKeyValue(LogKeys.DETAIL, "to " + heir)
            .log("Handed over");
      }
    } finally {
      woken.forEach(this::wake);
    }
  }

  /**
   * Gives one object to its heir. The giver claims it meanwhile: to its repairs the watch would
   * tell of a label and fields that somebody took, before we know that we gave them.
   */
  private void give(SyncKey giver, SyncState state, SyncKey heir, Observed object)
      throws ApiException, InterruptedException {
    ObjectKey key = object.key();
    state.claims().await(key);
    boolean given = false;
    try {
      given = transfer(giver, heir, key, true);
      if (given) {
        tools.syncs().state(heir).received(object);
        state.gaveAway(object);
      }
    } finally {
      boolean seen = state.claims().release(key).isPresent();
      if (!given && seen) {
        // What was told of it meanwhile is still the giver's affair.
        state.change(key, h -> h.withTask(Optional.of(Task.VERIFY)));
        tools.queues().object(new ObjectRef(giver, key), Duration.ZERO, Priority.NORMAL);
      }
    }
  }

  /**
   * Takes over an object whose GitSync does not exist any more, for example because its finalizer
   * was removed by hand.
   *
   * @return whether it is the heir's now
   */
  boolean inherit(SyncKey dead, SyncKey heir, ObjectKey object)
      throws ApiException, InterruptedException {
    if (tools.syncs().get(dead).isPresent() || !widen(heir, List.of(object))) {
      return false;
    }
    boolean inherited = transfer(dead, heir, object, false);
    if (inherited) {
      LOG.atInfo()
          .addKeyValue(LogKeys.SYNC, heir)
          .addKeyValue(LogKeys.OBJECT, object)
          .addKeyValue(LogKeys.DETAIL, "from " + dead)
          .log("Taken over from a GitSync that does not exist");
    }
    return inherited;
  }

  /** Lets a sync try again at once what it was refused. */
  void wake(SyncKey sync) {
    Instant now = clock.instant();
    SyncState state = tools.syncs().state(sync);
    state.retryNow(now);
    for (ObjectKey key : state.unfinished()) {
      tools.queues().object(new ObjectRef(sync, key), Duration.ZERO, Priority.HIGH);
    }
    tools.queues().sync(sync, Priority.HIGH);
  }

  /** A crash from now on leaves no orphan; false when the sync cannot have anything any more. */
  private boolean widen(SyncKey heir, List<ObjectKey> objects)
      throws ApiException, InterruptedException {
    Inventory coming =
        new Inventory(
            objects.stream().map(ObjectKey::groupKind).distinct().toList(),
            objects.stream()
                .map(ObjectKey::namespace)
                .filter(n -> !n.isEmpty())
                .distinct()
                .toList());
    for (int attempt = 1; ; attempt++) {
      try {
        synchronized (tools.syncs().state(heir).reporting()) {
          Optional<SyncReading> reading = tools.syncs().get(heir);
          if (reading.isEmpty()
              || reading.get().metadata().deleting()
              || !(reading.get() instanceof SyncReading.Valid)) {
            return false;
          }
          Inventory before =
              MetadataPatch.inventory(reading.get().metadata(), reading.get().status().inventory());
          tools
              .writer()
              .adopt(reading.get().metadata(), before.union(coming))
              .ifPresent(live -> tools.syncs().wroteMetadata(heir, live, true));
          return true;
        }
      } catch (ApiException e) {
        if (e.error() instanceof ApiError.NotFound) {
          return false;
        }
        if (attempt == TRIES || !(e.error() instanceof ApiError.StaleVersion)) {
          throw e;
        }
        Pause.of(WATCH_DELAY);
      }
    }
  }

  /**
   * @param labelled whether the object must bear the label of the sync that gives it
   */
  private boolean transfer(SyncKey from, SyncKey to, ObjectKey key, boolean labelled)
      throws ApiException, InterruptedException {
    Optional<Resource> resource = tools.discovery().resolvePreferred(key.groupKind());
    Optional<Sync> heir = tools.syncs().valid(to);
    if (resource.isEmpty() || heir.isEmpty()) {
      return false;
    }
    // The heir has shown that it may write the object; the account of the other may be gone.
    ApiServer writer = tools.api().as(tools.tenancy().identity(heir.get()));
    return ownership.patch(
        writer, resource.get(), key, live -> transferring(from, to, live, labelled));
  }

  private Optional<Json.Arr> transferring(SyncKey from, SyncKey to, Live live, boolean labelled) {
    if (live.deleting()
        || !OwnershipPatch.hasApplied(from, live)
        || (labelled && !OwnershipPatch.isMember(from, live))) {
      return Optional.empty();
    }
    return Optional.of(
        live.partOf().isPresent()
            ? OwnershipPatch.transfer(from, to, live, clock.instant())
            : OwnershipPatch.release(from, live));
  }
}
