package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several syncs of one repository. */
final class SharingTest {
  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git = new MirrorFixture(directory);
    git.origin.commit("main", "First", Map.of("a", "1"));
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void fifty_looks_at_once_are_two_at_most() throws Exception {
    List<Mirror> mirrors = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      mirrors.add(git.mirror());
    }
    look(mirrors.getFirst(), MAIN);
    git.server.forget();
    git.server.fault(exchange -> {
      try {
        Thread.sleep(300);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return false;
    });

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Commit>> looks =
          mirrors.stream().map(m -> threads.submit(() -> look(m, MAIN))).toList();
      for (Future<Commit> one : looks) {
        assertThat(one.get().subject()).isEqualTo("First");
      }
    }

    assertThat(git.server.requests()).hasSizeLessThanOrEqualTo(4);
    assertThat(git.directories()).hasSize(1);
  }

  @Test
  void an_answer_that_is_fresh_enough_is_used_again() throws Exception {
    Instant before = Instant.now();
    Mirror one = git.mirror();
    Mirror two = git.mirror();
    look(one, MAIN);
    git.server.forget();

    assertThat(two.look(MAIN, before, TIMEOUT).subject()).isEqualTo("First");
    assertThat(git.server.requests()).isEmpty();
    git.origin.commit("main", "Second", Map.of("a", "2"));
    assertThat(two.look(MAIN, Instant.now(), TIMEOUT).subject()).isEqualTo("Second");
  }

  @Test
  void two_branches_are_fetched_into_one_mirror_at_the_same_time() throws Exception {
    for (int i = 0; i < 10; i++) {
      git.origin.commit("b" + i, "On " + i, Map.of("a", "1", "n", String.valueOf(i)));
    }
    Mirror mirror = git.mirror();

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Commit>> looks = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        var branch = new dev.fairlead.model.RefSelector.Branch("b" + i);
        looks.add(threads.submit(() -> look(mirror, branch)));
      }
      for (int i = 0; i < 10; i++) {
        Commit commit = looks.get(i).get();
        assertThat(commit.subject()).isEqualTo("On " + i);
        assertThat(MirrorFixture.paths(mirror, commit, "")).containsExactly("a", "n");
      }
    }
  }

  @Test
  void the_last_to_let_go_removes_the_mirror() throws Exception {
    Mirror one = git.mirror();
    Mirror two = git.mirror();
    look(one, MAIN);
    one.close();
    one.close();
    assertThat(git.directories()).hasSize(1);
    assertThat(look(two, MAIN).subject()).isEqualTo("First");

    two.close();

    assertThat(git.directories()).isEmpty();
  }

  @Test
  void other_credentials_have_a_mirror_of_their_own_whose_name_says_nothing() throws Exception {
    look(git.mirror(), MAIN);
    var secret = new Credentials.Basic("robot", "hunter2", Credentials.Tls.NONE);
    look(git.mirrors.acquire(new Remote(git.server.url(), secret)), MAIN);
    look(git.mirrors.acquire(new Remote(git.server.url() + "/", secret)), MAIN);

    assertThat(git.directories()).hasSize(2);
    for (Path mirror : git.directories()) {
      assertThat(mirror.toString()).doesNotContain("repo");
      assertThat(Files.readString(mirror.resolve("config"))).doesNotContain("hunter2");
    }
  }

  @Test
  void several_share_a_cache_directory_and_what_an_ended_one_left_is_swept_at_the_start()
      throws Exception {
    Mirror first = git.mirror();
    Commit commit = look(first, MAIN);
    Path old = Files.createDirectories(git.cache.resolve("mirror-left-1/objects"));
    Path killed = Files.createDirectories(git.cache.resolve("process-1/mirror-left-1/objects"));
    Files.createFile(git.cache.resolve("process-1/lock"));
    Path killedEarly = Files.createDirectories(git.cache.resolve("process-2"));
    Path strange = Files.createFile(git.cache.resolve("somebody's"));

    try (var next = new Mirrors(git.cache, GitLimits.DEFAULT, InstantSource.system(), git)) {
      assertThat(old).doesNotExist();
      assertThat(killed).doesNotExist();
      assertThat(killedEarly).doesNotExist();
      assertThat(strange).exists();
      look(next.acquire(new Remote(git.server.url(), Credentials.NONE)), MAIN);
      assertThat(git.directories()).hasSize(2);
    }
    assertThat(git.directories()).hasSize(1);
    assertThat(MirrorFixture.paths(first, commit, "")).isNotEmpty();
    git.mirrors.close();
    assertThat(git.directories()).isEmpty();
  }
}
