package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.ObjectView.Ownership;
import dev.fairlead.model.ObjectView.Repairs;
import dev.fairlead.model.ObjectView.State;
import dev.fairlead.model.ObjectView.Work;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.Damping;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.ResourceVersions;
import java.time.Instant;
import java.util.Optional;

/** What is told of one object, from all that is known of it. Pure. */
final class ObjectJudgement {
  private ObjectJudgement() {}

  /**
   * Of an object that Git wants.
   *
   * @param told its health as status counts it
   * @param finished whether it is a Job that completed with this content
   */
  static ObjectView of(
      SyncKey sync,
      DesiredObject desired,
      Optional<Held> held,
      Optional<Observed> observed,
      Optional<Health> told,
      boolean finished,
      Instant now) {
    Optional<Problem> problem = held.flatMap(h -> h.problemAt(now));
    Optional<Baseline> baseline = held.flatMap(Held::baseline);
    Damping damping = held.map(h -> h.damping().calmed(now)).orElse(Damping.CALM);
    return new ObjectView(
        desired.key(),
        desired.gvk().version(),
        Optional.of(desired.origin()),
        state(sync, desired, observed, held, problem, finished),
        problem,
        held.flatMap(h -> h.task().map(task -> work(h, task))),
        damping.count() == 0
            ? Optional.empty()
            : Optional.of(new Repairs(damping.count(), damping.rivals())),
        new Ownership(sync.fieldManager(), observed.map(Observed::managers)),
        told.or(() -> observed.map(Observed::health)).map(ObjectJudgement::health),
        observed.map(Observed::uid).or(() -> baseline.map(Baseline::uid)).orElse(""),
        newest(observed.map(Observed::resourceVersion), baseline.map(Baseline::resourceVersion)),
        baseline.flatMap(Baseline::time));
  }

  /** Of an object that is the sync's, and of which Git says nothing, or has not been asked yet. */
  static ObjectView ofMember(SyncKey sync, Observed observed, State state) {
    return new ObjectView(
        observed.key(),
        "",
        Optional.empty(),
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Ownership(sync.fieldManager(), Optional.of(observed.managers())),
        Optional.of(health(observed.health())),
        observed.uid(),
        observed.resourceVersion(),
        Optional.empty());
  }

  private static State state(
      SyncKey sync,
      DesiredObject desired,
      Optional<Observed> observed,
      Optional<Held> held,
      Optional<Problem> problem,
      boolean finished) {
    if (problem.isPresent()) {
      return problem.get().reason().equals(HealthView.CONTESTED) ? State.CONTESTED : State.REFUSED;
    }
    if (finished) {
      return State.FINISHED;
    }
    if (LeftAlone.test(sync, desired, observed)) {
      return State.LEFT_ALONE;
    }
    if (held.flatMap(Held::baseline).isEmpty()) {
      return State.UNVERIFIED;
    }
    return held.flatMap(Held::task)
        .map(task ->
            switch (task.work()) {
              case LOOK, REPAIR -> State.DRIFTED;
              case VERIFY -> State.APPLIED;
            })
        .orElse(State.APPLIED);
  }

  private static Work work(Held held, Task task) {
    return switch (task.work()) {
      case LOOK -> new Work("Look", Optional.empty());
      case REPAIR -> new Work("Repair", held.damping().due());
      case VERIFY -> new Work("Verify", held.pace().due());
    };
  }

  private static ObjectView.Health health(Health health) {
    String state =
        switch (health.state()) {
          case HEALTHY -> "Healthy";
          case PROGRESSING -> "Progressing";
          case FAILED -> "Failed";
          case TERMINATING -> "Terminating";
          case UNKNOWN -> "Unknown";
        };
    return new ObjectView.Health(state, health.reason(), health.message());
  }

  private static String newest(Optional<String> seen, Optional<String> written) {
    if (seen.isEmpty() || written.isEmpty()) {
      return seen.or(() -> written).orElse("");
    }
    return ResourceVersions.newer(written.get(), seen.get()) ? written.get() : seen.get();
  }
}
