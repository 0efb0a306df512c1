package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Commit;
import dev.fairlead.model.RefSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One sync's hold on the mirror of its repository. Others may hold the same mirror: they share its
 * looks and its objects, but each has pins of its own. Any thread may call; after {@link #close}
 * nothing may be called but {@code close}.
 */
public final class Mirror implements AutoCloseable {
  private final Mirrors owner;
  private final Mirrors.Key key;
  private final SharedMirror shared;
  private final Submodules submodules;
  private final Set<String> pinned = new HashSet<>();
  private boolean closed;

  /** Says whether the remote may be asked now. Any thread may call it. */
  public interface Gate {
    /** It may, always. */
    Gate OPEN = Optional::empty;

    /** Why it may not, for people; empty when it may. */
    Optional<String> refusal();
  }

  Mirror(Mirrors owner, Mirrors.Key key, SharedMirror shared, GitLimits limits) {
    this.owner = owner;
    this.key = key;
    this.shared = shared;
    this.submodules = new Submodules(owner, shared, key, limits);
  }

  SharedMirror shared() {
    return shared;
  }

  /**
   * Asks the remote where a ref points to, and fetches that commit if it is not here yet. A commit
   * by its hash is not asked for when it is here.
   *
   * @param freshSince the answer of a look that began then or later will do, also one that another
   *     sync asked for: now, or a part of an interval ago
   * @param timeout bounds all of it
   * @throws GitException FETCH_FAILED, AUTHENTICATION_FAILED or REF_NOT_FOUND
   */
  public Commit look(RefSelector ref, Instant freshSince, Duration timeout)
      throws GitException, InterruptedException {
    return shared.look(ref, freshSince, timeout);
  }

  /**
   * The files of a commit that {@link #look} returned, or that is pinned, below a path, without
   * what {@code .fairleadignore} files there say.
   *
   * <p>Symbolic links are followed below the path; a file that is reached in several ways is listed
   * once.
   *
   * @param path a directory from the repository's root, {@code ""} for the root
   * @param wanted which files, by their path from the root, or that of a link to them; others are
   *     neither listed nor limited
   * @throws GitException PATH_NOT_FOUND; BUILD_FAILED when there are too many files, names that
   *     would be read otherwise elsewhere, links that lead nowhere or away from the path,
   *     submodules; FETCH_FAILED when the commit has to be looked at again first
   */
  public Snapshot tree(String commit, String path, Predicate<String> wanted) throws GitException {
    return tree(commit, path, List.of(), wanted);
  }

  /**
   * The same without what is ignored: what the patterns match, and those in {@code .fairleadignore}
   * files at the path and below, as Git reads its own. Nothing of it is looked at.
   *
   * @param ignore lines of an ignore file that has the last word, as if it stood at the path
   * @throws GitException as without; BUILD_FAILED too when the patterns are too large or take too
   *     long
   */
  public Snapshot tree(String commit, String path, List<String> ignore, Predicate<String> wanted)
      throws GitException {
    return shared.tree(commit, path, ignore, wanted);
  }

  /**
   * The same, with the files of the submodules below the path, and also where the path itself is in
   * one. What is missing of them is fetched first, from the repository's own host.
   *
   * @param timeout bounds the fetching
   * @throws GitException as without; FETCH_FAILED when a submodule cannot be fetched, BUILD_FAILED
   *     when it must not be
   */
  public Snapshot treeWithSubmodules(
      String commit, String path, List<String> ignore, Predicate<String> wanted, Duration timeout)
      throws GitException, InterruptedException {
    return submodules.read(commit, path, ignore, wanted, timeout);
  }

  /** Like {@link #treeId}, for {@link #treeWithSubmodules}. Fetches nothing. */
  public Optional<String> treeIdWithSubmodules(String commit, String path) throws GitException {
    return submodules.treeId(commit, path);
  }

  /**
   * The hash of a directory: equal hashes mean equal content. Empty when there is no such
   * directory. Cheaper than {@link #tree}.
   */
  public Optional<String> treeId(String commit, String path) throws GitException {
    return shared.treeId(commit, path);
  }

  /**
   * Where the lines of a file come from. History is fetched for it, on demand and apart.
   *
   * @param commit one that the remote has
   * @param path of the file, from the repository's root
   * @param wait how long the caller waits; the work goes on for the next one who asks
   * @param timeout of each fetch
   * @param gate asked before each fetch; one that is under way for somebody else has passed his
   * @return empty when it takes longer
   * @throws GitException PATH_NOT_FOUND: there is no such file; BUILD_FAILED: it is too large; and
   *     as {@link #look}; FETCH_FAILED too when the gate refuses
   */
  public Optional<Blame> blame(
      String commit, String path, Duration wait, Duration timeout, Gate gate)
      throws GitException, InterruptedException {
    return shared.blame(commit, path, wait, timeout, gate);
  }

  /**
   * The same, also where the file lies in a submodule: its lines come from the submodule's own
   * repository, at the commit that the repository around it names. The commit itself, and those of
   * submodules, are fetched where they are not here, as {@link #treeWithSubmodules} does.
   *
   * @throws GitException as without; BUILD_FAILED too when the submodule must not be fetched
   */
  public Optional<Blame> blameWithSubmodules(
      String commit, String path, Duration wait, Duration timeout, Gate gate)
      throws GitException, InterruptedException {
    return submodules.blame(commit, path, wait, timeout, gate);
  }

  /**
   * Requires that a commit, or the tag of it that is followed, carries a signature that counts now;
   * reads nothing else of it.
   *
   * @param ref how the commit was come by: a tag's own signature counts where that tag is followed
   * @throws GitException SIGNATURE_INVALID; FETCH_FAILED when the commit has to be looked at again
   *     first
   */
  public void verify(String commit, RefSelector ref, Signers signers) throws GitException {
    shared.verify(commit, ref, signers);
  }

  /** Keeps a commit readable until {@link #unpin}, {@link #close}, or the end of the process. */
  public synchronized void pin(String commit) {
    if (!closed && pinned.add(commit)) {
      shared.kept().pin(commit);
      submodules.pin(commit);
    }
  }

  public synchronized void unpin(String commit) {
    if (pinned.remove(commit)) {
      shared.kept().unpin(commit);
      submodules.unpin(commit);
    }
  }

  /** Lets go; the last one to do so removes the mirror. Idempotent. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      pinned.forEach(shared.kept()::unpin);
      pinned.clear();
    }
    submodules.close();
    owner.release(key);
  }
}
