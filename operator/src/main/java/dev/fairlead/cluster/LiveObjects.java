package dev.fairlead.cluster;

import dev.fairlead.health.Health;
import dev.fairlead.health.HealthRules;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Observation;
import dev.fairlead.plan.ResourceVersions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects in the cluster that bear the label of a GitSync: one watch a kind, metadata alone
 * where the kind has no health of its own.
 *
 * <p>Guarantees: what {@link #get} and {@link #members} say is what the newest event said; the
 * listener hears of every change, of one object in order, on the thread of that kind's watch.
 * Contents are not kept. Any thread may call; the monitor guards the table and is not held while
 * the listener is called.
 */
public final class LiveObjects implements AutoCloseable {

  /** Hears of changes; must return soon. */
  public interface Listener {
    /**
     * An object is there or has changed.
     *
     * @param before what was known of it
     * @param live with its field owners, which are not kept
     */
    void changed(Optional<Observed> before, Observed now, Live live);

    /** An object is gone, or no longer bears the label. */
    void gone(Observed before, Observation observation);

    /** A kind that was not served is served again. */
    void served(GroupKind kind);

    /** Whether a kind may be watched has changed, or what is missing for that. */
    void sight(GroupKind kind);
  }

  /** What GitSyncs say of where their members are. */
  public interface Inventories {
    /** The kinds that any of them may have members of. */
    Set<GroupKind> kinds();

    /** Whether an object is where the sync may have members at present. */
    Predicate<ObjectKey> of(SyncKey sync);
  }

  private static final Logger LOG = LoggerFactory.getLogger(LiveObjects.class);
  private static final GroupKind DEFINITION =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  private final ApiServer api;
  private final Discovery discovery;
  private final ResourceWatch.Timing timing;
  private final InstantSource clock;
  private final Inventories inventories;
  private final Listener listener;
  private final Map<GroupKind, Receiver> running = new HashMap<>();
  private final Map<ObjectKey, Observed> table = new HashMap<>();
  private final Map<String, Set<ObjectKey>> members = new HashMap<>();
  private final Ownership ownership = new Ownership();

  /**
   * @param inventories is asked anew each time
   */
  public LiveObjects(
      ApiServer api,
      Discovery discovery,
      ResourceWatch.Timing timing,
      InstantSource clock,
      Inventories inventories,
      Listener listener) {
    this.api = api;
    this.discovery = discovery;
    this.timing = timing;
    this.clock = clock;
    this.listener = listener;
    this.inventories = inventories;
  }

  /** Starts the watches of these kinds; those that found their kind not served look again. */
  public synchronized void watch(Collection<Resource> resources) {
    for (Resource resource : resources) {
      running.computeIfAbsent(resource.groupKind(), kind -> new Receiver(resource)).want();
    }
  }

  /** Whether all of these kinds have been listed within the time; false if one is not served. */
  public synchronized boolean awaitListed(Collection<Resource> resources, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (Resource resource : resources) {
      Receiver receiver = running.get(resource.groupKind());
      while (receiver != null && !receiver.listed) {
        if (receiver.isDenied()) {
          return false;
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    }
    return true;
  }

  /** Why the operator may not watch a kind; empty where it may, or where nobody knows yet. */
  public synchronized Optional<ApiError.Forbidden> denied(GroupKind kind) {
    return Optional.ofNullable(running.get(kind)).flatMap(Receiver::denied);
  }

  /**
   * Stops the watches of kinds that nobody needs.
   *
   * @param unwanted how long nobody may have asked for a kind before it is stopped
   */
  public void forget(Duration unwanted) {
    Set<GroupKind> kinds = inventories.kinds();
    Instant latest = clock.instant().minus(unwanted);
    stop(receiver -> !kinds.contains(receiver.kind()) && !receiver.wanted.isAfter(latest));
  }

  /**
   * Stops the watches of kinds that nobody needs and that the server no longer serves: they would
   * ask for them again and again.
   */
  public void forgetUnserved() {
    synchronized (this) {
      if (running.values().stream().noneMatch(Receiver::isUnserved)) {
        return;
      }
    }
    Set<GroupKind> kinds = inventories.kinds();
    stop(receiver -> receiver.isUnserved() && !kinds.contains(receiver.kind()));
  }

  private void stop(Predicate<Receiver> which) {
    List<Receiver> stopped;
    synchronized (this) {
      stopped = running.values().stream().filter(which).toList();
      for (Receiver receiver : stopped) {
        running.remove(receiver.kind());
        List.copyOf(table.keySet()).stream()
            .filter(key -> key.groupKind().equals(receiver.kind()))
            .forEach(this::remove);
      }
    }
    stopped.forEach(Receiver::stop);
  }

  public synchronized Optional<Observed> get(ObjectKey key) {
    return Optional.ofNullable(table.get(key));
  }

  /**
   * The objects that the sync has applied: both proofs hold, and its inventory names their kind and
   * namespace. Whoever may write to an object can forge the proofs, but not the inventory: nobody
   * puts objects of another namespace under a sync.
   */
  public List<Observed> members(SyncKey sync) {
    Predicate<ObjectKey> inventory = inventories.of(sync);
    List<Observed> found = new ArrayList<>();
    synchronized (this) {
      for (ObjectKey key : members.getOrDefault(Labels.applySetId(sync), Set.of())) {
        Observed observed = table.get(key);
        if (observed != null && observed.proven() && inventory.test(key)) {
          found.add(observed);
        }
      }
    }
    return found;
  }

  /** Waits until the object is healthy; false when the time is over. */
  public boolean awaitHealthy(ObjectKey key, String resourceVersion, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (this) {
      while (true) {
        Observed observed = table.get(key);
        if (observed != null
            && observed.health().isHealthy()
            && !ResourceVersions.newer(resourceVersion, observed.resourceVersion())) {
          return true;
        }
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    }
  }

  /** Hears the watch of one kind. */
  private final class Receiver implements WatchListener {
    private final Resource resource;
    private final boolean full;
    private @Nullable ResourceWatch watch;
    private @Nullable State state;
    private boolean listed;

    /** Kept while the server does not answer: nobody has given the right meanwhile. */
    private Optional<ApiError.Forbidden> denied = Optional.empty();

    private Instant wanted = Instant.EPOCH;

    Receiver(Resource resource) {
      this.resource = resource;
      this.full = HealthRules.needsStatus(resource.groupKind());
    }

    GroupKind kind() {
      return resource.groupKind();
    }

    /** With the monitor of the table held. */
    boolean isUnserved() {
      return state instanceof NotServed;
    }

    /** With the monitor of the table held. */
    Optional<ApiError.Forbidden> denied() {
      return denied;
    }

    /** With the monitor of the table held. */
    boolean isDenied() {
      return denied.isPresent();
    }

    /** With the monitor of the table held. */
    void want() {
      wanted = clock.instant();
      if (watch == null) {
        watch =
            ResourceWatch.start(
                api,
                new ResourceWatch.Scope(resource, "", Labels.PART_OF, full),
                timing,
                gone -> discovery.servedNow(gone.groupKind()),
                this);
      }
      wake();
    }

    /** With the monitor of the table held. */
    void wake() {
      if (watch != null && isUnserved()) {
        watch.retryNow();
      }
    }

    void stop() {
      if (watch != null) {
        watch.close();
      }
    }

    @Override
    public void onState(State now) {
      boolean back;
      Optional<ApiError.Forbidden> before;
      Optional<ApiError.Forbidden> after;
      synchronized (LiveObjects.this) {
        before = denied;
        after = denied(now);
        denied = after;
        back = state instanceof NotServed && now instanceof Synced;
        state = now;
        listed |= now instanceof Synced || now instanceof NotServed;
        LiveObjects.this.notifyAll();
      }
      if (now instanceof NotServed) {
        forgetUnserved();
      }
      if (!before.equals(after)) {
        after.ifPresent(no ->
            LOG.atWarn()
                .addKeyValue(LogKeys.DETAIL, no.message())
                .log("A kind may not be watched; the GitSyncs with objects of it say so"));
        listener.sight(resource.groupKind());
      }
      if (back) {
        ask();
        listener.served(resource.groupKind());
      }
    }

    /** With the monitor of the table held. */
    private Optional<ApiError.Forbidden> denied(State now) {
      return switch (now) {
        case Synced _, NotServed _ -> Optional.empty();
        case Failing(ApiError.Forbidden no) -> Optional.of(no);
        case Failing _ -> denied;
      };
    }

    /** What discovery says is from the time when the kind was not served. */
    private void ask() {
      try {
        discovery.refresh();
      } catch (ApiException e) {
        LOG.atDebug().setCause(e).log("Discovery could not be refreshed");
      } catch (InterruptedException e) {
        // The watch is being closed, and its thread looks at this next.
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onEvent(WatchEvent event) {
      switch (event.type()) {
        case ADDED, MODIFIED -> changed(event.live(), event.content());
        case DELETED -> deleted(event.live());
      }
    }

    private void changed(Live live, Optional<Json.Obj> content) {
      Observed now = observe(live, content);
      Optional<Observed> before;
      synchronized (LiveObjects.this) {
        before = Optional.ofNullable(table.put(now.key(), now));
        if (before.isPresent() && !before.get().partOf().equals(now.partOf())) {
          index(before.get(), false);
        }
        index(now, true);
        if (now.key().groupKind().equals(DEFINITION) && now.health().isHealthy()) {
          running.values().stream()
              .filter(r -> now.key().name().equals(r.resource.plural() + "." + r.resource.group()))
              .forEach(Receiver::wake);
        }
        LiveObjects.this.notifyAll();
      }
      listener.changed(before, now, live);
    }

    private void deleted(Live live) {
      Observed before;
      synchronized (LiveObjects.this) {
        before = remove(live.key());
        LiveObjects.this.notifyAll();
      }
      if (before != null) {
        listener.gone(before, new Observation.Deleted(live.uid(), live.resourceVersion()));
      }
    }

    private Observed observe(Live live, Optional<Json.Obj> content) {
      String partOf = live.partOf().orElse("");
      Health health =
          full && content.isPresent()
              ? Health.of(content.get(), clock.instant())
              : live.deleting() ? Health.TERMINATING : Health.HEALTHY;
      return new Observed(
          live.key(),
          partOf,
          ownership.isProven(live, partOf),
          live.uid(),
          live.resourceVersion(),
          live.deleting(),
          live.finalizers(),
          live.annotations(),
          ownership.said(live, partOf),
          full
              && content
                  .flatMap(HealthRules::finished)
                  .filter(f -> f == HealthRules.Finish.COMPLETE)
                  .isPresent(),
          health,
          ownership.others(live, partOf));
    }
  }

  private @Nullable Observed remove(ObjectKey key) {
    Observed before = table.remove(key);
    if (before != null) {
      index(before, false);
    }
    return before;
  }

  private void index(Observed observed, boolean add) {
    if (add) {
      members.computeIfAbsent(observed.partOf(), id -> new HashSet<>()).add(observed.key());
      return;
    }
    Set<ObjectKey> keys = members.get(observed.partOf());
    if (keys != null && keys.remove(observed.key()) && keys.isEmpty()) {
      members.remove(observed.partOf());
    }
  }

  @Override
  public void close() {
    stop(receiver -> true);
  }
}
