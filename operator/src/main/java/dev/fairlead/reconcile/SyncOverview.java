package dev.fairlead.reconcile;

import dev.fairlead.api.StatusJson;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Condition;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Probe;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Guard;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Lets others see what is known of the syncs.
 *
 * <p>Guarantees: no request, no write, and no lock for longer than it takes to copy a list or to
 * look up one object. Any thread may call it.
 */
final class SyncOverview implements SyncViews {
  private final Syncs syncs;
  private final Function<ObjectKey, Optional<Observed>> observed;
  private final Function<SyncKey, List<Observed>> members;
  private final Supplier<Probe> ready;
  private final InstantSource clock;

  /**
   * @param observed what the watches know of an object
   * @param members what a sync has applied, by the same watches
   */
  SyncOverview(
      Syncs syncs,
      Function<ObjectKey, Optional<Observed>> observed,
      Function<SyncKey, List<Observed>> members,
      Supplier<Probe> ready,
      InstantSource clock) {
    this.syncs = syncs;
    this.observed = observed;
    this.members = members;
    this.ready = ready;
    this.clock = clock;
  }

  @Override
  public Probe ready() {
    return ready.get();
  }

  @Override
  public List<Summary> list(Optional<SyncKey> after, int limit) {
    return syncs.all().stream()
        .filter(r -> after.isEmpty() || r.metadata().key().compareTo(after.get()) > 0)
        .sorted(Comparator.comparing((SyncReading r) -> r.metadata().key()))
        .limit(limit)
        .map(SyncOverview::summary)
        .toList();
  }

  private static Summary summary(SyncReading reading) {
    SyncStatus status = reading.status();
    Optional<Condition> condition = status.condition(Condition.Type.READY);
    return new Summary(
        reading.metadata().key(),
        condition.map(Condition::state).orElse(Condition.State.UNKNOWN).toString(),
        condition
            .map(Condition::reason)
            .filter(reason -> !reason.isEmpty())
            .orElse(Reason.PROGRESSING.toString()),
        condition.map(Condition::message).orElse(""),
        status.applied().map(a -> a.revision().toString()).orElse(""),
        isSuspended(reading),
        reading.metadata().deleting());
  }

  private static boolean isSuspended(SyncReading reading) {
    return reading instanceof SyncReading.Valid valid && valid.sync().spec().suspend();
  }

  @Override
  public Optional<SyncView> find(SyncKey key) {
    return syncs.get(key).map(reading -> view(reading, syncs.known(key)));
  }

  private SyncView view(SyncReading reading, Optional<SyncState> state) {
    SyncKey key = reading.metadata().key();
    SyncStatus status = reading.status();
    boolean deleting = reading.metadata().deleting();
    return new SyncView(
        key,
        reading.metadata().uid(),
        reading.metadata().generation(),
        isSuspended(reading),
        deleting,
        StatusJson.of(status),
        // What is told of one that is being deleted is short enough for status.
        state.filter(s -> !deleting).flatMap(s -> s.account().problems()).orElse(status.problems()),
        warnings(status, state),
        state.flatMap(s -> s.prune().blocked()).map(SyncOverview::pendingPrune),
        state.flatMap(s -> s.account().attempt()),
        objects(key, state));
  }

  private List<Warning> warnings(SyncStatus status, Optional<SyncState> state) {
    if (state.flatMap(SyncState::attempt).isPresent()) {
      return LeftAlone.warnings(state.get(), observed, clock.instant());
    }
    return status.warnings().stream()
        .map(text -> new Warning(Optional.empty(), Origin.ofFile(""), text))
        .toList();
  }

  private static SyncView.PendingPrune pendingPrune(Guard.Verdict.Blocked blocked) {
    return new SyncView.PendingPrune(
        blocked.digest(),
        blocked.message(),
        blocked.objects(),
        blocked.prune(),
        blocked.excluded().stream()
            .map(e -> new SyncView.Kept(e.key(), e.kept().because()))
            .toList());
  }

  /** In the order of Git, then what Git does not want any more. */
  private Iterable<ObjectView> objects(SyncKey key, Optional<SyncState> state) {
    List<DesiredObject> desired = new ArrayList<>(state.map(this::desired).orElse(List.of()));
    Set<ObjectKey> wanted = HashSet.newHashSet(desired.size());
    desired.forEach(d -> wanted.add(d.key()));
    // Before Git is known, nothing is known to be unwanted.
    ObjectView.State stateOfOthers =
        state.flatMap(SyncState::applied).isPresent()
            ? ObjectView.State.LEFTOVER
            : ObjectView.State.UNVERIFIED;
    List<ObjectKey> others =
        members.apply(key).stream()
            .map(Observed::key)
            .filter(k -> !wanted.contains(k))
            .sorted()
            .toList();
    return () ->
        Stream.concat(
                desired.stream().map(d -> wanted(key, state.orElseThrow(), d)),
                others.stream().flatMap(k -> member(key, k, stateOfOthers).stream()))
            .iterator();
  }

  /** What is applied, and what an attempt that failed midway has written beside it. */
  private List<DesiredObject> desired(SyncState state) {
    List<DesiredObject> desired =
        new ArrayList<>(state.applied().map(Build::desired).orElse(List.of()));
    Set<ObjectKey> known = HashSet.newHashSet(desired.size());
    desired.forEach(d -> known.add(d.key()));
    state.held().stream()
        .map(Held::desired)
        .filter(d -> !known.contains(d.key()))
        .sorted(Comparator.comparing(DesiredObject::key))
        .forEach(desired::add);
    return desired;
  }

  private ObjectView wanted(SyncKey sync, SyncState state, DesiredObject listed) {
    ObjectKey key = listed.key();
    return ObjectJudgement.of(
        sync,
        state.held(key).map(Held::desired).orElse(listed),
        state.held(key),
        observed.apply(key),
        state.told(key),
        state.hasFinished(key),
        clock.instant());
  }

  private Optional<ObjectView> member(SyncKey sync, ObjectKey key, ObjectView.State state) {
    return observed.apply(key).map(o -> ObjectJudgement.ofMember(sync, o, state));
  }
}
