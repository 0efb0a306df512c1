package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.cluster.PodReader;
import dev.fairlead.git.GitException;
import dev.fairlead.health.Diagnosis;
import dev.fairlead.health.Diagnosis.Evidence;
import dev.fairlead.health.Diagnosis.Question;
import dev.fairlead.health.Finding;
import dev.fairlead.health.LabelSelector;
import dev.fairlead.health.Tidy;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Reconciler;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into objects that are not healthy, and finds out why from their pods, events and logs.
 *
 * <p>Guarantees: asks nothing about an object that is healthy, or was so within {@link
 * LookPace#STALLED}; seven bounded requests a look at most; what may not be read is done without,
 * and told once. Pods are read with the operator's rights, logs with those of the sync's account:
 * what a program writes is for whoever may read it. The engine calls it, never twice at once for
 * one object.
 */
final class RolloutReasons implements Reconciler<ObjectRef> {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutReasons.class);

  /** How many claims of a pod are looked at. */
  private static final int MOST_CLAIMS = 3;

  /** Where looks wait for their time. */
  interface Queue {
    void look(ObjectRef ref, Duration delay);
  }

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      PodReader pods,
      Tenancy tenancy,
      Discovery discovery,
      LiveObjects live,
      Bodies bodies,
      Drifts.Queues queues) {}

  private final Tools tools;
  private final InstantSource clock;

  /** What was told of rights that are missing: a resource each. */
  private final Set<String> denied = ConcurrentHashMap.newKeySet();

  RolloutReasons(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  @Override
  public Result reconcile(ObjectRef ref) throws InterruptedException {
    SyncState state = tools.syncs().state(ref.sync());
    Optional<Inquiry> inquiry = state.inquiries().get(ref.object());
    if (inquiry.isEmpty()) {
      return Result.done();
    }
    Optional<Sync> sync = tools.syncs().valid(ref.sync());
    if (sync.isEmpty() || sync.get().deleting() || sync.get().spec().suspend()) {
      state.inquiries().forget(ref.object());
      return Result.done();
    }
    Instant now = clock.instant();
    if (inquiry.get().scheduled().isAfter(now)) {
      return Result.after(Duration.between(now, inquiry.get().scheduled()));
    }
    try {
      Optional<Finding> found = look(sync.get(), state, inquiry.get(), now);
      return told(sync.get(), state, inquiry.get(), found);
    } catch (ApiException e) {
      if (!(e.error() instanceof ApiError.Forbidden)) {
        return Result.retry();
      }
      denied(e);
      return told(sync.get(), state, inquiry.get(), Optional.empty());
    }
  }

  /** Once: who may read nothing of a namespace gets its objects' own words for good. */
  private void denied(ApiException e) {
    String what =
        e.error() instanceof ApiError.Forbidden forbidden
            ? forbidden.permission().map(ApiError.Permission::resource).orElse("")
            : "";
    if (denied.add(what)) {
      LOG.atWarn()
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log("What keeps a workload from being healthy cannot be looked into");
    }
  }

  private Result told(Sync sync, SyncState state, Inquiry inquiry, Optional<Finding> found)
      throws InterruptedException {
    Optional<Inquiry.Told> before = inquiry.told();
    Optional<Inquiry.Told> told = Optional.empty();
    if (found.isPresent()) {
      Finding finding = before.map(b -> found.get().steadied(b.finding())).orElse(found.get());
      String message = finding.message(at -> commitAt(sync, at));
      int line =
          before
              .filter(b -> b.finding().isLike(finding))
              .filter(b -> b.origin().equals(inquiry.desired().origin()))
              .map(Inquiry.Told::line)
              .orElseGet(() -> line(sync, state, inquiry, finding));
      told = Optional.of(new Inquiry.Told(finding, message, inquiry.desired().origin(), line));
    }
    Optional<Instant> next = state.inquiries().looked(inquiry, told, clock.instant());
    if (!told.equals(before)) {
      tools.queues().sync(sync.key(), Priority.NORMAL);
    }
    return next.map(at -> Result.after(until(at))).orElse(Result.done());
  }

  private Duration until(Instant at) {
    Duration wait = Duration.between(clock.instant(), at);
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  /**
   * The commit that pods were made by: what was there when everything was healthy is of that
   * commit, what came later may be of any after it.
   */
  private static Optional<String> commitAt(Sync sync, Instant made) {
    return sync.status()
        .lastGood()
        .filter(good -> !made.isAfter(good.at()))
        .map(LastGood::revision)
        .map(revision -> revision.shortForm());
  }

  /** Where the field that it is about is written; the object's line when that is not known. */
  private int line(Sync sync, SyncState state, Inquiry inquiry, Finding finding) {
    int own = inquiry.desired().origin().line();
    if (finding.field().isEmpty()) {
      return own;
    }
    try {
      Optional<Build> build = state.source(inquiry.desired());
      if (build.isEmpty()) {
        return own;
      }
      int line =
          tools.bodies().manifest(sync, build.get(), inquiry.desired()).lineAt(finding.field());
      return line > 0 ? line : own;
    } catch (GitException | BuildException | ApiException e) {
      LOG.atDebug().setCause(e).log("The line of a problem cannot be looked up");
      return own;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return own;
    }
  }

  private Optional<Finding> look(Sync sync, SyncState state, Inquiry inquiry, Instant now)
      throws ApiException, InterruptedException {
    ObjectKey key = inquiry.desired().key();
    Optional<Observed> observed =
        tools.live().get(key).filter(o -> isOf(sync, o)).filter(o -> !o.deleting());
    Optional<Resource> resource = tools.discovery().resolve(inquiry.desired().gvk());
    if (observed.isEmpty() || resource.isEmpty()) {
      return Optional.empty();
    }
    Optional<Json.Obj> object =
        tools
            .pods()
            .object(resource.get(), key)
            .filter(o ->
                o.object("metadata")
                    .flatMap(m -> m.string("uid"))
                    .equals(Optional.of(observed.get().uid())));
    if (object.isEmpty()) {
      return Optional.empty();
    }
    UnaryOperator<String> clean = new ProgramWords(tools.bodies(), sync, state)::clean;
    Diagnosis diagnosis = Diagnosis.of(facts(key, object.get(), now, clean));
    Question question = diagnosis.question(inquiry.told().map(Inquiry.Told::finding));
    return diagnosis.finding(ask(sync, key.namespace(), question));
  }

  /** Nobody is told of an object that the sync has not applied. */
  private static boolean isOf(Sync sync, Observed observed) {
    return observed.proven() && observed.partOf().equals(Labels.applySetId(sync.key()));
  }

  private Diagnosis.Facts facts(
      ObjectKey key, Json.Obj object, Instant now, UnaryOperator<String> clean)
      throws ApiException, InterruptedException {
    Optional<String> selector = LabelSelector.of(object);
    if (key.group().isEmpty() || selector.isEmpty()) {
      return new Diagnosis.Facts(object, List.of(), List.of(), false, now, clean);
    }
    List<Json.Obj> replicaSets =
        key.kind().equals("Deployment")
            ? tools.pods().replicaSets(key.namespace(), selector.get())
            : List.of();
    PodReader.Pods pods = tools.pods().pods(key.namespace(), selector.get());
    return new Diagnosis.Facts(object, replicaSets, pods.items(), pods.more(), now, clean);
  }

  private Evidence ask(Sync sync, String namespace, Question question)
      throws ApiException, InterruptedException {
    List<Json.Obj> events =
        question.eventsOf().isEmpty() ? List.of() : events(namespace, question.eventsOf());
    Optional<String> log =
        question.log().isEmpty()
            ? Optional.empty()
            : lastLine(sync, namespace, question.log().get());
    return new Evidence(events, log, unbound(namespace, question.claims()));
  }

  private List<Json.Obj> events(String namespace, String uid)
      throws ApiException, InterruptedException {
    try {
      return tools.pods().events(namespace, uid);
    } catch (ApiException e) {
      return missing(e, List.of());
    }
  }

  /** The last line that is not blank, if it can be had. */
  private Optional<String> lastLine(Sync sync, String namespace, Diagnosis.Log log)
      throws ApiException, InterruptedException {
    try {
      return tools
          .pods()
          .log(
              tools.tenancy().identity(sync), namespace, log.pod(), log.container(), log.previous())
          .flatMap(Tidy::lastLine);
    } catch (ApiException e) {
      // Whose log may not be read, or is gone with its node.
      LOG.atDebug().setCause(e).log("The log of a container cannot be read");
      return Optional.empty();
    }
  }

  /** The first claim that is not bound, with why. */
  private Optional<String> unbound(String namespace, List<String> claims)
      throws ApiException, InterruptedException {
    for (String name : claims.stream().distinct().limit(MOST_CLAIMS).toList()) {
      try {
        Optional<Json.Obj> claim = tools.pods().claim(namespace, name);
        if (claim.isEmpty()) {
          return Optional.of("PersistentVolumeClaim " + name + " does not exist");
        }
        if (Diagnosis.unbound(claim.get(), List.of()).isEmpty()) {
          continue;
        }
        String uid = claim.get().object("metadata").flatMap(m -> m.string("uid")).orElse("");
        return Diagnosis.unbound(claim.get(), events(namespace, uid));
      } catch (ApiException e) {
        return missing(e, Optional.empty());
      }
    }
    return Optional.empty();
  }

  /** What a look does without. */
  private <T> T missing(ApiException e, T without) throws ApiException {
    if (!(e.error() instanceof ApiError.Forbidden)) {
      throw e;
    }
    denied(e);
    return without;
  }
}
