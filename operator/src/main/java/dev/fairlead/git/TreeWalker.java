package dev.fairlead.git;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Walks one commit's directories. Trusts nothing in them: names, order, modes, sizes, depth and
 * number are checked on the way, and everything that a person could take for a part of the desired
 * state, but that is not read, is a problem and not a silence.
 *
 * <p>Symbolic links are followed, and what is behind them is looked at under the names that they
 * give it: these decide what is ignored and what is wanted. A file that is reached in several ways
 * is still one file. For one walk on one thread.
 */
final class TreeWalker {
  /** Longer ones fit on no file system of a working copy. */
  private static final int PATH = 4_096;

  private final CommitTree tree;
  private final TreeReader reader;
  private final TreeCount count;
  private final boolean submodules;
  private final String at;
  private final Predicate<String> wanted;

  private final Map<String, TreeFile> files = new TreeMap<>();
  private final List<Gitlink> gitlinks = new ArrayList<>();
  private final Map<String, String> gitlinksBehindLinks = new TreeMap<>();
  private final TreeProblems problems = new TreeProblems();
  private boolean ignored;

  /**
   * @param count of the reading that this walk is a part of
   * @param submodules whether these are listed as {@link #gitlinks}, and no problem
   * @param at where this repository is in the whole that the ignore rules are about, {@code ""} for
   *     the first
   * @param wanted which files, by their path from here
   */
  TreeWalker(
      CommitTree tree, TreeCount count, boolean submodules, String at, Predicate<String> wanted) {
    this.tree = tree;
    this.reader = tree.reader();
    this.count = count;
    this.submodules = submodules;
    this.at = at;
    this.wanted = wanted;
  }

  /**
   * A directory on the way.
   *
   * @param path that it was come to by
   * @param place its own path, which differs when the other goes through a link
   */
  private record Directory(
      ObjectId id,
      String path,
      String place,
      int depth,
      IgnoreRules rules,
      @Nullable Directory parent) {
    boolean behindLink() {
      return !path.equals(place);
    }

    /** Whether one of the directories on the way here lies in it, or is it. */
    boolean isBelow(String directory) {
      for (Directory d = this; d != null; d = d.parent) {
        if (TreePath.holds(directory, d.place)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * All files below a directory that are wanted, sorted by path.
   *
   * @throws GitException PATH_NOT_FOUND, or BUILD_FAILED naming what cannot be used
   */
  List<TreeFile> list(String path, IgnoreRules rules) throws GitException, IOException {
    ObjectId top = tree.directory(path);
    var links = new SymbolicLinks(reader, count, path, top);
    int limit = count.limits().depth();
    Deque<Directory> ahead = new ArrayDeque<>();
    int depth = TreePath.depth(at) + TreePath.depth(path);
    ahead.push(new Directory(top, path, path, depth, rules, null));
    while (!ahead.isEmpty()) {
      Directory directory = ahead.pop();
      if (directory.depth() > limit) {
        throw TreeProblems.bad(
            TreePath.shown(directory.path())
                + " lies deeper than the allowed "
                + limit
                + " directories");
      }
      meet(directory, links).forEach(ahead::push);
    }
    refuseGitlinksBehindLinks();
    problems.throwIfAny();
    return List.copyOf(files.values());
  }

  /** Whether {@link #list} left something out that would have been looked at otherwise. */
  boolean ignored() {
    return ignored;
  }

  /** The submodules that {@link #list} met, in the order of the walk. */
  List<Gitlink> gitlinks() {
    return List.copyOf(gitlinks);
  }

  /** Takes a directory's files and notes its problems; returns its directories. */
  private List<Directory> meet(Directory directory, SymbolicLinks links)
      throws GitException, IOException {
    List<Directory> directories = new ArrayList<>();
    var names = new TreeNames();
    List<TreeEntry> listing = reader.load(directory.id(), directory.path());
    IgnoreRules rules = rules(directory, listing);
    for (TreeEntry entry : listing) {
      count.entry();
      String path = TreePath.join(directory.path(), entry.name());
      if (path.length() > PATH) {
        throw TreeProblems.bad(
            TreePath.shown(path) + ": the path is longer than " + PATH + " characters");
      }
      // A submodule is a directory to whoever works on the repository.
      boolean asDirectory = entry.isDirectory() || entry.isSubmodule();
      if (rules.ignores(TreePath.join(at, path), asDirectory)) {
        ignored = true;
        continue;
      }
      if (entry.isSubmodule()) {
        submodule(directory, entry, path, rules, names);
      } else if (entry.isSymlink()) {
        link(directory, entry, path, rules, names, links).ifPresent(directories::add);
      } else if (entry.isDirectory()) {
        names.problem(path, entry.name()).ifPresent(problems::add);
        directories.add(enter(directory, entry.id(), path, place(directory, entry, path), rules));
      } else if (wanted.test(path)) {
        names.problem(path, entry.name()).ifPresent(problems::add);
        take(place(directory, entry, path), path, entry);
      }
    }
    return directories;
  }

  private static String place(Directory directory, TreeEntry entry, String path) {
    return directory.behindLink() ? TreePath.join(directory.place(), entry.name()) : path;
  }

  private Directory enter(Directory from, ObjectId id, String path, String place, IgnoreRules rules)
      throws GitException {
    count.held(path, place);
    return new Directory(id, path, place, from.depth() + 1, rules, from);
  }

  private void submodule(
      Directory directory, TreeEntry entry, String path, IgnoreRules rules, TreeNames names) {
    if (!submodules) {
      problems.add(
          TreePath.shown(path)
              + ": a submodule: set spec.submodules to have it fetched, or spec.path to a"
              + " directory without it");
      return;
    }
    names.problem(path, entry.name()).ifPresent(problems::add);
    if (directory.behindLink()) {
      gitlinksBehindLinks.putIfAbsent(place(directory, entry, path), path);
    } else {
      gitlinks.add(new Gitlink(path, entry.id(), rules));
    }
  }

  /**
   * Its rules would be those of another place. What is read where it is needs no second reading.
   */
  private void refuseGitlinksBehindLinks() {
    Set<String> read = new HashSet<>();
    gitlinks.forEach(g -> read.add(g.path()));
    gitlinksBehindLinks.forEach((place, path) -> {
      if (!read.contains(place)) {
        problems.add(
            TreePath.shown(path)
                + ": a submodule behind a symbolic link, which is not followed: do not have "
                + TreePath.shown(place)
                + " ignored");
      }
    });
  }

  /** The directory that a link leads to, if it is one. */
  private Optional<Directory> link(
      Directory directory,
      TreeEntry entry,
      String path,
      IgnoreRules rules,
      TreeNames names,
      SymbolicLinks links)
      throws GitException, IOException {
    switch (links.follow(directory.place(), entry, path)) {
      case SymbolicLinks.Target.Refused(String problem) -> problems.add(problem);
      case SymbolicLinks.Target.File(String place, TreeEntry file) -> {
        if (wanted.test(path)) {
          count.link();
          names.problem(path, entry.name()).ifPresent(problems::add);
          take(place, path, file);
        }
      }
      case SymbolicLinks.Target.Directory(String place, ObjectId id) -> {
        if (directory.isBelow(place)) {
          problems.add(
              TreePath.shown(path)
                  + ": a symbolic link to "
                  + TreePath.shown(place.isEmpty() ? "the root" : place)
                  + ", which it lies in itself: remove it, or name it in spec.ignore");
        } else {
          count.link();
          names.problem(path, entry.name()).ifPresent(problems::add);
          return Optional.of(enter(directory, id, path, place, rules));
        }
      }
    }
    return Optional.empty();
  }

  private void take(String place, String readAs, TreeEntry entry) throws GitException, IOException {
    TreeFile known = files.get(place);
    if (known == null) {
      count.file();
      count.held(readAs, place);
    } else if (known.readAs().equals(place)
        || (!readAs.equals(place) && known.readAs().compareTo(readAs) <= 0)) {
      return;
    }
    files.put(place, new TreeFile(place, readAs, entry.id().name(), reader.size(entry, place)));
  }

  /** The rules in a directory, with those of its own file. */
  private IgnoreRules rules(Directory directory, List<TreeEntry> listing)
      throws GitException, IOException {
    for (TreeEntry entry : listing) {
      if (entry.name().equals(IgnoreRules.FILE) && (entry.isFile() || entry.isSymlink())) {
        String path = TreePath.join(directory.path(), entry.name());
        if (entry.isSymlink()) {
          // Neither does Git follow a .gitignore.
          throw TreeProblems.bad(
              TreePath.shown(path)
                  + ": a symbolic link, which is not followed: put the file itself there");
        }
        Optional<byte[]> file = reader.content(entry, path, IgnoreRules.BYTES);
        if (file.isEmpty()) {
          throw TreeProblems.bad(
              TreePath.shown(path) + " is over the limit of " + Text.size(IgnoreRules.BYTES));
        }
        return directory.rules().with(TreePath.join(at, directory.path()), file.get());
      }
    }
    return directory.rules();
  }
}
