package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static dev.fairlead.git.MirrorFixture.paths;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mirror that lost something gets it back by itself, and nothing grows for ever. */
final class DamageTest {
  private static final int FEW_PACKS = 10;

  @TempDir private Path directory;
  private MirrorFixture git;

  @BeforeEach
  void start() throws IOException {
    git =
        new MirrorFixture(
            directory,
            new GitLimits(
                false,
                4,
                new GitLimits.Pack(4_000_000, 100, 1_000_000),
                new GitLimits.Disk(0, 1L << 30, 1L << 32, FEW_PACKS, Duration.ZERO),
                GitLimits.Tree.DEFAULT));
  }

  @AfterEach
  void stop() throws IOException {
    git.close();
  }

  @Test
  void a_vanished_mirror_is_fetched_again() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    DiskTree.delete(git.directory());

    Commit commit = look(mirror, MAIN);

    assertThat(paths(mirror, commit, "")).containsExactly("a");
    assertThat(git.directories()).hasSize(1);
  }

  @Test
  void a_corrupt_mirror_is_fetched_again_with_what_is_pinned() throws Exception {
    String large = HexFormat.of().formatHex(randomBytes(200_000));
    String first = git.origin.commit("main", "First", Map.of("old", large));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(first);
    git.origin.commit("main", "Second", Map.of("new", large + "2"));
    Commit second = look(mirror, MAIN);
    for (Path pack : packs(git.directory())) {
      byte[] noise = randomBytes(Math.toIntExact(Files.size(pack)));
      pack.toFile().setWritable(true);
      Files.write(pack, noise);
    }

    GitException e = catchThrowableOfType(GitException.class, () -> readAll(mirror, second));

    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e).hasMessageContaining("the next look fetches it again");
    Commit again = look(mirror, MAIN);
    assertThat(readAll(mirror, again)).isEqualTo(large + "2");
    await("the pinned commit")
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptionsInstanceOf(GitException.class)
        .until(() -> mirror.treeId(first, "").isPresent());
  }

  private static String readAll(Mirror mirror, Commit commit) throws GitException {
    Snapshot snapshot = mirror.tree(commit.revision().commit(), "", _ -> true);
    var all = new StringBuilder();
    for (TreeFile file : snapshot.files()) {
      all.append(new String(snapshot.read(file, 1_000_000), StandardCharsets.UTF_8));
    }
    return all.toString();
  }

  @Test
  void what_a_killed_fetch_left_behind_does_not_hinder_the_next() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    String second = git.origin.commit("main", "Second", Map.of("a", "2"));
    Path here = git.directory();
    List<Path> left =
        Stream.of(
                "shallow.lock",
                "gc.pid",
                "packed-refs.lock",
                "refs/fairlead/" + second + ".lock",
                "objects/incoming_1.pack",
                "objects/incoming_1.idx")
            .map(here::resolve)
            .toList();
    for (Path file : left) {
      Files.writeString(file, "");
    }

    Commit commit = look(mirror, MAIN);

    assertThat(commit.revision().commit()).isEqualTo(second);
    assertThat(left).noneMatch(Files::exists);
  }

  @Test
  void a_list_of_shallow_commits_that_was_emptied_or_lies_is_written_again() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    git.origin.commit("main", "Second", Map.of("a", "2"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    Path shallow = git.directory().resolve("shallow");
    for (String broken : List.of("", "f".repeat(40) + "\n")) {
      Files.writeString(shallow, broken);
      String next = git.origin.commit("main", "Next", Map.of("a", broken));

      Commit commit = look(mirror, MAIN);

      assertThat(commit.revision().commit()).isEqualTo(next);
      assertThat(Files.readString(shallow)).contains(next).doesNotContain("ffff");
    }
  }

  @Test
  void many_commits_leave_few_packs_and_little_disk() throws Exception {
    String base = HexFormat.of().formatHex(randomBytes(50_000));
    String first = git.origin.commit("main", "First", Map.of("big", base, "n", "0"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(first);
    for (int i = 1; i <= 60; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("big", base, "n", String.valueOf(i)));
      look(mirror, MAIN);
    }

    Commit newest = look(mirror, MAIN);
    await("the last repack")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () -> assertThat(packs(git.directory())).hasSizeLessThanOrEqualTo(FEW_PACKS));

    assertThat(newest.subject()).isEqualTo("Commit 60");
    assertThat(readAll(mirror, newest)).endsWith("60");
    assertThat(mirror.treeId(first, "")).as("the pinned commit").isPresent();
    assertThat(Files.readAllLines(git.directory().resolve("shallow")))
        .hasSizeLessThanOrEqualTo(FEW_PACKS + 2);
    assertThat(size(git.directory())).isLessThan(600_000);
  }

  @Test
  void what_a_repack_took_away_while_it_was_read_is_read_again_and_is_no_damage() throws Exception {
    try (Store store =
        Store.create(
            directory.resolve("one"),
            GitLimits.DEFAULT,
            new CacheBudget(GitLimits.Disk.DEFAULT, _ -> {}),
            new Turns(GitLimits.DEFAULT))) {
      var times = new AtomicInteger();

      String read =
          store.read(() -> {
            if (times.incrementAndGet() == 1) {
              store.collect(Set.of());
              throw new FileNotFoundException("the index of a pack");
            }
            return "content";
          });

      assertThat(read).isEqualTo("content");
      assertThatThrownBy(() ->
              store.read(() -> {
                times.incrementAndGet();
                throw new FileNotFoundException("nothing was repacked");
              }))
          .hasMessage("nothing was repacked");
      assertThat(times).hasValue(3);
    }
  }

  @Test
  void what_is_neither_pinned_nor_newest_goes_with_the_next_repack() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("n", "0"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    for (int i = 1; i <= FEW_PACKS + 1; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("n", String.valueOf(i)));
      look(mirror, MAIN);
    }

    await("the repack")
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThatThrownBy(() -> mirror.treeId(first, ""))
                .hasMessageContaining("is not, or no longer, readable"));
    assertThat(look(mirror, new RefSelector.Hash(first)).subject())
        .as("fetched again when asked for")
        .isEqualTo("First");
    assertThat(mirror.treeId(first, "")).isPresent();
  }

  @Test
  void a_forced_push_is_followed_and_the_old_commit_stays_while_it_is_pinned() throws Exception {
    String old = git.origin.commit("main", "Old", Map.of("n", "0"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(old);
    String forced = git.origin.commitTree("main", "Forced", git.origin.rawTree(), false);
    assertThat(look(mirror, MAIN).revision().commit()).isEqualTo(forced);
    for (int i = 1; i <= FEW_PACKS + 1; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("n", String.valueOf(i)));
      look(mirror, MAIN);
    }
    await("the repack")
        .atMost(Duration.ofSeconds(10))
        .until(() -> packs(git.directory()).size() < FEW_PACKS);

    assertThat(mirror.treeId(old, "")).isPresent();
  }

  @Test
  void a_deleted_branch_is_an_error_and_takes_nothing_away() throws Exception {
    String first = git.origin.commit("main", "First", Map.of("n", "0"));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    git.origin.delete("refs/heads/main");

    assertThatThrownBy(() -> look(mirror, MAIN))
        .isInstanceOfSatisfying(
            GitException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REF_NOT_FOUND));

    assertThat(mirror.treeId(first, "")).isPresent();
  }

  @Test
  void a_file_that_unpacks_to_more_than_allowed_is_refused() throws Exception {
    git.origin.commitTree(
        "main",
        "Bomb",
        git.origin.rawTree("100644", "a", git.origin.blob(new byte[25_000_000])),
        true);

    assertThatThrownBy(() -> look(git.mirror(), MAIN))
        .hasMessageContaining("a file that is larger than the allowed size of one object");
    assertThat(size(git.directory())).isLessThan(50_000);
  }

  @Test
  void a_pack_that_is_too_large_is_refused() throws Exception {
    Object[] entries = new Object[3 * 6];
    for (int i = 0; i < 6; i++) {
      entries[3 * i] = "100644";
      entries[3 * i + 1] = "f" + i;
      entries[3 * i + 2] = git.origin.blob(randomBytes(900_000 + i));
    }
    git.origin.commitTree("main", "Large", git.origin.rawTree(entries), true);

    assertThatThrownBy(() -> look(git.mirror(), MAIN))
        .hasMessageContaining("is too much: it is larger than the allowed 3.8 MiB");
  }

  @Test
  void a_pack_of_too_many_objects_is_refused() throws Exception {
    var files = new TreeMap<String, String>();
    for (int i = 0; i < 100; i++) {
      files.put("f" + i, String.valueOf(i));
    }
    git.origin.commit("main", "Many", files);

    assertThatThrownBy(() -> look(git.mirror(), MAIN))
        .hasMessageContaining("it has 102 objects, and 100 are allowed");
  }

  @Test
  void a_full_disk_is_named_before_anything_is_fetched() throws Exception {
    git.origin.commit("main", "First", Map.of("a", "1"));
    var limits =
        new GitLimits(
            false,
            1,
            GitLimits.Pack.DEFAULT,
            new GitLimits.Disk(Long.MAX_VALUE, 1L << 30, 1L << 32, 50, Duration.ZERO),
            GitLimits.Tree.DEFAULT);
    try (var mirrors =
        new Mirrors(directory.resolve("other"), limits, InstantSource.system(), git)) {
      Mirror mirror = mirrors.acquire(new Remote(git.server.url(), Credentials.NONE));

      assertThatThrownBy(() -> look(mirror, MAIN))
          .hasMessageContaining(
              "the disk of the cache directory " + directory.resolve("other") + " is full");
    }
  }

  private static byte[] randomBytes(int n) {
    byte[] bytes = new byte[n];
    new Random(n).nextBytes(bytes);
    return bytes;
  }

  static List<Path> packs(Path mirror) throws IOException {
    try (Stream<Path> all = Files.list(mirror.resolve("objects/pack"))) {
      return all.filter(p -> p.toString().endsWith(".pack")).toList();
    }
  }

  static long size(Path mirror) throws IOException {
    try (Stream<Path> all = Files.walk(mirror)) {
      return all.filter(Files::isRegularFile).mapToLong(p -> p.toFile().length()).sum();
    }
  }
}
