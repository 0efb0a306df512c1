package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Stages;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a sync's objects when its GitSync is deleted: they are deleted or released, and
 * then the GitSync is let go.
 *
 * <p>Guarantees: needs no Git; deletes nothing while the sync is suspended or while its namespace
 * or the definition of GitSync itself goes; says in status what it waits for; releases what is left
 * after {@link #PATIENCE}, so that a finalizer that never ends holds up nobody; lets the objects go
 * when the sync's account may not touch them any more, at once in a namespace that goes.
 */
final class FinishStep {
  private static final Logger LOG = LoggerFactory.getLogger(FinishStep.class);

  /** How long what is deleted may take to be gone. */
  static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration WRITES = Duration.ofMillis(100);
  private static final Resource NAMESPACES =
      new Resource("", "v1", "namespaces", "Namespace", false, Set.of("get"));
  private static final Resource DEFINITIONS =
      new Resource(
          "apiextensions.k8s.io",
          "v1",
          "customresourcedefinitions",
          "CustomResourceDefinition",
          false,
          Set.of("get"));

  private final ApiServer api;
  private final Discovery discovery;
  private final LiveObjects live;
  private final PruneStep prune;
  private final SyncWriter writer;
  private final Syncs syncs;
  private final Reporter reporter;
  private final Guard.Own own;
  private final InstantSource clock;
  private final Map<String, Instant> begun = new ConcurrentHashMap<>();

  FinishStep(
      ApiServer api,
      Discovery discovery,
      LiveObjects live,
      PruneStep prune,
      SyncWriter writer,
      Syncs syncs,
      Reporter reporter,
      Guard.Own own,
      InstantSource clock) {
    this.api = api;
    this.discovery = discovery;
    this.live = live;
    this.prune = prune;
    this.writer = writer;
    this.syncs = syncs;
    this.reporter = reporter;
    this.own = own;
    this.clock = clock;
  }

  Result run(Sync sync) throws ApiException, InterruptedException {
    if (!sync.hasFinalizer()) {
      begun.remove(sync.uid());
      return Result.done();
    }
    if (!syncs.state(sync.key()).isIdle()) {
      // A repair that began before may be about to bring an object back.
      return Result.after(WRITES);
    }
    Instant since = begun.computeIfAbsent(sync.uid(), uid -> clock.instant());
    boolean late = clock.instant().isAfter(since.plus(PATIENCE));
    List<Observed> members = live.members(sync.key());
    if (members.isEmpty() || (late && areOutOfReach(members))) {
      return letGo(sync);
    }
    try {
      finish(sync, members, late);
    } catch (ApiException e) {
      // Who has no rights in a namespace that goes will get none either.
      if (e.error() instanceof ApiError.Forbidden && (late || isNamespaceDeleted(sync))) {
        abandon(sync, members, e.getMessage());
        return letGo(sync);
      }
      report(sync, since, Refusal.reasonOf(e.error()), e.getMessage());
      return Result.retry();
    }
    List<Observed> left = live.members(sync.key());
    Optional<Instant> again =
        left.isEmpty()
            ? Optional.empty()
            : report(sync, since, Reason.PROGRESSING, FinishReport.waiting(left));
    // The watches tell when the objects are gone; this is for what they cannot tell.
    Result result = Result.after(AGAIN);
    return again
        .map(when -> result.noLaterThan(Duration.between(clock.instant(), when), Priority.LOW))
        .orElse(result);
  }

  private Result letGo(Sync sync) throws ApiException, InterruptedException {
    Optional<Live> left = writer.release(sync.metadata());
    begun.remove(sync.uid());
    left.ifPresent(answer -> syncs.wroteMetadata(sync.key(), answer, false));
    LOG.atInfo().addKeyValue(LogKeys.SYNC, sync.key()).log("GitSync finished");
    return Result.done();
  }

  /** The account or its rights are gone: nobody is to wait for them. */
  private void abandon(Sync sync, List<Observed> members, String because)
      throws ApiException, InterruptedException {
    int stay = prune.releaseAsOperator(sync.key(), members);
    reporter.abandoned(sync, members.size() - stay, stay, because);
  }

  private Optional<Instant> report(Sync sync, Instant since, Reason reason, String message)
      throws ApiException, InterruptedException {
    SyncStatus before = sync.status();
    return reporter.status(
        sync.metadata(),
        sync.spec().suspend(),
        before,
        FinishReport.status(before, sync.generation(), reason, message, clock.instant()),
        Optional.of(since),
        false);
  }

  private void finish(Sync sync, List<Observed> members, boolean late)
      throws ApiException, InterruptedException {
    Set<ObjectKey> doomed = new HashSet<>();
    Set<ObjectKey> released = new HashSet<>();
    if (late || orphans(sync)) {
      members.forEach(m -> released.add(m.key()));
    } else {
      // Whether a definition has instances is asked when those of this sync are gone.
      List<Observed> others =
          members.stream().filter(m -> !Stages.isDefinition(m.key().groupKind())).toList();
      List<Observed> now = others.isEmpty() ? members : others;
      Guard.Verdict.Allowed verdict = Guard.whenDeleted(prune.candidates(now), own);
      doomed.addAll(verdict.prune());
      verdict.excluded().forEach(e -> released.add(e.key()));
    }
    PruneStep.Done done = prune.run(sync, doomed, released, late);
    done.orDenied();
    if (late && done.released() > 0) {
      reporter.givenUp(sync, FinishReport.waiting(members));
    }
  }

  /**
   * Whether the kinds of all these are not served any more, so that nothing can be done to them.
   */
  private boolean areOutOfReach(List<Observed> members) throws ApiException, InterruptedException {
    for (Observed member : members) {
      if (discovery.resolvePreferred(member.key().groupKind()).isPresent()) {
        return false;
      }
    }
    return true;
  }

  private boolean orphans(Sync sync) throws ApiException, InterruptedException {
    return sync.spec().suspend()
        || !sync.spec().prune()
        || sync.spec().deletionPolicy() == DeletionPolicy.ORPHAN
        || isNamespaceDeleted(sync)
        || isDeleted(DEFINITIONS, DEFINITIONS.key("", "gitsyncs.fairlead.dev"));
  }

  private boolean isNamespaceDeleted(Sync sync) throws ApiException, InterruptedException {
    return isDeleted(NAMESPACES, NAMESPACES.key("", sync.key().namespace()));
  }

  private boolean isDeleted(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return api.getMetadata(resource, key).map(Live::deleting).orElse(true);
  }
}
