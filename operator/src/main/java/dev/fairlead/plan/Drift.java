package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import java.util.List;
import java.util.Optional;

/**
 * Tells drift from everything else that happens to an object that one sync applied. The rule rests
 * on how the API server keeps {@code managedFields}: whoever changes or removes a field of ours
 * takes it out of our set, so the set's digest, the uid and the time of our entry say it all, but
 * for what admission rewrites; that a VERIFY finds.
 *
 * <p>Stateless: any thread may call.
 */
public final class Drift {
  private Drift() {}

  /** What to do about an observation. */
  public sealed interface Decision {
    /** Nothing. */
    record Ignore(Because because) implements Decision {}

    /**
     * Apply again, after what {@link Damping} asks for.
     *
     * @param unforcedFirst whether another sync has a field of the object, so that the server has
     *     to be asked without force who owns what
     */
    record Repair(Cause cause, boolean unforcedFirst) implements Decision {}

    /**
     * Apply again, when {@link VerifyPace} allows it: our set is untouched, but a value may be not.
     */
    record Verify(boolean unforcedFirst) implements Decision {}

    /** GET the object's metadata and ask {@link Drift#afterLook}: it may only have lost a label. */
    record Look() implements Decision {}

    /** Wait for DELETED: an apply to an object that is being deleted does nothing. */
    record AwaitDeletion() implements Decision {}

    /**
     * Leave it alone and report: it says that it belongs to another.
     *
     * @param partOf the ApplySet that it names
     */
    record Refuse(String partOf) implements Decision {}
  }

  /** Why nothing is to be done. */
  public enum Because {
    /** Our own apply knew it already. */
    NOT_NEWER,
    /** Another object of the name was deleted, not ours. */
    NOT_OURS,
    /** Neither what we own nor what is desired has changed. */
    UNCHANGED,
    /** The Job has finished with this content: it is not brought back, whatever becomes of it. */
    FINISHED
  }

  /** What made it drift. */
  public enum Cause {
    DELETED,
    /** The name stands for another object now. */
    RECREATED,
    /** Our entry is gone, or there are several. */
    OWNERSHIP_LOST,
    /** A field of ours was changed or removed, or our set was written by another. */
    FIELDS_CHANGED,
    /** Another client applied under our manager's name. */
    APPLIED_UNDER_OUR_NAME,
    /** Our label was taken off. */
    LABEL_LOST,
    /** It was to be left alone, and is not any more. */
    RESUMED
  }

  /**
   * What of ours a drift took.
   *
   * @param fields in words, sorted
   * @param managers who has them now; empty when they were removed and so nobody can be named
   */
  public record Loss(List<String> fields, List<String> managers) {
    public Loss {
      fields = List.copyOf(fields);
      managers = List.copyOf(managers);
    }
  }

  /**
   * Decides about one observation.
   *
   * @param sync who applied the object
   * @param baseline what the sync's last apply left
   * @param seen the observation; those of one object must come in their order
   */
  public static Decision decide(SyncKey sync, Baseline baseline, Observation seen) {
    requireNonNull(baseline);
    if (!ResourceVersions.newer(seen.resourceVersion(), baseline.resourceVersion())) {
      return new Decision.Ignore(Because.NOT_NEWER);
    }
    return switch (seen) {
      case Observation.Deleted deleted ->
          deleted.uid().equals(baseline.uid())
              ? new Decision.Look()
              : new Decision.Ignore(Because.NOT_OURS);
      case Observation.Unlisted _ -> new Decision.Look();
      case Observation.Present present -> present(sync, baseline, present.object());
    };
  }

  /**
   * Decides about an observation of a Job that finished with the content that Git has. It is not
   * brought back; but one that lost its label would be nobody's when it leaves Git.
   */
  public static Decision ofFinished(Observation seen) {
    return switch (seen) {
      case Observation.Deleted _, Observation.Unlisted _ -> new Decision.Look();
      case Observation.Present _ -> new Decision.Ignore(Because.FINISHED);
    };
  }

  /** Decides after a {@link Decision.Look} at such a Job. */
  public static Decision ofFinishedAfterLook(SyncKey sync, Optional<Live> found) {
    return found
        .filter(live -> !live.deleting() && live.partOf().isEmpty())
        .filter(live -> live.owned(sync.fieldManager()).isPresent())
        .<Decision>map(live -> new Decision.Repair(Cause.LABEL_LOST, shared(sync, live)))
        .orElse(new Decision.Ignore(Because.FINISHED));
  }

  /**
   * Decides after {@link Decision.Look}.
   *
   * @param found the object as GET has it now; empty when there is none
   */
  public static Decision afterLook(SyncKey sync, Baseline baseline, Optional<Live> found) {
    if (found.isEmpty()) {
      return new Decision.Repair(Cause.DELETED, false);
    }
    Live live = found.get();
    if (live.deleting()) {
      return new Decision.AwaitDeletion();
    }
    Optional<String> partOf = live.partOf();
    if (partOf.isPresent() && !partOf.get().equals(Labels.applySetId(sync))) {
      return new Decision.Refuse(partOf.get());
    }
    Cause cause =
        !live.uid().equals(baseline.uid())
            ? Cause.RECREATED
            : partOf.isEmpty() ? Cause.LABEL_LOST : Cause.FIELDS_CHANGED;
    return new Decision.Repair(cause, shared(sync, live));
  }

  /**
   * What a drift took: what is ours after the repair and was not when the drift was seen.
   *
   * @param drifted the object as it was seen
   * @param repaired the answer to the repair
   */
  public static Loss loss(SyncKey sync, Live drifted, Live repaired) {
    String manager = sync.fieldManager();
    FieldSet all = lost(manager, drifted, repaired);
    FieldSet lost = all.minus(filled(manager, all, repaired));
    List<String> managers =
        drifted.holders(lost, manager).stream().map(Owner::manager).distinct().sorted().toList();
    return new Loss(lost.paths(), managers);
  }

  /**
   * Whether all that an object lost are maps and lists that were written empty, and that others
   * have put something in: these leave our set with the first addition, or enter it with the first
   * apply after the object's creation. An addition is no drift.
   *
   * @param seen the object as it was seen
   * @param repaired the answer to the repair
   */
  public static boolean onlyFilled(SyncKey sync, Live seen, Live repaired) {
    String manager = sync.fieldManager();
    FieldSet lost = lost(manager, seen, repaired);
    return !lost.isEmpty()
        && lost.minus(filled(manager, lost, repaired)).isEmpty()
        && seen.partOf().equals(repaired.partOf());
  }

  private static FieldSet lost(String manager, Live seen, Live repaired) {
    FieldSet after = repaired.owned(manager).orElse(FieldSet.of("", Json.Obj.empty()));
    return seen.owned(manager).map(after::minus).orElse(after);
  }

  /** Ours again, with something of others within: nobody has that in a value or an atomic list. */
  private static FieldSet filled(String manager, FieldSet lost, Live repaired) {
    FieldSet left = lost;
    for (Owner owner : repaired.managers()) {
      if (!owner.manager().equals(manager)) {
        left = left.minus(left.filledBy(owner.fields()));
      }
    }
    return lost.minus(left);
  }

  private static Decision present(SyncKey sync, Baseline baseline, Live live) {
    if (!live.uid().equals(baseline.uid())) {
      return new Decision.Repair(Cause.RECREATED, shared(sync, live));
    }
    if (live.deleting()) {
      return new Decision.AwaitDeletion();
    }
    Optional<Owner> ours = live.applied(sync.fieldManager());
    if (ours.isEmpty()) {
      return new Decision.Repair(Cause.OWNERSHIP_LOST, shared(sync, live));
    }
    if (!baseline.set().equals(Optional.of(ours.get().fields().digest()))) {
      return new Decision.Repair(Cause.FIELDS_CHANGED, shared(sync, live));
    }
    if (!baseline.time().equals(ours.get().time())) {
      return new Decision.Repair(Cause.APPLIED_UNDER_OUR_NAME, shared(sync, live));
    }
    // Kinds that count no generations may have changed in any value.
    if (live.generation().isEmpty() || !live.generation().equals(baseline.generation())) {
      return new Decision.Verify(shared(sync, live));
    }
    return new Decision.Ignore(Because.UNCHANGED);
  }

  /** Whether another sync has a field of the object. */
  private static boolean shared(SyncKey sync, Live live) {
    String ours = sync.fieldManager();
    return live.managers().stream()
        .map(Owner::manager)
        .anyMatch(m -> !m.equals(ours) && SyncKey.isSyncManager(m));
  }
}
