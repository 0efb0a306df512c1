package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;

/** What is where in one commit; nothing is followed on the way. For one thread. */
final class CommitTree {
  private final TreeReader trees;
  private final GitLimits.Tree limits;
  private final String commit;

  /**
   * @param root the commit's own tree
   */
  CommitTree(ObjectReader reader, GitLimits.Tree limits, ObjectId root, String commit) {
    this.trees = new TreeReader(reader, root, limits.bytes());
    this.limits = limits;
    this.commit = commit.substring(0, 7);
  }

  TreeReader reader() {
    return trees;
  }

  GitLimits.Tree limits() {
    return limits;
  }

  /** The id of a directory, or empty when there is none of that path. */
  Optional<ObjectId> treeId(String path) throws GitException, IOException {
    return trees.find(path).filter(TreeEntry::isDirectory).map(TreeEntry::id);
  }

  /** A file that is neither a link nor executable, or empty when there is none. */
  Optional<TreeEntry> plainFile(String path) throws GitException, IOException {
    return trees.find(path).filter(e -> FileMode.REGULAR_FILE.equals(e.mode()));
  }

  /** The first submodule on the way to a path, which may be its end. */
  Optional<Gitlink> crossing(String path, IgnoreRules rules) throws GitException, IOException {
    String walked = "";
    for (String segment : TreePath.segments(path)) {
      walked = TreePath.join(walked, segment);
      Optional<TreeEntry> entry = trees.find(walked);
      if (entry.isPresent() && entry.get().isSubmodule()) {
        return Optional.of(new Gitlink(walked, entry.get().id(), rules));
      }
    }
    return Optional.empty();
  }

  /**
   * The id of the sync's directory.
   *
   * @throws GitException PATH_NOT_FOUND: there is something else, or nothing
   */
  ObjectId directory(String path) throws GitException, IOException {
    ObjectId at = trees.root();
    String walked = "";
    for (String segment : TreePath.segments(path)) {
      String next = TreePath.join(walked, segment);
      List<TreeEntry> listing = trees.load(at, walked);
      TreeEntry entry =
          listing.stream()
              .filter(e -> e.name().equals(segment))
              .findFirst()
              .orElseThrow(() -> missing(path, next, listing));
      if (entry.isSymlink()) {
        throw notFound(
            path,
            TreePath.shown(next)
                + " is a symbolic link, and spec.path must not lead through one: name the directory"
                + " itself");
      }
      if (entry.isSubmodule()) {
        throw notFound(
            path, TreePath.shown(next) + " is a submodule: set spec.submodules to have it fetched");
      }
      if (!entry.isDirectory()) {
        throw notFound(path, TreePath.shown(next) + " is a file: spec.path must be a directory");
      }
      at = entry.id();
      walked = next;
    }
    return at;
  }

  private GitException missing(String path, String absent, List<TreeEntry> listing) {
    String parent = absent.contains("/") ? absent.substring(0, absent.lastIndexOf('/')) : "";
    List<String> there =
        listing.stream()
            .filter(TreeEntry::isDirectory)
            .map(e -> TreePath.shown(e.name()))
            .limit(5)
            .toList();
    return notFound(
        path,
        (parent.isEmpty() ? "the root" : TreePath.shown(parent))
            + (there.isEmpty() ? " has no directories" : " has " + String.join(", ", there)));
  }

  private GitException notFound(String path, String why) {
    return new GitException(
        Reason.PATH_NOT_FOUND,
        "spec.path " + TreePath.shown(path) + " does not exist at commit " + commit + ": " + why);
  }
}
