package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.SemverRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways to name a commit beyond a branch, against the original Git's server. */
final class RefsTest {
  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory, LIMITS, true);
  }

  private static final GitLimits LIMITS =
      new GitLimits(
          true, 4, GitLimits.Pack.DEFAULT, GitLimits.Disk.DEFAULT, GitLimits.Tree.DEFAULT);

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  private static RefSelector semver(String range) {
    return new RefSelector.Semver(SemverRange.parse(range));
  }

  private GitException failure(RefSelector ref) throws GitException {
    Mirror mirror = git.mirror();
    return catchThrowableOfType(GitException.class, () -> look(mirror, ref));
  }

  private void tag(String... names) throws IOException {
    for (String name : names) {
      git.origin.point(
          "refs/tags/" + name,
          ObjectId.fromString(git.origin.commit("main", name, Map.of("tag", name))));
    }
  }

  @ParameterizedTest(name = "{1} of {0} is {2}")
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          v1.0.0 v1.10.0 v1.9.0 v2.0.0          ; 1.x              ; v1.10.0
          1.0.0 v1.1.0 latest release-9.0.0 v1  ; *                ; v1.1.0
          v1.0.0 v1.1.0-rc.1                    ; >=1.0.0          ; v1.0.0
          v1.0.0 v1.1.0-rc.1 v1.1.0-rc.2        ; >=1.0.0-0        ; v1.1.0-rc.2
          app/v3.0.0 v1.0.0                     ; *                ; v1.0.0
          v1.0.0+build.10 v1.0.0+build.9 v1.0.0 ; 1.0.0            ; v1.0.0+build.10
          v1.0.0 1.0.0                          ; *                ; v1.0.0
          """)
  void the_newest_tag_in_the_range_is_followed(String tags, String range, String newest)
      throws Exception {
    tag(tags.split(" ", -1));
    assertThat(look(git.mirror(), semver(range)).subject()).isEqualTo(newest);
  }

  @Test
  void a_look_at_the_tags_is_one_small_exchange_and_sees_them_come_and_go() throws Exception {
    tag("v1.0.0");
    git.origin.commit("other", "Another branch", Map.of("a", "1"));
    Mirror mirror = git.mirror();
    assertThat(look(mirror, semver("1.x")).revision().shortForm()).startsWith("v1.0.0@");
    tag("v1.1.0", "v2.0.0");
    assertThat(look(mirror, semver("1.x")).subject()).isEqualTo("v1.1.0");

    git.server.forget();
    assertThat(look(mirror, semver("1.x")).subject()).isEqualTo("v1.1.0");
    assertThat(git.server.requests())
        .containsExactly(
            "GET /team/repo.git/info/refs?service=git-upload-pack",
            "POST /team/repo.git/git-upload-pack");

    git.origin.delete("refs/tags/v1.1.0");
    assertThat(look(mirror, semver("1.x")).subject()).isEqualTo("v1.0.0");
  }

  @Test
  void without_a_version_in_the_range_the_newest_one_is_told() throws Exception {
    tag("v1.0.0", "v2.0.0-rc.1", "later");

    assertThat(failure(semver(">=2.0.0")))
        .hasMessage(
            "no tag of "
                + git.server.url()
                + " is a version in the range >=2.0.0: the newest version there is v2.0.0-rc.1;"
                + " pre-releases count only where the range names one")
        .extracting(GitException::reason)
        .isEqualTo(Reason.REF_NOT_FOUND);
  }

  @Test
  void without_any_version_that_is_told() throws Exception {
    tag("later");
    assertThat(failure(semver("*"))).hasMessageEndingWith("it has no tag such as v1.2.3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "refs/pull/1/head",
        "refs/merge-requests/1/head",
        "refs/heads/main",
        "refs/tags/v1",
        "refs/changes/34/1234/5"
      })
  void any_ref_is_followed_by_its_full_name(String name) throws Exception {
    String commit = git.origin.commit("main", "Proposed", Map.of("a", "1"));
    git.origin.point(name, ObjectId.fromString(commit));
    git.origin.point(name + "s", ObjectId.fromString(git.origin.commit("x", "Not it", Map.of())));

    assertThat(look(git.mirror(), new RefSelector.Name(name)).revision())
        .hasToString(name + "@sha1:" + commit);
  }

  @Test
  void a_ref_that_is_absent_or_impossible_says_so() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));

    assertThat(failure(new RefSelector.Name("refs/pull/2/head")))
        .hasMessage("the ref refs/pull/2/head does not exist in " + git.server.url());
    assertThat(failure(new RefSelector.Name("main")))
        .hasMessage("spec.ref is not possible in Git: ref main");
    assertThat(failure(new RefSelector.Name("refs/pull/..")))
        .hasMessage("spec.ref is not possible in Git: ref refs/pull/..");
  }

  @Test
  void a_tag_of_a_tag_is_peeled_to_its_commit() throws Exception {
    String commit = git.origin.commit("main", "First", Map.of("a", "1"));
    String inner = git.origin.annotatedTag("inner", commit);
    git.origin.annotatedTag("v1.0.0", inner, Constants.OBJ_TAG);

    for (RefSelector ref :
        new RefSelector[] {
          new RefSelector.Tag("v1.0.0"), semver("1.x"), new RefSelector.Name("refs/tags/v1.0.0")
        }) {
      assertThat(look(git.mirror(), ref).revision().commit()).isEqualTo(commit);
    }
  }

  @Test
  void a_commit_that_no_ref_reaches_any_longer_is_had_by_its_hash() throws Exception {
    String lost = git.origin.commit("main", "Lost", Map.of("a", "1"));
    git.origin.commitTree("main", "Forced", git.origin.rawTree(), false);
    String old = git.origin.commit("side", "Old", Map.of("a", "2"));
    git.origin.commit("side", "New", Map.of("a", "3"));

    assertThat(look(git.mirror(), new RefSelector.Hash(lost)).subject()).isEqualTo("Lost");
    assertThat(look(git.mirror(), new RefSelector.Hash(old)).subject()).isEqualTo("Old");
  }

  @Test
  void a_server_that_gives_no_commit_by_its_hash_is_told_of() throws Exception {
    String lost = git.origin.commit("main", "Lost", Map.of("a", "1"));
    git.origin.commitTree("main", "Forced", git.origin.rawTree(), false);
    // JGit's, which gives only what a ref reaches.
    try (var strict = new GitHttp(git.origin)) {
      Mirror mirror = git.mirrors.acquire(new Remote(strict.url(), Credentials.NONE));

      assertThat(
              catchThrowableOfType(
                  GitException.class, () -> look(mirror, new RefSelector.Hash(lost))))
          .hasMessage(
              strict.url()
                  + " does not have the commit "
                  + lost
                  + ", or does not give it by its hash: a tag that points to it can be followed by"
                  + " spec.ref.tag")
          .extracting(GitException::reason)
          .isEqualTo(Reason.REF_NOT_FOUND);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_sha256_repository_is_refused_by_its_object_format(boolean overHttp) throws Exception {
    Path repository = directory.resolve("sha256");
    Git.run(directory, "init", "-q", "-b", "main", "--object-format=sha256", "sha256");
    Git.run(repository, "commit", "-q", "--allow-empty", "-m", "First");
    Git.run(repository, "tag", "v1.0.0");
    try (var server = new GitHttp(repository.resolve(".git"))) {
      String url = overHttp ? server.url() : "file://" + repository.resolve(".git");
      for (RefSelector ref :
          new RefSelector[] {
            MirrorFixture.MAIN,
            new RefSelector.Head(),
            semver("*"),
            new RefSelector.Hash("a".repeat(40))
          }) {
        Mirror mirror = git.mirrors.acquire(new Remote(url, Credentials.NONE));
        assertThat(catchThrowableOfType(GitException.class, () -> look(mirror, ref)))
            .as(ref.toString())
            .hasMessageStartingWith(url + " has the object format sha256, and only");
      }
    }
  }
}
