package dev.fairlead.reconcile;

import dev.fairlead.api.MetadataPatch;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Schemas;
import dev.fairlead.cluster.SyncWriter;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncStatus.Inventory;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Deferrals;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.Waves;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Has a whole change checked and written.
 *
 * <p>Guarantees: nothing is written before everything that can be checked beforehand has passed;
 * what can only be checked after other objects of the change are there holds up all the rest but
 * these; the inventory names every kind and namespace before the first object is written. One
 * instance a change, one thread.
 */
final class ApplyStep {
  /** How often the inventory is written when others write to the GitSync at the same time. */
  private static final int TRIES = 5;

  private static final Duration WATCH_DELAY = Duration.ofMillis(200);

  /** What became of the change. */
  sealed interface Outcome {
    /**
     * All of it is written.
     *
     * @param changed what differs from before
     * @param made what was not there before
     */
    record Written(Set<ObjectKey> changed, Set<ObjectKey> made) implements Outcome {
      static final Written NOTHING = new Written(Set.of(), Set.of());

      public Written {
        changed = Set.copyOf(changed);
        made = Set.copyOf(made);
      }

      int created() {
        return made.size();
      }

      int updated() {
        return changed.size() - made.size();
      }
    }

    /**
     * It was refused.
     *
     * @param retryable whether the same change may pass later without anybody touching it
     * @param present what of the change was found to be there
     */
    record Refused(Reason reason, List<Refusal> refusals, boolean retryable, Set<ObjectKey> present)
        implements Outcome {}
  }

  /** Everything that the work needs beside the change itself. */
  record Tools(
      ApplyCalls.Tools calls,
      Schemas schemas,
      OwnCheck own,
      ChangeWriter.Tools writing,
      SyncWriter writer,
      Syncs syncs) {}

  private final Tools tools;
  private final Sync sync;
  private final SyncState state;
  private final Build build;
  private final List<DesiredObject> apply;
  private final Waves waves;
  private final ChangeCheck check;
  private final ChangeWriter writer;

  /**
   * @param apply what is checked
   * @param waves what of it is written, and what is left to be written later
   */
  ApplyStep(
      Tools tools,
      Sync sync,
      SyncState state,
      Build build,
      List<DesiredObject> apply,
      Waves waves) {
    this.tools = tools;
    this.sync = sync;
    this.state = state;
    this.build = build;
    this.apply = List.copyOf(apply);
    this.waves = waves;
    ApplyCalls calls = new ApplyCalls(tools.calls(), sync, build);
    this.check =
        new ChangeCheck(
            calls, new Validation(tools.schemas(), calls), tools.own(), build, this.apply);
    this.writer = new ChangeWriter(tools.writing(), calls, sync, state, this.apply);
  }

  Outcome run() throws InterruptedException {
    List<Refusal> refusals = check.run();
    if (refusals.isEmpty()) {
      refusals = tooLate();
    }
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    try {
      widen();
    } catch (ApiException e) {
      return refused(List.of(Refusal.ofSync(e)));
    }
    Set<ObjectKey> written = new HashSet<>();
    refusals = writeWhatOthersWaitFor(written);
    if (refusals.isEmpty()) {
      refusals =
          writer.write(waves.now().stream().filter(o -> !written.contains(o.key())).toList());
    }
    if (!refusals.isEmpty()) {
      return refused(refusals);
    }
    return new Outcome.Written(writer.changed(), writer.created());
  }

  /** Only asks whether it would be taken; nothing is written. */
  List<Refusal> check() throws InterruptedException {
    return check.run();
  }

  /** What needs an object of a later wave. */
  private List<Refusal> tooLate() {
    Deferrals deferrals = check.deferrals();
    return apply.stream()
        .flatMap(o ->
            Waves.tooLate(o, deferrals.waitingOf(o.key()), apply).stream()
                .map(late -> Refusal.tooLate(o, late)))
        .toList();
  }

  /** Writes no more than what the rest needs to be checked, until all of it has passed. */
  private List<Refusal> writeWhatOthersWaitFor(Set<ObjectKey> written) throws InterruptedException {
    Deferrals deferrals = check.deferrals();
    Set<ObjectKey> now = waves.now().stream().map(DesiredObject::key).collect(Collectors.toSet());
    while (!deferrals.isEmpty()) {
      Set<ObjectKey> first = new HashSet<>(deferrals.toWrite());
      first.retainAll(now);
      List<Refusal> refusals = writer.write(objects(first::contains));
      if (!refusals.isEmpty()) {
        return refusals;
      }
      written.addAll(first);
      deferrals.written(first);
      Set<ObjectKey> ready = deferrals.toCheck();
      if (first.isEmpty() && ready.isEmpty()) {
        // What waits for objects of later waves is checked again when these are there.
        return deferrals.waiting().stream().anyMatch(now::contains) ? check.stuck() : List.of();
      }
      refusals = check.recheck(objects(ready::contains));
      if (!refusals.isEmpty()) {
        return refusals;
      }
    }
    return List.of();
  }

  private List<DesiredObject> objects(Predicate<ObjectKey> wanted) {
    return apply.stream().filter(o -> wanted.test(o.key())).toList();
  }

  /** Names all kinds and namespaces of before and after; a crash from now on leaves no orphan. */
  private void widen() throws ApiException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        // A report of ours that came between reading and writing would be a conflict with
        // ourselves.
        synchronized (state.reporting()) {
          Sync current = tools.syncs().valid(sync.key()).orElse(sync);
          Inventory before =
              MetadataPatch.inventory(current.metadata(), current.status().inventory());
          tools
              .writer()
              .adopt(current.metadata(), before.union(inventoryOf(build.desired())))
              .ifPresent(live -> tools.syncs().wroteMetadata(sync.key(), live, true));
        }
        return;
      } catch (ApiException e) {
        if (attempt == TRIES || !(e.error() instanceof ApiError.StaleVersion)) {
          throw e;
        }
        // Somebody else was faster; the watch is about to show what they wrote.
        Pause.of(WATCH_DELAY);
      }
    }
  }

  static Inventory inventoryOf(Collection<DesiredObject> objects) {
    return new Inventory(
        objects.stream().map(o -> o.key().groupKind()).distinct().toList(),
        objects.stream()
            .map(o -> o.key().namespace())
            .filter(n -> !n.isEmpty())
            .distinct()
            .toList());
  }

  private Outcome refused(List<Refusal> refusals) {
    return refused(refusals, check.present());
  }

  /** What is told of refusals; there is at least one. */
  static Outcome.Refused refused(List<Refusal> refusals, Set<ObjectKey> present) {
    Map<Reason, Integer> votes = new HashMap<>();
    boolean retryable = true;
    for (Refusal refusal : refusals) {
      votes.merge(refusal.reason(), 1, Integer::sum);
      retryable &= refusal.retryable();
    }
    // What a person has to do something about goes before what may pass by itself.
    for (Reason reason :
        List.of(Reason.VALIDATION_FAILED, Reason.ACCESS_DENIED, Reason.OWNED_ELSEWHERE)) {
      if (votes.containsKey(reason)) {
        return new Outcome.Refused(reason, refusals, retryable, present);
      }
    }
    return new Outcome.Refused(refusals.getFirst().reason(), refusals, retryable, present);
  }
}
