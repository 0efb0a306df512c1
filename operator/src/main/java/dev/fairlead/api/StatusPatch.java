package dev.fairlead.api;

import dev.fairlead.model.Condition;
import dev.fairlead.model.Json;
import dev.fairlead.model.SyncStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What has to be written so that a GitSync reports a new status. Pure.
 *
 * <p>A time that says no more than when something was looked at again is no difference: see {@link
 * #settle}.
 */
public final class StatusPatch {
  private StatusPatch() {}

  /**
   * The merge patch for the status subresource, {@code {"status": {...}}} with what changed and
   * nothing else; empty when the two say the same. It writes {@code settle(before, after)}.
   *
   * @param before as it was last read or written
   */
  public static Optional<Json.Obj> between(SyncStatus before, SyncStatus after) {
    return MergePatch.between(StatusJson.of(before), StatusJson.of(settle(before, after)))
        .map(changes -> Json.of(Map.of("status", changes)));
  }

  /**
   * The new status with the times of the old one wherever they are about the same thing: a
   * condition whose state is the same, the same commit seen, the same revision with as many objects
   * applied, the same revision and generation found good, the same rollback, the same problem of
   * the same object.
   */
  public static SyncStatus settle(SyncStatus before, SyncStatus after) {
    return new SyncStatus(
        after.observedGeneration(),
        after.handledRequest(),
        after.conditions().stream().map(c -> settle(before, c)).toList(),
        after.source().map(s -> settle(before, s)),
        after.applied().map(a -> settle(before, a)),
        after.lastGood().map(g -> settle(before, g)),
        after.rollback().map(r -> settle(before, r)),
        after.webhookPath(),
        after.objects(),
        after.message(),
        after.inventory(),
        after.pendingPrune(),
        after.plan(),
        after.finishedJobs(),
        after.problemCount(),
        settle(before.problems(), after.problems()),
        after.warnings(),
        after.history());
  }

  private static Condition settle(SyncStatus before, Condition after) {
    Instant since =
        before
            .condition(after.type())
            .filter(c -> c.state() == after.state())
            .map(Condition::lastTransition)
            .orElse(after.lastTransition());
    return new Condition(
        after.type(),
        after.state(),
        after.reason(),
        after.message(),
        after.observedGeneration(),
        since);
  }

  private static SyncStatus.Source settle(SyncStatus before, SyncStatus.Source after) {
    return before
        .source()
        .filter(s -> s.commit().revision().equals(after.commit().revision()))
        .map(s -> new SyncStatus.Source(after.commit(), s.seenAt()))
        .orElse(after);
  }

  private static SyncStatus.Applied settle(SyncStatus before, SyncStatus.Applied after) {
    return before
        .applied()
        .filter(a -> a.revision().equals(after.revision()) && a.objects() == after.objects())
        .orElse(after);
  }

  private static SyncStatus.LastGood settle(SyncStatus before, SyncStatus.LastGood after) {
    return before
        .lastGood()
        .filter(g -> g.revision().equals(after.revision()) && g.generation() == after.generation())
        .orElse(after);
  }

  private static SyncStatus.Rollback settle(SyncStatus before, SyncStatus.Rollback after) {
    return before
        .rollback()
        .filter(r -> r.from().equals(after.from()) && r.to().equals(after.to()))
        .map(r -> new SyncStatus.Rollback(r.from(), r.to(), after.reason(), r.at()))
        .orElse(after);
  }

  /** Of several problems of one object and reason, the first is the same as the first before. */
  private static List<SyncStatus.Problem> settle(
      List<SyncStatus.Problem> before, List<SyncStatus.Problem> after) {
    List<SyncStatus.Problem> left = new ArrayList<>(before);
    List<SyncStatus.Problem> settled = new ArrayList<>();
    for (SyncStatus.Problem problem : after) {
      Optional<SyncStatus.Problem> known = left.stream().filter(p -> same(p, problem)).findFirst();
      known.ifPresent(left::remove);
      settled.add(problem.withSince(known.map(SyncStatus.Problem::since).orElse(problem.since())));
    }
    return settled;
  }

  private static boolean same(SyncStatus.Problem one, SyncStatus.Problem other) {
    return one.object().equals(other.object())
        && one.file().equals(other.file())
        && one.reason().equals(other.reason());
  }
}
