package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Applier.RivalException;
import dev.fairlead.cluster.Discovery;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.git.GitException;
import dev.fairlead.manifest.Locator;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Resource;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Drift;
import dev.fairlead.plan.FieldSet;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Tenancy;
import dev.fairlead.plan.VerifyPace;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.RateLimit;
import dev.fairlead.runtime.Reconciler;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Brings single objects back to what their sync applied: drift, and what has to be verified.
 *
 * <p>Guarantees: an object is written by one thread at a time; another GitSync is never overruled;
 * a rival is endured ever more patiently and named. The engine calls it, never twice at once for
 * one object.
 */
final class Repairs implements Reconciler<ObjectRef> {
  private static final Duration CLAIMED = Duration.ofMillis(50);
  private static final Duration REFUSED = Duration.ofMinutes(1);

  /** Everything that the work needs. */
  record Tools(
      Syncs syncs,
      ApiServer api,
      ObjectWriter objects,
      Tenancy tenancy,
      Discovery discovery,
      LiveObjects live,
      Bodies bodies,
      Drifts drifts,
      Drifts.Queues queues,
      Reporter reporter,
      RateLimit rate) {}

  private final Tools tools;
  private final InstantSource clock;

  Repairs(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  @Override
  public Result reconcile(ObjectRef ref) throws InterruptedException {
    Optional<Sync> sync = tools.syncs().valid(ref.sync());
    SyncState state = tools.syncs().state(ref.sync());
    Optional<Task> task = state.held(ref.object()).flatMap(Held::task);
    if (sync.isEmpty() || sync.get().deleting() || !sync.get().spec().acts() || task.isEmpty()) {
      return Result.done();
    }
    Optional<Duration> early = early(state, ref.object(), task.get());
    if (early.isPresent()) {
      return new Result.After(early.get(), Priority.HIGH);
    }
    if (!state.claims().claim(ref.object())) {
      return new Result.After(CLAIMED, Priority.HIGH);
    }
    try {
      return work(sync.get(), state, ref);
    } finally {
      state
          .claims()
          .release(ref.object())
          .ifPresent(sighting -> tools.drifts().judge(ref.sync(), ref.object(), sighting));
    }
  }

  /** How long the task still has to wait. */
  private Optional<Duration> early(SyncState state, ObjectKey key, Task task) {
    Optional<Instant> due =
        switch (task.work()) {
          case LOOK -> Optional.empty();
          case REPAIR -> state.held(key).flatMap(h -> h.damping().due());
          case VERIFY -> state.held(key).flatMap(h -> h.pace().due());
        };
    Instant now = clock.instant();
    return due.filter(d -> d.isAfter(now)).map(d -> Duration.between(now, d));
  }

  /** Whether nothing is to be written for the sync any more. */
  private boolean isOver(ObjectRef ref) {
    return tools.syncs().valid(ref.sync()).filter(s -> !s.deleting() && s.spec().acts()).isEmpty();
  }

  private Result work(Sync sync, SyncState state, ObjectRef ref) throws InterruptedException {
    // Again, since it may have changed before the claim.
    if (isOver(ref)) {
      return Result.done();
    }
    Optional<Held> held = state.held(ref.object());
    Optional<Task> task = held.flatMap(Held::task);
    Optional<Build> build = held.map(Held::desired).flatMap(state::source);
    if (held.isEmpty() || task.isEmpty() || build.isEmpty()) {
      return Result.done();
    }
    DesiredObject desired = held.get().desired();
    boolean finished = state.hasFinished(ref.object());
    if (finished && task.get().work() != Task.Work.LOOK && task.get().seen().isEmpty()) {
      // Whatever it was put off for: what is not there any more would run again.
      state.change(ref.object(), h -> h.withTask(Optional.empty()));
      return Result.done();
    }
    if (LeftAlone.test(sync.key(), desired, tools.live().get(ref.object()))) {
      leaveAlone(sync, state, desired);
      return Result.done();
    }
    try {
      Optional<Resource> resource = tools.discovery().resolve(desired.gvk());
      if (resource.isEmpty()) {
        throw new ApiException(
            new ApiError.NotFound(
                "the API server does not serve " + desired.gvk(),
                ApiError.NotFound.Missing.KIND,
                ""));
      }
      // Its kind may have come after the sync.
      tools.live().watch(List.of(resource.get()));
      switch (task.get().work()) {
        case LOOK -> {
          Optional<Live> found = tools.api().getMetadata(resource.get(), ref.object());
          state.change(ref.object(), h -> h.withTask(Optional.empty()));
          Drift.Decision decision =
              finished
                  ? Drift.ofFinishedAfterLook(ref.sync(), found)
                  : Drift.afterLook(ref.sync(), held.get().baseline().orElseThrow(), found);
          tools.drifts().act(ref.sync(), ref.object(), decision, found);
        }
        case REPAIR, VERIFY -> {
          if (held.get().baseline().isEmpty()) {
            tools.rate().await();
            if (isOver(ref)) {
              return Result.done();
            }
          }
          apply(sync, state, build.get(), held.get(), task.get(), resource.get());
        }
      }
      return Result.done();
    } catch (RivalException e) {
      tools.drifts().awaits(ref.sync(), ref.object());
      problem(
          state,
          held.get(),
          Reason.OWNED_ELSEWHERE,
          Refusal.rival(desired, e).findings().getFirst().message());
      return Result.after(REFUSED);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.StaleVersion) {
        if (task.get().seen().isPresent() && held.get().baseline().isPresent()) {
          // It is not the object that was seen, and may be none at all.
          state.change(ref.object(), h -> h.withTask(Optional.of(Task.LOOK)));
        }
        return Result.retry();
      }
      if (!e.error().retryable()) {
        problem(
            state,
            held.get(),
            Refusal.reasonOf(e.error()),
            Refusal.withoutSubject(e.getMessage(), desired));
        // What is missing, a kind or a Namespace, often comes soon.
        return e.error() instanceof ApiError.NotFound ? Result.retry() : Result.after(REFUSED);
      }
      return Result.retry();
    } catch (GitException e) {
      problem(state, held.get(), e.reason(), e.getMessage());
      return Result.retry();
    } catch (BuildException e) {
      problem(state, held.get(), e.reason(), e.getMessage());
      return Result.retry();
    }
  }

  private void apply(
      Sync sync, SyncState state, Build build, Held held, Task task, Resource resource)
      throws ApiException, RivalException, GitException, BuildException, InterruptedException {
    DesiredObject desired = held.desired();
    ObjectKey key = desired.key();
    Manifest manifest = tools.bodies().manifest(sync, build, desired);
    Optional<Observed> known = tools.live().get(key);
    String versionBefore =
        task.seen()
            .map(Live::resourceVersion)
            .or(() -> known.map(Observed::resourceVersion))
            .orElse("");
    ObjectWriter.Order order =
        new ObjectWriter.Order(
            resource,
            sync.key(),
            manifest,
            LeftAlone.treatment(sync.key(), desired, known),
            adopting(sync, held, task, known),
            !task.unforcedFirst(),
            // So that an object in the place of ours is not mistaken for it.
            task.seen().map(Live::uid));
    ObjectWriter objects = tools.objects().as(tools.tenancy().identity(sync));
    switch (objects.write(order, task.seen(), versionBefore)) {
      // Only a check says so.
      case ObjectWriter.Outcome.ToReplace _ -> throw new IllegalStateException("not written");
      case ObjectWriter.Outcome.LeftAlone _ -> leaveAlone(sync, state, desired);
      case ObjectWriter.Outcome.Done done -> done(sync, state, held, task, manifest, done);
    }
  }

  /** Whether the object may be one that the sync has never applied. */
  private static boolean adopting(Sync sync, Held held, Task task, Optional<Observed> known) {
    boolean another =
        held.baseline().isEmpty()
            || task.seen().filter(s -> !s.uid().equals(held.baseline().get().uid())).isPresent();
    boolean applied =
        task.seen()
            .map(s -> s.owned(sync.key().fieldManager()).isPresent())
            .orElse(known.filter(Observed::proven).isPresent());
    return another && !applied;
  }

  private void leaveAlone(Sync sync, SyncState state, DesiredObject desired) {
    boolean verifying = state.verifying();
    state.leaveAlone(desired);
    if (verifying && state.allVerified()) {
      tools.queues().sync(sync.key(), Priority.NORMAL);
    }
  }

  private void done(
      Sync sync,
      SyncState state,
      Held held,
      Task task,
      Manifest manifest,
      ObjectWriter.Outcome.Done done)
      throws InterruptedException {
    DesiredObject desired = held.desired();
    ObjectKey key = desired.key();
    Live after = done.live();
    String manager = sync.key().fieldManager();
    Instant now = clock.instant();
    boolean wrote = done.wrote();
    // Others may have gone on since it was seen.
    Optional<Live> met = task.seen().map(seen -> done.before().orElse(seen));
    boolean equal =
        met.flatMap(live -> live.owned(manager))
            .map(FieldSet::digest)
            .equals(after.owned(manager).map(FieldSet::digest));
    Drift.Loss loss =
        met.map(live -> Drift.loss(sync.key(), live, after))
            .orElse(new Drift.Loss(List.of(), List.of()));
    // The first verification of this process knows no fields: what it wrote had drifted while
    // nobody
    // watched, unless it was never applied at all.
    VerifyPace.Verified verified = held.pace().verified(now, met.isPresent() && wrote && equal);
    boolean rewriting = verified.next().rewrites() >= VerifyPace.REWRITES;
    boolean drift = wrote && !rewriting;
    // No drift to people; but whoever does it again and again meets the same growing pauses.
    boolean filled = met.filter(live -> Drift.onlyFilled(sync.key(), live, after)).isPresent();
    state.resumed(key);
    state.change(
        key,
        h -> {
          Held next =
              h.repaired(
                  Baseline.of(after, manager),
                  drift ? h.damping().repaired(now, loss.managers()) : h.damping().spared(),
                  verified.next(),
                  ServerWarning.of(h.warnings(), manifest, done.warnings()));
          return next.withProblem(
              next.damping()
                  .contest(manager, loss.fields())
                  .map(why -> problem(h, HealthView.CONTESTED, why, now)));
        });
    if (drift && !filled) {
      tools.reporter().drift(sync, desired, line(manifest, loss), done.created(), loss);
    } else if (verified.admissionRewrites()) {
      tools.reporter().rewritten(sync, desired);
    }
    boolean contested =
        state.held(key).flatMap(Held::problem).isPresent() || held.problem().isPresent();
    if (contested || (held.baseline().isEmpty() && state.allVerified())) {
      tools.queues().sync(sync.key(), Priority.NORMAL);
    }
  }

  /** Where the first field that was lost is written. */
  private static Origin line(Manifest manifest, Drift.Loss loss) {
    int line =
        loss.fields().isEmpty() ? 0 : Locator.locate(manifest.body(), loss.fields().getFirst());
    return line > 0 ? manifest.origin().atLine(line) : manifest.origin();
  }

  private void problem(SyncState state, Held held, Reason reason, String message) {
    Instant now = clock.instant();
    state.change(
        held.desired().key(),
        h -> h.withProblem(Optional.of(problem(h, reason.toString(), message, now))));
    tools.queues().sync(state.key(), Priority.NORMAL);
  }

  private static Problem problem(Held held, String reason, String message, Instant now) {
    return new Problem(
        held.desired().key().toString(),
        held.desired().origin().file(),
        held.desired().origin().line(),
        reason,
        message,
        now);
  }
}
