package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.MirrorFixture.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What may stand in a tree, and what is said of the rest. */
final class SnapshotTest {
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
                new GitLimits.Tree(60, 4_000, 8, 20)));
    mirror = git.mirror();
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void files_are_sorted_by_path_and_named_from_the_root() throws Exception {
    git.origin.commit(
        "main", "First", Map.of("b.yaml", "", "a/z.yaml", "", "a.yaml", "", "a/b/c.yaml", "x"));

    Commit commit = look(mirror, MAIN);

    assertThat(paths(mirror, commit, ""))
        .containsExactly("a.yaml", "a/b/c.yaml", "a/z.yaml", "b.yaml");
    assertThat(paths(mirror, commit, "a")).containsExactly("a/b/c.yaml", "a/z.yaml");
    assertThat(mirror.tree(commit.revision().commit(), "a/b", _ -> true).files().getFirst().size())
        .isEqualTo(1);
  }

  @Test
  void an_untouched_directory_keeps_its_id() throws Exception {
    git.origin.commit("main", "First", Map.of("a/x", "1", "b/x", "1"));
    String first = look(mirror, MAIN).revision().commit();
    git.origin.commit("main", "Second", Map.of("a/x", "2", "b/x", "1"));
    String second = look(mirror, MAIN).revision().commit();

    assertThat(mirror.treeId(second, "b")).isEqualTo(mirror.treeId(first, "/b/")).isPresent();
    assertThat(mirror.treeId(second, "a")).isNotEqualTo(mirror.treeId(first, "a"));
    assertThat(mirror.treeId(second, "c")).isEmpty();
    assertThat(mirror.treeId(second, "a/x")).as("a file is no directory").isEmpty();
  }

  /** Makes a tree in an origin. */
  interface Shape {
    ObjectId in(Origin origin) throws IOException;
  }

  record Row(String name, Shape shape, String path, Reason reason, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row bad(String name, Shape shape, String message) {
    return new Row(name, shape, "", Reason.BUILD_FAILED, message);
  }

  private static Row missing(String name, String path, String message) {
    return new Row(
        name,
        o ->
            o.rawTree(
                "120000",
                "abc",
                o.blob("deploy"),
                "40000",
                "apps",
                o.rawTree("100644", "x", o.blob("")),
                "40000",
                "deploy",
                o.rawTree("100644", "web.yaml", o.blob("")),
                "160000",
                "lib",
                ObjectId.fromString("1".repeat(40))),
        path,
        Reason.PATH_NOT_FOUND,
        message);
  }

  static Stream<Row> trees() {
    return Stream.of(
        missing(
            "a missing path names what is there",
            "deplyo",
            "spec.path deplyo does not exist at commit COMMIT: the root has apps, deploy"),
        missing("a missing directory below one", "deploy/x", "deploy has no directories"),
        missing("a path that is a file", "deploy/web.yaml", "deploy/web.yaml is a file"),
        missing("a path that is a link", "abc", "abc is a symbolic link"),
        missing("a path that is a submodule", "lib/x", "lib is a submodule"),
        missing("a path that climbs", "deploy/../..", "must not have .. in it"),
        bad(
            "a name that climbs",
            o -> o.rawTree("100644", "..", o.blob("")),
            "the root directory is not a proper Git directory"),
        bad(
            "a slash in a name",
            o -> o.rawTree("100644", "../x.yaml", o.blob("")),
            "the root directory is not a proper Git directory"),
        bad(
            ".git below the path",
            o -> o.rawTree("40000", "a", o.rawTree("40000", ".git", o.rawTree())),
            "a is not a proper Git directory"),
        bad(
            "the same name twice",
            o -> o.rawTree("100644", "a.yaml", o.blob("1"), "100644", "a.yaml", o.blob("2")),
            "the root directory is not a proper Git directory"),
        bad(
            "a backslash",
            o -> o.rawTree("100644", "a\\b.yaml", o.blob("")),
            "a\\b.yaml: rename it, a name must not have a backslash"),
        bad(
            "a line end in a name",
            o -> o.rawTree("100644", "a\nb.yaml", o.blob("")),
            "a?b.yaml: rename it, a name must not have control"),
        bad(
            "a name that reads backwards",
            o -> o.rawTree("100644", "a\u202eb.yaml", o.blob("")),
            "a?b.yaml: rename it"),
        bad(
            "two names that differ by case only",
            o -> o.rawTree("100644", "A.yaml", o.blob("1"), "100644", "a.yaml", o.blob("2")),
            "a.yaml: rename it, only the case differs from A.yaml"),
        bad(
            "a submodule",
            o -> o.rawTree("160000", "lib", ObjectId.fromString("1".repeat(40))),
            "lib: a submodule: set spec.submodules to have it fetched"),
        bad("too many manifests", o -> files(o, 21), "more than the allowed 20 manifest files"),
        bad(
            "too many entries",
            o ->
                o.rawTree(
                    "40000",
                    "a",
                    files(o, 15),
                    "40000",
                    "b",
                    files(o, 20),
                    "40000",
                    "c",
                    files(o, 30)),
            "there are more than the allowed"),
        bad("too large a directory", o -> files(o, 400), "more entries than fit into 3.9 KiB"),
        bad("too deep", o -> nested(o, 9), "deeper than the allowed 8 directories"),
        bad(
            "more problems than fit into a message",
            o ->
                o.rawTree(
                    "100644",
                    "a\\1.yaml",
                    o.blob(""),
                    "100644",
                    "a\\2.yaml",
                    o.blob(""),
                    "100644",
                    "a\\3.yaml",
                    o.blob(""),
                    "100644",
                    "a\\4.yaml",
                    o.blob("")),
            "; and 1 more like these"));
  }

  private static ObjectId files(Origin origin, int n) throws IOException {
    var names = new TreeMap<String, ObjectId>();
    ObjectId empty = origin.blob("");
    for (int i = 0; i < n; i++) {
      names.put("f" + i + ".yaml", empty);
    }
    return origin.rawTree(
        names.entrySet().stream()
            .flatMap(e -> Stream.of("100644", e.getKey(), e.getValue()))
            .toArray());
  }

  private static ObjectId nested(Origin origin, int depth) throws IOException {
    ObjectId tree = origin.rawTree("100644", "x.yaml", origin.blob(""));
    for (int i = 0; i < depth; i++) {
      tree = origin.rawTree("40000", "d", tree);
    }
    return tree;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("trees")
  void a_tree_that_cannot_be_used_is_refused(Row row) throws Exception {
    String commit = git.origin.commitTree("main", "Odd", row.shape().in(git.origin), true);
    look(mirror, MAIN);

    GitException e =
        catchThrowableOfType(
            GitException.class,
            () -> mirror.tree(commit, row.path(), name -> name.endsWith(".yaml")));

    assertThat(e).isNotNull();
    assertThat(e.reason()).isEqualTo(row.reason());
    assertThat(e.getMessage())
        .contains(row.message().replace("COMMIT", commit.substring(0, 7)))
        .doesNotContain("\n");
  }

  @Test
  void what_does_not_matter_may_have_any_name() throws Exception {
    git.origin.commitTree(
        "main",
        "Junk",
        git.origin.rawTree(
            "100644",
            "Icon\r",
            git.origin.blob(""),
            "100644",
            "README",
            git.origin.blob(""),
            "100644",
            "a.yaml",
            git.origin.blob(""),
            "120000",
            "latest",
            git.origin.blob("a.yaml"),
            "100644",
            "readme",
            git.origin.blob("")),
        true);

    Commit commit = look(mirror, MAIN);

    assertThat(mirror.tree(commit.revision().commit(), "", name -> name.endsWith(".yaml")).files())
        .extracting(TreeFile::path)
        .containsExactly("a.yaml");
  }

  @Test
  void a_large_file_is_refused_by_name_and_size() throws Exception {
    git.origin.commit("main", "Large", Map.of("deploy/a.yaml", "x".repeat(3_000)));
    Commit commit = look(mirror, MAIN);
    Snapshot snapshot = mirror.tree(commit.revision().commit(), "deploy", _ -> true);

    GitException e =
        catchThrowableOfType(
            GitException.class, () -> snapshot.read(snapshot.files().getFirst(), 2048));

    assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
    assertThat(e).hasMessage("deploy/a.yaml: 2.9 KiB is over the limit of 2 KiB");
  }

  @Test
  void a_pointer_to_lfs_is_not_taken_for_the_file() throws Exception {
    git.origin.commit(
        "main",
        "Pointer",
        Map.of("a.yaml", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n"));
    Commit commit = look(mirror, MAIN);
    Snapshot snapshot = mirror.tree(commit.revision().commit(), "", _ -> true);

    GitException e =
        catchThrowableOfType(
            GitException.class, () -> snapshot.read(snapshot.files().getFirst(), 2048));

    assertThat(e).hasMessageStartingWith("a.yaml: a pointer to Git LFS");
  }
}
