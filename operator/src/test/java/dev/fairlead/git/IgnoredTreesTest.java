package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is ignored is not looked at, and ignore files cannot cost more than they may. */
final class IgnoredTreesTest {
  @TempDir private Path directory;
  private MirrorFixture git;
  private Mirror mirror;

  @BeforeEach
  void start() throws Exception {
    git =
        new MirrorFixture(
            directory,
            new GitLimits(
                false,
                4,
                GitLimits.Pack.DEFAULT,
                new GitLimits.Disk(0, 1L << 30, 1L << 32, 50, Duration.ZERO),
                GitLimits.Tree.DEFAULT));
    mirror = git.mirror();
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void files_above_the_path_do_not_count_and_the_spec_has_the_last_word() throws Exception {
    String commit =
        commit(
            Map.of(
                ".fairleadignore", "a.yaml",
                "deploy/.fairleadignore", "b.yaml\nc.yaml\n/deep/x.yaml",
                "deploy/deep/.fairleadignore", "!x.yaml\n!c.yaml",
                "deploy/a.yaml", "",
                "deploy/b.yaml", "",
                "deploy/c.yaml", "",
                "deploy/deep/c.yaml", "",
                "deploy/deep/d.yaml", "",
                "deploy/deep/x.yaml", ""));

    assertThat(paths(commit, "deploy"))
        .containsExactly(
            "deploy/a.yaml", "deploy/deep/c.yaml", "deploy/deep/d.yaml", "deploy/deep/x.yaml");
    assertThat(paths(commit, "deploy", "!b.yaml", "/deep/c.yaml", "/a.yaml"))
        .containsExactly("deploy/b.yaml", "deploy/deep/d.yaml", "deploy/deep/x.yaml");
    assertThat(paths(commit, "deploy/deep"))
        .as("from a path below, the file at deploy is above")
        .containsExactly("deploy/deep/c.yaml", "deploy/deep/d.yaml", "deploy/deep/x.yaml");
  }

  @Test
  void it_is_known_whether_anything_was_ignored() throws Exception {
    String commit = commit(Map.of("a.yaml", "", "b.md", ""));

    assertThat(tree(commit, "").ignoring()).isFalse();
    assertThat(tree(commit, "", "*.md").ignoring()).isTrue();
  }

  /** Makes a tree in an origin. */
  interface Shape {
    ObjectId in(Origin origin) throws IOException;
  }

  record Row(String name, Shape shape, List<String> ignore, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> unread() {
    return Stream.of(
        new Row(
            "a submodule",
            o -> with(o, "160000", "lib", ObjectId.fromString("1".repeat(40))),
            List.of("lib/"),
            "lib: a submodule"),
        new Row(
            "a link to outside",
            o -> with(o, "120000", "l.yaml", o.blob("/etc/passwd")),
            List.of("l.yaml"),
            "l.yaml: a symbolic link"),
        new Row(
            "an odd name",
            o -> with(o, "100644", "b\\c.yaml", o.blob("")),
            List.of("b*"),
            "b\\c.yaml: rename it"),
        new Row(
            "a name that differs by case only",
            o -> with(o, "100644", "A.yaml", o.blob("")),
            List.of("A.yaml"),
            "only the case differs"),
        new Row(
            "an impossible directory below an ignored one",
            o -> with(o, "40000", "d", o.rawTree("40000", ".git", o.rawTree())),
            List.of("d/"),
            "d is not a proper Git directory"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unread")
  void what_is_ignored_is_not_refused(Row row) throws Exception {
    String commit = git.origin.commitTree("main", "Odd", row.shape().in(git.origin), true);
    look(mirror, MAIN);

    GitException e = catchThrowableOfType(GitException.class, () -> tree(commit, ""));
    assertThat(e).hasMessageContaining(row.message());

    assertThat(paths(commit, "", row.ignore().toArray(String[]::new))).containsExactly("a.yaml");
    assertThat(
            mirror
                .treeWithSubmodules(
                    commit, "", row.ignore(), n -> n.endsWith(".yaml"), MirrorFixture.TIMEOUT)
                .files())
        .extracting(TreeFile::path)
        .containsExactly("a.yaml");
  }

  private static ObjectId with(Origin o, String mode, String name, ObjectId id) throws IOException {
    return name.compareTo("a.yaml") < 0
        ? o.rawTree(mode, name, id, "100644", "a.yaml", o.blob(""))
        : o.rawTree("100644", "a.yaml", o.blob(""), mode, name, id);
  }

  static Stream<Row> refused() {
    return Stream.of(
        new Row(
            "an ignore file that is a link",
            o -> o.rawTree("120000", ".fairleadignore", o.blob("x")),
            List.of(),
            ".fairleadignore: a symbolic link, which is not followed"),
        new Row(
            "an ignore file that is too large",
            o -> o.rawTree("100644", ".fairleadignore", o.blob("a\n".repeat(40_000))),
            List.of(),
            ".fairleadignore is over the limit of 64 KiB"),
        new Row(
            "ignore files that are too large together",
            o -> {
              ObjectId file = o.blob("a\n".repeat(20_000));
              return o.rawTree(
                  "100644",
                  ".fairleadignore",
                  file,
                  "40000",
                  "d",
                  o.rawTree("100644", ".fairleadignore", file));
            },
            List.of(),
            "d/.fairleadignore: together with those above it, it is over the limit of 64 KiB"),
        new Row(
            "beginnings of classes of characters that have no end",
            o ->
                o.rawTree(
                    "100644",
                    ".fairleadignore",
                    o.blob("[" + "[:".repeat(30_000) + "x]"),
                    "100644",
                    "name",
                    o.blob("")),
            List.of(),
            "the patterns of spec.ignore and of .fairleadignore files are too many"),
        new Row(
            "more comparing than is allowed",
            o -> {
              List<Object> entries = new ArrayList<>();
              entries.addAll(List.of("100644", ".fairleadignore", o.blob("?b\n".repeat(20_000))));
              for (int i = 10_000; i < 13_000; i++) {
                entries.addAll(List.of("100644", "name" + i, o.blob("")));
              }
              return o.rawTree(entries.toArray());
            },
            List.of(),
            "the patterns of spec.ignore and of .fairleadignore files are too many"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void ignore_files_that_cost_too_much_are_refused(Row row) throws Exception {
    String commit = git.origin.commitTree("main", "Odd", row.shape().in(git.origin), true);
    look(mirror, MAIN);

    GitException e = catchThrowableOfType(GitException.class, () -> tree(commit, ""));

    assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
    assertThat(e).hasMessageContaining(row.message());
  }

  /** One that tries all possibilities one after the other does not come to an end here. */
  @Test
  @Timeout(60)
  void a_pattern_with_many_stars_ends() throws Exception {
    String name = "a".repeat(200) + ".yaml";
    String commit = commit(Map.of(name, "", "d/" + name, ""));
    String stars = "*a".repeat(60) + "b";

    assertThat(paths(commit, "", stars, "**/" + "*a".repeat(60) + "/b", "?*".repeat(60) + "b"))
        .hasSize(2);
  }

  private String commit(Map<String, String> files) throws Exception {
    String commit = git.origin.commit("main", "Files", files);
    look(mirror, MAIN);
    return commit;
  }

  private Snapshot tree(String commit, String path, String... ignore) throws GitException {
    return mirror.tree(commit, path, List.of(ignore), name -> name.endsWith(".yaml"));
  }

  private List<String> paths(String commit, String path, String... ignore) throws GitException {
    return tree(commit, path, ignore).files().stream().map(TreeFile::path).toList();
  }
}
