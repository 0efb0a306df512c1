package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Commit;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one mirror of a repository and its credentials: looks, fetches what is new, repacks, and
 * builds itself anew when its files are damaged or gone.
 *
 * <p>Any thread may call. Whatever writes to the store holds {@code writing}; reading needs no
 * lock. A commit stays readable while it is pinned, while it is the newest of a ref, and for {@link
 * GitLimits.Disk#keepUnused} after it was last looked at or read.
 */
final class SharedMirror implements Looks.Work {
  private static final Logger LOG = LoggerFactory.getLogger(SharedMirror.class);
  private static final Duration PIN_TIMEOUT = Duration.ofSeconds(60);

  /** A ref that nobody looked at for so long is no longer followed by anyone. */
  private static final Duration FOLLOWED = Duration.ofDays(1);

  private final RemoteUrl url;
  private final Failures failures;
  private final CacheDirectory cache;
  private final CacheBudget budget;
  private final String name;
  private final GitLimits limits;
  private final InstantSource clock;
  private final Kept kept;
  private final Fetcher fetcher;
  private final Looks looks;
  private final History history;
  private final Turns turns;
  private final Room room;

  private final Absences absences = new Absences();
  private final ReentrantLock writing = new ReentrantLock();
  private volatile @Nullable Store store;
  private int generation;
  private volatile boolean pinsMissing;

  /** The pins that a store was seen to hold. */
  private final Set<String> heldPins = ConcurrentHashMap.newKeySet();

  SharedMirror(
      RemoteUrl url,
      Connections connections,
      Failures failures,
      CacheDirectory cache,
      CacheBudget budget,
      String name,
      GitLimits limits,
      InstantSource clock,
      GitListener listener,
      Turns turns,
      Room room) {
    this.url = url;
    this.failures = failures;
    this.cache = cache;
    this.budget = budget;
    this.name = name;
    this.limits = limits;
    this.clock = clock;
    this.turns = turns;
    this.room = room;
    this.kept = new Kept(limits.disk().keepUnused(), clock);
    this.fetcher = new Fetcher(url, connections, failures, listener, turns, writing, kept);
    this.looks = new Looks(this, clock, "git " + url, failures.through());
    this.history =
        new History(
            url, connections, failures, cache, budget, name + "-history", limits, listener, turns);
  }

  Kept kept() {
    return kept;
  }

  Commit look(RefSelector ref, Instant freshSince, Duration timeout)
      throws GitException, InterruptedException {
    requireValid(ref);
    if (ref instanceof RefSelector.Hash hash) {
      Optional<Commit> here = alreadyHere(hash);
      if (here.isPresent()) {
        return here.get();
      }
    }
    // A commit by its hash is never out of date.
    boolean timeless = ref instanceof RefSelector.Hash;
    Commit commit = looks.await(ref, timeless ? Instant.MIN : freshSince, timeout);
    kept.touch(commit.revision().commit());
    if (timeless) {
      looks.forget(ref);
    }
    return commit;
  }

  /** Looks for a commit by its hash, unless it is here; the gate is asked before the remote is. */
  void fetch(String commit, Duration timeout, Mirror.Gate gate)
      throws GitException, InterruptedException {
    var hash = new RefSelector.Hash(commit);
    if (alreadyHere(hash).isEmpty()) {
      Optional<String> refusal = gate.refusal();
      if (refusal.isPresent()) {
        throw new GitException(Reason.FETCH_FAILED, refusal.get());
      }
      var _ = look(hash, Instant.MIN, timeout);
    }
  }

  private static void requireValid(RefSelector ref) throws GitException {
    String wrong =
        switch (ref) {
          case RefSelector.Head _ -> null;
          case RefSelector.Branch(String name) ->
              Repository.isValidRefName("refs/heads/" + name) ? null : "branch " + name;
          case RefSelector.Tag(String name) ->
              Repository.isValidRefName("refs/tags/" + name) ? null : "tag " + name;
          case RefSelector.Semver _ -> null;
          case RefSelector.Name(String name) ->
              name.startsWith("refs/") && Repository.isValidRefName(name) ? null : "ref " + name;
          case RefSelector.Hash(String commit) ->
              commit.matches("[0-9a-f]{40}") ? null : "commit " + commit;
        };
    if (wrong != null) {
      throw new GitException(
          Reason.REF_NOT_FOUND, "spec.ref is not possible in Git: " + Text.cut(wrong, 100));
    }
  }

  /** A commit never changes, so one that is here needs no request. */
  private Optional<Commit> alreadyHere(RefSelector.Hash hash) {
    Store current = store;
    if (current == null || current.unusable()) {
      return Optional.empty();
    }
    try {
      ObjectId id = ObjectId.fromString(hash.commit());
      if (current.holds(id)) {
        kept.touch(hash.commit());
        return Optional.of(current.describe(id, "commit"));
      }
    } catch (IOException e) {
      current.markDamaged(e);
    }
    return Optional.empty();
  }

  /**
   * One look, on a thread of {@link Looks}. A store that turns out to be damaged is replaced once,
   * and room is made once where there is none.
   */
  @Override
  public Commit look(RefSelector ref, Duration timeout) throws GitException, InterruptedException {
    Store current = usable();
    try {
      return fetcher.look(current, ref, timeout);
    } catch (RuntimeException e) {
      // What the remote sends is translated where it is read: JGit stumbled over a file of ours.
      LOG.atDebug().addKeyValue("url", url).setCause(e).log("A mirror could not be read");
      current.markDamaged(e);
    } catch (IOException e) {
      if (e instanceof OverBound why) {
        // What the ref was before is no longer kept for its being the newest.
        looks.forget(ref);
        if (!room.make(this, why)) {
          throw failures.translate(e);
        }
      } else if (Failures.damage(e) || current.unusable()) {
        current.markDamaged();
      } else {
        throw failures.translate(e);
      }
    }
    try {
      return fetcher.look(usable(), ref, timeout);
    } catch (IOException again) {
      throw failures.translate(again);
    }
  }

  /** The store, made anew if it has to be. */
  private Store usable() throws GitException, InterruptedException {
    Store current = store;
    if (current != null && !current.unusable()) {
      return current;
    }
    writing.lockInterruptibly();
    try {
      current = store;
      if (current != null && !current.unusable()) {
        return current;
      }
      if (current != null) {
        LOG.atInfo().addKeyValue("url", url).log("A mirror was damaged and is built anew");
      }
      return begin(current);
    } catch (IOException e) {
      throw failures.translate(e);
    } finally {
      writing.unlock();
    }
  }

  /** Makes a store in place of another one. */
  private Store begin(@Nullable Store former) throws IOException {
    cache.require();
    Store fresh =
        Store.create(cache.resolve(name + "-" + ++generation), limits, budget, turns, absences);
    store = fresh;
    if (former != null) {
      pinsMissing = true;
      former.discard();
    }
    return fresh;
  }

  /** Brings the pins back that the store has lost, and repacks when it is time. */
  @Override
  public void tidyUp() {
    Store current = store;
    if (current == null) {
      return;
    }
    if (pinsMissing || hasLostPins(current)) {
      restorePins(current);
    }
    if (current.crowded()) {
      repack(current);
    }
  }

  /** Of those that it had: whoever pins another one looks at it first. */
  private boolean hasLostPins(Store current) {
    Set<String> pinned = kept.pinned();
    heldPins.retainAll(pinned);
    boolean lost = false;
    try {
      for (String pin : pinned) {
        if (current.holds(ObjectId.fromString(pin))) {
          heldPins.add(pin);
        } else {
          lost |= heldPins.contains(pin);
        }
      }
    } catch (IOException | RuntimeException e) {
      current.markDamaged(e);
    }
    return lost;
  }

  /** What the remote no longer has stays away; for all else the next look tries again. */
  private void restorePins(Store into) {
    pinsMissing = false;
    for (String pin : kept.pinned()) {
      try {
        fetcher.look(into, new RefSelector.Hash(pin), PIN_TIMEOUT);
      } catch (GitException | IOException e) {
        if (e instanceof GitException known && known.reason() == Reason.REF_NOT_FOUND) {
          heldPins.remove(pin);
        } else {
          pinsMissing = true;
        }
        LOG.atInfo()
            .addKeyValue("url", url)
            .addKeyValue("commit", pin)
            .setCause(e)
            .log("A pinned commit could not be fetched again");
      } catch (InterruptedException e) {
        pinsMissing = true;
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /**
   * A failure costs disk at first; the store is then built anew by the next look. But not for want
   * of space, or on a disk that takes nothing: what is pinned might not come back.
   */
  private void repack(Store crowded) {
    try (Turns.Turn _ = turns.repack()) {
      writing.lockInterruptibly();
      try {
        collect(crowded, kept.all(newest()));
      } finally {
        writing.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The owner has the lock. */
  private void collect(Store crowded, Set<String> keep) {
    try {
      if (!crowded.collect(keep)) {
        LOG.atDebug().addKeyValue("url", url).log("There is no room to repack a mirror");
      }
    } catch (IOException | RuntimeException e) {
      if (!Failures.diskFull(e) && !Failures.readOnly(e)) {
        crowded.markDamaged(e);
      }
      LOG.atWarn().addKeyValue("url", url).setCause(e).log("A mirror could not be repacked");
    }
  }

  private Collection<Commit> newest() {
    return looks.newest(clock.instant().minus(FOLLOWED));
  }

  /** What a repack could not take away before; 0 while there is no mirror. */
  long loose() {
    Store current = store;
    return current == null ? 0 : current.account().loose();
  }

  /** Whether a fetch that could not write then may write so much now. */
  boolean hasRoom(OverBound then, long bytes) {
    Store current = store;
    if (current == null) {
      return true;
    }
    try {
      Fetcher.requireRoom(current, then, bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Deletes the history, unless it is at work. */
  void giveUpHistory() {
    history.giveUp();
  }

  /**
   * Gives back what is neither pinned, nor newest, nor being read: by a repack, or, where nothing
   * in it is needed, by beginning anew, which wants no room for a copy. Does nothing while somebody
   * writes.
   */
  void giveUpUnneeded() throws InterruptedException {
    try (Turns.Turn _ = turns.repack()) {
      if (!writing.tryLock()) {
        return;
      }
      try {
        Store current = store;
        Set<String> needed = kept.needed(newest());
        if (current == null || current.unusable() || !current.wasteful(needed)) {
          return;
        }
        if (current.holdsAny(needed)) {
          collect(current, needed);
        } else {
          begin(current);
        }
      } catch (IOException e) {
        LOG.atWarn().addKeyValue("url", url).setCause(e).log("A mirror could not be begun anew");
      } finally {
        writing.unlock();
      }
    }
  }

  Snapshot tree(String commit, String path, List<String> ignore, Predicate<String> wanted)
      throws GitException {
    String below = TreePath.normalise(path);
    return walk(
        commit,
        limits.tree(),
        (store, tree) -> {
          var walker = new TreeWalker(tree, new TreeCount(limits.tree()), false, "", wanted);
          List<TreeFile> files = walker.list(below, IgnoreRules.of(below, ignore));
          return new Snapshot(store, commit, files, walker.ignored(), limits.tree().reading());
        });
  }

  Optional<String> treeId(String commit, String path) throws GitException {
    String below = TreePath.normalise(path);
    return walk(commit, limits.tree(), (_, tree) -> tree.treeId(below).map(ObjectId::name));
  }

  /** What is done with the tree of a commit. */
  interface Walk<T> {
    T take(Store store, CommitTree tree) throws GitException, IOException;
  }

  <T> T walk(String commit, GitLimits.Tree bounds, Walk<T> walk) throws GitException {
    Store current = reading(commit);
    var time = new ReadingTime(bounds.reading());
    try {
      return current.read(() -> {
        try (var reader = current.repository().turnedReader(time)) {
          ObjectId root = current.rootTree(ObjectId.fromString(commit));
          return walk.take(current, new CommitTree(reader, bounds, root, commit));
        }
      });
    } catch (IOException e) {
      throw current.unreadable(commit, e);
    }
  }

  Optional<Blame> blame(
      String commit, String path, Duration wait, Duration timeout, Mirror.Gate gate)
      throws GitException, InterruptedException {
    return history.blame(commit, TreePath.normalise(path), wait, timeout, gate);
  }

  void verify(String commit, RefSelector ref, Signers signers) throws GitException {
    Store current = reading(commit);
    try {
      current.read(() -> {
        new Verification(current, signers, clock.instant())
            .require(ObjectId.fromString(commit), ref);
        return commit;
      });
    } catch (IOException e) {
      throw current.unreadable(commit, e);
    }
  }

  private Store reading(String commit) throws GitException {
    Store current = store;
    if (current == null) {
      throw Store.lost(commit, null);
    }
    try {
      if (!current.read(() -> current.holds(ObjectId.fromString(commit)))) {
        throw Store.lost(commit, null);
      }
    } catch (IOException e) {
      throw current.unreadable(commit, e);
    }
    kept.touch(commit);
    return current;
  }

  /** Stops all looks and deletes the files. */
  void close() throws InterruptedException, IOException {
    history.close();
    looks.close();
    Store current = store;
    if (current != null) {
      current.discard();
    }
  }
}
