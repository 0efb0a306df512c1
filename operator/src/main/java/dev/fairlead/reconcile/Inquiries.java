package dev.fairlead.reconcile;

import dev.fairlead.health.Finding;
import dev.fairlead.health.Health;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.plan.DesiredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is being found out about the objects of one sync that are not healthy.
 *
 * <p>Guarantees: of {@link #MOST} objects at most, and of one that is healthy again, or written
 * anew, nothing that was known before. All of it can be lost without harm. Any thread may call it;
 * its monitor guards all fields.
 */
final class Inquiries {
  /** How many objects of one sync are looked into; of the others status says their own words. */
  static final int MOST = 100;

  /** Who was ill before a restart is found ill within this time, or has recovered. */
  private static final Duration MEMORY = Duration.ofMinutes(1);

  private static final Set<GroupKind> KINDS =
      Set.of(
          new GroupKind("", "Pod"),
          new GroupKind("", "PersistentVolumeClaim"),
          new GroupKind("apps", "Deployment"),
          new GroupKind("apps", "ReplicaSet"),
          new GroupKind("apps", "StatefulSet"),
          new GroupKind("apps", "DaemonSet"),
          new GroupKind("batch", "Job"));

  /**
   * An object that is there and not healthy.
   *
   * @param seen as it is, not as it is told
   */
  record Unwell(DesiredObject desired, Health seen) {}

  private final Map<ObjectKey, Inquiry> open = new HashMap<>();
  private Map<String, Problem> remembered = Map.of();
  private Instant rememberedUntil = Instant.MIN;

  /** Whether there is anything to be found out about objects of that kind. */
  static boolean concerns(GroupKind kind) {
    return KINDS.contains(kind);
  }

  /**
   * Takes over what status says after a restart: until it was looked into anew, that stands.
   *
   * @param problems of the commit that is in the cluster
   */
  synchronized void remember(List<Problem> problems, Instant now) {
    rememberedUntil = now.plus(MEMORY);
    remembered =
        problems.stream()
            .collect(Collectors.toUnmodifiableMap(Problem::object, p -> p, (first, _) -> first));
  }

  /** What was remembered is of another commit now. */
  synchronized void forgetRemembered() {
    remembered = Map.of();
  }

  /**
   * Takes note of all objects that are not healthy at present.
   *
   * @return which of them are to be looked into sooner than was said before, and when
   */
  synchronized Map<ObjectKey, Instant> unwell(List<Unwell> all, Instant now) {
    if (all.isEmpty() && open.isEmpty()) {
      return Map.of();
    }
    open.keySet().retainAll(all.stream().map(u -> u.desired().key()).collect(Collectors.toSet()));
    Map<ObjectKey, Instant> sooner = new HashMap<>();
    for (Unwell unwell : all) {
      ObjectKey key = unwell.desired().key();
      Inquiry before = open.get(key);
      if (before == null || !before.desired().digest().equals(unwell.desired().digest())) {
        if (before != null || open.size() < MOST) {
          Inquiry first =
              Inquiry.open(unwell.desired(), unwell.seen(), now, remembered(unwell.desired(), now));
          open.put(key, first);
          sooner.put(key, first.scheduled());
        }
        continue;
      }
      boolean changed = !before.seen().equals(unwell.seen());
      LookPace pace = changed ? before.pace().changed(now) : before.pace();
      Instant due = pace.due();
      boolean earlier = due.isBefore(before.scheduled());
      open.put(
          key,
          before.seen(unwell.desired(), unwell.seen(), pace, earlier ? due : before.scheduled()));
      if (earlier) {
        sooner.put(key, due);
      }
    }
    return sooner;
  }

  private Optional<Inquiry.Told> remembered(DesiredObject desired, Instant now) {
    return Optional.ofNullable(remembered.get(desired.key().toString()))
        .filter(_ -> now.isBefore(rememberedUntil))
        .filter(p -> p.file().equals(desired.origin().file()))
        .map(p ->
            new Inquiry.Told(
                Finding.plain(p.reason(), p.message(), "", p.since()),
                p.message(),
                desired.origin(),
                p.line()));
  }

  synchronized Optional<Inquiry> get(ObjectKey key) {
    return Optional.ofNullable(open.get(key));
  }

  /** Whoever takes it up again begins anew. */
  synchronized void forget(ObjectKey key) {
    open.remove(key);
  }

  /**
   * Takes note of what was found out.
   *
   * @param of the inquiry as it was when the look began
   * @return when to look again; nothing when it is another object by now, or healthy
   */
  synchronized Optional<Instant> looked(Inquiry of, Optional<Inquiry.Told> found, Instant now) {
    ObjectKey key = of.desired().key();
    Inquiry current = open.get(key);
    if (current == null || !current.desired().digest().equals(of.desired().digest())) {
      return Optional.empty();
    }
    Inquiry next = current.looked(current.pace().looked(now, found.isPresent()), found);
    open.put(key, next);
    return Optional.of(next.scheduled());
  }
}
