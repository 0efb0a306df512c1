package dev.fairlead.git;

import dev.fairlead.model.Commit;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Knows which commits of a mirror must stay readable: those that are pinned, the newest of each
 * ref, and for a while those that were looked at or read. Any thread may call.
 */
final class Kept {
  /** What was looked at or read since may be read on. */
  private static final Duration AT_WORK = Duration.ofMinutes(1);

  private final Duration unused;
  private final InstantSource clock;
  private final Map<String, Instant> touched = new HashMap<>();
  private final Map<String, Integer> pins = new HashMap<>();

  Kept(Duration unused, InstantSource clock) {
    this.unused = unused;
    this.clock = clock;
  }

  synchronized void touch(String commit) {
    touched.put(commit, clock.instant());
  }

  /** Counted: each pin wants an {@link #unpin}. */
  synchronized void pin(String commit) {
    pins.merge(commit, 1, Integer::sum);
  }

  synchronized void unpin(String commit) {
    pins.computeIfPresent(commit, (_, n) -> n == 1 ? null : n - 1);
  }

  synchronized Set<String> pinned() {
    return Set.copyOf(pins.keySet());
  }

  /** What a repack must leave, given the newest commits of the refs. */
  synchronized Set<String> all(Collection<Commit> newest) {
    return within(unused, newest);
  }

  /** What must be left even where the disk is wanted for other things. */
  synchronized Set<String> needed(Collection<Commit> newest) {
    return within(unused.compareTo(AT_WORK) < 0 ? unused : AT_WORK, newest);
  }

  private Set<String> within(Duration age, Collection<Commit> newest) {
    Instant old = clock.instant().minus(unused);
    touched.values().removeIf(at -> at.isBefore(old));
    Instant since = clock.instant().minus(age);
    Set<String> all = new HashSet<>(pins.keySet());
    touched.forEach((commit, at) -> {
      if (!at.isBefore(since)) {
        all.add(commit);
      }
    });
    newest.forEach(commit -> all.add(commit.revision().commit()));
    return all;
  }
}
