package dev.fairlead.reconcile;

import dev.fairlead.model.Commit;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncView;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Plan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What is told of an attempt to put a commit into the cluster. Pure. */
final class AttemptAccount {
  private AttemptAccount() {}

  /** One that ended before anything was planned. */
  static SyncView.Attempt ofNone(
      Commit commit, long generation, Instant startedAt, Instant endedAt, Reason reason) {
    return new SyncView.Attempt(
        commit.revision(),
        generation,
        startedAt,
        endedAt,
        reason.toString(),
        SyncView.Changes.NONE);
  }

  /** One that went on where the lower waves of the same commit had ended. */
  static SyncView.Attempt andBefore(Optional<SyncView.Attempt> before, SyncView.Attempt now) {
    if (before.isEmpty()) {
      return now;
    }
    SyncView.Changes lower = before.get().changes();
    SyncView.Changes higher = now.changes();
    List<ObjectKey> create = joined(lower.create(), higher.create());
    List<ObjectKey> update = joined(lower.update(), higher.update());
    Set<ObjectKey> written = new HashSet<>(create);
    written.addAll(update);
    return new SyncView.Attempt(
        now.revision(),
        now.generation(),
        before.get().startedAt(),
        now.endedAt(),
        now.reason(),
        new SyncView.Changes(
            create,
            update,
            higher.unchanged().stream().filter(k -> !written.contains(k)).toList(),
            higher.prune(),
            higher.refused()));
  }

  private static List<ObjectKey> joined(List<ObjectKey> one, List<ObjectKey> other) {
    return Stream.concat(one.stream(), other.stream()).distinct().toList();
  }

  /**
   * One that was planned.
   *
   * @param seen what of the plan's objects was seen to be there before
   */
  static SyncView.Attempt of(
      Commit commit,
      long generation,
      Instant startedAt,
      Instant endedAt,
      Plan plan,
      Set<ObjectKey> seen,
      ApplyStep.Outcome outcome) {
    List<ObjectKey> apply = plan.apply().stream().map(DesiredObject::key).toList();
    List<ObjectKey> unchanged =
        new ArrayList<>(plan.unchanged().stream().map(DesiredObject::key).toList());
    plan.leftAlone().forEach(o -> unchanged.add(o.key()));
    Set<ObjectKey> touched = new HashSet<>(apply);
    Set<ObjectKey> create = new HashSet<>(apply);
    List<ObjectKey> refused = List.of();
    Reason reason = Reason.SUCCEEDED;
    switch (outcome) {
      case ApplyStep.Outcome.Written written -> {
        touched.retainAll(written.changed());
        create.retainAll(written.made());
        apply.stream().filter(k -> !touched.contains(k)).forEach(unchanged::add);
      }
      case ApplyStep.Outcome.Refused no -> {
        reason = no.reason();
        refused =
            no.refusals().stream()
                .flatMap(r -> r.desired().stream())
                .map(DesiredObject::key)
                .distinct()
                .toList();
        refused.forEach(touched::remove);
        create.removeAll(no.present());
        create.removeAll(seen);
      }
    }
    return new SyncView.Attempt(
        commit.revision(),
        generation,
        startedAt,
        endedAt,
        reason.toString(),
        new SyncView.Changes(
            apply.stream().filter(k -> touched.contains(k) && create.contains(k)).toList(),
            apply.stream().filter(k -> touched.contains(k) && !create.contains(k)).toList(),
            unchanged,
            plan.prune(),
            refused));
  }
}
