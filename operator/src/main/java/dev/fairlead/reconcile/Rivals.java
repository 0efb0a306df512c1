package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.PruneTurn;
import dev.fairlead.plan.PruneTurn.Sibling;
import dev.fairlead.plan.PruneTurn.Sight;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.reconcile.ApplyStep.Outcome.Refused;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Waits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a change wants objects that other syncs have: the sync waits for them, the
 * others are asked to look at Git, and people are told who has what.
 *
 * <p>Guarantees: what is waited for is remembered until the sync has tried again; it is not called
 * a refusal before the other sync has had the time to let go. Any thread may call it, of one sync
 * one at a time.
 */
final class Rivals {
  private static final Logger LOG = LoggerFactory.getLogger(Rivals.class);

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      Sources sources,
      LiveObjects live,
      Siblings siblings,
      HandOverStep handOver,
      Tenancy tenancy,
      Waits<ObjectKey, SyncKey> waits,
      Drifts.Queues queues) {}

  /**
   * A target of which others have some objects.
   *
   * @param alone whether nothing else is wrong with it
   */
  private record Meeting(Target target, Instant since, boolean alone) {}

  private final Tools tools;
  private final InstantSource clock;
  private final Map<SyncKey, Meeting> meetings = new ConcurrentHashMap<>();

  Rivals(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  /**
   * What another sync still wants although it is not there at this moment: whoever deleted it must
   * not have decided whose it is.
   */
  List<Refusal> absent(SyncKey sync, List<DesiredObject> change) {
    List<Refusal> refusals = new ArrayList<>();
    for (DesiredObject object : change) {
      if (tools.waits().waits(sync, object.key()) && tools.live().get(object.key()).isEmpty()) {
        List<SyncKey> holders = holders(sync, object.key());
        if (!holders.isEmpty()) {
          refusals.add(Refusal.rival(object, holders));
        }
      }
    }
    return refusals;
  }

  private List<SyncKey> holders(SyncKey except, ObjectKey object) {
    List<SyncKey> holders = new ArrayList<>();
    for (SyncReading reading : tools.syncs().all()) {
      SyncKey key = reading.metadata().key();
      if (!key.equals(except)
          && reading instanceof SyncReading.Valid valid
          && !valid.sync().deleting()
          && valid.sync().spec().acts()
          && tools.syncs().state(key).held(object).flatMap(Held::baseline).isPresent()) {
        holders.add(key);
      }
    }
    return holders;
  }

  /** A change was written, or could not be read: it waits for nothing that it was refused. */
  void written(SyncKey sync) {
    meetings.remove(sync);
    tools.waits().forget(sync);
  }

  void gone(SyncKey sync) {
    written(sync);
  }

  /** Whether a target was refused for nothing but objects that others have. */
  boolean onlyAwaitsOthers(SyncKey sync, Target target) {
    return Optional.ofNullable(meetings.get(sync))
        .filter(m -> m.target().equals(target) && m.alone())
        .isPresent();
  }

  /** A change was refused; what is told of that. */
  Refused refused(Sync sync, Build build, Refused refused) throws InterruptedException {
    Target target = build.target();
    List<Refusal> rivals = refused.refusals().stream().filter(r -> !r.rivals().isEmpty()).toList();
    boolean alone = rivals.size() == refused.refusals().size();
    Instant now = clock.instant();
    Optional<Instant> before =
        Optional.ofNullable(meetings.get(sync.key()))
            .filter(m -> m.target().equals(target))
            .map(Meeting::since);
    Instant since = before.orElse(now);
    if (rivals.isEmpty()) {
      // What stands before them may only have hidden the others.
      return refused;
    }
    meetings.put(sync.key(), new Meeting(target, since, alone));
    tools.waits().replace(sync.key(), rivals.stream().map(r -> r.object().key()).toList());

    Set<SyncKey> holders = new LinkedHashSet<>();
    rivals.forEach(r -> holders.addAll(r.rivals()));
    inherit(sync, rivals);
    for (SyncKey holder : holders) {
      wake(sync, holder, before.isEmpty());
    }
    List<Refusal> told = new ArrayList<>();
    boolean soon = alone && now.isBefore(since.plus(PruneTurn.PATIENCE));
    for (Refusal refusal : refused.refusals()) {
      told.add(refusal.rivals().isEmpty() ? refusal : named(sync, refusal));
      soon = soon && mayPass(sync, refusal, target);
    }
    return new Refused(
        soon ? Reason.PROGRESSING : refused.reason(),
        told,
        refused.retryable() || soon,
        refused.present());
  }

  /** What belongs to GitSyncs that do not exist any more is taken over. */
  private void inherit(Sync sync, List<Refusal> rivals) throws InterruptedException {
    boolean inherited = false;
    for (Refusal refusal : rivals) {
      for (SyncKey holder : refusal.rivals()) {
        if (tools.syncs().get(holder).isEmpty()) {
          try {
            inherited |= tools.handOver().inherit(holder, sync.key(), refusal.object().key());
          } catch (ApiException e) {
            LOG.atDebug()
                .addKeyValue(LogKeys.SYNC, sync.key())
                .addKeyValue(LogKeys.OBJECT, refusal.object().key())
                .setCause(e)
                .log("An object without a GitSync cannot be taken over yet");
          }
        }
      }
    }
    if (inherited) {
      tools.handOver().wake(sync.key());
    }
  }

  /** Whoever has what is wanted, or has that one to prune, may be able to let go. */
  private void wake(Sync sync, SyncKey holder, boolean first) {
    tools.queues().sync(holder, Priority.NORMAL);
    parent(holder).ifPresent(parent -> tools.queues().sync(parent, Priority.NORMAL));
    boolean near =
        tools.syncs().valid(holder).filter(h -> Siblings.follow(h.spec(), sync.spec())).isPresent();
    if (first && near) {
      tools.sources().ask(holder);
    }
  }

  /** The sync whose object that GitSync is. */
  private Optional<SyncKey> parent(SyncKey sync) {
    return tools
        .live()
        .get(SyncWriter.key(sync))
        .filter(Observed::proven)
        .flatMap(o -> tools.syncs().owner(o.partOf()));
  }

  /** Whether all that have the object may be about to let go of it. */
  private boolean mayPass(Sync sync, Refusal refusal, Target target) {
    for (SyncKey rival : refusal.rivals()) {
      Optional<SyncReading> reading = tools.syncs().get(rival);
      if (reading.isPresent() && !mayLetGo(sync, reading.get(), refusal.object().key(), target)) {
        return false;
      }
    }
    return true;
  }

  private boolean mayLetGo(Sync sync, SyncReading rival, ObjectKey object, Target target) {
    if (rival.metadata().deleting()) {
      return true;
    }
    if (!(rival instanceof SyncReading.Valid valid) || !valid.sync().spec().acts()) {
      return false;
    }
    SyncState state = tools.syncs().state(valid.sync().key());
    if (state.applied().isPresent() && state.held(object).isEmpty()) {
      return true;
    }
    if (state
        .build()
        .filter(b -> state.isStandingBy(b.target()) && !b.keys().contains(object))
        .isPresent()) {
      return true;
    }
    if (!Siblings.follow(valid.sync().spec(), sync.spec())) {
      return false;
    }
    Sibling sibling =
        tools.siblings().sibling(valid.sync(), Optional.of(target.commit()), clock.instant());
    return sibling.sight() == Sight.UNSEEN || (sibling.sight() == Sight.SEEN && !sibling.tried());
  }

  /** The same refusals for people, without waiting for anything. */
  List<Refusal> told(Sync sync, List<Refusal> refusals) {
    return refusals.stream().map(r -> r.rivals().isEmpty() ? r : named(sync, r)).toList();
  }

  /** Says who has it, and where that is written if whoever reads this may know. */
  private Refusal named(Sync sync, Refusal refusal) {
    DesiredObject object = refusal.object();
    String named =
        refusal.rivals().stream()
            .map(rival -> "GitSync " + rival + place(sync, rival, object.key()))
            .collect(Collectors.joining(" and "));
    return Refusal.rival(object, refusal.rivals(), named + "; remove it from one of them");
  }

  private String place(Sync sync, SyncKey rival, ObjectKey object) {
    Optional<SyncReading> reading = tools.syncs().get(rival);
    if (reading.isEmpty()) {
      return ", which does not exist any more, has it";
    }
    boolean mayKnow =
        tools.tenancy().mayTell(sync.key(), rival)
            || tools
                .syncs()
                .valid(rival)
                .filter(r -> Siblings.isSameRepository(r.spec(), sync.spec()))
                .isPresent();
    Optional<Origin> origin =
        mayKnow
            ? tools.syncs().state(rival).held(object).map(h -> h.desired().origin())
            : Optional.empty();
    return " has it" + origin.map(o -> " (" + o + ")").orElse("");
  }
}
