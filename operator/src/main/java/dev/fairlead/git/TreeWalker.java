package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/**
 * Walks one commit's directories. Trusts nothing in them: names, order, modes, sizes, depth and
 * number are checked on the way, and everything that a person could take for a part of the desired
 * state, but that is not read, is a problem and not a silence. For one walk on one thread.
 */
final class TreeWalker {
  private static final int PROBLEMS_SHOWN = 3;
  private static final int TARGET_BYTES = 4096;

  private final ObjectReader reader;
  private final GitLimits.Tree limits;
  private final ObjectId root;
  private final String commit;
  private final ObjectChecker checker =
      new ObjectChecker().setAllowLeadingZeroFileMode(true).setAllowInvalidPersonIdent(true);
  private final List<TreeFile> files = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final boolean submodules;
  private boolean ignored;
  private int entries;
  private int filesBefore;
  private int depthBefore;

  TreeWalker(ObjectReader reader, GitLimits.Tree limits, ObjectId root, String commit) {
    this(reader, limits, root, commit, false);
  }

  /** {@code submodules}: these are no problem, but listed as {@link #links}. */
  TreeWalker(
      ObjectReader reader,
      GitLimits.Tree limits,
      ObjectId root,
      String commit,
      boolean submodules) {
    this.submodules = submodules;
    this.reader = reader;
    this.limits = limits;
    this.root = root;
    this.commit = commit.substring(0, 7);
  }

  /**
   * A submodule: a commit of another repository.
   *
   * @param path from the root
   * @param rules for what is in it
   */
  record Link(String path, ObjectId commit, IgnoreRules rules) {}

  /** What a directory says of one name in it. */
  private record Entry(String name, int mode, ObjectId id) {
    boolean isTree() {
      return FileMode.TREE.equals(mode);
    }

    boolean isSymlink() {
      return FileMode.SYMLINK.equals(mode);
    }

    boolean isSubmodule() {
      return FileMode.GITLINK.equals(mode);
    }

    boolean isFile() {
      return !isTree() && !isSymlink() && !isSubmodule();
    }
  }

  private record Directory(ObjectId id, String path, int depth, IgnoreRules rules) {}

  /**
   * All files below a directory whose path from the root is wanted, sorted by path.
   *
   * @param at where this repository is in the whole that the rules are about, {@code ""} for the
   *     first; a file below it is {@code wanted} by its path from here
   * @throws GitException PATH_NOT_FOUND, or BUILD_FAILED naming what cannot be used
   */
  List<TreeFile> list(String at, String path, IgnoreRules rules, Predicate<String> wanted)
      throws GitException, IOException {
    Deque<Directory> ahead = new ArrayDeque<>();
    ahead.push(new Directory(directory(path), path, depthBefore + depth(path), rules));
    while (!ahead.isEmpty()) {
      Directory directory = ahead.pop();
      if (directory.depth() > limits.depth()) {
        throw bad(
            Text.cut(directory.path(), 200)
                + " lies deeper than the allowed "
                + limits.depth()
                + " directories");
      }
      meet(directory, at, wanted).forEach(ahead::push);
    }
    if (!problems.isEmpty()) {
      throw bad(summary());
    }
    files.sort(Comparator.comparing(TreeFile::path));
    return List.copyOf(files);
  }

  /** Takes a directory's files and notes its problems; returns its directories. */
  private List<Directory> meet(Directory directory, String at, Predicate<String> wanted)
      throws GitException, IOException {
    List<Directory> directories = new ArrayList<>();
    Map<String, String> spellings = new HashMap<>();
    List<Entry> listing = load(directory.id(), directory.path());
    IgnoreRules rules = rules(directory, at, listing);
    for (Entry entry : listing) {
      if (++entries > limits.entries()) {
        throw bad(
            "there are more than the allowed "
                + limits.entries()
                + " files and directories; narrow spec.path");
      }
      String path = join(directory.path(), entry.name());
      // A submodule is a directory to whoever works on the repository.
      if (rules.ignores(join(at, path), entry.isTree() || entry.isSubmodule())) {
        ignored = true;
        continue;
      }
      boolean matters = entry.isTree() || wanted.test(path);
      if (entry.isSubmodule()) {
        if (submodules) {
          oddName(path, entry.name(), spellings).ifPresent(problems::add);
          links.add(new Link(path, entry.id(), rules));
        } else {
          problems.add(
              shown(path)
                  + ": a submodule: set spec.submodules to have it fetched, or spec.path to a"
                  + " directory without it");
        }
        continue;
      }
      if (entry.isSymlink()) {
        symlink(directory.path(), entry, wanted.test(path)).ifPresent(problems::add);
        continue;
      }
      if (matters) {
        oddName(path, entry.name(), spellings).ifPresent(problems::add);
      }
      if (entry.isTree()) {
        directories.add(new Directory(entry.id(), path, directory.depth() + 1, rules));
      } else if (matters) {
        take(path, entry);
      }
    }
    return directories;
  }

  /** The rules in a directory, with those of its own file. */
  private IgnoreRules rules(Directory directory, String at, List<Entry> listing)
      throws GitException, IOException {
    for (Entry entry : listing) {
      if (entry.name().equals(IgnoreRules.FILE) && (entry.isFile() || entry.isSymlink())) {
        String path = join(directory.path(), entry.name());
        if (entry.isSymlink()) {
          throw bad(
              shown(path) + ": a symbolic link, which is not followed: put the file itself there");
        }
        if (reader.getObjectSize(entry.id(), Constants.OBJ_BLOB) > IgnoreRules.BYTES) {
          throw bad(shown(path) + " is over the limit of " + Text.size(IgnoreRules.BYTES));
        }
        byte[] file = reader.open(entry.id(), Constants.OBJ_BLOB).getCachedBytes(IgnoreRules.BYTES);
        return directory.rules().with(join(at, directory.path()), file);
      }
    }
    return directory.rules();
  }

  /** Whether {@link #list} left something out that would have been looked at otherwise. */
  boolean ignored() {
    return ignored;
  }

  private void take(String path, Entry entry) throws GitException, IOException {
    if (filesBefore + files.size() >= limits.files()) {
      throw bad(
          "there are more than the allowed "
              + limits.files()
              + " manifest files; narrow spec.path"
              + " or split the sync");
    }
    long size = reader.getObjectSize(entry.id(), Constants.OBJ_BLOB);
    files.add(new TreeFile(path, entry.id().name(), size));
  }

  private static Optional<String> oddName(String path, String name, Map<String, String> spellings) {
    if (name.indexOf('\\') >= 0) {
      return Optional.of(shown(path) + ": rename it, a name must not have a backslash");
    }
    if (name.codePoints().anyMatch(Text::odd)) {
      return Optional.of(
          shown(path) + ": rename it, a name must not have control or invisible characters");
    }
    // Where names ignore case (macOS, Windows) a working copy would have only one of the two, and
    // whoever reviewed there saw something else than what would be applied.
    String twin = spellings.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
    return twin == null
        ? Optional.empty()
        : Optional.of(shown(path) + ": rename it, only the case differs from " + shown(twin));
  }

  private Optional<String> symlink(String directory, Entry entry, boolean wouldBeRead)
      throws GitException, IOException {
    String path = shown(join(directory, entry.name()));
    if (reader.getObjectSize(entry.id(), Constants.OBJ_BLOB) > TARGET_BYTES) {
      return Optional.of(path + ": a symbolic link with a target that is too long");
    }
    String target =
        new String(
            reader.open(entry.id(), Constants.OBJ_BLOB).getCachedBytes(TARGET_BYTES),
            StandardCharsets.UTF_8);
    Optional<String> inside = resolve(directory, target);
    String link = path + ": a symbolic link to " + shown(target);
    if (inside.isEmpty()) {
      return Optional.of(link + ", which is outside of the repository: remove it");
    }
    if (wouldBeRead) {
      return Optional.of(link + ", and links are not followed: put the file itself there");
    }
    return find(inside.get()).filter(Entry::isTree).isPresent()
        ? Optional.of(link + ", and links are not followed: put the directory itself there")
        : Optional.empty();
  }

  /** The path from the root, or empty when it leaves the repository. */
  private static Optional<String> resolve(String directory, String target) {
    if (target.startsWith("/") || target.matches("(?s)[A-Za-z]:.*")) {
      return Optional.empty();
    }
    List<String> parts = new ArrayList<>(segments(directory));
    for (String part : target.split("/", -1)) {
      switch (part) {
        case "", "." -> {}
        case ".." -> {
          if (parts.isEmpty()) {
            return Optional.empty();
          }
          parts.removeLast();
        }
        default -> parts.add(part);
      }
    }
    return Optional.of(String.join("/", parts));
  }

  /** The submodules that {@link #list} met, in the order of the walk. */
  List<Link> links() {
    return List.copyOf(links);
  }

  /** Makes what others have listed before count against the limits. */
  void after(int entriesBefore, int filesBefore, int depthBefore) {
    this.entries = entriesBefore;
    this.filesBefore = filesBefore;
    this.depthBefore = depthBefore;
  }

  /** How many files and directories were looked at, also before. */
  int entries() {
    return entries;
  }

  /** The first submodule on the way to a path, which may be its end. */
  Optional<Link> crossing(String path, IgnoreRules rules) throws GitException, IOException {
    String walked = "";
    for (String segment : segments(path)) {
      walked = join(walked, segment);
      Optional<Entry> entry = find(walked);
      if (entry.isPresent() && entry.get().isSubmodule()) {
        return Optional.of(new Link(walked, entry.get().id(), rules));
      }
    }
    return Optional.empty();
  }

  /** The id of a file that is neither a link nor executable, or empty when there is none. */
  Optional<ObjectId> plainFile(String path) throws GitException, IOException {
    return find(path).filter(e -> FileMode.REGULAR_FILE.equals(e.mode())).map(Entry::id);
  }

  /** The id of a directory, or empty when there is none of that path. */
  Optional<ObjectId> treeId(String path) throws GitException, IOException {
    return find(path).filter(Entry::isTree).map(Entry::id);
  }

  private ObjectId directory(String path) throws GitException, IOException {
    ObjectId at = root;
    String walked = "";
    for (String segment : segments(path)) {
      String next = join(walked, segment);
      List<Entry> listing = load(at, walked);
      Entry entry =
          listing.stream()
              .filter(e -> e.name().equals(segment))
              .findFirst()
              .orElseThrow(() -> missing(path, next, listing));
      if (entry.isSymlink()) {
        throw notFound(path, shown(next) + " is a symbolic link, and links are not followed");
      }
      if (entry.isSubmodule()) {
        throw notFound(
            path, shown(next) + " is a submodule: set spec.submodules to have it fetched");
      }
      if (!entry.isTree()) {
        throw notFound(path, shown(next) + " is a file: spec.path must be a directory");
      }
      at = entry.id();
      walked = next;
    }
    return at;
  }

  private GitException missing(String path, String absent, List<Entry> listing) {
    String parent = absent.contains("/") ? absent.substring(0, absent.lastIndexOf('/')) : "";
    List<String> there =
        listing.stream().filter(Entry::isTree).map(e -> shown(e.name())).limit(5).toList();
    return notFound(
        path,
        (parent.isEmpty() ? "the root" : shown(parent))
            + (there.isEmpty() ? " has no directories" : " has " + String.join(", ", there)));
  }

  private GitException notFound(String path, String why) {
    return new GitException(
        Reason.PATH_NOT_FOUND,
        "spec.path " + shown(path) + " does not exist at commit " + commit + ": " + why);
  }

  private Optional<Entry> find(String path) throws GitException, IOException {
    Entry at = new Entry("", FileMode.TREE.getBits(), root);
    String walked = "";
    for (String segment : segments(path)) {
      if (!at.isTree()) {
        return Optional.empty();
      }
      Entry next = null;
      for (Entry entry : load(at.id(), walked)) {
        if (entry.name().equals(segment)) {
          next = entry;
        }
      }
      if (next == null) {
        return Optional.empty();
      }
      walked = join(walked, segment);
      at = next;
    }
    return Optional.of(at);
  }

  private List<Entry> load(ObjectId id, String path) throws GitException, IOException {
    String place = path.isEmpty() ? "the root directory" : shown(path);
    if (reader.getObjectSize(id, Constants.OBJ_TREE) > limits.bytes()) {
      throw bad(place + " has more entries than fit into " + Text.size(limits.bytes()));
    }
    byte[] raw;
    try {
      raw = reader.open(id, Constants.OBJ_TREE).getCachedBytes(limits.bytes());
      checker.reset();
      checker.checkTree(id, raw);
    } catch (LargeObjectException e) {
      throw bad(place + " is too large a directory");
    } catch (CorruptObjectException e) {
      throw bad(place + " is not a proper Git directory (" + reasonOf(e, id) + ")");
    }
    List<Entry> listing = new ArrayList<>();
    var parser = new CanonicalTreeParser();
    for (parser.reset(raw); !parser.eof(); parser.next(1)) {
      listing.add(new Entry(name(parser), parser.getEntryRawMode(), parser.getEntryObjectId()));
    }
    return listing;
  }

  private static String reasonOf(CorruptObjectException e, ObjectId id) {
    String text = e.getMessage() == null ? "" : e.getMessage();
    return Text.cut(text.replace(id.name(), "").replaceFirst("^(Object|object)[ :]+", ""), 120);
  }

  /** What is not UTF-8 becomes U+FFFD, which makes the name an odd one. */
  private static String name(CanonicalTreeParser parser) {
    int length = parser.getNameLength();
    int start = parser.getEntryPathLength() - length;
    return new String(parser.getEntryPathBuffer(), start, length, StandardCharsets.UTF_8);
  }

  private String summary() {
    String shown =
        String.join("; ", problems.subList(0, Math.min(PROBLEMS_SHOWN, problems.size())));
    int more = problems.size() - PROBLEMS_SHOWN;
    return more > 0 ? shown + "; and " + more + " more like these" : shown;
  }

  private static GitException bad(String message) {
    return new GitException(Reason.BUILD_FAILED, message);
  }

  private static String shown(String path) {
    return path.isEmpty() ? "\"\"" : Text.cut(path, 200);
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : name.isEmpty() ? directory : directory + "/" + name;
  }

  private static int depth(String path) {
    return segments(path).size();
  }

  private static List<String> segments(String path) {
    return path.isEmpty() ? List.of() : List.of(path.split("/", -1));
  }

  /**
   * A path as people write it ({@code ./deploy/}) in the one form used here ({@code deploy}).
   *
   * @throws GitException PATH_NOT_FOUND: it has {@code ..} in it
   */
  static String normalise(String path) throws GitException {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      switch (part) {
        case "", "." -> {}
        case ".." ->
            throw new GitException(
                Reason.PATH_NOT_FOUND, "spec.path must not have .. in it: " + shown(path));
        default -> parts.add(part);
      }
    }
    return String.join("/", parts);
  }
}
