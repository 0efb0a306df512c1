package dev.fairlead.reconcile;

import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.Baseline;
import dev.fairlead.plan.Damping;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.VerifyPace;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What our last apply left of one object.
 *
 * @param desired what was applied
 * @param baseline what the server answered; absent until the object was applied by this process
 * @param damping how often it had to be repaired lately
 * @param pace how often it was verified lately
 * @param task what is to be done about it
 * @param problem what keeps it from being as Git says
 * @param warnings what the API server warned of
 */
record Held(
    DesiredObject desired,
    Optional<Baseline> baseline,
    Damping damping,
    VerifyPace pace,
    Optional<Task> task,
    Optional<Problem> problem,
    List<ServerWarning> warnings) {
  Held {
    warnings = List.copyOf(warnings);
  }

  static Held unverified(DesiredObject desired) {
    return new Held(
        desired,
        Optional.empty(),
        Damping.CALM,
        VerifyPace.NEW,
        Optional.of(Task.VERIFY),
        Optional.empty(),
        List.of());
  }

  /** After an apply of a commit that the server took without a warning. */
  Held applied(DesiredObject now, Baseline left) {
    return applied(now, left, List.of());
  }

  /** After an apply of a commit. */
  Held applied(DesiredObject now, Baseline left, List<ServerWarning> warned) {
    return new Held(
        now, Optional.of(left), damping, pace, Optional.empty(), Optional.empty(), warned);
  }

  /** After an apply of what was applied before. */
  Held repaired(Baseline left, Damping damped, VerifyPace paced, List<ServerWarning> warned) {
    return new Held(
        desired, Optional.of(left), damped, paced, Optional.empty(), Optional.empty(), warned);
  }

  /**
   * The same content, perhaps on another line.
   *
   * @param manifest the object if its file was read anew
   */
  Held withDesired(DesiredObject other, @Nullable Manifest manifest) {
    List<ServerWarning> moved =
        manifest == null || warnings.isEmpty()
            ? warnings
            : ServerWarning.of(warnings, manifest, List.of());
    return new Held(other, baseline, damping, pace, task, problem, moved);
  }

  Held unproven() {
    return new Held(desired, Optional.empty(), damping, pace, task, problem, warnings);
  }

  Held with(Damping other) {
    return new Held(desired, baseline, other, pace, task, problem, warnings);
  }

  Held with(VerifyPace other) {
    return new Held(desired, baseline, damping, other, task, problem, warnings);
  }

  Held withTask(Optional<Task> other) {
    return new Held(desired, baseline, damping, pace, other, problem, warnings);
  }

  Held withProblem(Optional<Problem> other) {
    return new Held(desired, baseline, damping, pace, task, other, warnings);
  }

  Held withWarnings(List<ServerWarning> other) {
    return new Held(desired, baseline, damping, pace, task, problem, other);
  }

  /** What still keeps it from being as Git says: a contest ends when nobody contests. */
  Optional<Problem> problemAt(Instant now) {
    return problem.filter(p -> !isContest(p) || damping.calmed(now).contested());
  }

  /** When a contest will be over if nothing happens. */
  Optional<Instant> contestEnds() {
    return problem.filter(Held::isContest).flatMap(p -> damping.calmAt());
  }

  private static boolean isContest(Problem problem) {
    return problem.reason().equals(HealthView.CONTESTED);
  }
}
