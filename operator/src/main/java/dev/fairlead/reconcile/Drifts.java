package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Drift;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Observation;
import dev.fairlead.plan.Treatment;
import dev.fairlead.reconcile.Claims.Sighting;
import dev.fairlead.reconcile.Task.Work;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Waits;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Judges what the watches see: what is drift becomes work on the object, what changes health
 * becomes work on the sync.
 *
 * <p>Guarantees: an event of an object that is just being written is judged after the write, since
 * events often overtake the answer. Called on the watches' threads and by whoever wrote an object;
 * all state is in {@link SyncState}.
 */
final class Drifts implements LiveObjects.Listener {
  /** Where the work goes. */
  interface Queues {
    void sync(SyncKey key, Priority priority);

    void object(ObjectRef ref, Duration delay, Priority priority);
  }

  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");

  private final Syncs syncs;
  private final Waits<ObjectKey, SyncKey> waits;
  private final Queues queues;
  private final InstantSource clock;

  Drifts(Syncs syncs, Waits<ObjectKey, SyncKey> waits, Queues queues, InstantSource clock) {
    this.syncs = syncs;
    this.waits = waits;
    this.queues = queues;
    this.clock = clock;
  }

  @Override
  public void changed(Optional<Observed> before, Observed now, Live live) {
    Optional<SyncKey> owner = syncs.owner(now.partOf());
    // Who loses an object to another label hears of it as a change, not as a deletion.
    before
        .filter(b -> !b.partOf().equals(now.partOf()))
        .flatMap(b -> syncs.owner(b.partOf()))
        .ifPresent(former -> {
          replan(former);
          judge(former, now.key(), new Observation.Present(live), live);
          // It has one object less to prune.
          queues.sync(former, Priority.NORMAL);
          free(former, now.key());
        });
    if (owner.isEmpty()) {
      return;
    }
    if (isPlanOnly(owner.get()) && syncs.state(owner.get()).planning().isNews(live)) {
      replan(owner.get());
    }
    SyncState state = syncs.state(owner.get());
    if (state.held(now.key()).isPresent()) {
      boolean news = state.sawFinished(now);
      boolean health = before.isEmpty() || !before.get().health().equals(now.health());
      if (news || health || !state.settled()) {
        queues.sync(owner.get(), Priority.NORMAL);
      }
    } else if (state.awaitsSight(now.key())) {
      // It can be pruned now.
      queues.sync(owner.get(), Priority.NORMAL);
    }
    judge(owner.get(), now.key(), new Observation.Present(live), live);
    if (before.isPresent() && !before.get().said().equals(now.said())) {
      // What is left to others may be another thing now.
      act(
          owner.get(),
          now.key(),
          new Drift.Decision.Repair(Drift.Cause.RESUMED, true),
          Optional.of(live));
    }
    if (before.isEmpty() && now.key().groupKind().equals(NAMESPACE)) {
      again(key -> key.namespace().equals(now.key().name()));
    }
  }

  @Override
  public void served(GroupKind kind) {
    again(key -> key.groupKind().equals(kind));
  }

  @Override
  public void sight(GroupKind kind) {
    for (SyncReading reading : syncs.all()) {
      if (MetadataPatch.inventory(reading.metadata(), reading.status().inventory())
          .groupKinds()
          .contains(kind)) {
        queues.sync(reading.metadata().key(), Priority.NORMAL);
      }
    }
  }

  /** What could not be done to these objects may be possible now. */
  private void again(Predicate<ObjectKey> concerned) {
    for (SyncReading reading : syncs.all()) {
      SyncKey sync = reading.metadata().key();
      syncs.state(sync).unfinished().stream()
          .filter(concerned)
          .forEach(key -> queues.object(new ObjectRef(sync, key), Duration.ZERO, Priority.NORMAL));
    }
  }

  @Override
  public void gone(Observed before, Observation observation) {
    awaitedByOthers(before);
    Optional<SyncKey> owner = syncs.owner(before.partOf());
    if (owner.isEmpty()) {
      return;
    }
    replan(owner.get());
    if (syncs.state(owner.get()).held(before.key()).isEmpty()) {
      // A leftover is gone: the prune may go on.
      queues.sync(owner.get(), Priority.NORMAL);
      free(owner.get(), before.key());
      return;
    }
    queues.sync(owner.get(), Priority.NORMAL);
    judge(owner.get(), before.key(), observation, null);
  }

  /** What is gone before a watch told whose it had become, that one waits for in vain. */
  private void awaitedByOthers(Observed before) {
    for (SyncReading reading : syncs.all()) {
      SyncKey sync = reading.metadata().key();
      if (syncs.state(sync).gone(before.key())) {
        queues.sync(sync, Priority.NORMAL);
      }
    }
  }

  /** Another sync has what this one has applied: it tries again as soon as that one lets go. */
  void awaits(SyncKey sync, ObjectKey object) {
    boolean _ = waits.add(sync, object);
  }

  /** A sync in mode Plan plans again when one of its objects may be another one. */
  private void replan(SyncKey owner) {
    if (isPlanOnly(owner)) {
      syncs.state(owner).planning().changed(clock.instant());
      queues.sync(owner, Priority.NORMAL);
    }
  }

  private boolean isPlanOnly(SyncKey sync) {
    return syncs.valid(sync).filter(s -> s.spec().mode() == SyncSpec.Mode.PLAN).isPresent();
  }

  /** What one sync had and did not want any more is to be had: whoever waits for it tries now. */
  private void free(SyncKey former, ObjectKey object) {
    for (SyncKey waiter : waits.waiting(object)) {
      if (!waiter.equals(former)) {
        SyncState state = syncs.state(waiter);
        state.retryNow(clock.instant());
        if (state.held(object).flatMap(Held::task).isPresent()) {
          queues.object(new ObjectRef(waiter, object), Duration.ZERO, Priority.HIGH);
        }
        queues.sync(waiter, Priority.HIGH);
      }
    }
  }

  private void judge(
      SyncKey sync,
      ObjectKey key,
      Observation observation,
      @org.jspecify.annotations.Nullable Live live) {
    Sighting sighting = new Sighting(observation, Optional.ofNullable(live));
    if (!syncs.state(sync).claims().postpone(key, sighting)) {
      judge(sync, key, sighting);
    }
  }

  /** Judges what was seen of an object that nobody is writing. */
  void judge(SyncKey sync, ObjectKey key, Sighting sighting) {
    SyncState state = syncs.state(sync);
    Optional<Held> held = state.held(key);
    if (held.isEmpty() || leftAlone(sync, state, held.get(), sighting)) {
      return;
    }
    if (state.hasFinished(key)) {
      act(sync, key, Drift.ofFinished(sighting.observation()), sighting.live());
      return;
    }
    held.flatMap(Held::baseline)
        .ifPresent(baseline ->
            act(sync, key, Drift.decide(sync, baseline, sighting.observation()), sighting.live()));
  }

  /** Sees to an object that is, or was until now, left alone; false for any other. */
  private boolean leftAlone(SyncKey sync, SyncState state, Held held, Sighting sighting) {
    DesiredObject desired = held.desired();
    Optional<Live> live = sighting.live();
    if (live.filter(l -> !l.partOf().equals(Optional.of(Labels.applySetId(sync)))).isPresent()) {
      // It says that it is another's, or nobody's.
      return false;
    }
    Treatment treatment =
        live.map(l -> desired.treatment().with(l.saidByOthers(sync.fieldManager())))
            .orElse(desired.treatment());
    boolean before = state.isLeftAlone(desired.key());
    if (treatment.leavesAlone(live.isPresent())) {
      if (!before) {
        state.leaveAlone(desired);
        queues.sync(sync, Priority.NORMAL);
      }
      return true;
    }
    if (before && !state.hasFinished(desired.key())) {
      // Whatever happened to it meanwhile.
      act(sync, desired.key(), new Drift.Decision.Repair(Drift.Cause.RESUMED, true), live);
    }
    return before;
  }

  /** Makes a decision about an object into work. */
  void act(SyncKey sync, ObjectKey key, Drift.Decision decision, Optional<Live> live) {
    SyncState state = syncs.state(sync);
    Instant now = clock.instant();
    ObjectRef ref = new ObjectRef(sync, key);
    switch (decision) {
      case Drift.Decision.Ignore _, Drift.Decision.AwaitDeletion _ -> {}
      case Drift.Decision.Look _ -> {
        state.change(key, h -> h.withTask(Optional.of(Task.LOOK)));
        queues.object(ref, Duration.ZERO, Priority.HIGH);
      }
      case Drift.Decision.Repair repair -> {
        Optional<Held> held =
            state.change(
                key,
                h ->
                    h.with(h.damping().drifted(now))
                        .withTask(
                            Optional.of(new Task(Work.REPAIR, live, repair.unforcedFirst()))));
        held.flatMap(h -> h.damping().due())
            .ifPresent(due -> queues.object(ref, until(due, now), Priority.HIGH));
      }
      case Drift.Decision.Verify verify -> {
        Optional<Held> held =
            state.change(
                key,
                h ->
                    h.task().filter(t -> t.work() != Work.VERIFY).isPresent()
                        ? h
                        : h.with(h.pace().asked(now))
                            .withTask(
                                Optional.of(new Task(Work.VERIFY, live, verify.unforcedFirst()))));
        held.flatMap(h -> h.pace().due())
            .ifPresent(due -> queues.object(ref, until(due, now), Priority.NORMAL));
      }
      case Drift.Decision.Refuse refuse -> {
        awaits(sync, key);
        state.change(
            key,
            h ->
                h.withTask(Optional.empty())
                    .withProblem(
                        Optional.of(
                            new Problem(
                                key.toString(),
                                h.desired().origin().file(),
                                h.desired().origin().line(),
                                Reason.OWNED_ELSEWHERE.toString(),
                                syncs
                                    .owner(refuse.partOf())
                                    .map(owner -> "GitSync " + owner + " has it")
                                    .orElse("belongs to the ApplySet " + refuse.partOf()),
                                now))));
        queues.sync(sync, Priority.NORMAL);
      }
    }
  }

  private static Duration until(Instant due, Instant now) {
    return due.isAfter(now) ? Duration.between(now, due) : Duration.ZERO;
  }
}
