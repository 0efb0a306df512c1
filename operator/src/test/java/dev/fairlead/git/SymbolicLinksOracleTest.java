package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.TreeFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random links in random trees, beside what the operating system makes of them in a work tree. */
final class SymbolicLinksOracleTest {
  private static final int TREES = 60;
  private static final String[] NAMES = {"a", "b", "c", "d.yaml"};

  @TempDir private Path directory;

  private sealed interface Node {
    record Directory(Map<String, Node> entries) implements Node {}

    record File() implements Node {}

    record Link(String target) implements Node {}
  }

  @Test
  void links_lead_where_they_lead_in_a_work_tree() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int followed = 0;
    int refused = 0;
    for (int i = 0; i < TREES; i++) {
      Node.Directory tree = directory(random, 0);
      Path work = Files.createDirectory(directory.resolve("work" + i)).toRealPath();
      String top = tree.entries().get("a") instanceof Node.Directory ? "a" : "";
      // What is not below the path is not there for us.
      write(top.isEmpty() ? tree : only(top, tree), work);
      try (var origin = new Origin(directory.resolve("origin" + i + ".git"));
          var inserter = origin.repository().newObjectInserter()) {
        ObjectId root = insert(tree, inserter);
        inserter.flush();
        try (var reader = origin.repository().newObjectReader()) {
          var limits = GitLimits.Tree.DEFAULT;
          var trees = new TreeReader(reader, root, limits.bytes());
          ObjectId topId = trees.find(top).orElseThrow().id();
          var links = new SymbolicLinks(trees, new TreeCount(limits), top, topId);
          for (String path : links(tree, "")) {
            if (!TreePath.holds(top, path)) {
              continue;
            }
            String parent = path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
            SymbolicLinks.Target target =
                links.follow(parent, trees.find(path).orElseThrow(), path);
            String expected = expected(work, path, top);
            assertThat(said(target)).as("seed %d: %s in %s", seed, path, tree).isEqualTo(expected);
            if (expected.equals("refused")) {
              refused++;
            } else {
              followed++;
            }
          }
        }
      }
    }
    assertThat(followed).as("links that lead somewhere").isGreaterThan(50);
    assertThat(refused).as("links that do not").isGreaterThan(50);
  }

  private static String said(SymbolicLinks.Target target) {
    return switch (target) {
      case SymbolicLinks.Target.File(String path, _) -> "file " + path;
      case SymbolicLinks.Target.Directory(String path, _) -> "directory " + path;
      case SymbolicLinks.Target.Refused _ -> "refused";
    };
  }

  private static String expected(Path work, String link, String top) {
    Path real;
    try {
      real = work.resolve(link).toRealPath();
    } catch (IOException e) {
      return "refused";
    }
    if (!real.startsWith(work.resolve(top))) {
      return "refused";
    }
    return (Files.isDirectory(real) ? "directory " : "file ") + work.relativize(real);
  }

  private static Node.Directory only(String name, Node.Directory tree) {
    return new Node.Directory(Map.of(name, Objects.requireNonNull(tree.entries().get(name))));
  }

  private static Node.Directory directory(Random random, int depth) {
    Map<String, Node> entries = new TreeMap<>();
    for (String name : NAMES) {
      int kind = random.nextInt(10);
      if (kind < 3 && depth < 3) {
        entries.put(name, directory(random, depth + 1));
      } else if (kind < 5) {
        entries.put(name, new Node.File());
      } else if (kind < 9) {
        entries.put(name, new Node.Link(target(random)));
      }
    }
    return new Node.Directory(entries);
  }

  private static String target(Random random) {
    List<String> parts = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      parts.add("..");
    }
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      // No slash at the end: Java would not write that into a work tree.
      int odd = random.nextInt(16);
      parts.add(odd == 0 ? "." : odd == 1 ? ".." : NAMES[random.nextInt(NAMES.length)]);
    }
    return String.join("/", parts);
  }

  private static void write(Node.Directory directory, Path at) throws IOException {
    for (var entry : directory.entries().entrySet()) {
      Path path = at.resolve(entry.getKey());
      switch (entry.getValue()) {
        case Node.Directory below -> write(below, Files.createDirectory(path));
        case Node.File _ -> Files.createFile(path);
        case Node.Link(String target) -> Files.createSymbolicLink(path, Path.of(target));
      }
    }
  }

  private static ObjectId insert(Node.Directory directory, ObjectInserter inserter)
      throws IOException {
    // Git sorts directories as if their names ended with a slash.
    var sorted = new TreeMap<String, Map.Entry<String, Node>>();
    for (var entry : directory.entries().entrySet()) {
      boolean below = entry.getValue() instanceof Node.Directory;
      sorted.put(entry.getKey() + (below ? "/" : ""), entry);
    }
    var tree = new TreeFormatter();
    for (var entry : sorted.values()) {
      switch (entry.getValue()) {
        case Node.Directory below ->
            tree.append(entry.getKey(), FileMode.TREE, insert(below, inserter));
        case Node.File _ ->
            tree.append(
                entry.getKey(),
                FileMode.REGULAR_FILE,
                inserter.insert(Constants.OBJ_BLOB, new byte[0]));
        case Node.Link(String target) ->
            tree.append(
                entry.getKey(),
                FileMode.SYMLINK,
                inserter.insert(Constants.OBJ_BLOB, Constants.encode(target)));
      }
    }
    return inserter.insert(tree);
  }

  private static List<String> links(Node.Directory directory, String at) {
    List<String> links = new ArrayList<>();
    for (var entry : directory.entries().entrySet()) {
      String path = TreePath.join(at, entry.getKey());
      switch (entry.getValue()) {
        case Node.Directory below -> links.addAll(links(below, path));
        case Node.File _ -> {}
        case Node.Link _ -> links.add(path);
      }
    }
    return links;
  }
}
