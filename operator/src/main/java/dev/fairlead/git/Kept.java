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
    Instant old = clock.instant().minus(unused);
    touched.values().removeIf(at -> at.isBefore(old));
    Set<String> all = new HashSet<>(touched.keySet());
    all.addAll(pins.keySet());
    newest.forEach(commit -> all.add(commit.revision().commit()));
    return all;
  }
}
