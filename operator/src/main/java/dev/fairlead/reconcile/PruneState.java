package dev.fairlead.reconcile;

import dev.fairlead.cluster.Observed;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Guard;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How far one sync is with what its commit took out of Git.
 *
 * <p>Any thread may call it; its monitor guards all fields.
 */
final class PruneState {
  private final Set<String> deleted = new HashSet<>();
  private Optional<Guard.Verdict.Blocked> blocked = Optional.empty();
  private Optional<String> awaits = Optional.empty();
  private Set<ObjectKey> doomed = Set.of();
  private List<ObjectKey> kept = List.of();
  private int count;

  /** Another commit is written: what the guard said of the former, and allowed, is over. */
  synchronized void nextCommit() {
    blocked = Optional.empty();
    doomed = Set.of();
    kept = List.of();
  }

  /** What the guard said, while it waits for an approval. */
  synchronized Optional<Guard.Verdict.Blocked> blocked() {
    return blocked;
  }

  synchronized void blocked(Optional<Guard.Verdict.Blocked> value) {
    blocked = value;
  }

  /** Whom a prune waits for before anything is deleted, in words. */
  synchronized Optional<String> awaits() {
    return awaits;
  }

  synchronized void awaits(Optional<String> value) {
    awaits = value;
  }

  /** What the newest commit took out of Git and Fairlead never deletes. */
  synchronized List<ObjectKey> kept() {
    return kept;
  }

  synchronized void addKept(List<ObjectKey> objects) {
    kept = Stream.concat(kept.stream(), objects.stream()).toList();
  }

  /** What the guard has allowed to go, of which some may be left. */
  synchronized Set<ObjectKey> doomed() {
    return doomed;
  }

  /** The guard allows these too; with none of them, nothing is left to go. */
  synchronized void doomed(Set<ObjectKey> objects) {
    Set<ObjectKey> all = new HashSet<>(objects);
    if (!objects.isEmpty()) {
      all.addAll(doomed);
    }
    doomed = Set.copyOf(all);
  }

  /** Takes note that the server took an order of ours to delete an object. */
  synchronized void deleted(String uid) {
    deleted.add(uid);
  }

  /** Whether an object is on its way out, perhaps without the watch having told so yet. */
  synchronized boolean isGoing(Observed object) {
    return object.deleting() || deleted.contains(object.uid());
  }

  /** Forgets orders for objects that are gone. */
  synchronized void retainDeleted(Collection<Observed> there) {
    deleted.retainAll(there.stream().map(Observed::uid).collect(Collectors.toSet()));
  }

  /** How many objects went since the newest commit was written. */
  synchronized int count() {
    return count;
  }

  synchronized void count(int more) {
    count += more;
  }

  synchronized void resetCount() {
    count = 0;
  }
}
