package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.Condition;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncFigures;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncListener;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Drift;
import dev.fairlead.plan.Live;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people: status, events, figures and the log.
 *
 * <p>Guarantees: status is the only thing that is written again and again, and only where it
 * differs: at once when a condition changes, else at most once in {@link #PAUSE}; an event and a
 * log line come once for each thing that happened. Losing an event is no failure. Any thread may
 * call it.
 */
final class Reporter {
  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

  /** Between two writes of a status whose conditions did not change. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  private static final int FIELDS_NAMED = 8;

  private final Syncs syncs;
  private final Dependents dependents;
  private final SyncWriter writer;
  private final SyncListener listener;
  private final InstantSource clock;
  private final Map<SyncKey, Instant> fetched = new ConcurrentHashMap<>();

  Reporter(
      Syncs syncs,
      Dependents dependents,
      SyncWriter writer,
      SyncListener listener,
      InstantSource clock) {
    this.syncs = syncs;
    this.dependents = dependents;
    this.writer = writer;
    this.listener = listener;
    this.clock = clock;
  }

  /**
   * Writes the status if it differs and if it is time.
   *
   * @param transientSince since when the sync has been at work, if the status tells only of that:
   *     what lasts less than a second is not worth a write
   * @param news whether the commit changed something, so that its success is worth an event
   * @return when to come again for what was put off
   */
  Optional<Instant> status(
      SyncMetadata sync,
      boolean suspended,
      SyncStatus before,
      SyncStatus next,
      Optional<Instant> transientSince,
      boolean news)
      throws ApiException, InterruptedException {
    SyncState state = syncs.state(sync.key());
    Instant now = clock.instant();
    figures(sync.key(), suspended, next);
    if (transientSince.isPresent()) {
      Instant worth = transientSince.get().plusSeconds(1);
      if (worth.isAfter(now)) {
        return Optional.of(worth);
      }
    }
    boolean conditions = !sameConditions(before, next);
    Instant pause = state.lastStatus().plus(PAUSE);
    if (!conditions && pause.isAfter(now) && worthWaiting(before, next)) {
      return Optional.of(pause);
    }
    SyncStatus settled = dev.fairlead.api.StatusPatch.settle(before, next);
    Optional<Live> written = writer.status(sync.key(), before, next);
    if (written.isPresent()) {
      state.statusWritten(now);
      syncs.wroteStatus(sync.key(), settled, written.get().resourceVersion());
      dependents.changed(sync.key());
      if (!isAwaited(settled, transientSince)) {
        announce(sync, before, settled, news, state.account().refused().isPresent());
      }
    }
    state.account().toLog().ifPresent(refused -> logRefusal(sync, refused));
    return Optional.empty();
  }

  /** Counts may change many times a second; whoever waits for a revision must not wait for us. */
  private static boolean worthWaiting(SyncStatus before, SyncStatus next) {
    return before.handledRequest().equals(next.handledRequest())
        && before
            .source()
            .map(s -> s.commit().revision())
            .equals(next.source().map(s -> s.commit().revision()))
        && before
            .applied()
            .map(SyncStatus.Applied::revision)
            .equals(next.applied().map(SyncStatus.Applied::revision))
        && before.rollback().equals(next.rollback())
        && before.webhookPath().equals(next.webhookPath())
        && before.finishedJobs().equals(next.finishedJobs());
  }

  private static boolean sameConditions(SyncStatus before, SyncStatus next) {
    if (before.conditions().size() != next.conditions().size()) {
      return false;
    }
    for (Condition condition : next.conditions()) {
      Optional<Condition> old = before.condition(condition.type());
      if (old.isEmpty()
          || old.get().state() != condition.state()
          || !old.get().reason().equals(condition.reason())
          || old.get().observedGeneration() != condition.observedGeneration()) {
        return false;
      }
    }
    return true;
  }

  /** To wait for another sync that is at work is nothing to be told of. */
  private static boolean isAwaited(SyncStatus status, Optional<Instant> transientSince) {
    return transientSince.isPresent()
        && status
            .condition(Condition.Type.READY)
            .filter(c -> c.reason().equals(Reason.DEPENDENCY_NOT_READY.toString()))
            .isPresent();
  }

  private static void logRefusal(SyncMetadata sync, RefusedCommit refused) {
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.REVISION, refused.revision())
        .addKeyValue(LogKeys.REASON, refused.reason())
        .addKeyValue(LogKeys.COUNT, refused.problems().size())
        .addKeyValue(LogKeys.DETAIL, refused.lines())
        .log("A commit is refused");
  }

  /**
   * @param refused whether a commit is refused, of which the log tells by itself
   */
  private void announce(
      SyncMetadata sync, SyncStatus before, SyncStatus after, boolean news, boolean refused)
      throws InterruptedException {
    Optional<Condition> ready = after.condition(Condition.Type.READY);
    if (ready.isEmpty() || ready.get().reason().equals(Reason.PROGRESSING.toString())) {
      return;
    }
    Optional<Condition> old = before.condition(Condition.Type.READY);
    boolean same =
        old.isPresent()
            && old.get().state() == ready.get().state()
            && old.get().reason().equals(ready.get().reason());
    boolean sameCommit =
        before
            .source()
            .map(s -> s.commit().revision())
            .equals(after.source().map(s -> s.commit().revision()));
    boolean good = ready.get().state() == Condition.State.TRUE;
    if (after.plan().isPresent() && (good || isOutOfSync(ready.get()))) {
      if (!same || !before.plan().equals(after.plan())) {
        announcePlan(sync, after, ready.get());
      }
      return;
    }
    if (good ? same && !news : same && sameCommit) {
      return;
    }
    if (!refused) {
      (good ? LOG.atInfo() : LOG.atWarn())
          .addKeyValue(LogKeys.SYNC, sync.key())
          .addKeyValue(
              LogKeys.REVISION,
              after.source().map(s -> s.commit().revision().shortForm()).orElse(""))
          .addKeyValue(LogKeys.REASON, ready.get().reason())
          .addKeyValue(LogKeys.DETAIL, ready.get().message())
          .log(good ? "Cluster and Git agree" : "Cluster and Git do not agree");
    }
    event(sync, !good, ready.get().reason(), "Reconcile", ready.get().message());
  }

  private static boolean isOutOfSync(Condition ready) {
    return ready.reason().equals(Reason.OUT_OF_SYNC.toString());
  }

  /**
   * What applying would do is another thing than before: nobody has to act, so it is no warning.
   */
  private void announcePlan(SyncMetadata sync, SyncStatus after, Condition ready)
      throws InterruptedException {
    LOG.atInfo()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(
            LogKeys.REVISION, after.source().map(s -> s.commit().revision().shortForm()).orElse(""))
        .addKeyValue(LogKeys.REASON, ready.reason())
        .addKeyValue(LogKeys.DETAIL, ready.message())
        .log("Planned");
    event(sync, false, ready.reason(), "Plan", ready.message());
  }

  private void event(SyncMetadata sync, boolean warning, String reason, String action, String note)
      throws InterruptedException {
    try {
      writer.event(sync, warning, reason, action, note, clock.instant());
    } catch (ApiException e) {
      LOG.atDebug()
          .addKeyValue(LogKeys.SYNC, sync.key())
          .setCause(e)
          .log("An event could not be written");
    }
  }

  /**
   * Somebody had changed an object, and it was changed back.
   *
   * @param origin where what was restored is written
   */
  void drift(Sync sync, DesiredObject object, Origin origin, boolean deleted, Drift.Loss loss)
      throws InterruptedException {
    listener.drifted(sync.key());
    String who = loss.managers().isEmpty() ? "somebody" : String.join(" and ", loss.managers());
    String what =
        deleted
            ? "was deleted"
            : loss.fields().isEmpty() ? "was changed by " + who : who + " changed " + fields(loss);
    String note = object.key() + ": " + what + "; restored from " + origin;
    LOG.atInfo()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.OBJECT, object.key())
        .addKeyValue(LogKeys.FILE, origin)
        .addKeyValue(LogKeys.DETAIL, what)
        .log("Drift repaired");
    event(sync.metadata(), false, "DriftRepaired", "Repair", note);
  }

  private static String fields(Drift.Loss loss) {
    String named = String.join(", ", loss.fields().stream().limit(FIELDS_NAMED).toList());
    int more = loss.fields().size() - FIELDS_NAMED;
    return more > 0 ? named + " and " + more + " more" : named;
  }

  /** Admission rewrites what we apply, so that Git and cluster can never be the same there. */
  void rewritten(Sync sync, DesiredObject object) throws InterruptedException {
    String note =
        object.key()
            + ": an admission policy rewrites a value of "
            + object.origin()
            + "; it is not counted as drift";
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.OBJECT, object.key())
        .log("Admission rewrites an object");
    event(sync.metadata(), true, "AdmissionRewrites", "Verify", note);
  }

  /**
   * An object was deleted and created anew.
   *
   * @param field that cannot be changed in place
   */
  void replaced(Sync sync, DesiredObject object, String field) throws InterruptedException {
    String note =
        "%s: was deleted and created again from %s, since %s cannot be changed"
            .formatted(object.key(), object.origin(), field.isEmpty() ? "a field" : field);
    LOG.atInfo()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.OBJECT, object.key())
        .addKeyValue(LogKeys.FILE, object.origin())
        .log("Replaced");
    event(sync.metadata(), false, "Replaced", "Apply", note);
  }

  /** A commit was given up; the event comes when the last good one runs again. */
  void rolledBack(Sync sync, SyncStatus.Rollback rollback) {
    listener.rolledBack(sync.key());
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.REVISION, rollback.from().shortForm())
        .addKeyValue("to", rollback.to().shortForm())
        .addKeyValue(LogKeys.DETAIL, rollback.reason())
        .log("A commit is rolled back");
  }

  void pruned(Sync sync, int count) {
    listener.applied(SyncListener.Action.PRUNED, count);
    LOG.atInfo()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.COUNT, count)
        .log("Pruned");
  }

  /** These left Git and stay, since they are never deleted. */
  void kept(Sync sync, List<ObjectKey> objects) throws InterruptedException {
    String names = String.join(", ", objects.stream().map(ObjectKey::toString).toList());
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.DETAIL, names)
        .log("What left Git is released, since Fairlead never deletes it");
    String note =
        "left Git and stay, without being the sync's any more, since Fairlead never deletes them: "
            + names;
    event(sync.metadata(), true, "Released", "Prune", note);
  }

  void applied(int created, int updated) {
    listener.applied(SyncListener.Action.CREATED, created);
    listener.applied(SyncListener.Action.UPDATED, updated);
  }

  void refused(int count) {
    listener.applied(SyncListener.Action.REFUSED, count);
  }

  void healthy(Instant committedAt) {
    Duration took = Duration.between(committedAt, clock.instant());
    listener.commitToHealthy(took.isNegative() ? Duration.ZERO : took);
  }

  /** Git answered. */
  void fetched(SyncKey key, Instant at) {
    fetched.put(key, at);
    syncs
        .valid(key)
        .filter(sync -> !sync.deleting())
        .ifPresent(sync -> figures(key, sync.spec().suspend(), sync.status()));
  }

  private void figures(SyncKey key, boolean suspended, SyncStatus status) {
    List<SyncFigures.Expiring> expiring =
        syncs.known(key).map(s -> s.expiries().figures(clock.instant())).orElse(List.of());
    listener.figures(
        SyncFigures.of(
            key,
            suspended,
            status,
            syncs.valid(key).map(sync -> sync.spec().interval()),
            Optional.ofNullable(fetched.get(key)),
            expiring));
  }

  void gone(SyncKey key) {
    fetched.remove(key);
    listener.gone(key);
  }

  /**
   * The objects of a deleted sync were let go, since its account had no rights.
   *
   * @param released how many were released by the operator
   * @param stay how many keep the sync's labels
   */
  void abandoned(Sync sync, int released, int stay, String because) throws InterruptedException {
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.DETAIL, because)
        .addKeyValue("released", released)
        .addKeyValue("left", stay)
        .log("Objects of a deleted GitSync are let go, since its account has no rights");
    String note =
        "let go of %d objects and left %d as they are: %s".formatted(released, stay, because);
    event(sync.metadata(), true, "Released", "Finish", note);
  }

  /** Objects of a GitSync that is being deleted were waited for in vain. */
  void givenUp(Sync sync, String waiting) throws InterruptedException {
    String note = "gave up " + waiting + "; they stay, without being the sync's any more";
    LOG.atWarn()
        .addKeyValue(LogKeys.SYNC, sync.key())
        .addKeyValue(LogKeys.DETAIL, waiting)
        .log("Objects do not go and are released");
    event(sync.metadata(), true, "Released", "Finish", note);
  }
}
