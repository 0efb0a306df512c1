package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where symbolic links are followed to, what becomes of files behind them, and where it ends. */
final class SymbolicLinksTest {
  private static final String SUBMODULE = "1".repeat(40);

  @TempDir private Path directory;
  private GitServer server;
  private GitRepository repository;
  private Mirrors mirrors;
  private Mirror mirror;

  @BeforeEach
  void start() throws Exception {
    server = GitServer.start(Files.createDirectories(directory.resolve("git")));
    repository = server.create("app.git");
    mirrors =
        new Mirrors(
            directory.resolve("cache"),
            new GitLimits(
                false,
                4,
                GitLimits.Pack.DEFAULT,
                GitLimits.Disk.DEFAULT,
                new GitLimits.Tree(3_000, 1_000_000, 64, 2_000)),
            InstantSource.system(),
            (_, _, _) -> {});
    mirror = mirrors.acquire(new Remote(repository.url(), Credentials.NONE));
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    server.close();
  }

  private static GitChange link(String path, String target) {
    return new GitChange.Symlink(path, target);
  }

  /** The content of a file is its path. */
  private static GitChange file(String path) {
    return new GitChange.Write(path, path);
  }

  private String commit(GitChange... changes) throws Exception {
    return commit(List.of(changes));
  }

  private String commit(List<GitChange> changes) throws Exception {
    String commit = repository.commit(GitRepository.MAIN, "Change", changes);
    look(mirror, MAIN);
    return commit;
  }

  private Snapshot tree(String commit, String path, String... ignore) throws GitException {
    return mirror.tree(commit, path, List.of(ignore), name -> name.endsWith(".yaml"));
  }

  /** What is read by which name; each file is really there. */
  private Map<String, String> read(String commit, String path, String... ignore) throws Exception {
    Snapshot snapshot = tree(commit, path, ignore);
    Map<String, String> files = new TreeMap<>();
    for (TreeFile file : snapshot.files()) {
      assertThat(new String(snapshot.read(file, 1_000), StandardCharsets.UTF_8))
          .isEqualTo(file.path());
      files.put(file.path(), file.readAs());
    }
    return files;
  }

  private String refusal(String commit, String path, String... ignore) {
    GitException e = catchThrowableOfType(GitException.class, () -> tree(commit, path, ignore));
    assertThat(e).as("it is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
    return e.getMessage();
  }

  @Test
  void a_file_that_only_a_link_makes_a_manifest_is_read_by_the_links_name() throws Exception {
    String commit =
        commit(
            file("deploy/shared/web.tmpl"),
            link("deploy/prod/web.yaml", "../shared/web.tmpl"),
            link("deploy/prod/again.yaml", "web.yaml"),
            link("deploy/README", "shared/web.tmpl"));

    assertThat(read(commit, "deploy"))
        .containsExactly(Map.entry("deploy/shared/web.tmpl", "deploy/prod/again.yaml"));
  }

  @Test
  void a_file_that_is_reached_in_several_ways_is_read_once_and_by_its_own_name() throws Exception {
    String commit =
        commit(
            file("base/web.yaml"),
            file("base/deep/db.yaml"),
            link("a.yaml", "base/web.yaml"),
            file("z/own.yaml"),
            link("base/other.yaml", "../z/own.yaml"),
            link("prod", "base"),
            link("stage", "./prod/"),
            link("zone/deep", "../prod/deep"));

    assertThat(read(commit, ""))
        .containsExactly(
            Map.entry("base/deep/db.yaml", "base/deep/db.yaml"),
            Map.entry("base/web.yaml", "base/web.yaml"),
            Map.entry("z/own.yaml", "z/own.yaml"));
  }

  @Test
  void names_that_links_give_decide_what_is_ignored() throws Exception {
    String commit =
        commit(
            file("base/web.yaml"),
            file("base/draft.yaml"),
            new GitChange.Write("base/.fairleadignore", "draft.yaml"),
            link("prod/app", "../base"),
            link("prod/unused.yaml", "/etc/passwd"),
            file("prod/own.yaml"));

    assertThat(read(commit, "", "/base", "unused.yaml"))
        .containsExactly(
            Map.entry("base/web.yaml", "prod/app/web.yaml"),
            Map.entry("prod/own.yaml", "prod/own.yaml"));
    assertThat(read(commit, "", "app", "unused.yaml"))
        .containsOnlyKeys("base/web.yaml", "prod/own.yaml");
    assertThat(read(commit, "", "/base", "prod/app/web.yaml", "unused.yaml"))
        .containsOnlyKeys("prod/own.yaml");
  }

  @Test
  void a_way_may_lead_above_the_path_and_straight_back() throws Exception {
    String commit =
        commit(
            file("a/b/web.tmpl"),
            link("a/b/c/web.yaml", "../../../a/b/web.tmpl"),
            file("a/x.tmpl"));

    assertThat(read(commit, "a/b")).containsOnlyKeys("a/b/web.tmpl");
    assertThat(read(commit, "")).containsOnlyKeys("a/b/web.tmpl");
  }

  record Row(String name, String path, List<GitChange> changes, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String path, String message, GitChange... changes) {
    return new Row(name, path, List.of(changes), message);
  }

  static Stream<Row> refused() {
    List<GitChange> chain = new ArrayList<>(List.of(file("x"), link("l0.yaml", "x")));
    for (int i = 1; i <= SymbolicLinks.CHAIN + 1; i++) {
      chain.add(link("l" + i + (i > SymbolicLinks.CHAIN ? ".yaml" : ""), "l" + (i - 1)));
    }
    chain.set(1, link("l0", "x"));
    return Stream.of(
        row(
            "a manifest that is not there",
            "",
            "a.yaml: a symbolic link to b/../x.yaml, which does not exist (there is no b): correct"
                + " it, or name the link in spec.ignore if it is not needed",
            link("a.yaml", "b/../x.yaml")),
        row(
            "something that is not there and could be a directory",
            "",
            "current: a symbolic link to releases/42, which does not exist (there is no"
                + " releases/42)",
            link("current", "releases/42"),
            file("releases/41/a.yaml")),
        row(
            "through a file",
            "",
            "a.yaml: a symbolic link to b.yaml/c, which does not exist (b.yaml is a file)",
            link("a.yaml", "b.yaml/c"),
            file("b.yaml")),
        row(
            "a file that is said to be a directory",
            "",
            "a.yaml: a symbolic link to b.yaml/, which does not exist (b.yaml is a file)",
            link("a.yaml", "b.yaml/"),
            file("b.yaml")),
        row(
            "outside of the path",
            "deploy",
            "deploy/a.yaml: a symbolic link to ../b.yaml, which is outside of spec.path: put the"
                + " file or directory itself there, or name the link",
            link("deploy/a.yaml", "../b.yaml"),
            file("b.yaml")),
        row(
            "a directory outside of the path",
            "deploy",
            "deploy/base: a symbolic link to ../base, which is outside of spec.path",
            link("deploy/base", "../base"),
            file("base/a.yaml")),
        row(
            "by way of another link",
            "deploy",
            "deploy/a.yaml: a symbolic link to up/b.yaml, which is outside of spec.path",
            link("deploy/a.yaml", "up/b.yaml"),
            link("deploy/up", ".."),
            file("b.yaml")),
        row(
            "a directory that begins like the path",
            "deploy",
            "deploy/a.yaml: a symbolic link to ../deploy2/a.yaml, which is outside of spec.path",
            link("deploy/a.yaml", "../deploy2/a.yaml"),
            file("deploy2/a.yaml")),
        row(
            "the path itself, from within",
            "deploy",
            "deploy/x/all: a symbolic link to deploy, which it lies in itself: remove it",
            link("deploy/x/all", "../../deploy")),
        row(
            "the root, from within",
            "",
            "all: a symbolic link to the root, which it lies in itself",
            link("all", ".")),
        row(
            "outside of the repository",
            "",
            "notes: a symbolic link to ../../etc/passwd, which is outside of the repository:"
                + " remove it",
            link("notes", "../../etc/passwd")),
        row(
            "outside of the repository from below",
            "a/b",
            "a/b/x.yaml: a symbolic link to ../../../x.yaml, which is outside of the repository",
            link("a/b/x.yaml", "../../../x.yaml")),
        row(
            "absolute",
            "",
            "a.yaml: a symbolic link to /etc/passwd, which is outside of the repository",
            link("a.yaml", "/etc/passwd")),
        row(
            "absolute, as on Windows",
            "",
            "a.yaml: a symbolic link to C:\\b, which is outside of the repository",
            link("a.yaml", "C:\\b")),
        row(
            "absolute, by way of another link",
            "",
            "a.yaml: a symbolic link to dir/passwd, which is outside of the repository",
            link("a.yaml", "dir/passwd"),
            link("dir", "/etc")),
        row(
            "itself",
            "",
            "a.yaml: a symbolic link to a.yaml, which leads back to itself: remove it",
            link("a.yaml", "a.yaml")),
        row(
            "itself as a directory",
            "",
            "a/b: a symbolic link to ../a/b/c, which leads back to itself",
            link("a/b", "../a/b/c")),
        row(
            "a circle",
            "",
            "a.yaml: a symbolic link to b, which leads back to a.yaml",
            link("a.yaml", "b"),
            link("b", "c"),
            link("c", "a.yaml")),
        row(
            "a circle of directories",
            "",
            "a/y/x: a symbolic link to a, which it lies in itself",
            file("a/1.yaml"),
            file("b/2.yaml"),
            link("a/y", "../b"),
            link("b/x", "../a")),
        row(
            "a circle through a directory's own one",
            "",
            "a/x/up: a symbolic link to b, which it lies in itself",
            file("a/1.yaml"),
            file("b/c/2.yaml"),
            link("a/x", "../b/c"),
            link("b/c/up", "..")),
        new Row(
            "a chain that is too long",
            "",
            chain,
            "l41.yaml: a symbolic link to l40, which leads through more than the allowed 40 other"
                + " links: point it to the file itself"),
        row(
            "a target that is empty",
            "",
            "a.yaml: a symbolic link to nothing, which does not exist (its target is empty)",
            link("a.yaml", "")),
        row(
            "a target that is too long",
            "",
            "a.yaml: a symbolic link with a target that is too long",
            link("a.yaml", "./".repeat(2_100) + "b.yaml"),
            file("b.yaml")),
        row(
            "another link's target that is too long",
            "",
            "a.yaml: a symbolic link to b, which does not exist (the target of b is too long)",
            link("a.yaml", "b"),
            link("b", "x".repeat(5_000))),
        row(
            "line ends in a target",
            "",
            "a.yaml: a symbolic link to b?c, which does not exist (there is no b?c)",
            link("a.yaml", "b\nc")),
        row(
            "a target whose name reads backwards",
            "",
            "a.yaml: a symbolic link to b?c, and b?c: rename it",
            link("a.yaml", "b\u202ec"),
            file("b\u202ec")),
        row(
            "a target that has a twin",
            "",
            "a.yaml: a symbolic link to b, and b: rename it, only the case differs from another",
            link("a.yaml", "b"),
            file("b"),
            file("B")),
        row(
            "a submodule",
            "",
            "a.yaml: a symbolic link to lib/a.yaml, which leads into the submodule lib",
            link("a.yaml", "lib/a.yaml"),
            new GitChange.Submodule("lib", SUBMODULE)),
        row(
            "a link's own name",
            "",
            "A.yaml: rename it, only the case differs from",
            link("A.yaml", "x"),
            file("x"),
            file("a.yaml")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void a_link_that_cannot_be_followed_is_told_by_its_name_and_target(Row row) throws Exception {
    String message = refusal(commit(row.changes()), row.path());

    assertThat(message)
        .satisfiesAnyOf(
            m -> assertThat(m).contains(row.message()),
            m -> assertThat(m).contains(row.message().replace("A.yaml", "a.yaml")))
        .doesNotContain("\n");
  }

  @Test
  void a_chain_may_be_as_long_as_on_linux() throws Exception {
    List<GitChange> chain = new ArrayList<>(List.of(file("x"), link("l0", "x")));
    for (int i = 1; i <= SymbolicLinks.CHAIN; i++) {
      chain.add(link("l" + i + (i == SymbolicLinks.CHAIN ? ".yaml" : ""), "l" + (i - 1)));
    }

    assertThat(read(commit(chain), "")).containsExactly(Map.entry("x", "l40.yaml"));
  }

  @Test
  void only_so_many_are_followed() throws Exception {
    List<GitChange> links = new ArrayList<>(List.of(file("x")));
    for (int i = 0; i < TreeCount.LINKS; i++) {
      links.add(link("f" + i + ".yaml", "x"));
    }
    assertThat(read(commit(links), "")).containsOnlyKeys("x");

    String commit = commit(link("g.yaml", "x"));

    assertThat(refusal(commit, ""))
        .startsWith("there are more than the allowed 1000 symbolic links to follow");
  }

  /** Each of them leads to two of the next level: 2 to the power of 30 ways to one file. */
  @Test
  void ways_that_double_at_each_level_end_at_a_limit() throws Exception {
    List<GitChange> links = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      links.add(link("d" + i + "/l", "../d" + (i + 1)));
      links.add(link("d" + i + "/r", "../d" + (i + 1)));
    }
    links.add(file("d30/x.yaml"));

    assertThat(refusal(commit(links), ""))
        .containsAnyOf("symbolic links to follow", "files and directories");
  }

  /** As few entries as links, but each takes 2,000 steps. */
  @Test
  void long_ways_end_at_a_limit() throws Exception {
    List<GitChange> links = new ArrayList<>(List.of(file("d/x")));
    for (int i = 0; i < 10; i++) {
      links.add(link("l" + i, "d/../".repeat(400) + "d/x"));
    }

    assertThat(refusal(commit(links), ""))
        .startsWith("to see where the symbolic links lead takes more than the allowed 3000");
  }

  @Test
  void the_id_of_the_path_changes_with_what_a_link_leads_to() throws Exception {
    String first = commit(file("a/x"), link("a/x.yaml", "x"), file("b"));
    String second = commit(new GitChange.Write("a/x", "changed"));
    String third = commit(new GitChange.Write("b", "changed"));

    assertThat(mirror.treeId(second, "a")).isNotEqualTo(mirror.treeId(first, "a"));
    assertThat(mirror.treeId(third, "a")).isEqualTo(mirror.treeId(second, "a"));
  }

  @Test
  void links_in_a_submodule_stay_in_it_and_files_behind_them_come_from_it() throws Exception {
    GitRepository library = server.create("lib.git");
    String inner =
        library.commit(
            GitRepository.MAIN,
            "Library",
            List.of(
                file("base/x.tmpl"), link("x.yaml", "base/x.tmpl"), link("out.yaml", "../a.yaml")));
    String good =
        library.commit(GitRepository.MAIN, "Library", List.of(new GitChange.Delete("out.yaml")));
    String modules = "[submodule \"lib\"]\n\tpath = lib\n\turl = ../lib.git\n";
    String first =
        commit(
            file("a.yaml"),
            new GitChange.Write(".gitmodules", modules),
            new GitChange.Submodule("lib", good));
    String second = commit(new GitChange.Submodule("lib", inner));

    Snapshot snapshot = withSubmodules(first);

    assertThat(snapshot.files())
        .extracting(TreeFile::path, TreeFile::readAs)
        .containsExactly(tuple("a.yaml", "a.yaml"), tuple("lib/base/x.tmpl", "lib/x.yaml"));
    assertThat(snapshot.read(snapshot.files().getLast(), 100))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("base/x.tmpl");
    assertThat(catchThrowableOfType(GitException.class, () -> withSubmodules(second)))
        .hasMessageStartingWith(
            "in the submodule lib: out.yaml: a symbolic link to ../a.yaml, which is outside of the"
                + " repository");
  }

  @Test
  void a_submodule_behind_a_link_is_read_where_it_is_or_refused() throws Exception {
    GitRepository library = server.create("lib.git");
    String inner = library.commit(Map.of("x.yaml", "x"), "Library");
    String modules = "[submodule \"lib\"]\n\tpath = in/lib\n\turl = ../lib.git\n";
    String commit =
        commit(
            file("in/a.yaml"),
            link("out", "in"),
            new GitChange.Write(".gitmodules", modules),
            new GitChange.Submodule("in/lib", inner));

    assertThat(withSubmodules(commit).files())
        .extracting(TreeFile::path)
        .containsExactly("in/a.yaml", "in/lib/x.yaml");
    assertThat(catchThrowableOfType(GitException.class, () -> withSubmodules(commit, "/in/")))
        .hasMessage(
            "out/lib: a submodule behind a symbolic link, which is not followed: do not have in/lib"
                + " ignored");
  }

  private Snapshot withSubmodules(String commit, String... ignore) throws Exception {
    return mirror.treeWithSubmodules(
        commit, "", Arrays.asList(ignore), name -> name.endsWith(".yaml"), MirrorFixture.TIMEOUT);
  }
}
