package dev.fairlead.reconcile;

import static dev.fairlead.reconcile.Examples.NOON;
import static dev.fairlead.reconcile.Examples.commit;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.reconcile.StatusReport.Facts;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The facts of a status report: those of a sync of three objects that is settled on commit a, but
 * for what a test says otherwise. Each method gives other facts and leaves these as they are.
 */
final class Given {
  static final Problem PULL =
      problem("Deployment apps/web", "ImagePullBackOff", "cannot pull the image");
  static final Problem WAITS =
      problem("Deployment apps/api", "MinimumReplicas", "1 of 2 are available");
  static final Problem CONTEST =
      problem("ConfigMap apps/settings", "Contested", "kubectl-edit and we keep changing it");
  static final Failure INVALID =
      new Failure(
          Reason.VALIDATION_FAILED,
          "deploy/web.yaml:5: Deployment apps/web: spec.replicas: expected an integer",
          List.of(problem("Deployment apps/web", "ValidationFailed", "spec.replicas: no")),
          1,
          true);
  static final Failure UNREACHABLE = git(Reason.FETCH_FAILED, "no route to host", false);
  static final Failure REFUSED = git(Reason.AUTHENTICATION_FAILED, "401", true);

  private Phase phase;
  private SyncStatus before = SyncStatus.EMPTY;
  private long generation = 1;
  private long appliedGeneration = 1;
  private Optional<Failure> gitFailure = Optional.empty();
  private Optional<Commit> seen = Optional.of(commit("a"));
  private Optional<Failure> failure = Optional.empty();
  private Optional<String> blocked = Optional.empty();
  private Optional<String> leftovers = Optional.empty();
  private Optional<Commit> applied = Optional.of(commit("a"));
  private ObjectCounts counts = new ObjectCounts(3, 3, 0, 0);
  private List<Problem> unhealthy = List.of();

  private Optional<SyncStatus.Rollback> rollback = Optional.empty();

  private Given(Phase phase) {
    this.phase = phase;
  }

  static Given in(Phase phase) {
    return new Given(phase);
  }

  static Given settled() {
    return in(Phase.SETTLED);
  }

  Given rather(Phase other) {
    return with(g -> g.phase = other);
  }

  /** The status that the server has. */
  Given after(SyncStatus status) {
    return with(g -> g.before = status);
  }

  Given generation(long ofSpec, long ofApplied) {
    return with(g -> {
      g.generation = ofSpec;
      g.appliedGeneration = ofApplied;
    });
  }

  Given git(Failure of) {
    return with(g -> g.gitFailure = Optional.of(of));
  }

  Given seen(String letter) {
    return with(g -> g.seen = Optional.of(commit(letter)));
  }

  Given nothingSeen() {
    return with(g -> g.seen = Optional.empty());
  }

  Given failed(Failure of) {
    return with(g -> g.failure = Optional.of(of));
  }

  Given leftovers(String text) {
    return with(g -> g.leftovers = Optional.of(text));
  }

  /** Commit b failed; a takes its place. */
  Given rolledBack() {
    return with(g -> {
      g.seen = Optional.of(commit("b"));
      g.rollback =
          Optional.of(
              new SyncStatus.Rollback(
                  commit("b").revision(), commit("a").revision(), "web.yaml:3: broken", NOON));
    });
  }

  /** What is applied is that commit. */
  Given applied(String letter) {
    return with(g -> g.applied = Optional.of(commit(letter)));
  }

  Given blocked(String because) {
    return with(g -> g.blocked = Optional.of(because));
  }

  Given nothingApplied() {
    return with(g -> {
      g.applied = Optional.empty();
      g.counts = ObjectCounts.NONE;
    });
  }

  Given objects(int healthy, int progressing, int failing, Problem... problems) {
    return with(g -> {
      g.counts = new ObjectCounts(healthy + progressing + failing, healthy, progressing, failing);
      g.unhealthy = List.of(problems);
    });
  }

  /** The status that is made of it, a little after noon. */
  SyncStatus report() {
    SyncStatus none = SyncStatus.EMPTY;
    SyncStatus next =
        new SyncStatus(
            generation,
            none.handledRequest(),
            List.of(),
            none.source(),
            applied.map(c -> new SyncStatus.Applied(c.revision(), NOON, counts.total())),
            none.lastGood(),
            rollback,
            Optional.empty(),
            none.objects(),
            "",
            none.inventory(),
            none.pendingPrune(),
            none.plan(),
            List.of(),
            0,
            List.of(),
            List.of(),
            List.of());
    return StatusReport.of(
        new Facts(
            before,
            generation,
            holdsNewest(),
            phase,
            gitFailure,
            seen,
            failure,
            blocked,
            leftovers,
            counts,
            unhealthy,
            next,
            NOON.plusMillis(123)));
  }

  private boolean holdsNewest() {
    if (rollback.isPresent()) {
      return applied.map(Commit::revision).equals(rollback.map(SyncStatus.Rollback::to));
    }
    Optional<Commit> newest = seen.or(() -> before.source().map(SyncStatus.Source::commit));
    return generation == appliedGeneration && newest.isPresent() && newest.equals(applied);
  }

  private Given with(Consumer<Given> change) {
    Given other = new Given(phase);
    other.before = before;
    other.generation = generation;
    other.appliedGeneration = appliedGeneration;
    other.gitFailure = gitFailure;
    other.seen = seen;
    other.failure = failure;
    other.blocked = blocked;
    other.leftovers = leftovers;
    other.applied = applied;
    other.counts = counts;
    other.unhealthy = unhealthy;
    other.rollback = rollback;
    change.accept(other);
    return other;
  }

  /** The conditions as lines of type, state, reason and message. */
  static String words(SyncStatus status) {
    return status.conditions().stream()
        .map(c -> c.type() + " " + c.state() + " " + c.reason() + ": " + c.message())
        .map(String::strip)
        .collect(Collectors.joining("\n"));
  }

  static Problem problem(String object, String reason, String message) {
    return new Problem(object, "deploy/it.yaml", 3, reason, message, NOON);
  }

  static Failure git(Reason reason, String message, boolean lasting) {
    Problem problem = new Problem("", "", 0, reason.toString(), message, NOON);
    return new Failure(reason, message, List.of(problem), 1, lasting);
  }
}
