package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.CustomKind;
import dev.fairlead.plan.Guard;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.PruneTurn.Turn;
import dev.fairlead.plan.Stages;
import dev.fairlead.reconcile.FinishDecision.Facts;
import dev.fairlead.reconcile.SyncDecision.Target;
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
 * What happens to a sync's objects when its GitSync is deleted: they go to whoever waits for them,
 * are deleted or released, and then the GitSync is let go.
 *
 * <p>Guarantees: needs no Git; deletes nothing while the sync is suspended or while its namespace
 * or the definition of GitSync itself goes; says in status what it waits for; releases what is left
 * when it has been patient for long enough, and lets the GitSync go even if that fails, so that
 * nothing holds it for ever.
 */
final class FinishStep {
  private static final Logger LOG = LoggerFactory.getLogger(FinishStep.class);
  private static final Duration AGAIN = Duration.ofSeconds(30);
  private static final Duration WRITES = Duration.ofMillis(100);
  private static final Duration SIBLINGS = Duration.ofSeconds(1);

  /** So long before the end of the patience a failed try is the last one before it. */
  private static final Duration LAST_TRIES = Duration.ofSeconds(10);

  private static final Resource NAMESPACES =
      new Resource("", "v1", "namespaces", "Namespace", false, Set.of("get"));

  /**
   * Everything that the work needs.
   *
   * @param patience how long what is deleted may take to be gone
   */
  record Tools(
      ApiServer api,
      Discovery discovery,
      LiveObjects live,
      PruneStep prune,
      HandOverStep handOver,
      Siblings siblings,
      SyncReport report,
      SyncWriter writer,
      Syncs syncs,
      Reporter reporter,
      Guard.Own own,
      Duration patience) {}

  private final Tools tools;
  private final InstantSource clock;
  private final Map<SyncKey, Begun> begun = new ConcurrentHashMap<>();

  /** Since when this process knows that a GitSync goes. */
  private record Begun(String uid, Instant since) {}

  FinishStep(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  /**
   * @param known whether all objects of the sync are known
   */
  Result run(Sync sync, boolean known) throws ApiException, InterruptedException {
    Instant since =
        begun
            .compute(
                sync.key(),
                (k, old) ->
                    old != null && old.uid().equals(sync.uid())
                        ? old
                        : new Begun(sync.uid(), clock.instant()))
            .since();
    SyncState state = tools.syncs().state(sync.key());
    List<Observed> members = tools.report().members(sync, state);
    try {
      boolean asks = sync.hasFinalizer() && !members.isEmpty() && !isLate(since);
      boolean orphans = asks && orphans(sync);
      Turn turn = asks && !orphans ? turn(sync, since) : new Turn.Now();
      // After the turn: who was still trying before it may be waiting for objects since.
      Map<Observed, SyncKey> heirs =
          tools.handOver().isPutOff(sync.key())
              ? Map.of()
              : tools.handOver().heirs(sync, members, Set.of());
      Facts facts =
          new Facts(
              sync.hasFinalizer(),
              // A repair that began before may be about to bring an object back.
              !state.claims().isEmpty(),
              known,
              members.size(),
              heirs.size(),
              orphans,
              turn,
              isReachable(members),
              since,
              tools.patience(),
              clock.instant());
      return switch (FinishDecision.decide(facts)) {
        case NOTHING -> {
          gone(sync.key());
          yield Result.done();
        }
        case AWAIT_WRITES -> Result.after(WRITES);
        case AWAIT_LISTS -> {
          if (state.blindness().isEmpty()) {
            String lists = "waiting for the API server to list its objects";
            report(sync, since, Reason.PROGRESSING, lists);
          } else {
            report(sync, since, Reason.ACCESS_DENIED, state.blindness().message());
          }
          yield Result.retry();
        }
        case AWAIT_NEWS ->
            Result.after(
                Duration.between(facts.now(), since.plus(FinishDecision.GRACE)).plusMillis(1));
        case AWAIT_SIBLINGS -> awaitSiblings(sync, since, facts.turn());
        case HAND_OVER -> {
          tools.handOver().run(sync, heirs);
          yield Result.after(Duration.ZERO);
        }
        case RELEASE -> released(sync, since, members, false);
        case DELETE -> deleted(sync, since, members);
        case GIVE_UP -> released(sync, since, members, true);
        case LET_GO -> letGo(sync, members);
      };
    } catch (ApiException e) {
      // Who has no rights in a namespace that goes will get none either.
      if (e.error() instanceof ApiError.Forbidden && (isLate(since) || isNamespaceDeleted(sync))) {
        abandon(sync, members, e.getMessage());
        return letGo(sync, List.of());
      }
      report(sync, since, Refusal.reasonOf(e.error()), e.getMessage());
      // The pauses between tries grow: the last one must not lead far beyond the end.
      Duration left = Duration.between(clock.instant(), since.plus(tools.patience()));
      return left.isPositive() && left.compareTo(LAST_TRIES) < 0
          ? Result.after(left)
          : Result.retry();
    }
  }

  void gone(SyncKey sync) {
    begun.remove(sync);
  }

  /** A GitSync whose spec cannot be read, as one that leaves its objects alone. */
  static Sync orphaning(SyncMetadata metadata, SyncStatus status) {
    SyncSpec spec =
        new SyncSpec(
            "",
            new RefSelector.Head(),
            "",
            false,
            List.of(),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SyncSpec.Mode.APPLY,
            false,
            MaxPrune.parse("0"),
            DeletionPolicy.ORPHAN,
            true,
            List.of(),
            Duration.ofMinutes(1),
            SyncSpec.OnFailure.HOLD,
            List.of());
    return new Sync(metadata, spec, status);
  }

  /** Whether the other syncs of the repository have tried what may be theirs. */
  private Turn turn(Sync sync, Instant since) {
    return tools.siblings().turn(sync, new Target("", sync.generation()), Optional.empty(), since);
  }

  private boolean isLate(Instant since) {
    return !clock.instant().isBefore(since.plus(tools.patience()));
  }

  /** The account or its rights are gone: nobody is to wait for them. */
  private void abandon(Sync sync, List<Observed> members, String because)
      throws ApiException, InterruptedException {
    int stay = tools.prune().releaseAsOperator(sync.key(), members);
    tools.reporter().abandoned(sync, members.size() - stay, stay, because);
  }

  private Result awaitSiblings(Sync sync, Instant since, Turn turn)
      throws ApiException, InterruptedException {
    report(sync, since, Reason.PROGRESSING, FinishReport.siblings(turn));
    return Result.after(SIBLINGS);
  }

  private Result letGo(Sync sync, List<Observed> members)
      throws ApiException, InterruptedException {
    Optional<Live> left = tools.writer().release(sync.metadata());
    gone(sync.key());
    left.ifPresent(answer -> tools.syncs().wroteMetadata(sync.key(), answer, false));
    if (!members.isEmpty()) {
      tools.reporter().givenUp(sync, FinishReport.waiting(members));
    }
    LOG.atInfo().addKeyValue(LogKeys.SYNC, sync.key()).log("GitSync finished");
    return Result.done();
  }

  private Result released(Sync sync, Instant since, List<Observed> members, boolean late)
      throws ApiException, InterruptedException {
    Set<ObjectKey> all = new HashSet<>();
    members.forEach(m -> all.add(m.key()));
    PruneStep.Done done = tools.prune().run(sync, Set.of(), all, late);
    done.orDenied();
    if (late && done.released() > 0) {
      tools.reporter().givenUp(sync, FinishReport.waiting(members));
    }
    return await(sync, since);
  }

  private Result deleted(Sync sync, Instant since, List<Observed> members)
      throws ApiException, InterruptedException {
    // Whether a definition has instances is asked when those of this sync are gone.
    List<Observed> others =
        members.stream().filter(m -> !Stages.isDefinition(m.key().groupKind())).toList();
    List<Observed> now = others.isEmpty() ? members : others;
    Guard.Verdict.Allowed verdict = Guard.whenDeleted(tools.prune().candidates(now), tools.own());
    Set<ObjectKey> released = new HashSet<>();
    verdict.excluded().forEach(e -> released.add(e.key()));
    tools.prune().run(sync, Set.copyOf(verdict.prune()), released, false).orDenied();
    return await(sync, since);
  }

  private Result await(Sync sync, Instant since) throws ApiException, InterruptedException {
    List<Observed> left = tools.report().members(sync, tools.syncs().state(sync.key()));
    Optional<Instant> again =
        left.isEmpty()
            ? Optional.empty()
            : report(sync, since, Reason.PROGRESSING, FinishReport.waiting(left));
    // The watches tell when the objects are gone; this is for what they cannot tell.
    Instant now = clock.instant();
    Duration patience = Duration.between(now, since.plus(tools.patience()));
    Result result = Result.after(AGAIN);
    if (patience.isPositive()) {
      result = result.noLaterThan(patience, Priority.LOW);
    }
    Result last = result;
    return again.map(at -> last.noLaterThan(Duration.between(now, at), Priority.LOW)).orElse(last);
  }

  private Optional<Instant> report(Sync sync, Instant since, Reason reason, String message)
      throws ApiException, InterruptedException {
    SyncStatus before = sync.status();
    return tools
        .reporter()
        .status(
            sync.metadata(),
            sync.spec().suspend(),
            before,
            FinishReport.status(before, sync.generation(), reason, message, clock.instant()),
            Optional.of(since),
            false);
  }

  /** Whether anything can be done to one of these: its kind is still served. */
  private boolean isReachable(List<Observed> members) throws InterruptedException {
    for (Observed member : members) {
      try {
        if (tools.discovery().resolvePreferred(member.key().groupKind()).isPresent()) {
          return true;
        }
      } catch (ApiException e) {
        // Who cannot say now may be able to later.
        return true;
      }
    }
    return members.isEmpty();
  }

  private boolean orphans(Sync sync) throws ApiException, InterruptedException {
    return !FinishDecision.deletes(sync.spec())
        || isNamespaceDeleted(sync)
        || isDeleted(
            CustomKind.DEFINITIONS, CustomKind.DEFINITIONS.key("", "gitsyncs.fairlead.dev"));
  }

  private boolean isNamespaceDeleted(Sync sync) throws ApiException, InterruptedException {
    return isDeleted(NAMESPACES, NAMESPACES.key("", sync.key().namespace()));
  }

  private boolean isDeleted(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return tools.api().getMetadata(resource, key).map(Live::deleting).orElse(true);
  }
}
