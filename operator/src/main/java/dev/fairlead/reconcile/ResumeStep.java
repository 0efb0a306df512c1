package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.LiveObjects;
import dev.fairlead.cluster.Observed;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Condition;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.SyncDecision.Target;
import dev.fairlead.runtime.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * After a restart: takes over what status says was written, and has it verified object by object.
 *
 * <p>Guarantees: no dry run, and no condition of the sync changes but by what is found. One thread
 * a sync.
 */
final class ResumeStep {
  /** Everything that the work needs. */
  record Tools(
      Sources sources,
      BuildStep build,
      CommitStep commit,
      LiveObjects live,
      Drifts.Queues queues,
      Unrecorded unrecorded) {}

  private final Tools tools;
  private final InstantSource clock;

  ResumeStep(Tools tools, InstantSource clock) {
    this.tools = tools;
    this.clock = clock;
  }

  /** After a restart: what status says is there is verified object by object, without a dry run. */
  void resume(Sync sync, SyncState state, CommitStep.Order order)
      throws ApiException, InterruptedException {
    Commit commit = order.commit();
    Target target = new Target(commit.revision().commit(), sync.generation());
    Optional<Build> built = tools.build().build(sync, state, target, order.change());
    if (built.isEmpty()) {
      return;
    }
    Build build = built.get();
    if (!build.knowsAllKinds()) {
      tools.commit().apply(sync, state, order);
      return;
    }
    Instant now = clock.instant();
    // While a newer commit failed, the last good one is not Ready, however healthy it is.
    boolean lastGood =
        sync.status()
            .lastGood()
            .filter(g -> g.revision().commit().equals(target.commit()))
            .isPresent();
    boolean ready =
        isTrue(sync, Condition.Type.READY) || (lastGood && isTrue(sync, Condition.Type.HEALTHY));
    if (ready) {
      state.presumeHealthy(build.desired());
    }
    Set<ObjectKey> changed =
        ready
            ? Set.of()
            : build.desired().stream().map(DesiredObject::key).collect(Collectors.toSet());
    Optional<Unrecorded.Done> told =
        tools
            .unrecorded()
            .resumed(
                sync,
                tools.sources().mirror(sync.key()),
                build,
                tools.live().members(sync.key()).stream()
                    .map(Observed::key)
                    .collect(Collectors.toSet()));
    Unrecorded.Done done =
        told.orElseGet(() -> Unrecorded.Done.of(ApplyStep.Outcome.Written.NOTHING));
    state.prune().count(done.pruned());
    state.written(
        new Attempt(
            target,
            commit,
            now,
            sync.status().applied().map(SyncStatus.Applied::at).orElse(now),
            done.created(),
            done.updated(),
            changed,
            done.wrote(),
            blamed(sync, told.map(Unrecorded.Done::changed).orElse(changed)),
            order.insteadOf()),
        build.withoutManifests());
    if (isTrue(sync, Condition.Type.HEALTHY)) {
      state.rollback().worked(target);
    }
    tools.build().pin(sync, state, target);
    state.verifying(true);
    Map<ObjectKey, List<ServerWarning>> warnings =
        ServerWarning.recorded(
            LeftAlone.withoutNotes(sync.status().warnings()), build.desired(), build.manifests());
    for (DesiredObject object : build.desired()) {
      state.put(
          Held.unverified(object).withWarnings(warnings.getOrDefault(object.key(), List.of())));
      tools.live().get(object.key()).ifPresent(state::sawFinished);
    }
    for (DesiredObject object : build.desired()) {
      if (state.hasDone(object)) {
        tools.commit().lookFor(state, object);
      } else {
        tools.queues().object(new ObjectRef(sync.key(), object.key()), Duration.ZERO, Priority.LOW);
      }
    }
  }

  /**
   * What a commit from before a restart is to blame for: what it changed and was not ill before it
   * came.
   */
  private static Set<ObjectKey> blamed(Sync sync, Set<ObjectKey> changed) {
    Instant came = came(sync.status());
    Set<String> illBefore =
        sync.status().problems().stream()
            .filter(p -> p.since().isBefore(came))
            .map(Problem::object)
            .collect(Collectors.toSet());
    return changed.stream()
        .filter(key -> !illBefore.contains(key.toString()))
        .collect(Collectors.toSet());
  }

  /** When the first commit after the last good one came. */
  private static Instant came(SyncStatus status) {
    Instant came = status.source().map(SyncStatus.Source::seenAt).orElse(Instant.EPOCH);
    for (SyncStatus.Deployment deployment : status.history()) {
      if (status.lastGood().filter(g -> g.revision().equals(deployment.revision())).isPresent()) {
        break;
      }
      came = deployment.startedAt().isBefore(came) ? deployment.startedAt() : came;
    }
    return came;
  }

  private static boolean isTrue(Sync sync, Condition.Type type) {
    return sync.status().condition(type).filter(c -> c.state() == Condition.State.TRUE).isPresent();
  }
}
