package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevWalk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ignore files mean: the original Git is asked of each of them, too. */
final class IgnoreTest {
  private static final int SEED = 20261126;
  private static final int CASES = 250;

  @TempDir private Path directory;

  record Row(String name, String patterns, List<String> ignored, List<String> kept) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String patterns, String ignored, String kept) {
    return new Row(name, patterns, words(ignored), words(kept));
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  static Stream<Row> rows() {
    return Stream.of(
        row("a name at any depth", "a", "a x/a y/a/b", "ab x/b"),
        row("a name here alone", "/a", "a", "x/a"),
        row("a path is from here", "x/a", "x/a", "y/x/a"),
        row("a directory alone", "a/", "x/a/b", "a y/a"),
        row("all of a directory", "a/*", "a/b a/c/d", "x/a/b"),
        row("but one file of it", "a/*\n!a/b", "a/c", "a/b"),
        row("nothing comes back from an ignored directory", "a\n!a/b", "a/b", "b"),
        row("unless it comes back itself", "a\n!a\n", "", "a/b"),
        row("the last one decides", "*.yaml\n!b.yaml\nb.yaml", "a.yaml b.yaml", "c"),
        row("a star does not cross a slash", "a/*.yaml", "a/b.yaml", "a/b/c.yaml"),
        row("two stars do", "a/**/z", "a/z a/b/z a/b/c/z", "z b/z"),
        row("two stars at the beginning", "**/a", "a b/a b/c/a", "b/ab ba b/ba"),
        row("two stars at the end", "a/**", "a/b a/c/d", "b/a"),
        row("two stars beside something are one", "a/b**d", "a/bcd", "a/bc/d"),
        row("but not behind a literal beginning", "ab**/d", "abc/x/d abd", "ac/d"),
        row("one byte", "a?c", "abc", "ac a/c abbc"),
        row("a letter of two bytes is not one byte", "a?c", "axc", "aöc"),
        row("a set", "[ab-d]x", "ax cx", "ex -x"),
        row("its opposite", "[!ab-d]x", "ex -x", "ax cx"),
        row("its opposite, as shells have it", "[^a]x", "bx", "ax"),
        row("a bracket in a set", "[]a]x", "]x ax", "bx"),
        row("a set without an end matches nothing", "[a", "", "[a a"),
        row("a class", "[[:digit:][:upper:]]x", "1x Ax", "ax"),
        row("an unknown class matches nothing", "[[:nope:]a]x", "", "ax nx"),
        row("a range with a backslash", "[\\a-\\c]x", "ax bx", "dx"),
        row("a backslash at the end matches nothing", "a\\", "", "a"),
        row("a star itself", "a\\*", "a*", "ab"),
        row("a comment", "#a", "", "#a a"),
        row("no comment", "\\#a", "#a", "a"),
        row("an exclamation mark itself", "\\!a", "!a", "a"),
        row("spaces at the end do not count", "a   ", "a", "b"),
        row("a line end of Windows", "a\r\nb\r\n", "a b", "c"),
        row("a mark of byte order", "\ufeffa", "a", "b"),
        row("blank lines", "\n\n  \n/\n!\na", "a", "b"),
        row("a slash in a set is none", "a[/]b", "", "a/b"),
        row("letters keep their case", "A", "A", "a"),
        row("a name with what XML dislikes", "<&>", "<&>", "a"),
        row("a name of another script", "größe", "größe x/größe", "grosse"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void a_pattern_means_what_it_means_to_git(Row row) throws Exception {
    Map<String, String> tree = new TreeMap<>();
    tree.put(IgnoreRules.FILE, row.patterns());
    Stream.concat(row.ignored().stream(), row.kept().stream()).forEach(f -> tree.put(f, ""));
    // One name cannot be a file and a directory: what lies below one goes into a tree of its own.
    for (Map<String, String> part : apart(tree)) {
      assertThat(kept(part, List.of())).as("git").isEqualTo(keptByGit(part, List.of()));
    }
    for (String file : row.ignored()) {
      assertThat(kept(Map.of(IgnoreRules.FILE, row.patterns(), file, ""), List.of()))
          .doesNotContain(file);
    }
    for (String file : row.kept()) {
      assertThat(kept(Map.of(IgnoreRules.FILE, row.patterns(), file, ""), List.of()))
          .contains(file);
    }
  }

  private static List<Map<String, String>> apart(Map<String, String> tree) {
    List<Map<String, String>> parts = new ArrayList<>();
    for (String file : tree.keySet()) {
      if (!file.equals(IgnoreRules.FILE)) {
        parts.add(
            new TreeMap<>(
                Map.of(IgnoreRules.FILE, tree.getOrDefault(IgnoreRules.FILE, ""), file, "")));
      }
    }
    return parts;
  }

  @Test
  void random_trees_with_random_patterns_keep_what_they_keep_with_git() throws Exception {
    var random = new Random(SEED);
    int ignoring = 0;
    for (int i = 0; i < CASES; i++) {
      Map<String, String> tree = tree(random);
      List<String> spec = lines(random, random.nextInt(3));
      Set<String> ours = kept(tree, spec);
      assertThat(ours)
          .as("seed %s, case %s: spec %s, tree %s", SEED, i, spec, tree)
          .isEqualTo(keptByGit(tree, spec));
      ignoring += ours.size() < tree.size() ? 1 : 0;
    }
    assertThat(ignoring).as("cases in which something is ignored").isGreaterThan(CASES / 2);
  }

  private static Map<String, String> tree(Random random) {
    Map<String, String> tree = new TreeMap<>();
    String[] directories = {"", "a/", "b/", "a/b/", "a/b/a/", "ab/", "ab/b/"};
    for (String at : directories) {
      for (String name : List.of("x", "ba", "aa", "a-b", "abab", "]", "a*")) {
        if (random.nextInt(3) > 0) {
          tree.put(at + name, "");
        }
      }
      if (random.nextInt(3) == 0) {
        tree.put(at + IgnoreRules.FILE, String.join("\n", lines(random, 1 + random.nextInt(3))));
      }
    }
    tree.putIfAbsent("x", "");
    return tree;
  }

  private static List<String> lines(Random random, int number) {
    String[] pieces = {
      "a",
      "b",
      "a",
      "b",
      "ab",
      "x",
      "/",
      "/",
      "*",
      "*",
      "**",
      "**/",
      "/**",
      "?",
      "[ab]",
      "[!a]",
      "[a-",
      "]",
      "-",
      "\\",
      "\\*",
      "[[:alpha:]]",
      "[]]",
      "!"
    };
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      var line = new StringBuilder(random.nextInt(4) == 0 ? "!" : "");
      for (int n = 1 + random.nextInt(5); n > 0; n--) {
        line.append(pieces[random.nextInt(pieces.length)]);
      }
      lines.add(line.append(random.nextInt(6) == 0 ? "/" : "").toString());
    }
    return lines;
  }

  /** As we read it: from a commit, in a folder of it. */
  private Set<String> kept(Map<String, String> tree, List<String> spec) throws Exception {
    Path place = Files.createTempDirectory(directory, "ours");
    try (var origin = new Origin(place.resolve("origin.git"))) {
      Map<String, String> below = new TreeMap<>();
      tree.forEach((file, content) -> below.put("sync/" + file, content));
      String commit = origin.commit("main", "Tree", below);
      try (var reader = origin.repository().newObjectReader();
          var walk = new RevWalk(reader)) {
        var id = ObjectId.fromString(commit);
        var commitTree =
            new CommitTree(
                reader, GitLimits.Tree.DEFAULT, walk.parseCommit(id).getTree().getId(), commit);
        var walker =
            new TreeWalker(commitTree, new TreeCount(GitLimits.Tree.DEFAULT), false, "", _ -> true);
        TreeSet<String> kept = new TreeSet<>();
        for (TreeFile file : walker.list("sync", IgnoreRules.of("sync", spec))) {
          kept.add(file.path().substring("sync/".length()));
        }
        return kept;
      }
    }
  }

  private Set<String> keptByGit(Map<String, String> tree, List<String> spec)
      throws IOException, InterruptedException {
    Path place = Files.createTempDirectory(directory, "git");
    for (var file : tree.entrySet()) {
      Path path = place.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue(), StandardCharsets.UTF_8);
    }
    Git.run(place, "init", "-q");
    List<String> command =
        new ArrayList<>(
            List.of("ls-files", "-z", "--others", "--exclude-per-directory=" + IgnoreRules.FILE));
    spec.forEach(line -> command.add("--exclude=" + line));
    TreeSet<String> kept = new TreeSet<>();
    for (String file : Git.run(place, command.toArray(String[]::new)).split("\0", -1)) {
      if (!file.isEmpty()) {
        kept.add(file);
      }
    }
    return kept;
  }
}
