package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits together with their submodules, beside what the original git makes of them. */
final class SubmodulesTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private GitServer server;
  private Mirrors mirrors;
  private GitRepository app;
  private GitRepository lib;

  @BeforeEach
  void start() throws IOException {
    server = GitServer.start(Files.createDirectories(directory.resolve("git")));
    mirrors =
        new Mirrors(
            directory.resolve("cache"), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {});
    app = server.create("app.git");
    lib = server.create("lib.git");
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    server.close();
  }

  private static String section(String path, String url) {
    return "[submodule \"%s\"]\n\tpath = %s\n\turl = %s\n".formatted(path, path, url);
  }

  private static String commit(GitRepository in, GitChange... changes) {
    return in.commit(GitRepository.MAIN, "Change", List.of(changes));
  }

  private Mirror mirror() throws GitException {
    return mirrors.acquire(new Remote(app.url(), Credentials.NONE));
  }

  private static Map<String, String> read(Mirror mirror, String commit, String path)
      throws Exception {
    mirror.look(new RefSelector.Hash(commit), Instant.now(), TIMEOUT);
    Snapshot snapshot = mirror.treeWithSubmodules(commit, path, List.of(), _ -> true, TIMEOUT);
    Map<String, String> files = new TreeMap<>();
    for (TreeFile file : snapshot.files()) {
      files.put(file.path(), new String(snapshot.read(file, 100_000), StandardCharsets.UTF_8));
    }
    return files;
  }

  private Map<String, String> cloned(String commit) throws Exception {
    Path clone = directory.resolve("clone-" + commit);
    git("clone", "-q", "--recurse-submodules", app.url(), clone.toString());
    git("-C", clone.toString(), "checkout", "-q", "--recurse-submodules", commit);
    git("-C", clone.toString(), "submodule", "--quiet", "update", "--init", "--recursive");
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(clone)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = clone.relativize(file).toString();
        if (!path.matches("(.*/)?\\.git(/.*)?")) {
          files.put(path, Files.readString(file));
        }
      }
    }
    return files;
  }

  private void git(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private GitException failure(Mirror mirror, String commit, String path) throws Exception {
    mirror.look(new RefSelector.Hash(commit), Instant.now(), TIMEOUT);
    GitException e =
        catchThrowableOfType(
            GitException.class,
            () -> mirror.treeWithSubmodules(commit, path, List.of(), _ -> true, TIMEOUT));
    assertThat(e).as("it is refused").isNotNull();
    return e;
  }

  @Test
  void the_files_are_those_that_git_clone_recurse_submodules_gives() throws Exception {
    GitRepository nested = server.create("deep/nested.git");
    String deep = nested.commit(Map.of("deep.yaml", "deep"), "Deep");
    commit(lib, new GitChange.Write("old.yaml", "old"));
    String other =
        commit(
            lib,
            new GitChange.Write("lib.yaml", "lib"),
            new GitChange.Write("sub/x.yaml", "x"),
            new GitChange.Write(".gitmodules", section("in/nested", "../deep/nested.git")),
            new GitChange.Submodule("in/nested", deep));
    commit(lib, new GitChange.Write("new.yaml", "not yet used"));
    String first =
        commit(
            app,
            new GitChange.Write("deploy/a.yaml", "a"),
            new GitChange.Write(
                ".gitmodules", section("deploy/lib", "../lib.git") + section("again", lib.url())),
            new GitChange.Submodule("deploy/lib", other),
            new GitChange.Submodule("again", other));
    Mirror mirror = mirror();

    Map<String, String> files = read(mirror, first, "");

    assertThat(files)
        .isEqualTo(cloned(first))
        .containsEntry("deploy/lib/in/nested/deep.yaml", "deep")
        .containsEntry("again/sub/x.yaml", "x")
        .doesNotContainKey("deploy/lib/new.yaml");
    assertThat(read(mirror, first, "deploy").keySet())
        .containsExactly(
            "deploy/a.yaml",
            "deploy/lib/.gitmodules",
            "deploy/lib/in/nested/deep.yaml",
            "deploy/lib/lib.yaml",
            "deploy/lib/old.yaml",
            "deploy/lib/sub/x.yaml");
    assertThat(read(mirror, first, "deploy/lib/sub").keySet())
        .containsExactly("deploy/lib/sub/x.yaml");
    assertThat(read(mirror, first, "deploy/lib/in/nested").keySet())
        .containsExactly("deploy/lib/in/nested/deep.yaml");
  }

  @Test
  void ignore_rules_go_on_in_a_submodule_and_its_own_are_added() throws Exception {
    List<GitChange> changes = new ArrayList<>();
    for (String file :
        List.of(
            "draft.yaml",
            "sub/draft.yaml",
            "only.yaml",
            "sub/only.yaml",
            "in/a.yaml",
            "in/back.yaml",
            "mine.yaml",
            "sub/mine.yaml",
            "keep.yaml")) {
      changes.add(new GitChange.Write(file, file));
    }
    changes.add(new GitChange.Write(".fairleadignore", "mine.yaml\n!sub/draft.yaml\n!/in/*\n"));
    String inner = lib.commit(GitRepository.MAIN, "Library", changes);
    String commit =
        commit(
            app,
            new GitChange.Write("deploy/.fairleadignore", "draft.yaml\n/lib/only.yaml\n"),
            new GitChange.Write(".gitmodules", section("deploy/lib", "../lib.git")),
            new GitChange.Submodule("deploy/lib", inner));
    Mirror mirror = mirror();
    mirror.look(new RefSelector.Hash(commit), Instant.now(), TIMEOUT);

    assertThat(yaml(mirror, commit, "deploy", "/lib/in/*.yaml", "!/lib/in/back.yaml"))
        .containsExactly(
            "deploy/lib/in/back.yaml",
            "deploy/lib/keep.yaml",
            "deploy/lib/sub/draft.yaml",
            "deploy/lib/sub/only.yaml");
    assertThat(yaml(mirror, commit, "deploy/lib/sub", "/only.yaml"))
        .as("what is above the path does not count, and the spec's patterns begin at the path")
        .containsExactly("deploy/lib/sub/draft.yaml", "deploy/lib/sub/mine.yaml");
  }

  private static List<String> yaml(Mirror mirror, String commit, String path, String... ignore)
      throws Exception {
    return mirror
        .treeWithSubmodules(commit, path, List.of(ignore), name -> name.endsWith(".yaml"), TIMEOUT)
        .files()
        .stream()
        .map(TreeFile::path)
        .toList();
  }

  @Test
  void a_commit_that_is_here_is_not_asked_for_again_and_pins_keep_it() throws Exception {
    String one = lib.commit(Map.of("lib.yaml", "1"), "One");
    String first =
        commit(
            app,
            new GitChange.Write(".gitmodules", section("lib", "../lib.git")),
            new GitChange.Submodule("lib", one));
    Mirror mirror = mirror();
    read(mirror, first, "");
    mirror.pin(first);
    String two = lib.commit(Map.of("lib.yaml", "2"), "Two");
    String second = commit(app, new GitChange.Submodule("lib", two));
    assertThat(read(mirror, second, "")).containsEntry("lib/lib.yaml", "2");

    server.goDown();

    assertThat(read(mirror, first, "")).containsEntry("lib/lib.yaml", "1");
    assertThat(read(mirror, second, "")).containsEntry("lib/lib.yaml", "2");
    server.comeBack();
    mirror.unpin(first);
    mirror.unpin(first);
  }

  @Test
  void the_id_changes_with_the_submodule_and_with_where_it_comes_from() throws Exception {
    String one = lib.commit(Map.of("lib.yaml", "1"), "One");
    String two = lib.commit(Map.of("lib.yaml", "2"), "Two");
    String modules = section("deploy/lib", "../lib.git");
    List<String> ids = new ArrayList<>();
    Mirror mirror = mirror();
    for (GitChange change :
        List.of(
            new GitChange.Submodule("deploy/lib", one),
            new GitChange.Write("other", "1"),
            new GitChange.Submodule("deploy/lib", two),
            new GitChange.Write(".gitmodules", modules + "\n# moved\n"))) {
      String commit =
          ids.isEmpty()
              ? commit(app, new GitChange.Write(".gitmodules", modules), change)
              : commit(app, change);
      mirror.look(new RefSelector.Hash(commit), Instant.now(), TIMEOUT);
      ids.add(
          mirror.treeIdWithSubmodules(commit, "deploy").orElseThrow()
              + " "
              + mirror.treeIdWithSubmodules(commit, "deploy/lib/x").orElseThrow());
      assertThat(mirror.treeIdWithSubmodules(commit, "nowhere")).isEmpty();
    }

    assertThat(ids.get(1)).as("what is elsewhere").isEqualTo(ids.get(0));
    assertThat(ids.get(2)).isNotEqualTo(ids.get(1));
    assertThat(ids.get(3)).isNotEqualTo(ids.get(2));
  }

  @Test
  void a_submodule_on_another_host_is_not_asked_for() throws Exception {
    try (GitServer elsewhere = GitServer.start(Files.createDirectories(directory.resolve("b")))) {
      GitRepository other = elsewhere.create("lib.git");
      String there = other.commit(Map.of("a", "1"), "There");
      String commit =
          commit(
              app,
              new GitChange.Write(".gitmodules", "\n" + section("lib", other.url())),
              new GitChange.Write("deploy/a.yaml", "a"),
              new GitChange.Submodule("lib", there));
      Mirror mirror = mirror();

      GitException e = failure(mirror, commit, "");

      assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
      assertThat(e)
          .hasMessageStartingWith(".gitmodules:2: the submodule lib is at 127.0.0.1:")
          .hasMessageContaining(
              "which is another host, and the credentials are for " + server.url());
      assertThat(elsewhere.requests()).isEmpty();
      assertThat(read(mirror, commit, "deploy"))
          .as("it does not matter where it is not read")
          .containsOnlyKeys("deploy/a.yaml");
    }
  }

  @Test
  void what_cannot_be_fetched_may_be_there_later() throws Exception {
    String one = lib.commit(Map.of("lib.yaml", "1"), "One");
    String modules = section("lib", "../gone.git");
    String commit =
        commit(
            app, new GitChange.Write(".gitmodules", modules), new GitChange.Submodule("lib", one));
    String unpushed =
        commit(
            app,
            new GitChange.Write(".gitmodules", section("lib", "../lib.git")),
            new GitChange.Submodule("lib", "1".repeat(40)));
    Mirror mirror = mirror();

    assertThat(failure(mirror, commit, ""))
        .hasMessageStartingWith("the submodule lib cannot be fetched: there is no repository at ")
        .extracting(GitException::reason)
        .isEqualTo(Reason.FETCH_FAILED);
    assertThat(failure(mirror, unpushed, ""))
        .hasMessageStartingWith("the submodule lib cannot be fetched: ")
        .extracting(GitException::reason)
        .isEqualTo(Reason.FETCH_FAILED);
  }

  @Test
  void a_repository_that_contains_itself_ends_at_the_depth() throws Exception {
    String commit = lib.commit(Map.of("a", "1"), "First");
    for (int i = 0; i < Submodules.DEPTH; i++) {
      commit =
          commit(
              lib,
              new GitChange.Write(".gitmodules", section("lib", "../lib.git")),
              new GitChange.Submodule("lib", commit));
    }
    String modules = section("lib", "../lib.git");
    String deepest =
        commit(
            app,
            new GitChange.Write(".gitmodules", modules),
            new GitChange.Submodule("lib", commit));
    Mirror mirror = mirror();

    GitException e = failure(mirror, deepest, "");

    assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED);
    assertThat(e)
        .hasMessageContaining("lib/lib/lib/lib/lib: submodules in submodules are deeper than the")
        .hasMessageContaining("allowed 4");
  }

  @Test
  void there_are_only_so_many() throws Exception {
    String one = lib.commit(Map.of("a", "1"), "First");
    List<GitChange> changes = new ArrayList<>();
    StringBuilder modules = new StringBuilder();
    for (int i = 0; i <= Submodules.NUMBER; i++) {
      changes.add(new GitChange.Submodule("m" + i, one));
      modules.append(section("m" + i, "../lib.git"));
    }
    changes.add(new GitChange.Write(".gitmodules", modules.toString()));
    String many = app.commit(GitRepository.MAIN, "Many", changes);
    String enough = commit(app, new GitChange.Delete("m0"));
    Mirror mirror = mirror();

    assertThat(failure(mirror, many, ""))
        .hasMessage("there are more than the allowed 32 submodules; narrow spec.path");
    assertThat(read(mirror, enough, "")).hasSize(Submodules.NUMBER + 1);
  }

  @Test
  void the_limits_of_a_tree_count_over_all_of_it() throws Exception {
    String one = lib.commit(Map.of("a", "1", "b", "2", "c", "3"), "First");
    String commit =
        commit(
            app,
            new GitChange.Write(
                ".gitmodules", section("m", "../lib.git") + section("n", "../lib.git")),
            new GitChange.Submodule("m", one),
            new GitChange.Submodule("n", one));
    try (Mirrors small =
            new Mirrors(
                directory.resolve("small"),
                new GitLimits(
                    false,
                    4,
                    GitLimits.Pack.DEFAULT,
                    GitLimits.Disk.DEFAULT,
                    new GitLimits.Tree(100, 4_000, 8, 6)),
                InstantSource.system(),
                (_, _, _) -> {});
        Mirror mirror = small.acquire(new Remote(app.url(), Credentials.NONE))) {
      assertThat(failure(mirror, commit, ""))
          .hasMessageContaining("there are more than the allowed 6 manifest files");
    }
  }

  @Test
  void what_is_wrong_in_a_submodule_says_in_which() throws Exception {
    String bad = commit(lib, new GitChange.Symlink("evil.yaml", "../../../etc/passwd"));
    String huge =
        commit(
            lib,
            new GitChange.Write(".gitmodules", "#".repeat(70_000)),
            new GitChange.Submodule("x", "1".repeat(40)),
            new GitChange.Delete("evil.yaml"));
    String modules = section("lib", "../lib.git");
    String first =
        commit(
            app, new GitChange.Write(".gitmodules", modules), new GitChange.Submodule("lib", bad));
    String second = commit(app, new GitChange.Submodule("lib", huge));
    Mirror mirror = mirror();

    assertThat(failure(mirror, first, ""))
        .hasMessageStartingWith("in the submodule lib: evil.yaml: a symbolic link to ../../../etc");
    assertThat(failure(mirror, second, ""))
        .hasMessage("lib/.gitmodules is over the limit of 64 KiB");
    assertThat(failure(mirror, first, "lib/nowhere"))
        .hasMessageStartingWith("in the submodule lib: spec.path nowhere does not exist")
        .extracting(GitException::reason)
        .isEqualTo(Reason.PATH_NOT_FOUND);
  }

  @Test
  void mirrors_of_submodules_go_with_the_mirror() throws Exception {
    String one = lib.commit(Map.of("a", "1"), "First");
    String commit =
        commit(
            app,
            new GitChange.Write(".gitmodules", section("lib", "../lib.git")),
            new GitChange.Submodule("lib", one));
    Mirror mirror = mirror();
    read(mirror, commit, "");
    assertThat(stores()).hasSize(2);

    mirror.close();

    assertThat(stores()).isEmpty();
  }

  private List<Path> stores() throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("cache"), 2)) {
      return all.filter(p -> p.getFileName().toString().startsWith("mirror-")).toList();
    }
  }

  private static Optional<Blame> blame(Mirror mirror, String commit, String path) throws Exception {
    return mirror.blameWithSubmodules(commit, path, TIMEOUT, TIMEOUT, Mirror.Gate.OPEN);
  }

  private static List<String> subjects(Blame blame) {
    return blame.lines().stream()
        .map(l -> l.first() + "+" + l.count() + " " + l.change().orElseThrow().subject())
        .toList();
  }

  @Test
  void lines_of_a_submodule_come_from_its_own_history_at_the_commit_that_is_named()
      throws Exception {
    // Given
    GitRepository nested = server.create("deep/nested.git");
    String deep = nested.commit(Map.of("deep.yaml", "deep\n"), "Deep");
    lib.commit(Map.of("sub/lib.yaml", "a\n"), "First of lib");
    lib.commit(Map.of("sub/lib.yaml", "a\nb\n"), "Second of lib");
    String used =
        commit(
            lib,
            new GitChange.Write(".gitmodules", section("in/nested", "../deep/nested.git")),
            new GitChange.Submodule("in/nested", deep));
    lib.commit(Map.of("sub/lib.yaml", "c\n"), "Not yet used");
    String first =
        commit(
            app,
            new GitChange.Write("deploy/a.yaml", "a\n"),
            new GitChange.Write(".gitmodules", section("deploy/lib", "../lib.git")),
            new GitChange.Submodule("deploy/lib", used));
    Mirror mirror = mirror();

    // When
    Blame inLib = blame(mirror, first, "deploy/lib/sub/lib.yaml").orElseThrow();
    Blame inNested = blame(mirror, first, "deploy/lib/in/nested/deep.yaml").orElseThrow();
    Blame own = blame(mirror, first, "deploy/a.yaml").orElseThrow();

    // Then
    assertThat(inLib.file()).isEqualTo("deploy/lib/sub/lib.yaml");
    assertThat(inLib.commit()).isEqualTo(first);
    assertThat(inLib.submodule()).contains(new Blame.Submodule("deploy/lib", lib.url(), used));
    assertThat(subjects(inLib)).containsExactly("1+1 First of lib", "2+1 Second of lib");
    assertThat(inLib.lines().getFirst().change().orElseThrow().file()).isEqualTo("sub/lib.yaml");
    assertThat(inNested.submodule())
        .contains(new Blame.Submodule("deploy/lib/in/nested", nested.url(), deep));
    assertThat(subjects(inNested)).containsExactly("1+1 Deep");
    assertThat(own.submodule()).isEmpty();
    assertThat(subjects(own)).containsExactly("1+1 Change");
  }

  private GitException refused(Mirror mirror, String commit, String path, Mirror.Gate gate) {
    GitException e =
        catchThrowableOfType(
            GitException.class,
            () -> mirror.blameWithSubmodules(commit, path, TIMEOUT, TIMEOUT, gate));
    assertThat(e).as("it is refused").isNotNull();
    return e;
  }

  @Test
  void what_is_in_the_way_of_a_submodules_history_is_told_with_the_submodule() throws Exception {
    // Given
    String absent = "1".repeat(40);
    String used = lib.commit(Map.of("lib.yaml", "a\n"), "Lib");
    String first =
        commit(
            app,
            new GitChange.Write(
                ".gitmodules",
                section("lib", "../lib.git")
                    + section("absent", "../lib.git")
                    + section("gone", "../gone.git")
                    + section("elsewhere", "https://git.example.org/lib.git")),
            new GitChange.Submodule("lib", used),
            new GitChange.Submodule("absent", absent),
            new GitChange.Submodule("gone", used),
            new GitChange.Submodule("unnamed", used),
            new GitChange.Submodule("elsewhere", used));
    Mirror mirror = mirror();
    mirror.look(new RefSelector.Hash(first), Instant.now(), TIMEOUT);
    server.forgetRequests();

    // When, Then
    assertThat(refused(mirror, first, "lib/lib.yaml", () -> Optional.of("it wants peace")))
        .hasMessage("in the submodule lib: it wants peace");
    assertThat(refused(mirror, first, "lib", Mirror.Gate.OPEN))
        .hasMessage("lib is a submodule, and no file");
    assertThat(refused(mirror, first, "unnamed/a", Mirror.Gate.OPEN))
        .hasMessageContaining("unnamed: a submodule that .gitmodules does not have");
    assertThat(refused(mirror, first, "elsewhere/a", Mirror.Gate.OPEN))
        .hasMessageContaining("the submodule elsewhere is at git.example.org");
    assertThat(server.requests()).as("nothing was asked so far").isEmpty();

    assertThat(refused(mirror, first, "absent/a", Mirror.Gate.OPEN).getMessage())
        .startsWith("in the submodule absent: ");
    assertThat(refused(mirror, first, "gone/a", Mirror.Gate.OPEN).getMessage())
        .startsWith("in the submodule gone: there is no repository at ");
    GitException noFile = refused(mirror, first, "lib/b.yaml", Mirror.Gate.OPEN);
    assertThat(noFile.reason()).isEqualTo(Reason.PATH_NOT_FOUND);
    assertThat(noFile)
        .hasMessage("in the submodule lib: there is no file b.yaml in commit " + used);
    assertThat(subjects(blame(mirror, first, "lib/lib.yaml").orElseThrow()))
        .containsExactly("1+1 Lib");

    server.goDown();
    String later = commit(app, new GitChange.Write("b.yaml", "b\n"));
    assertThat(blame(mirror, first, "lib/lib.yaml")).as("what is here").isPresent();
    assertThat(refused(mirror, later, "lib/lib.yaml", Mirror.Gate.OPEN).reason())
        .isEqualTo(Reason.FETCH_FAILED);
  }
}
