package dev.fairlead.reconcile;

import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus.LastGood;
import dev.fairlead.model.SyncStatus.Rollback;
import dev.fairlead.model.Warning;
import dev.fairlead.reconcile.RollbackDecision.Unavailable;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of one sync's way back to its last good commit.
 *
 * <p>Guarantees: a rollback is in force from {@link #begin}, or {@link #restore}, until the ref
 * names a commit with another content than the one that failed, or the spec means something else.
 * All of it is found again after a restart, from status. Any thread may call it; its monitor guards
 * all fields.
 */
final class RollbackState {
  /** Names of objects, not objects; a commit that never becomes good may be followed by others. */
  private static final int MAX_MADE = 100_000;

  private Optional<Rollback> inForce = Optional.empty();
  private Optional<String> sameAsFailed = Optional.empty();
  private long under;
  private Set<ObjectKey> added = Set.of();
  private Set<ObjectKey> kept = Set.of();
  private List<Warning> notes = List.of();
  private Optional<Target> worked = Optional.empty();
  private Optional<Unavailable> unavailable = Optional.empty();
  private int failures;
  private final Set<String> made = new HashSet<>();
  private boolean knowsAllMade;
  private boolean leftStanding;
  private @Nullable SyncSpec spec;
  private long generation;
  private long sameSince;

  /** Takes note of the spec as it is now. */
  synchronized void sees(long now, SyncSpec next) {
    if (spec == null || (now != generation && !meansTheSame(spec, next))) {
      sameSince = now;
    }
    spec = next;
    generation = now;
  }

  /**
   * Whether the same commit makes the same objects under both; how often Git is looked at, how long
   * something may take, and what becomes of what leaves Git changes nothing about that.
   */
  private static boolean meansTheSame(SyncSpec one, SyncSpec other) {
    return one.url().equals(other.url())
        && one.ref().equals(other.ref())
        && one.path().equals(other.path())
        && one.submodules() == other.submodules()
        && one.ignore().equals(other.ignore())
        && one.secretName().equals(other.secretName())
        && one.proxySecret().equals(other.proxySecret())
        && one.serviceAccountName().equals(other.serviceAccountName())
        && one.defaultNamespace().equals(other.defaultNamespace())
        && one.mode() == other.mode()
        && one.ignoreFields().equals(other.ignoreFields());
  }

  /** Whether the spec of that generation meant what it means now, as far as is known. */
  synchronized boolean isSameSpec(long other) {
    return other >= sameSince && other <= generation;
  }

  /** What was good under a spec that meant the same is so under this one. */
  synchronized LastGood carried(LastGood good) {
    return isSameSpec(good.generation())
        ? new LastGood(good.revision(), good.at(), generation)
        : good;
  }

  /** The last good commit runs, or is to run, in place of the newest one. */
  synchronized void begin(Rollback rollback) {
    inForce = Optional.of(rollback);
    sameAsFailed = Optional.empty();
    under = generation;
    unavailable = Optional.empty();
    failures = 0;
  }

  /** After a restart: what status says. */
  synchronized void restore(Rollback rollback, long observedGeneration) {
    inForce = Optional.of(rollback);
    under = observedGeneration;
  }

  /** A newer commit has nothing else for the sync than the one that failed: it fails the same. */
  synchronized void sameAsFailed(String commit) {
    sameAsFailed = Optional.of(commit);
  }

  /** Whether the rollback in force is one from that commit, or from one with the same content. */
  synchronized boolean hasFailed(String commit) {
    return inForce.filter(r -> r.from().commit().equals(commit)).isPresent()
        || sameAsFailed.equals(Optional.of(commit));
  }

  /**
   * Ends the rollback if the newest commit is another one, or the spec means something else.
   *
   * @param newest the newest commit, if Git could be read
   * @return whether it ended
   */
  synchronized boolean reconsider(Optional<String> newest) {
    boolean over =
        inForce.isPresent()
            && (!isSameSpec(under) || newest.filter(c -> !hasFailed(c)).isPresent());
    if (over) {
      inForce = Optional.empty();
      sameAsFailed = Optional.empty();
      added = Set.of();
      kept = Set.of();
      notes = List.of();
    }
    return over;
  }

  synchronized Optional<Rollback> inForce() {
    return inForce;
  }

  /** Whether a target was tried and given up. */
  synchronized boolean gaveUp(Target target) {
    return inForce.isPresent() && target.generation() == generation && hasFailed(target.commit());
  }

  /** What the commit that failed brought, and that goes again. */
  synchronized Set<ObjectKey> added() {
    return added;
  }

  /** What the failed commit brought and stays. */
  synchronized Set<ObjectKey> kept() {
    return kept;
  }

  /** Takes note that nothing more can be done for the last good commit that stands. */
  synchronized void leaveStanding() {
    leftStanding = true;
  }

  synchronized boolean isLeftStanding() {
    return leftStanding;
  }

  /** What is not as the last good commit says. */
  synchronized List<Warning> notes() {
    return notes;
  }

  /** Takes note of what is wanted while the rollback is in force. */
  synchronized void builds(RollbackBuild build) {
    if (inForce.isPresent()) {
      added = build.added();
      kept = build.kept();
      notes = build.notes();
    }
  }

  /** All that a target changed is healthy. */
  synchronized void worked(Target target) {
    worked = Optional.of(target);
  }

  synchronized boolean hasWorked(Target target) {
    return worked.equals(Optional.of(target));
  }

  synchronized Optional<Unavailable> unavailable() {
    return unavailable;
  }

  /** The last good commit is not in Git any more. */
  synchronized void gone(String commit, String message) {
    unavailable = Optional.of(new Unavailable(commit, message, Optional.empty()));
  }

  /** The last good commit could not be had now. */
  synchronized void unreachable(String commit, String message, Instant now) {
    Duration pause = Duration.ofSeconds(Math.min(300, 1L << Math.min(failures++, 8)));
    unavailable = Optional.of(new Unavailable(commit, message, Optional.of(now.plus(pause))));
  }

  /** Somebody asks for another try. */
  synchronized void askAgain() {
    unavailable = Optional.empty();
    failures = 0;
  }

  /** An object was created since the last good commit. */
  synchronized void made(String uid) {
    if (made.size() < MAX_MADE) {
      made.add(uid);
    } else {
      knowsAllMade = false;
    }
  }

  /** An object is another sync's: if it ever comes back, it was not created here. */
  synchronized void gaveAway(String uid) {
    made.remove(uid);
  }

  /** Whether this process has been there since the last good commit, or an earlier one. */
  synchronized boolean knowsAllMade() {
    return knowsAllMade;
  }

  /** Whether this process created it for the sync since the last good commit. */
  synchronized boolean hasMade(String uid) {
    return made.contains(uid);
  }

  /** The commit that is applied is the last good one. */
  synchronized void good() {
    made.clear();
    knowsAllMade = true;
    unavailable = Optional.empty();
    failures = 0;
  }
}
