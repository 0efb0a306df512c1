package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.SyncStatus.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything that the daemon knows of one sync, that which status has to cut short in full.
 *
 * @param status the {@code status} of the GitSync as the cluster has it
 * @param problems all of them, worst first
 * @param warnings all of them, by place
 * @param pendingPrune what waits for approval
 * @param attempt the last attempt of this process to put a commit into the cluster
 * @param objects made one by one as they are asked for, so that thousands cost no memory; each
 *     iteration starts anew
 */
public record SyncView(
    SyncKey key,
    String uid,
    long generation,
    boolean suspended,
    boolean deleting,
    Json.Obj status,
    List<Problem> problems,
    List<Warning> warnings,
    Optional<PendingPrune> pendingPrune,
    Optional<Attempt> attempt,
    Iterable<ObjectView> objects) {
  /**
   * A prune that waits for approval.
   *
   * @param count how many objects would go, all told: a GitSync counts as all that it would prune
   * @param objects all of them, sorted
   * @param kept what left Git and stays nevertheless, sorted
   */
  public record PendingPrune(
      String digest, String message, int count, List<ObjectKey> objects, List<Kept> kept) {
    public PendingPrune {
      objects = List.copyOf(objects);
      kept = List.copyOf(kept);
    }
  }

  /** An object that left Git and is not deleted. */
  public record Kept(ObjectKey key, String because) {}

  /**
   * An attempt to put a commit into the cluster.
   *
   * @param generation of the spec
   * @param reason one word of {@link Reason}: {@code Succeeded} when everything was written
   * @param planned what would become of each object; absent unless nothing was to be written
   */
  public record Attempt(
      Revision revision,
      long generation,
      Instant startedAt,
      Instant endedAt,
      String reason,
      Changes changes,
      Optional<List<PlannedObject>> planned) {
    public Attempt {
      requireNonNull(revision);
      requireNonNull(changes);
      planned = planned.map(List::copyOf);
    }

    /** One that was to write. */
    public Attempt(
        Revision revision,
        long generation,
        Instant startedAt,
        Instant endedAt,
        String reason,
        Changes changes) {
      this(revision, generation, startedAt, endedAt, reason, changes, Optional.empty());
    }
  }

  /**
   * What an attempt did; when it was refused, what it would have done, as far as it came to know.
   *
   * @param unchanged proven to be there already, so that nothing was sent
   * @param prune what the commit does not want any more; it goes when the commit is healthy
   * @param refused what the API server or a rule of Fairlead did not take; not among the others
   */
  public record Changes(
      List<ObjectKey> create,
      List<ObjectKey> update,
      List<ObjectKey> unchanged,
      List<ObjectKey> prune,
      List<ObjectKey> refused) {
    /** Nothing. */
    public static final Changes NONE =
        new Changes(List.of(), List.of(), List.of(), List.of(), List.of());

    public Changes {
      create = List.copyOf(create);
      update = List.copyOf(update);
      unchanged = List.copyOf(unchanged);
      prune = List.copyOf(prune);
      refused = List.copyOf(refused);
    }
  }

  public SyncView {
    requireNonNull(key);
    requireNonNull(uid);
    requireNonNull(status);
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
    requireNonNull(pendingPrune);
    requireNonNull(attempt);
    requireNonNull(objects);
  }
}
