package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where lines come from, with {@code git blame} as the oracle. */
final class BlameIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private MirrorFixture git;
  private GitProgram work;
  private int commits;

  @BeforeEach
  void start() throws Exception {
    start(GitLimits.Pack.DEFAULT, Duration.ofMinutes(5));
    work =
        GitProgram.clone(git.origin.repository().getDirectory().toPath(), directory.resolve("w"));
  }

  private void start(GitLimits.Pack pack, Duration keepUnused) throws IOException {
    git =
        new MirrorFixture(
            Files.createTempDirectory(directory, "git-"),
            new GitLimits(
                true,
                4,
                pack,
                new GitLimits.Disk(0, 1L << 30, 1L << 32, 10, keepUnused),
                GitLimits.Tree.DEFAULT));
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void lines_come_from_where_git_says_over_merges_and_renames() throws Exception {
    // Given
    long seed = Seed.of(BlameIT.class);
    Random random = new Random(seed);
    List<String> files = new ArrayList<>(List.of("a.yaml", "deploy/b.yaml", "c.yaml"));
    for (String file : files) {
      work.write(file, lines(random, 30));
    }
    commit("Begin");
    for (int i = 0; i < 25; i++) {
      edit(files.get(random.nextInt(files.size())), random);
      commit("Edit " + i);
      if (i % 6 == 3) {
        work.run("checkout", "-q", "-b", "side-" + i);
        edit(files.get(0), random);
        commit("Aside " + i);
        work.run("checkout", "-q", "main");
        edit(files.get(1), random);
        edit(files.get(2), random);
        commit("Meanwhile " + i);
        work.merge("side-" + i, "Merge " + i, when());
      }
      if (i % 9 == 5) {
        String renamed = "moved/" + i + ".yaml";
        work.rename(files.get(2), renamed);
        files.set(2, renamed);
        commit("Rename " + i);
      }
    }
    work.run("push", "-q", "origin", "main");

    for (Mirror mirror :
        List.of(
            git.mirror(),
            git.mirrors.acquire(
                new Remote(
                    "file://" + git.origin.repository().getDirectory(), Credentials.NONE)))) {
      String head = look(mirror, MAIN).revision().commit();
      for (String file : files) {
        // When
        Blame blame = mirror.blame(head, file, PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();

        // Then
        assertThat(flat(blame)).as("%s, seed %d", file, seed).isEqualTo(work.blame("HEAD", file));
      }
    }
  }

  @Test
  void history_is_fetched_as_far_back_as_the_answer_lies() throws Exception {
    // Given
    work.write("old.yaml", "a\nb\n");
    commit("Old");
    for (int i = 0; i < 300; i++) {
      work.write("new.yaml", "line " + i + "\n");
      commit("New " + i);
    }
    work.run("push", "-q", "origin", "main");
    Mirror mirror = git.mirror();
    String head = look(mirror, MAIN).revision().commit();
    git.told.clear();

    // When, Then
    Blame young =
        mirror.blame(head, "new.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();
    assertThat(flat(young)).isEqualTo(work.blame("HEAD", "new.yaml"));
    assertThat(git.told).as("64 commits").containsExactly("fetch success");

    Blame old = mirror.blame(head, "old.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();
    assertThat(flat(old)).isEqualTo(work.blame("HEAD", "old.yaml"));
    assertThat(git.told).as("256 and 1024 commits").hasSize(3);

    Blame again =
        mirror.blame(head, "old.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();
    assertThat(again).isEqualTo(old);
    assertThat(git.told).as("nothing more").hasSize(3);

    // The mirror that looks has no history, and the next commit costs what it changed.
    work.write("new.yaml", "line\n");
    String next = commit("Next");
    work.run("push", "-q", "origin", "main");
    assertThat(look(mirror, MAIN).revision().commit()).isEqualTo(next);
    assertThat(mirrorOf("shallow").lines().toList()).containsExactlyInAnyOrder(head, next);
    assertThat(
            flat(
                mirror.blame(next, "new.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow()))
        .isEqualTo(work.blame("HEAD", "new.yaml"));
  }

  private String mirrorOf(String file) throws IOException {
    for (Path mirror : git.directories()) {
      if (!mirror.getFileName().toString().contains("history")) {
        return Files.readString(mirror.resolve(file));
      }
    }
    throw new AssertionError("no mirror in " + git.directories());
  }

  @Test
  void what_is_older_than_the_history_that_may_be_fetched_is_said_to_be() throws Exception {
    // Given
    git.close();
    start(new GitLimits.Pack(200_000, 100_000, 1_000_000), Duration.ofMinutes(5));
    work =
        GitProgram.clone(git.origin.repository().getDirectory().toPath(), directory.resolve("x"));
    byte[] noise = new byte[400_000];
    new Random(1).nextBytes(noise);
    Files.write(work.directory().resolve("noise"), noise);
    work.write("a.yaml", "old 1\nold 2\nnew 1\nold 3\n");
    commit("Noise");
    work.run("rm", "-q", "noise");
    commit("No noise");
    for (int i = 0; i < 80; i++) {
      work.write("b.yaml", "line " + i + "\n");
      commit("Line " + i);
    }
    work.write("a.yaml", "old 1\nold 2\nnew 2\nold 3\n");
    String head = commit("Change");
    work.run("push", "-q", "origin", "main");
    Mirror mirror = git.mirror();
    look(mirror, MAIN);

    // When
    Blame blame = mirror.blame(head, "a.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();

    // Then
    GitProgram shallow =
        GitProgram.cloneShallow(
            git.origin.repository().getDirectory().toPath(), directory.resolve("s"), 64);
    assertThat(flat(blame)).isEqualTo(shallow.blameShallow("HEAD", "a.yaml"));
    assertThat(blame.lines())
        .extracting(l -> l.first() + "+" + l.count() + " " + l.olderThan())
        .containsExactly("1+2 64", "3+1 0", "4+1 64");
  }

  @Test
  void of_large_commits_fewer_are_fetched() throws Exception {
    // Given
    git.close();
    start(new GitLimits.Pack(200_000, 100_000, 1_000_000), Duration.ofMinutes(5));
    work =
        GitProgram.clone(git.origin.repository().getDirectory().toPath(), directory.resolve("x"));
    Random random = new Random(1);
    byte[] noise = new byte[40_000];
    work.write("old.yaml", "old 1\nold 2\n");
    for (int i = 0; i < 70; i++) {
      random.nextBytes(noise);
      Files.write(work.directory().resolve("noise"), noise);
      work.write("new.yaml", "line " + i + "\n");
      commit("Noise " + i);
    }
    work.run("push", "-q", "origin", "main");
    Mirror mirror = git.mirror();
    String head = look(mirror, MAIN).revision().commit();
    git.told.clear();

    // When
    Blame young =
        mirror.blame(head, "new.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();
    Blame old = mirror.blame(head, "old.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();

    // Then
    assertThat(flat(young)).isEqualTo(work.blame("HEAD", "new.yaml"));
    assertThat(old.lines()).containsExactly(new Blame.Lines(1, 2, Optional.empty(), 4));
    assertThat(git.told)
        .as("64 and 16 commits are too much, 4 are not, and it is known then")
        .containsExactly("fetch failure", "fetch failure", "fetch success");
  }

  @Test
  void a_history_that_nobody_asks_for_goes() throws Exception {
    // Given
    git.close();
    start(GitLimits.Pack.DEFAULT, Duration.ofMillis(500));
    String head = git.origin.commit("main", "First", Map.of("a", "1\n"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);

    git.told.clear();

    // When
    assertThat(mirror.blame(head, "a", PATIENCE, PATIENCE, Mirror.Gate.OPEN)).isPresent();

    // Then
    await().atMost(PATIENCE).until(() -> git.directories().size() == 1);
    assertThat(mirror.blame(head, "a", PATIENCE, PATIENCE, Mirror.Gate.OPEN)).isPresent();
    assertThat(git.told).containsExactly("fetch success", "fetch success");
    mirror.close();
    assertThat(git.directories()).isEmpty();
  }

  @Test
  void a_host_that_is_to_be_left_in_peace_is_not_asked_and_what_is_here_is_told() throws Exception {
    String head = git.origin.commit("main", "First", Map.of("a", "1\n"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    git.told.clear();
    Mirror.Gate closed = () -> Optional.of("the host wants peace");

    assertThatThrownBy(() -> mirror.blame(head, "a", PATIENCE, PATIENCE, closed))
        .hasMessage("the host wants peace");
    assertThat(git.told).isEmpty();

    assertThat(mirror.blame(head, "a", PATIENCE, PATIENCE, Mirror.Gate.OPEN)).isPresent();
    assertThat(mirror.blame(head, "a", PATIENCE, PATIENCE, closed)).isPresent();
    assertThat(git.told).containsExactly("fetch success");
  }

  @Test
  void what_is_no_file_has_no_lines() throws Exception {
    String head =
        git.origin.commit("main", "First", Map.of("d/a", "1\n", "big", "x\n".repeat(600_000)));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);

    for (String path : List.of("b", "d", "d/a/b", "D/A")) {
      assertThatThrownBy(() -> mirror.blame(head, path, PATIENCE, PATIENCE, Mirror.Gate.OPEN))
          .isInstanceOfSatisfying(
              GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PATH_NOT_FOUND))
          .hasMessage("there is no file " + path + " in commit " + head);
    }
    assertThatThrownBy(() -> mirror.blame(head, "big", PATIENCE, PATIENCE, Mirror.Gate.OPEN))
        .hasMessage(
            "big has 1.1 MiB in commit %s, and the history of files up to 1 MiB is told",
            head.substring(0, 7));
    String unknown = "0123456789".repeat(4);
    assertThatThrownBy(() -> mirror.blame(unknown, "d/a", PATIENCE, PATIENCE, Mirror.Gate.OPEN))
        .isInstanceOf(GitException.class);
  }

  /** Each change is at a distance of others, and all lines are alike but a few. */
  @Test
  void lines_that_are_alike_come_from_where_git_says() throws Exception {
    // Given
    List<String> lines = new ArrayList<>(Collections.nCopies(300, "---"));
    work.write("a.yaml", String.join("\n", lines) + "\n");
    commit("Begin");
    for (int i = 0; i < 6; i++) {
      lines.set(40 * i + 20, "first " + i);
      lines.set(40 * i + 25, "second " + i);
      work.write("a.yaml", String.join("\n", lines) + "\n");
      commit("Edit " + i);
    }
    lines.set(20, "a");
    lines.set(240, "b");
    work.write("a.yaml", String.join("\n", lines) + "\n");
    String head = commit("Both ends");
    work.run("push", "-q", "origin", "main");

    // When
    Blame blame =
        git.mirror().blame(head, "a.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();

    // Then
    assertThat(flat(blame)).isEqualTo(work.blame("HEAD", "a.yaml"));
  }

  @Test
  void a_file_that_moved_with_many_others_is_found_by_its_content() throws Exception {
    // Given
    for (int i = 0; i < 200; i++) {
      work.write("old/%03d.yaml".formatted(i), "key: " + i + "\n");
    }
    commit("Begin");
    work.rename("old", "new");
    String head = commit("Move");
    work.run("push", "-q", "origin", "main");

    // When
    Blame blame =
        git.mirror()
            .blame(head, "new/123.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN)
            .orElseThrow();

    // Then
    assertThat(flat(blame))
        .isEqualTo(work.blame("HEAD", "new/123.yaml"))
        .hasEntrySatisfying(1, line -> assertThat(line).contains("old/123.yaml:1"));
  }

  @Test
  void a_history_that_takes_too_long_is_given_up_and_may_be_asked_for_again() throws Exception {
    // Given
    git.close();
    git =
        new MirrorFixture(
            Files.createTempDirectory(directory, "git-"),
            new GitLimits(
                true,
                4,
                GitLimits.Pack.DEFAULT,
                GitLimits.Disk.DEFAULT,
                new GitLimits.Tree(1000, 1000, 10, 1000, Duration.ofMillis(2))));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      text.append("line ").append(i).append('\n');
      git.origin.commit("main", "Line " + i, Map.of("a.yaml", text.toString()));
    }
    Mirror mirror = git.mirror();
    String head = look(mirror, MAIN).revision().commit();
    git.told.clear();

    // When, Then
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> mirror.blame(head, "a.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN))
          .isInstanceOfSatisfying(
              GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED))
          .hasMessage("a.yaml has a history that takes more than 0 s to be looked through");
    }
    assertThat(git.told).containsExactly("fetch success");
  }

  @Test
  void a_file_that_was_too_large_once_has_the_history_of_what_is_left() throws Exception {
    // Given
    String first = git.origin.commit("main", "Large", Map.of("a", "a: 1\n" + "x".repeat(3 << 20)));
    String head = git.origin.commit("main", "Small", Map.of("a", "a: 1\nb: 2\n"));

    // When
    Blame blame = git.mirror().blame(head, "a", PATIENCE, PATIENCE, Mirror.Gate.OPEN).orElseThrow();

    // Then
    assertThat(blame.lines())
        .extracting(lines -> lines.change().orElseThrow().commit())
        .containsExactly(first, head);
  }

  @Test
  void a_file_with_lines_from_very_many_places_has_no_history() throws Exception {
    // Given
    List<String> lines = new ArrayList<>();
    String head = "";
    for (int version = 0; version < 6; version++) {
      for (int i = 0; i < 2_000; i++) {
        lines.add(i * (version + 1), "version " + version + " line " + i);
      }
      head = git.origin.commit("main", "Version", Map.of("a.yaml", String.join("\n", lines)));
    }
    String last = head;

    // When, Then
    assertThatThrownBy(
            () -> git.mirror().blame(last, "a.yaml", PATIENCE, PATIENCE, Mirror.Gate.OPEN))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BUILD_FAILED))
        .hasMessage("a.yaml has lines from more than 10000 places");
  }

  @Test
  void who_does_not_wait_long_enough_finds_the_answer_later() throws Exception {
    // Given
    String head = git.origin.commit("main", "First", Map.of("a", "1\n"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);

    // When, Then
    assertThat(mirror.blame(head, "a", Duration.ZERO, PATIENCE, Mirror.Gate.OPEN)).isEmpty();
    await()
        .atMost(PATIENCE)
        .until(() ->
            mirror.blame(head, "a", Duration.ofMillis(50), PATIENCE, Mirror.Gate.OPEN).isPresent());
  }

  private String commit(String subject) throws Exception {
    return work.commit(subject, when());
  }

  private Instant when() {
    return Origin.WHEN.plusSeconds(60L * ++commits);
  }

  private void edit(String file, Random random) throws IOException {
    List<String> lines = new ArrayList<>(work.read(file).lines().toList());
    for (int i = 0; i < 3; i++) {
      int at = random.nextInt(lines.size());
      switch (random.nextInt(3)) {
        case 0 -> lines.set(at, unique(random));
        case 1 -> lines.add(at, unique(random));
        default -> {
          if (lines.size() > 20) {
            lines.remove(at);
          }
        }
      }
    }
    work.write(file, String.join("\n", lines) + "\n");
  }

  private static String lines(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(unique(random)).append('\n');
    }
    return text.toString();
  }

  /** No line is like another, so that there is one answer. */
  private static String unique(Random random) {
    return "key: " + Long.toHexString(random.nextLong());
  }

  /** Line by line. */
  private static Map<Integer, String> flat(Blame blame) {
    Map<Integer, String> lines = new HashMap<>();
    for (Blame.Lines some : blame.lines()) {
      for (int i = 0; i < some.count(); i++) {
        int offset = i;
        lines.put(
            some.first() + i,
            some.change()
                .map(c ->
                    "%s %s %s %s %s:%d"
                        .formatted(
                            c.commit(),
                            c.author(),
                            c.authoredAt(),
                            c.subject(),
                            c.file(),
                            c.line() + offset))
                .orElse("older"));
      }
    }
    return lines;
  }
}
