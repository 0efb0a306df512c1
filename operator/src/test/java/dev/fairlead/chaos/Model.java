package dev.fairlead.chaos;

import dev.fairlead.chaos.Item.Trait;
import dev.fairlead.model.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What Git says and has said, and what follows from it: which objects have to be the same as at the
 * last quiet point, which may be deleted, and which may not although Git does not want them.
 *
 * <p>It knows nothing of what Fairlead did. One thread.
 */
final class Model {
  /** The default of {@code maxPrune}. */
  private static final int MAX_PRUNE_PERCENT = 50;

  /** So long the work on one commit goes on after another one came. */
  private static final Duration HASTE = Duration.ofSeconds(5);

  /** From then until then a key must not be deleted, although it left Git. */
  record Protection(
      ObjectKey key, Sync sync, String because, Instant since, Optional<Instant> until) {
    boolean covers(ObjectKey deleted, Instant at) {
      return key.equals(deleted) && at.isAfter(since) && until.filter(at::isAfter).isEmpty();
    }
  }

  /** A while in which nothing may be written for a sync. */
  record Frozen(Sync sync, Instant since, Instant until) {
    boolean covers(AuditLog.Write write) {
      return write.isBy(sync) && write.at().isAfter(since) && write.at().isBefore(until);
    }
  }

  private static final String BROKEN = "the commit that removes it is broken";
  private static final String UNHEALTHY = "the commit that removes it is not healthy";
  private static final String GUARD = "the commit that removes it removes more than maxPrune";

  private final List<Repo> repos;
  private final List<Sync> syncs;
  private final Map<Sync, SortedMap<ObjectKey, Item>> before = new HashMap<>();
  private final Map<ObjectKey, Set<Item>> wanted = new TreeMap<>();
  private final Map<ObjectKey, Instant> gaps = new TreeMap<>();
  private final Set<ObjectKey> replaceable = new TreeSet<>();
  private final Set<ObjectKey> deletedByOthers = new TreeSet<>();
  private final Map<Sync, Set<ObjectKey>> readable = new HashMap<>();
  private final Set<ObjectKey> disturbed = new TreeSet<>();
  private final Map<Sync, Set<ObjectKey>> had = new HashMap<>();
  private final Map<Sync, Set<ObjectKey>> held = new HashMap<>();
  private final Map<Sync, List<String>> candidates = new HashMap<>();
  private final List<Unfinished> unfinished = new ArrayList<>();
  private final Set<Sync> suspended = new HashSet<>();
  private final Set<Sync> settled = new HashSet<>();
  private final List<Protection> protections = new ArrayList<>();
  private final List<Frozen> frozen = new ArrayList<>();
  private final Map<String, Integer> publications = new TreeMap<>();
  private final Map<ObjectKey, Integer> unfinishedDeletes = new TreeMap<>();
  private final Set<ObjectKey> deletedJobs = new TreeSet<>();

  Model(List<Repo> repos, List<Sync> syncs) {
    this.repos = List.copyOf(repos);
    this.syncs = new ArrayList<>(syncs);
  }

  List<Repo> repos() {
    return repos;
  }

  List<Sync> syncs() {
    return List.copyOf(syncs);
  }

  List<Sync> syncsOf(Repo repo) {
    return syncs.stream().filter(s -> s.repo().equals(repo)).toList();
  }

  /** What the second half of is still to come. */
  List<Unfinished> unfinished() {
    return List.copyOf(unfinished);
  }

  void begin(Unfinished half) {
    unfinished.add(half);
  }

  /** The second half is about to be done. */
  void end(Unfinished half) {
    unfinished.remove(half);
  }

  boolean isMoving(ObjectKey key) {
    return unfinished.stream().anyMatch(u -> u.concerns(key));
  }

  boolean isHalfDone(Repo repo) {
    return unfinished.stream().anyMatch(u -> u.concerns(repo));
  }

  /** There is another GitSync. */
  void add(Sync sync) {
    syncs.add(sync);
  }

  /** A GitSync was deleted, which is its own approval. */
  void remove(Sync sync) {
    approved(sync);
    syncs.remove(sync);
    settled.remove(sync);
    List.of(before, readable, had, held, candidates).forEach(map -> map.remove(sync));
  }

  /** Whether it has had its newest commit applied at any quiet point. */
  boolean hasSettled(Sync sync) {
    return settled.contains(sync);
  }

  /** A GitSync has another name: the young one gets whatever the old one has. */
  void inherits(Sync young, Sync old) {
    had.computeIfAbsent(young, s -> new TreeSet<>()).addAll(had(old));
  }

  void suspended(Sync sync, boolean is) {
    if (is) {
      suspended.add(sync);
    } else {
      suspended.remove(sync);
    }
  }

  boolean isSuspended(Sync sync) {
    return suspended.contains(sync);
  }

  /** Everything that any sync is to have, by its newest commit; what is broken counts as it was. */
  Set<ObjectKey> wanted() {
    return wanted.keySet();
  }

  /** The commits one of which a sync's status may say is applied, oldest first. */
  List<String> candidates(Sync sync) {
    return List.copyOf(candidates.getOrDefault(sync, List.of()));
  }

  /** What a sync may have in the cluster since the last quiet point. */
  Set<ObjectKey> had(Sync sync) {
    return had.getOrDefault(sync, Set.of());
  }

  /** To be called after every change of what Git says. */
  void published() {
    Instant now = Instant.now();
    Map<ObjectKey, Set<Item>> next = new TreeMap<>();
    for (Sync sync : syncs) {
      sync.wants()
          .forEach((key, item) -> {
            next.computeIfAbsent(key, k -> new HashSet<>()).add(item);
            had.computeIfAbsent(sync, s -> new TreeSet<>()).add(key);
          });
    }
    Set<ObjectKey> newGaps = new TreeSet<>();
    wanted.keySet().stream().filter(k -> !next.containsKey(k)).forEach(newGaps::add);
    next.keySet().stream().filter(k -> !wanted.containsKey(k)).forEach(newGaps::add);
    next.keySet().stream().filter(this::isClaimedInVain).forEach(newGaps::add);
    next.forEach(this::noteJobs);
    lift(now, next.keySet());
    for (Sync sync : syncs) {
      protect(sync, now, next.keySet());
      List<String> commits = candidates.computeIfAbsent(sync, s -> new ArrayList<>());
      if (commits.isEmpty() || !commits.getLast().equals(sync.repo().head())) {
        commits.add(sync.repo().head());
      }
      before.put(sync, sync.wants());
      if (sync.broken().isEmpty()) {
        readable.put(sync, sync.wants().keySet());
      }
    }
    newGaps.forEach(key -> gaps.putIfAbsent(key, now));
    wanted.clear();
    wanted.putAll(next);
  }

  /**
   * Whether an object is only where nobody can read of it: in the broken commit of a sync that did
   * not have it before. Syncs of other namespaces do not wait for such a one.
   */
  private boolean isClaimedInVain(ObjectKey key) {
    List<Sync> claimants = syncs.stream().filter(s -> s.wants().containsKey(key)).toList();
    return claimants.stream()
        .allMatch(s ->
            s.broken().isPresent()
                && !readable.getOrDefault(s, Set.of()).contains(key)
                && syncs.stream()
                    .filter(other -> !other.key().namespace().equals(s.key().namespace()))
                    .anyMatch(other -> had(other).contains(key)));
  }

  private void noteJobs(ObjectKey key, Set<Item> items) {
    Set<Item> old = wanted.getOrDefault(key, Set.of());
    for (Item item : items) {
      if (item.kind() == Kind.JOB && old.stream().noneMatch(o -> o.image().equals(item.image()))) {
        publications.merge(run(key, item.image()), 1, Integer::sum);
        deletedJobs.remove(key);
        if (!old.isEmpty()) {
          replaceable.add(key);
        }
      }
    }
  }

  private static String run(ObjectKey key, String image) {
    return key + " " + image;
  }

  private void protect(Sync sync, Instant now, Set<ObjectKey> next) {
    SortedMap<ObjectKey, Item> was = before.getOrDefault(sync, new TreeMap<>());
    SortedMap<ObjectKey, Item> is = sync.wants();
    List<ObjectKey> removed =
        was.keySet().stream()
            // Another sync may still have what has only just been moved here.
            .filter(k -> held.getOrDefault(sync, Set.of()).contains(k))
            .filter(k -> !next.contains(k) && !gaps.containsKey(k))
            .toList();
    if (removed.isEmpty()) {
      return;
    }
    boolean ill =
        is.values().stream().anyMatch(i -> i.has(Trait.BAD) && !i.equals(was.get(i.key())));
    if (sync.broken().isPresent()) {
      removed.forEach(k -> protectKey(k, sync, BROKEN, now));
    } else if (isBeyondGuard(sync, removed.size())) {
      removed.forEach(k -> protectKey(k, sync, GUARD, now));
    } else if (ill) {
      removed.forEach(k -> protectKey(k, sync, UNHEALTHY, now));
    }
  }

  private void protectKey(ObjectKey key, Sync sync, String because, Instant now) {
    protections.add(new Protection(key, sync, because, now, Optional.empty()));
  }

  /** However much of what the sync may ever have had is still there. */
  private boolean isBeyondGuard(Sync sync, int removed) {
    return removed * 100 > MAX_PRUNE_PERCENT * had(sync).size();
  }

  /** Ends protections whose reason is gone, or whose state is no longer known for sure. */
  private void lift(Instant now, Set<ObjectKey> next) {
    end(now, p -> next.contains(p.key()));
    end(now, p -> p.because().equals(BROKEN) && p.sync().broken().isEmpty());
    end(now, p -> p.because().equals(UNHEALTHY) && !p.sync().wants().equals(before.get(p.sync())));
    endSmall(now);
  }

  private void endSmall(Instant now) {
    for (Sync sync : syncs) {
      Predicate<Protection> large = p -> p.because().equals(GUARD) && p.sync().equals(sync);
      long count = protections.stream().filter(p -> p.until().isEmpty()).filter(large).count();
      if (!isBeyondGuard(sync, (int) count)) {
        end(now, large);
      }
    }
  }

  private void end(Instant now, Predicate<Protection> which) {
    protections.replaceAll(p ->
        p.until().isEmpty() && which.test(p)
            ? new Protection(p.key(), p.sync(), p.because(), p.since(), Optional.of(now))
            : p);
  }

  /** Whether another sync may ever have had what this one wants. */
  boolean wasAnothers(Sync sync, ObjectKey key) {
    return syncs.stream().filter(s -> !s.equals(sync)).anyMatch(s -> had(s).contains(key));
  }

  /** Somebody has changed, or deleted, a live object. */
  void disturbed(ObjectKey key) {
    disturbed.add(key);
  }

  /** Whether that has happened since its sync last had its newest commit applied. */
  boolean isDisturbed(ObjectKey key) {
    return disturbed.contains(key);
  }

  /** A person has deleted an object. */
  void deletedByHand(ObjectKey key, boolean finishedJob) {
    deletedByOthers.add(key);
    Instant now = Instant.now();
    end(now, p -> p.key().equals(key));
    endSmall(now);
    if (Kind.of(key) == Kind.JOB) {
      deletedJobs.add(key);
      unfinishedDeletes.merge(key, finishedJob ? 0 : 1, Integer::sum);
    }
  }

  /** It was in mode Plan. */
  void planned(Sync sync, Instant since, Instant until) {
    frozen.add(new Frozen(sync, since, until));
  }

  /** The sync in whose name a write was made while it was in mode Plan. */
  Optional<Sync> wasPlanned(AuditLog.Write write) {
    return frozen.stream().filter(f -> f.covers(write)).map(Frozen::sync).findFirst();
  }

  /** A person has approved the prune of a sync. */
  void approved(Sync sync) {
    end(Instant.now(), p -> p.sync().equals(sync));
  }

  /** Why an object must not be deleted by Fairlead at that time; empty when it may be. */
  Optional<String> mustStay(ObjectKey key, Instant at) {
    Optional<String> because =
        protections.stream()
            .filter(p -> p.covers(key, at))
            // The commit before may be just replacing it.
            .filter(p -> !replaceable.contains(key) || p.since().plus(HASTE).isBefore(at))
            .map(Protection::because)
            .findFirst();
    if (because.isPresent()) {
      return because;
    }
    boolean left = Optional.ofNullable(gaps.get(key)).filter(g -> !g.isAfter(at)).isPresent();
    return left || replaceable.contains(key)
        ? Optional.empty()
        : Optional.of("Git wanted it all the time");
  }

  /** Whether an object has to be the one that it was at the last quiet point. */
  boolean isTheSame(ObjectKey key) {
    return wanted.containsKey(key)
        && !gaps.containsKey(key)
        && !replaceable.contains(key)
        && !deletedByOthers.contains(key);
  }

  /** How often a Job with this image may have been created since the beginning. */
  int allowedRuns(ObjectKey key, String image) {
    return publications.getOrDefault(run(key, image), 0) + unfinishedDeletes.getOrDefault(key, 0);
  }

  /** Whether it is a Job with a content that Git had before, and another one since. */
  boolean cameBack(Item job) {
    return publications.getOrDefault(run(job.key(), job.image()), 0) > 1;
  }

  /** Whether it is a Job that somebody has deleted, and that does not come back if it was done. */
  boolean mayBeAbsent(ObjectKey key) {
    return deletedJobs.contains(key);
  }

  /**
   * Whether a commit since the last quiet point changes what cannot be changed of a Job. Where the
   * Job is not there the change is applied, so nobody is to delete that Job meanwhile.
   */
  boolean isChangedInVain(ObjectKey job) {
    return syncs.stream()
        .anyMatch(sync ->
            candidates(sync).stream().anyMatch(c -> sync.repo().treeAt(c).changesInVain(job)));
  }

  /** Whether nothing has happened to an object since the last quiet point, not even in Git. */
  boolean untouched(ObjectKey key) {
    return isTheSame(key)
        && !mayBeAbsent(key)
        && syncs.stream().noneMatch(s -> recentlyChanged(s, key));
  }

  private boolean recentlyChanged(Sync sync, ObjectKey key) {
    List<String> commits = candidates(sync);
    Optional<Item> first =
        Optional.ofNullable(sync.repo().treeAt(commits.getFirst()).wants(sync.folder()).get(key));
    return commits.stream()
        .anyMatch(c ->
            !Optional.ofNullable(sync.repo().treeAt(c).wants(sync.folder()).get(key))
                .equals(first));
  }

  /**
   * A quiet point has been passed.
   *
   * @param leftovers what each sync has in the cluster although Git does not want it
   * @param behind which of them have not applied their newest commit
   * @param back the commits that others were rolled back to
   */
  void settled(Map<Sync, Set<ObjectKey>> leftovers, Set<Sync> behind, Map<Sync, String> back) {
    Instant now = Instant.now();
    Set<ObjectKey> ever = new TreeSet<>(gaps.keySet());
    gaps.clear();
    // What a sync has not applied yet it may still replace.
    Set<ObjectKey> pending = new TreeSet<>();
    behind.forEach(sync -> pending.addAll(sync.wants().keySet()));
    replaceable.retainAll(pending);
    ever.stream().filter(k -> !wanted.containsKey(k)).forEach(k -> gaps.put(k, now));
    // What a failed commit brought goes again, and again when the next one fails too.
    back.forEach((sync, commit) -> {
      Set<ObjectKey> good = sync.repo().treeAt(commit).wants(sync.folder()).keySet();
      sync.wants().keySet().stream().filter(k -> !good.contains(k)).forEach(k -> gaps.put(k, now));
    });
    deletedByOthers.clear();
    protections.removeIf(p -> p.until().isPresent());
    for (Sync sync : syncs) {
      List<String> commits = candidates.computeIfAbsent(sync, s -> new ArrayList<>());
      if (!behind.contains(sync)) {
        settled.add(sync);
        String head = sync.repo().head();
        commits.clear();
        commits.add(head);
        Set<ObjectKey> holds = new TreeSet<>(sync.wants().keySet());
        holds.addAll(leftovers.getOrDefault(sync, Set.of()));
        had.put(sync, holds);
        held.put(sync, Set.copyOf(holds));
        disturbed.removeAll(holds);
      }
    }
  }

  /** Which objects Git says of, with the item by each sync that wants it. */
  Map<ObjectKey, Item> items() {
    Map<ObjectKey, Item> items = new LinkedHashMap<>();
    wanted.forEach((key, all) -> items.put(key, all.iterator().next()));
    return items;
  }
}
