package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.health.Health;
import dev.fairlead.health.HealthRules;
import dev.fairlead.health.Stability;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.plan.ResourceVersions;
import dev.fairlead.plan.Treatment;
import dev.fairlead.reconcile.Inquiries.Unwell;
import dev.fairlead.reconcile.StatusReport.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How the objects of a sync are, told calmly. Pure.
 *
 * @param problems what is not healthy, worst first
 * @param unwell the workloads that are there and not healthy, told calmly or not
 * @param changed how what the commit changed is
 * @param unhealthy what of it is not healthy, without what somebody keeps changing back, worst
 *     first
 * @param contested whether somebody keeps changing an object back
 * @param failed whether anything has failed or cannot be kept as Git says
 * @param due when the answer changes although nothing happens
 */
record HealthView(
    ObjectCounts counts,
    List<Problem> problems,
    List<Unwell> unwell,
    Changed changed,
    List<Unhealthy> unhealthy,
    boolean contested,
    boolean failed,
    Optional<Instant> due) {
  /** The word for an object whose repair is given up for a while. */
  static final String CONTESTED = "Contested";

  /** The state of what a commit changed. */
  enum Changed {
    HEALTHY,
    PROGRESSING,
    FAILED
  }

  /** An object that the commit changed and that is not healthy. */
  record Unhealthy(ObjectKey key, Health health) {}

  private static final Comparator<Judged> WORST_FIRST =
      Comparator.comparingInt((Judged j) -> j.failed() ? 0 : 1).thenComparing(j -> j.desired.key());

  /**
   * Where a sync stands while what its commit changed is awaited.
   *
   * @param late whether that has taken longer than it may
   */
  Phase awaited(boolean late) {
    if (contested) {
      return Phase.CONTESTED;
    }
    return late || changed == Changed.FAILED ? Phase.UNHEALTHY : Phase.ROLLING_OUT;
  }

  /** Where a sync stands when nothing is left to be done. */
  Phase reached(boolean late) {
    if (contested) {
      return Phase.CONTESTED;
    }
    if (counts.healthy() == counts.total()) {
      return Phase.SETTLED;
    }
    return late || failed ? Phase.UNHEALTHY : Phase.ROLLING_OUT;
  }

  /** The same, and so many objects beside that are still to be written. */
  HealthView andPending(int count) {
    return count == 0
        ? this
        : new HealthView(
            new ObjectCounts(
                counts.total() + count,
                counts.healthy(),
                counts.progressing() + count,
                counts.failed()),
            problems,
            unwell,
            changed,
            unhealthy,
            contested,
            failed,
            due);
  }

  /** Of a Job that something comes after. */
  static final Health RUNS = Health.progressing("JobRuns", "has not completed");

  /**
   * The same, where these Jobs are not good enough while they run: something comes after them.
   *
   * @param inquiries what was found out about them: one that runs may have pods that do not
   */
  HealthView andUnfinished(
      List<DesiredObject> jobs, Function<ObjectKey, Optional<Inquiry>> inquiries, Instant now) {
    if (jobs.isEmpty()) {
      return this;
    }
    List<Problem> all = new ArrayList<>(problems);
    List<Unhealthy> awaited = new ArrayList<>(unhealthy);
    jobs.forEach(job -> {
      all.add(problem(new Judged(job, RUNS, Optional.empty()), inquiries, now));
      awaited.add(new Unhealthy(job.key(), RUNS));
    });
    return new HealthView(
        new ObjectCounts(
            counts.total(),
            counts.healthy() - jobs.size(),
            counts.progressing() + jobs.size(),
            counts.failed()),
        all,
        unwell,
        changed == Changed.FAILED ? changed : Changed.PROGRESSING,
        awaited,
        contested,
        failed,
        due);
  }

  private record Judged(DesiredObject desired, Health health, Optional<Problem> problem) {
    boolean failed() {
      return health.isFailed() || problem.isPresent();
    }

    boolean isUnhealthy() {
      return !health.isHealthy() && problem.filter(p -> p.reason().equals(CONTESTED)).isEmpty();
    }
  }

  /**
   * @param isDone tells the Jobs that completed with the content that is wanted
   * @param told what was told of each object before; brought up to date
   * @param epoch rises with every commit that is written
   * @param inquiries what was found out about what is not healthy
   */
  static HealthView of(
      List<DesiredObject> desired,
      Function<ObjectKey, Optional<Held>> held,
      Function<ObjectKey, Optional<Observed>> observed,
      Predicate<DesiredObject> isDone,
      Set<ObjectKey> changedKeys,
      Map<ObjectKey, Stability> told,
      long epoch,
      Function<ObjectKey, Optional<Inquiry>> inquiries,
      Instant now) {
    List<Judged> ill = new ArrayList<>();
    List<Unwell> unwell = new ArrayList<>();
    int healthy = 0;
    int progressing = 0;
    boolean contested = false;
    Changed changed = Changed.HEALTHY;
    Optional<Instant> due = Optional.empty();
    for (DesiredObject object : desired) {
      Optional<Held> mine = held.apply(object.key());
      Health seen = judge(object, mine, observed.apply(object.key()), isDone);
      Health calm = seen;
      if (isWorthAsking(object, seen, observed.apply(object.key()))) {
        unwell.add(new Unwell(object, seen));
      }
      if (HealthRules.needsStatus(object.key().groupKind())) {
        Stability before = told.get(object.key());
        Stability next =
            before == null ? Stability.first(epoch, seen) : before.next(epoch, seen, now);
        told.put(object.key(), next);
        calm = next.told();
        due = earliest(due, next.due());
      }
      Optional<Problem> problem = mine.flatMap(h -> h.problemAt(now));
      if (problem.isPresent()) {
        due = earliest(due, mine.flatMap(Held::contestEnds));
      }
      contested |= problem.filter(p -> p.reason().equals(CONTESTED)).isPresent();
      if (calm.isHealthy() && problem.isEmpty()) {
        healthy++;
        continue;
      }
      Judged judged = new Judged(object, calm, problem);
      ill.add(judged);
      if (!judged.failed()) {
        progressing++;
      }
      if (changedKeys.contains(object.key())) {
        changed =
            judged.failed() || changed == Changed.FAILED ? Changed.FAILED : Changed.PROGRESSING;
      }
    }
    int total = desired.size();
    ill.sort(WORST_FIRST);
    return new HealthView(
        new ObjectCounts(total, healthy, progressing, total - healthy - progressing),
        ill.stream().map(j -> problem(j, inquiries, now)).toList(),
        unwell,
        changed,
        ill.stream()
            .filter(j -> changedKeys.contains(j.desired.key()) && j.isUnhealthy())
            .map(j -> new Unhealthy(j.desired.key(), j.health))
            .toList(),
        contested,
        total - healthy - progressing > 0,
        due);
  }

  private static Health judge(
      DesiredObject object,
      Optional<Held> held,
      Optional<Observed> observed,
      Predicate<DesiredObject> isDone) {
    if (isDone.test(object) || isNobodys(object, observed)) {
      // Done, or not ours to judge.
      return Health.HEALTHY;
    }
    boolean needsStatus = HealthRules.needsStatus(object.key().groupKind());
    Optional<String> written =
        held.flatMap(Held::baseline).map(baseline -> baseline.resourceVersion());
    if (observed.isEmpty()) {
      return written.isPresent() && !needsStatus
          ? Health.HEALTHY
          : Health.progressing("NotFound", "is not there yet");
    }
    if (needsStatus
        && written.isPresent()
        && ResourceVersions.newer(written.get(), observed.get().resourceVersion())) {
      return Health.progressing("NotObserved", "was just written");
    }
    return observed.get().health();
  }

  private static boolean isNobodys(DesiredObject object, Optional<Observed> observed) {
    Treatment treatment =
        observed.map(o -> object.treatment().with(o.said())).orElse(object.treatment());
    return treatment.reconcile() == Treatment.Reconcile.NEVER;
  }

  private static boolean isWorthAsking(
      DesiredObject object, Health seen, Optional<Observed> observed) {
    return !seen.isHealthy()
        && Inquiries.concerns(object.key().groupKind())
        && observed.filter(o -> !o.deleting()).isPresent();
  }

  private static Problem problem(
      Judged judged, Function<ObjectKey, Optional<Inquiry>> inquiries, Instant now) {
    DesiredObject desired = judged.desired;
    Optional<Problem> known =
        judged.problem.or(() -> inquiries.apply(desired.key()).flatMap(i -> i.problem(desired)));
    if (known.isPresent()) {
      return known.get();
    }
    String reason = judged.health.reason();
    return new Problem(
        desired.key().toString(),
        desired.origin().file(),
        desired.origin().line(),
        reason.isEmpty() ? (judged.health.isFailed() ? "Failed" : "Progressing") : reason,
        judged.health.message(),
        now);
  }

  private static Optional<Instant> earliest(Optional<Instant> a, Optional<Instant> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.isEmpty() ? b : a;
    }
    return a.get().isBefore(b.get()) ? a : b;
  }
}
