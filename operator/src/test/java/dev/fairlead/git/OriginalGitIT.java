package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.MirrorFixture.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same against the original Git's own server, {@code git http-backend}. */
final class OriginalGitIT {
  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git =
        new MirrorFixture(
            directory,
            new GitLimits(
                true,
                4,
                GitLimits.Pack.DEFAULT,
                new GitLimits.Disk(0, 1L << 30, 1L << 32, 10, Duration.ZERO),
                GitLimits.Tree.DEFAULT),
            true);
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void every_way_to_name_a_commit_works() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("a", "1"));
    git.origin.annotatedTag("v1", first);
    String second = git.origin.commit("main", "Second", Map.of("a", "2"));
    git.origin.commit("main", "Third", Map.of("a", "3", "b/c", "1"));
    Mirror mirror = git.mirror();

    Commit head = look(mirror, new RefSelector.Head());
    git.server.forget();
    Commit branch = look(mirror, MAIN);
    assertThat(git.server.requests()).as("an unchanged look").hasSize(2);
    Commit tag = look(mirror, new RefSelector.Tag("v1"));
    Commit hash = look(mirror, new RefSelector.Hash(second));

    assertThat(head).isEqualTo(branch);
    assertThat(head.revision().ref()).isEqualTo("main");
    assertThat(paths(mirror, head, "")).containsExactly("a", "b/c");
    assertThat(tag.revision()).hasToString("v1@sha1:" + first);
    assertThat(hash.subject()).isEqualTo("Second");
    assertThat(paths(mirror, hash, "")).containsExactly("a");
  }

  @Test
  void an_unknown_hash_is_a_ref_that_is_not_found() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));

    assertThatThrownBy(() -> look(git.mirror(), new RefSelector.Hash("f".repeat(40))))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REF_NOT_FOUND))
        .hasMessageContaining("does not have the commit ffff");
    assertThat(git.told).containsExactly("look success", "fetch not_found");
  }

  @Test
  void a_tag_of_a_file_is_no_commit() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    git.origin.point("refs/tags/file", git.origin.blob("x"));

    assertThatThrownBy(() -> look(git.mirror(), new RefSelector.Tag("file")))
        .isInstanceOf(GitException.class);
  }

  @Test
  void many_commits_and_a_forced_push_are_followed_and_repacked() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("n", "0"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(first);
    for (int i = 1; i <= 25; i++) {
      if (i == 13) {
        git.origin.commitTree("main", "Forced", git.origin.rawTree(), false);
      }
      git.origin.commit("main", "Commit " + i, Map.of("n", String.valueOf(i)));
      Commit commit = look(mirror, MAIN);
      assertThat(commit.subject()).isEqualTo("Commit " + i);
      assertThat(paths(mirror, commit, "")).containsExactly("n");
    }

    DiskTree.delete(git.directory());
    assertThat(look(mirror, MAIN).subject()).as("built anew").isEqualTo("Commit 25");
    await("the pinned commit, which no branch has any longer")
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptionsInstanceOf(GitException.class)
        .until(() -> mirror.treeId(first, "").isPresent());
  }

  @Test
  void two_hundred_commits_leave_few_packs_and_little_disk() throws Exception {
    git.origin.commit("main", "First", Map.of("n", "0"));
    Mirror mirror = git.mirror();
    for (int i = 1; i <= 200; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("same", "x", "n", String.valueOf(i)));
      assertThat(look(mirror, MAIN).subject()).isEqualTo("Commit " + i);
    }

    await("the last repack")
        .atMost(Duration.ofSeconds(60))
        .until(() -> DamageTest.packs(git.directory()).size() <= 10);
    assertThat(DamageTest.size(git.directory())).isLessThan(100_000);
  }

  @Test
  void a_directory_of_this_machine_can_be_followed_where_that_is_allowed() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    String url = "file://" + git.origin.repository().getDirectory();
    Mirror mirror = git.mirrors.acquire(new Remote(url, Credentials.NONE));
    look(mirror, MAIN);
    String second = git.origin.commit("main", "Second", Map.of("a", "2"));
    git.origin.annotatedTag("v1", second);

    assertThat(look(mirror, new RefSelector.Head()).revision()).hasToString("main@sha1:" + second);
    Commit tag = look(mirror, new RefSelector.Tag("v1"));

    assertThat(paths(mirror, tag, "")).containsExactly("a");
    assertThatThrownBy(() -> look(mirror, new RefSelector.Branch("other")))
        .hasMessageContaining("branch other does not exist in file://");
    assertThatThrownBy(
            () -> look(git.mirrors.acquire(new Remote(url + "x", Credentials.NONE)), MAIN))
        .hasMessageContaining("there is no repository at file://");
  }
}
