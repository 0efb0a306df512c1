package dev.fairlead.git;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Finds out where the symbolic links below one directory lead, step by step as a file system would.
 * Guarantees that nothing outside of that directory is looked at, not even for whether it is there,
 * so that the directory's hash stands for every answer. For one reading on one thread.
 */
final class SymbolicLinks {
  /** Other links that one may lead through, as on Linux. */
  static final int CHAIN = 40;

  private static final int TARGET_BYTES = 4096;

  /** Names of directories that are kept for the next link. */
  private static final int REMEMBERED = 20_000;

  private static final String NOT_NEEDED = ", or name the link in spec.ignore if it is not needed";

  private final TreeReader trees;
  private final TreeCount count;
  private final String top;
  private final List<String> above;
  private final ObjectId topId;
  private final LinkedHashMap<ObjectId, Listing> remembered = new LinkedHashMap<>(16, 0.75f, true);
  private int names;

  /**
   * @param top the directory, from the root
   */
  SymbolicLinks(TreeReader trees, TreeCount count, String top, ObjectId topId) {
    this.trees = trees;
    this.count = count;
    this.top = top;
    this.above = TreePath.segments(top);
    this.topId = topId;
  }

  /** Where a link leads to. Paths are from the root and go through no link. */
  sealed interface Target {
    record File(String path, TreeEntry entry) implements Target {}

    record Directory(String path, ObjectId id) implements Target {}

    /** Nowhere, or to where it must not; in a sentence that names the link. */
    record Refused(String problem) implements Target {}
  }

  /** A directory, with the names that differ from another one by case only. */
  private record Listing(Map<String, TreeEntry> entries, Set<String> twins) {}

  private record Step(String name, ObjectId id) {}

  /**
   * @param directory that the link lies in, by the path that goes through no link
   * @param path of the link, for messages
   */
  Target follow(String directory, TreeEntry link, String path) throws GitException, IOException {
    String place = TreePath.shown(path);
    Optional<String> text = text(link, TreePath.join(directory, link.name()));
    if (text.isEmpty()) {
      return new Target.Refused(place + ": a symbolic link with a target that is too long");
    }
    var way = new Way();
    way.begin(directory);
    Optional<String> trouble = way.through(TreePath.join(directory, link.name()), text.get());
    if (trouble.isPresent()) {
      String to = text.get().isEmpty() ? "nothing" : TreePath.shown(text.get());
      return new Target.Refused(place + ": a symbolic link to " + to + trouble.get());
    }
    return way.end();
  }

  private Optional<String> text(TreeEntry link, String path) throws GitException, IOException {
    return trees.content(link, path, TARGET_BYTES).map(b -> new String(b, StandardCharsets.UTF_8));
  }

  private Listing listing(ObjectId id, String path) throws GitException, IOException {
    Listing known = remembered.get(id);
    if (known != null) {
      return known;
    }
    List<TreeEntry> all = trees.load(id, path);
    count.steps(all.size());
    Map<String, TreeEntry> entries = HashMap.newHashMap(all.size());
    Map<String, String> spellings = HashMap.newHashMap(all.size());
    Set<String> twins = new HashSet<>();
    for (TreeEntry entry : all) {
      entries.put(entry.name(), entry);
      String twin = spellings.putIfAbsent(entry.name().toLowerCase(Locale.ROOT), entry.name());
      if (twin != null) {
        twins.add(twin);
        twins.add(entry.name());
      }
    }
    var listing = new Listing(entries, twins);
    remembered.put(id, listing);
    names += entries.size();
    while (names > REMEMBERED && remembered.size() > 1) {
      Map.Entry<ObjectId, Listing> oldest = remembered.firstEntry();
      names -= oldest.getValue().entries().size();
      remembered.remove(oldest.getKey());
    }
    return listing;
  }

  /** One link's way. What it meets in its way is returned as the rest of the sentence. */
  private final class Way {
    private final List<Step> below = new ArrayList<>();
    private final Set<String> open = new HashSet<>();

    /** How many directories above {@code top}; then nothing is below it. */
    private int up;

    private int links;
    private @Nullable TreeEntry file;

    void begin(String directory) throws GitException, IOException {
      List<String> all = TreePath.segments(directory);
      for (String name : all.subList(above.size(), all.size())) {
        TreeEntry entry = listing(here(), path()).entries().get(name);
        if (entry == null || !entry.isDirectory()) {
          throw new IllegalStateException("there is no directory " + directory);
        }
        below.add(new Step(name, entry.id()));
      }
    }

    Target end() {
      return file == null
          ? new Target.Directory(path(), here())
          : new Target.File(TreePath.join(path(), file.name()), file);
    }

    private ObjectId here() {
      return below.isEmpty() ? topId : below.getLast().id();
    }

    private String path() {
      return TreePath.join(top, String.join("/", below.stream().map(Step::name).toList()));
    }

    /** The whole way; what is above {@code top} at its end is not below it. */
    Optional<String> through(String link, String text) throws GitException, IOException {
      Optional<String> trouble = go(link, text);
      return trouble.isEmpty() && up > 0 ? outsideOfPath() : trouble;
    }

    private Optional<String> go(String link, String text) throws GitException, IOException {
      if (text.startsWith("/") || text.matches("(?s)[A-Za-z]:.*")) {
        return outsideOfRepository();
      }
      if (text.isEmpty()) {
        return nowhere("its target is empty");
      }
      open.add(link);
      for (String name : text.split("/", -1)) {
        count.steps(1);
        if (file != null) {
          return nowhere(TreePath.shown(TreePath.join(path(), file.name())) + " is a file");
        }
        Optional<String> trouble =
            switch (name) {
              case "", "." -> Optional.empty();
              case ".." -> upwards();
              default -> downwards(name);
            };
        if (trouble.isPresent()) {
          return trouble;
        }
      }
      open.remove(link);
      return Optional.empty();
    }

    private Optional<String> upwards() {
      if (!below.isEmpty()) {
        below.removeLast();
        return Optional.empty();
      }
      return ++up > above.size() ? outsideOfRepository() : Optional.empty();
    }

    private Optional<String> downwards(String name) throws GitException, IOException {
      if (up > 0) {
        // The way back is known: these are the directories of the sync's own path.
        return above.get(above.size() - up--).equals(name) ? Optional.empty() : outsideOfPath();
      }
      Listing listing = listing(here(), path());
      TreeEntry entry = listing.entries().get(name);
      String path = TreePath.join(path(), name);
      if (entry == null) {
        return nowhere("there is no " + TreePath.shown(path));
      }
      if (entry.isSymlink()) {
        return onwards(path, entry);
      }
      if (entry.isSubmodule()) {
        return Optional.of(
            ", which leads into the submodule "
                + TreePath.shown(path)
                + ": links are followed within one repository only; remove it"
                + NOT_NEEDED);
      }
      Optional<String> odd = TreeNames.odd(path, name);
      if (odd.isPresent()) {
        return odd.map(problem -> ", and " + problem);
      }
      if (listing.twins().contains(name)) {
        return Optional.of(
            ", and "
                + TreePath.shown(path)
                + ": rename it, only the case differs from another name there");
      }
      if (entry.isDirectory()) {
        below.add(new Step(name, entry.id()));
      } else {
        file = entry;
      }
      return Optional.empty();
    }

    private Optional<String> onwards(String path, TreeEntry link) throws GitException, IOException {
      if (open.contains(path)) {
        return Optional.of(
            ", which leads back to "
                + (open.size() == 1 ? "itself" : TreePath.shown(path))
                + ": remove it"
                + NOT_NEEDED);
      }
      if (++links > CHAIN) {
        return Optional.of(
            ", which leads through more than the allowed "
                + CHAIN
                + " other links: point it to"
                + " the file itself");
      }
      Optional<String> text = text(link, path);
      return text.isPresent()
          ? go(path, text.get())
          : nowhere("the target of " + TreePath.shown(path) + " is too long");
    }

    private static Optional<String> nowhere(String because) {
      return Optional.of(", which does not exist (" + because + "): correct it" + NOT_NEEDED);
    }

    private static Optional<String> outsideOfRepository() {
      return Optional.of(", which is outside of the repository: remove it" + NOT_NEEDED);
    }

    private static Optional<String> outsideOfPath() {
      return Optional.of(
          ", which is outside of spec.path: put the file or directory itself there" + NOT_NEEDED);
    }
  }
}
