package dev.fairlead.git;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The submodules of one sync's repository: reads a commit together with them, or tells the history
 * of a file in one, and fetches those commits of theirs that are not here yet, each by its hash and
 * into a mirror of its own.
 *
 * <p>Guarantees that nothing is asked of another server than the repository's own, nor by another
 * way; that what one reading brings is bounded in number and depth beside the limits of {@link
 * GitLimits}; and that the submodules' commits stay readable as long as the pinned commits that
 * they belong to. Any thread may call.
 */
final class Submodules {
  /** Of one reading, also nested ones. */
  static final int NUMBER = 32;

  /** A submodule of a submodule has the depth 2. */
  static final int DEPTH = 4;

  private final Mirrors owner;
  private final SharedMirror root;
  private final RemoteUrl url;
  private final Mirrors.Key key;
  private final GitLimits limits;

  private final Map<RemoteUrl, Mirror> held = new HashMap<>();
  private final Map<String, Set<Use>> uses = new HashMap<>();
  private final Set<String> pinned = new HashSet<>();
  private Set<Use> kept = Set.of();
  private boolean closed;

  /** That a commit of a submodule's repository is a part of what was read. */
  private record Use(RemoteUrl url, String commit) {}

  Submodules(Mirrors owner, SharedMirror root, Mirrors.Key key, GitLimits limits) {
    this.owner = owner;
    this.root = root;
    this.url = key.url();
    this.key = key;
    this.limits = limits;
  }

  /**
   * @param timeout bounds all that has to be fetched
   */
  Snapshot read(
      String commit, String path, List<String> ignore, Predicate<String> wanted, Duration timeout)
      throws GitException, InterruptedException {
    var reading = new Reading(wanted, System.nanoTime() + timeout.toNanos());
    String below = TreePath.normalise(path);
    reading.enter(root, url, commit, "", below, IgnoreRules.of(below, ignore), 0);
    use(commit, reading.uses);
    reading.files.sort(Comparator.comparing(TreeFile::path));
    return new Snapshot(
        reading.parts, commit, reading.files, reading.ignoring, limits.tree().reading());
  }

  /** Of the directory, or of the submodule that it is or lies in; and of where these come from. */
  Optional<String> treeId(String commit, String path) throws GitException {
    String below = TreePath.normalise(path);
    return root.walk(
        commit,
        limits.tree(),
        (_, tree) -> {
          Optional<Gitlink> crossing = tree.crossing(below, IgnoreRules.of(below, List.of()));
          Optional<String> id =
              crossing.isPresent()
                  ? crossing.map(link -> link.commit().name() + ":" + link.path())
                  : tree.treeId(below).map(ObjectId::name);
          Optional<TreeEntry> modules = tree.plainFile(GitModules.NAME);
          return id.map(i -> i + modules.map(m -> "+" + m.id().name()).orElse(""));
        });
  }

  /** As {@link Mirror#blameWithSubmodules}. */
  Optional<Blame> blame(
      String commit, String path, Duration wait, Duration timeout, Mirror.Gate gate)
      throws GitException, InterruptedException {
    long until = System.nanoTime() + wait.toNanos();
    SharedMirror mirror = root;
    RemoteUrl from = url;
    String at = "";
    String in = commit;
    String rest = TreePath.normalise(path);
    for (int depth = 1; ; depth++) {
      Optional<Gitlink> crossing;
      try {
        mirror.fetch(in, timeout, gate);
        crossing = crossing(mirror, in, rest);
        if (crossing.isEmpty()) {
          Optional<Blame> found = blame(mirror, in, rest, until, timeout, gate);
          return at.isEmpty() ? found : found.map(below(commit, path, at, from));
        }
      } catch (GitException e) {
        throw at.isEmpty() ? e : within(at, e);
      }
      Gitlink link = crossing.get();
      if (rest.equals(link.path())) {
        throw new GitException(
            Reason.PATH_NOT_FOUND, Text.cut(path, 200) + " is a submodule, and no file");
      }
      GitModules modules = modules(mirror, in, at);
      at = TreePath.join(at, link.path());
      if (depth > DEPTH) {
        throw tooDeep(at);
      }
      from = modules.source(link.path(), Text.cut(at, 200), from);
      mirror = hold(from).shared();
      letIdleGo(from);
      in = link.commit().name();
      rest = rest.substring(link.path().length() + 1);
    }
  }

  private Optional<Gitlink> crossing(SharedMirror mirror, String commit, String path)
      throws GitException {
    return mirror.walk(
        commit, limits.tree(), (_, tree) -> tree.crossing(path, IgnoreRules.of(path, List.of())));
  }

  private static Optional<Blame> blame(
      SharedMirror mirror,
      String commit,
      String path,
      long until,
      Duration timeout,
      Mirror.Gate gate)
      throws GitException, InterruptedException {
    Duration left = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
    return mirror.blame(commit, path, left, timeout, gate);
  }

  private static UnaryOperator<Blame> below(
      String commit, String path, String at, RemoteUrl source) {
    return inner ->
        new Blame(
            commit,
            path,
            Optional.of(new Blame.Submodule(at, source.display(), inner.commit())),
            inner.lines());
  }

  private static GitException tooDeep(String at) {
    return GitModules.bad(
        Text.cut(at, 200) + ": submodules in submodules are deeper than the allowed " + DEPTH);
  }

  /** One reading, on one thread. */
  private final class Reading {
    final Predicate<String> wanted;
    final long deadline;
    final List<Snapshot.Part> parts = new ArrayList<>();
    final List<TreeFile> files = new ArrayList<>();
    final Set<Use> uses = new HashSet<>();
    TreeCount count = new TreeCount(limits.tree());
    boolean ignoring;
    int number;

    Reading(Predicate<String> wanted, long deadline) {
      this.wanted = wanted;
      this.deadline = deadline;
    }

    /**
     * @param at the path of this repository in the whole, {@code ""} for the first
     * @param path below it
     * @param rules what is ignored there
     */
    void enter(
        SharedMirror mirror,
        RemoteUrl from,
        String commit,
        String at,
        String path,
        IgnoreRules rules,
        int depth)
        throws GitException, InterruptedException {
      Optional<Gitlink> crossing;
      List<Gitlink> links;
      try {
        crossing = mirror.walk(commit, limits.tree(), (_, tree) -> tree.crossing(path, rules));
        links =
            crossing.isPresent() ? List.of(crossing.get()) : list(mirror, commit, at, path, rules);
      } catch (GitException e) {
        throw at.isEmpty() ? e : within(at, e);
      }
      if (links.isEmpty()) {
        return;
      }
      GitModules modules = modules(mirror, commit, at);
      for (Gitlink link : links) {
        String rest =
            crossing.isPresent() && path.length() > link.path().length()
                ? path.substring(link.path().length() + 1)
                : "";
        follow(modules, from, link, at, rest, depth + 1);
      }
    }

    private List<Gitlink> list(
        SharedMirror mirror, String commit, String at, String path, IgnoreRules rules)
        throws GitException {
      return mirror.walk(
          commit,
          limits.tree(),
          (store, tree) -> {
            // Counts for good only when it is done, for it may have to be done again.
            TreeCount counted = count.copy();
            var walker =
                new TreeWalker(tree, counted, true, at, p -> wanted.test(TreePath.join(at, p)));
            for (TreeFile file : walker.list(path, rules)) {
              files.add(file.below(at));
            }
            count = counted;
            ignoring |= walker.ignored();
            parts.add(new Snapshot.Part(at, commit, store));
            return walker.gitlinks();
          });
    }

    private void follow(
        GitModules modules, RemoteUrl from, Gitlink link, String at, String rest, int depth)
        throws GitException, InterruptedException {
      String path = TreePath.join(at, link.path());
      String shown = Text.cut(path, 200);
      if (depth > DEPTH) {
        throw tooDeep(path);
      }
      if (++number > NUMBER) {
        throw GitModules.bad(
            "there are more than the allowed " + NUMBER + " submodules; narrow spec.path");
      }
      RemoteUrl source = modules.source(link.path(), shown, from);
      String commit = link.commit().name();
      uses.add(new Use(source, commit));
      Mirror mirror = hold(source);
      fetch(mirror, commit, shown);
      enter(mirror.shared(), source, commit, path, rest, link.rules(), depth);
    }

    /** Whatever is in the way may pass: it was not pushed yet, or may not be read yet. */
    private void fetch(Mirror mirror, String commit, String shown)
        throws GitException, InterruptedException {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      try {
        mirror.look(new RefSelector.Hash(commit), Instant.MIN, left);
      } catch (GitException e) {
        throw new GitException(
            Reason.FETCH_FAILED,
            "the submodule " + shown + " cannot be fetched: " + e.getMessage(),
            e,
            e.retryAfter().orElse(null));
      }
    }
  }

  private static GitException within(String at, GitException e) {
    return new GitException(
        e.reason(),
        "in the submodule " + Text.cut(at, 200) + ": " + e.getMessage(),
        e,
        e.retryAfter().orElse(null),
        e.hostTrouble().orElse(null),
        e.isLimit());
  }

  private GitModules modules(SharedMirror mirror, String commit, String at) throws GitException {
    String file = TreePath.join(at, GitModules.NAME);
    return mirror.walk(
        commit,
        limits.tree(),
        (_, tree) -> {
          Optional<TreeEntry> entry = tree.plainFile(GitModules.NAME);
          if (entry.isEmpty()) {
            return GitModules.parse(file, "");
          }
          byte[] text =
              tree.reader()
                  .content(entry.get(), GitModules.NAME, GitModules.BYTES)
                  .orElseThrow(() ->
                      GitModules.bad(
                          file + " is over the limit of " + Text.size(GitModules.BYTES)));
          return GitModules.parse(file, new String(text, StandardCharsets.UTF_8));
        });
  }

  private synchronized Mirror hold(RemoteUrl source) throws GitException {
    if (closed) {
      throw new GitException(Reason.FETCH_FAILED, "the mirror is closed");
    }
    Mirror known = held.get(source);
    if (known == null) {
      known = owner.acquire(new Mirrors.Key(source, key.credentials(), key.proxy()));
      held.put(source, known);
    }
    return known;
  }

  /** Of what is not pinned only the newest reading counts. */
  private synchronized void use(String commit, Set<Use> all) {
    if (closed) {
      return;
    }
    uses.keySet().removeIf(c -> !c.equals(commit) && !pinned.contains(c));
    uses.computeIfAbsent(commit, _ -> new HashSet<>()).addAll(all);
    keep();
  }

  synchronized void pin(String commit) {
    pinned.add(commit);
    keep();
  }

  synchronized void unpin(String commit) {
    pinned.remove(commit);
    keep();
  }

  /** Pins what belongs to pinned commits, and lets mirrors go that nothing belongs to. */
  private void keep() {
    Set<Use> now = new HashSet<>();
    uses.forEach((commit, of) -> {
      if (pinned.contains(commit)) {
        now.addAll(of);
      }
    });
    kept.stream().filter(use -> !now.contains(use)).forEach(use -> at(use).unpin(use.commit()));
    now.forEach(use -> at(use).pin(use.commit()));
    kept = now;
    letIdleGo(null);
  }

  /**
   * Where there are many, those of no commit that was read.
   *
   * @param wanted another one that stays
   */
  private synchronized void letIdleGo(@Nullable RemoteUrl wanted) {
    if (held.size() > 2 * NUMBER) {
      Set<RemoteUrl> sources = new HashSet<>();
      uses.values().forEach(of -> of.forEach(use -> sources.add(use.url())));
      List<RemoteUrl> idle =
          held.keySet().stream().filter(u -> !sources.contains(u) && !u.equals(wanted)).toList();
      idle.forEach(u -> at(new Use(u, "")).close());
      held.keySet().removeAll(idle);
    }
  }

  private Mirror at(Use use) {
    return Objects.requireNonNull(held.get(use.url()));
  }

  void close() {
    List<Mirror> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(held.values());
      held.clear();
      uses.clear();
      kept = Set.of();
    }
    all.forEach(Mirror::close);
  }
}
