package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.MirrorFixture.paths;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Commit;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MirrorTest {
  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void a_look_at_a_branch_fetches_its_commit_and_its_files_can_be_read() throws Exception {
    String first =
        git.origin.commit("main", "First", Map.of("README", "x", "deploy/web.yaml", "a: 1"));
    Mirror mirror = git.mirror();

    Commit commit = look(mirror, MAIN);

    assertThat(commit.revision()).hasToString("main@sha1:" + first);
    assertThat(commit.author()).isEqualTo("Fairlead Tests");
    assertThat(commit.subject()).isEqualTo("First");
    assertThat(commit.committedAt()).isEqualTo(Origin.WHEN);
    Snapshot snapshot = mirror.tree(first, "./deploy/", name -> name.endsWith(".yaml"));
    assertThat(snapshot.files()).extracting(TreeFile::path).containsExactly("deploy/web.yaml");
    assertThat(snapshot.read(snapshot.files().getFirst(), 100))
        .isEqualTo("a: 1".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void an_unchanged_look_is_one_ls_refs_exchange_of_two_requests() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    assertThat(git.server.requests()).hasSize(3);
    git.server.forget();

    look(mirror, MAIN);

    assertThat(git.server.requests())
        .containsExactly(
            "GET /team/repo.git/info/refs?service=git-upload-pack",
            "POST /team/repo.git/git-upload-pack");
    assertThat(git.told).containsExactly("look success", "fetch success", "look success");
  }

  @Test
  void a_look_at_the_head_names_the_branch_behind_it() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("a", "1"));

    Commit commit = look(git.mirror(), new RefSelector.Head());

    assertThat(commit.revision()).hasToString("main@sha1:" + first);
  }

  @Test
  void a_tag_is_peeled_to_its_commit() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("a", "1"));
    git.origin.annotatedTag("v1", first);
    git.origin.point("refs/tags/light", ObjectId.fromString(first));
    Mirror mirror = git.mirror();

    Commit annotated = look(mirror, new RefSelector.Tag("v1"));
    Commit light = look(mirror, new RefSelector.Tag("light"));

    assertThat(annotated.revision()).hasToString("v1@sha1:" + first);
    assertThat(light.revision()).hasToString("light@sha1:" + first);
    assertThat(git.told)
        .as("the second tag's commit is here already")
        .containsExactly("look success", "fetch success", "look success");
    look(mirror, new RefSelector.Tag("v1"));
    assertThat(git.told).hasSize(4);
  }

  @Test
  void a_hash_is_fetched_once_and_never_looked_at_again() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("a", "1"));
    git.origin.commit("main", "Second", Map.of("a", "2"));
    Mirror mirror = git.mirror();

    Commit commit = look(mirror, new RefSelector.Hash(first));

    assertThat(commit.revision()).hasToString("commit@sha1:" + first);
    assertThat(paths(mirror, commit, "")).containsExactly("a");
    git.server.forget();
    look(mirror, new RefSelector.Hash(first));
    assertThat(git.server.requests()).isEmpty();
  }
}
