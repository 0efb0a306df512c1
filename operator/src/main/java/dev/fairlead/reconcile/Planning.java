package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Preview;
import dev.fairlead.reconcile.StatusReport.Failure;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one sync in mode Plan would do, and when that is to be looked at again.
 *
 * <p>Guarantees: an object that changes while a plan is made makes another one due, but never so
 * often that planning is more than a tenth of the time. All of it can be lost without harm. Any
 * thread may call it; its monitor guards all fields.
 */
final class Planning {
  /** What an object that is watched does is followed by another plan, but not more often. */
  static final Duration PACE = Duration.ofSeconds(15);

  /** Changes come in groups. */
  private static final Duration DELAY = Duration.ofSeconds(1);

  private static final int SHARE = 10;

  /**
   * What came of a plan.
   *
   * @param failure why some of the objects would be refused
   * @param took how long it was worked on
   */
  record Outcome(
      Target target,
      Preview preview,
      List<Warning> warnings,
      Optional<Failure> failure,
      Instant endedAt,
      Duration took) {
    Outcome {
      requireNonNull(target);
      requireNonNull(preview);
      warnings = List.copyOf(warnings);
      requireNonNull(failure);
      requireNonNull(endedAt);
      requireNonNull(took);
    }
  }

  /** An object as a plan found it, but for its status: what stands for that. */
  record Mark(String uid, String version, boolean deleting) {
    static Mark of(Live live) {
      if (live.generation().isEmpty()) {
        return new Mark(live.uid(), live.resourceVersion(), live.deleting());
      }
      // Labels and annotations have no generation, but owners.
      String owners =
          live.managers().stream()
              .filter(o -> !o.subresource().equals("status"))
              .map(o -> o.manager() + o.time() + o.fields().digest())
              .collect(Collectors.joining(" "));
      return new Mark(
          live.uid(), live.generation().getAsLong() + " " + owners.hashCode(), live.deleting());
    }
  }

  private Optional<Outcome> outcome = Optional.empty();
  private Map<ObjectKey, Mark> marks = Map.of();
  private Optional<Build> applied = Optional.empty();
  private Instant due = Instant.EPOCH;
  private long changes;

  synchronized Optional<Outcome> outcome() {
    return outcome;
  }

  /** When the next plan of the same commit is due. */
  synchronized Instant due() {
    return due;
  }

  /** How often it was said that a plan may be out of date. */
  synchronized long changes() {
    return changes;
  }

  /**
   * Takes note of a plan.
   *
   * @param again when to plan again if nothing happens
   * @param found the objects as they were found
   * @param seen {@link #changes} before the plan was begun
   */
  synchronized void planned(Outcome value, Instant again, Map<ObjectKey, Mark> found, long seen) {
    outcome = Optional.of(value);
    marks = Map.copyOf(found);
    due = again;
    if (changes != seen) {
      due = earlier(due, paced(value.endedAt()));
    }
  }

  /** The commit cannot be planned. */
  synchronized void failed() {
    outcome = Optional.empty();
  }

  /** Whether an object is another than the plan found, not only in its status. */
  synchronized boolean isNews(Live live) {
    return !Mark.of(live).equals(marks.get(live.key()));
  }

  /** An object may be another than it was planned for. */
  synchronized void changed(Instant now) {
    changes++;
    due = earlier(due, paced(now));
  }

  /** Somebody asks for a plan now. */
  synchronized void asked(Instant now) {
    changes++;
    due = now;
  }

  private Instant paced(Instant now) {
    Instant soon = now.plus(DELAY);
    return outcome
        .map(o -> {
          Duration share = o.took().multipliedBy(SHARE);
          return o.endedAt().plus(share.compareTo(PACE) > 0 ? share : PACE);
        })
        .filter(at -> at.isAfter(soon))
        .orElse(soon);
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  /**
   * Whether a build of the commit that status says is applied is what was applied then. Under
   * another spec, such as another list of what is ignored, the same commit makes other objects, and
   * after a restart nobody knows the spec of then: but how many objects it were, and some of them.
   *
   * @param members what the sync has in the cluster
   */
  static boolean isWhatWasApplied(Build build, SyncStatus.Applied applied, Set<ObjectKey> members) {
    return build.desired().size() == applied.objects() && build.keys().containsAll(members);
  }

  /** What the commit that status says is applied wants, if it was read for an earlier plan. */
  synchronized Optional<Build> applied() {
    return applied;
  }

  synchronized void applied(Build build) {
    applied = Optional.of(build);
  }

  /** The sync is in mode Plan no more. */
  synchronized void over() {
    outcome = Optional.empty();
    marks = Map.of();
    applied = Optional.empty();
    due = Instant.EPOCH;
  }
}
