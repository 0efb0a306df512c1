package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a GitSync reports. Lists are bounded by the {@code MAX_} constants; whoever fills them cuts.
 *
 * @param handledRequest the last {@code fairlead.dev/requested-at} that was acted on
 * @param source the newest commit that was seen
 * @param applied the commit that the cluster holds
 * @param lastGood the last commit that was applied and healthy
 * @param rollback set while the last good commit runs in place of the newest one
 * @param webhookPath where the Git host tells of pushes; only with a webhook whose token is known
 * @param objects how the applied objects are
 * @param message one line for people, as {@code kubectl get} prints it
 * @param inventory the group-kinds and namespaces of the members
 * @param pendingPrune what waits for approval
 * @param plan what would change; only where nothing is applied
 * @param finishedJobs Jobs that completed since the last good commit, each with every content it
 *     had
 * @param problemCount all problems, also those that {@code problems} had to leave out
 * @param problems worst first
 * @param warnings things that will become problems
 * @param history newest first
 */
public record SyncStatus(
    long observedGeneration,
    Optional<String> handledRequest,
    List<Condition> conditions,
    Optional<Source> source,
    Optional<Applied> applied,
    Optional<LastGood> lastGood,
    Optional<Rollback> rollback,
    Optional<String> webhookPath,
    ObjectCounts objects,
    String message,
    Inventory inventory,
    Optional<PendingPrune> pendingPrune,
    Optional<PlanSummary> plan,
    List<FinishedJob> finishedJobs,
    int problemCount,
    List<Problem> problems,
    List<String> warnings,
    List<Deployment> history) {
  public static final int MAX_PROBLEMS = 10;
  public static final int MAX_WARNINGS = 10;
  public static final int MAX_HISTORY = 10;
  public static final int MAX_FINISHED_JOBS = 50;
  public static final int MAX_PENDING_PRUNE_SHOWN = 10;
  public static final int MAX_PLAN_SHOWN = 10;

  /** The status of a GitSync that nobody has looked at yet. */
  public static final SyncStatus EMPTY =
      new SyncStatus(
          0,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          ObjectCounts.NONE,
          "",
          Inventory.EMPTY,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          0,
          List.of(),
          List.of(),
          List.of());

  public SyncStatus {
    requireNonNull(handledRequest);
    requireNonNull(source);
    requireNonNull(applied);
    requireNonNull(lastGood);
    requireNonNull(rollback);
    requireNonNull(webhookPath);
    requireNonNull(objects);
    requireNonNull(message);
    requireNonNull(inventory);
    requireNonNull(pendingPrune);
    requireNonNull(plan);
    conditions = List.copyOf(conditions);
    finishedJobs = List.copyOf(finishedJobs);
    problems = List.copyOf(problems);
    warnings = List.copyOf(warnings);
    history = List.copyOf(history);
  }

  /** The condition of that type, if it is set. */
  public Optional<Condition> condition(Condition.Type type) {
    return conditions.stream().filter(c -> c.type() == type).findFirst();
  }

  /**
   * The newest commit that was seen.
   *
   * @param seenAt when it was first seen
   */
  public record Source(Commit commit, Instant seenAt) {}

  /**
   * What the cluster holds.
   *
   * @param at when the last write of it was done
   * @param objects how many objects the commit has
   */
  public record Applied(Revision revision, Instant at, int objects) {}

  /** The last commit that was applied and healthy, with the generation of the spec at that time. */
  public record LastGood(Revision revision, Instant at, long generation) {}

  /**
   * The last good commit runs in place of a newer one.
   *
   * @param from the commit that did not become healthy
   * @param to the commit that was applied again
   * @param reason what was not healthy, for people: it begins with the place
   * @param at when it was decided
   */
  public record Rollback(Revision from, Revision to, String reason, Instant at) {}

  /**
   * What applying the newest commit would change, and what has drifted from it.
   *
   * @param drifted how many objects that are as the commit before left them, but for what others
   *     did to them
   * @param first the first lines of it, at most {@link #MAX_PLAN_SHOWN}
   */
  public record PlanSummary(int create, int update, int prune, int drifted, List<String> first) {
    public PlanSummary {
      first = List.copyOf(first);
    }
  }

  /** How the applied objects are. */
  public record ObjectCounts(int total, int healthy, int progressing, int failed) {
    public static final ObjectCounts NONE = new ObjectCounts(0, 0, 0, 0);

    /** {@code 11/12}: healthy of total. */
    @Override
    public String toString() {
      return healthy + "/" + total;
    }
  }

  /** Group-kinds and namespaces that may hold members, sorted. */
  public record Inventory(List<GroupKind> groupKinds, List<String> namespaces) {
    public static final Inventory EMPTY = new Inventory(List.of(), List.of());

    public Inventory {
      groupKinds = groupKinds.stream().sorted().distinct().toList();
      namespaces = namespaces.stream().sorted().distinct().toList();
    }

    /** All that either names. */
    public Inventory union(Inventory other) {
      return new Inventory(
          java.util.stream.Stream.concat(groupKinds.stream(), other.groupKinds.stream()).toList(),
          java.util.stream.Stream.concat(namespaces.stream(), other.namespaces.stream()).toList());
    }
  }

  /** A prune that waits for {@code fairlead.dev/approve-prune: <digest>}. */
  public record PendingPrune(String digest, int objects, List<String> first) {
    public PendingPrune {
      first = List.copyOf(first);
    }
  }

  /** A Job that completed; its absence is no drift while its content stays the same. */
  public record FinishedJob(String object, String digest) {}

  /**
   * One thing that is wrong.
   *
   * @param object as {@link ObjectKey#toString()} writes it; empty when no object is concerned
   * @param file empty when it comes from no file
   * @param line 0 when unknown
   * @param column 0 when unknown; the GitSync's status does not have it
   */
  public record Problem(
      String object,
      String file,
      int line,
      int column,
      String reason,
      String message,
      Instant since) {
    /** One whose column is unknown. */
    public Problem(
        String object, String file, int line, String reason, String message, Instant since) {
      this(object, file, line, 0, reason, message, since);
    }

    /** The same, known since another time. */
    public Problem withSince(Instant other) {
      return new Problem(object, file, line, column, reason, message, other);
    }
  }

  /** One commit's way into the cluster. */
  public record Deployment(
      Revision revision,
      String subject,
      String author,
      Instant startedAt,
      Duration duration,
      String result,
      int created,
      int updated,
      int pruned) {}
}
