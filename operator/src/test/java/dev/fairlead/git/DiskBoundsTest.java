package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the mirrors take on the disk stays within its bounds, and what is in use stays there. */
final class DiskBoundsTest {
  private static final long KIB = 1024;
  private static final long MIB = 1024 * KIB;

  /** Directories, refs and lists, which are counted after they were written. */
  private static final long SMALL = 200 * KIB;

  private static final RefSelector SIDE = new RefSelector.Branch("side");

  @TempDir private Path directory;
  private @Nullable MirrorFixture opened;

  @AfterEach
  void stop() throws IOException {
    if (opened != null) {
      opened.close();
    }
  }

  private MirrorFixture bounded(long mirrorBytes, long cacheBytes) throws IOException {
    return bounded(new GitLimits.Disk(0, mirrorBytes, cacheBytes, 50, Duration.ZERO));
  }

  private MirrorFixture bounded(GitLimits.Disk disk) throws IOException {
    MirrorFixture git =
        new MirrorFixture(
            directory,
            new GitLimits(false, 4, GitLimits.Pack.DEFAULT, disk, GitLimits.Tree.DEFAULT));
    opened = git;
    return git;
  }

  /** So long when packed. */
  private static String noise(long length, int seed) {
    byte[] bytes = new byte[Math.toIntExact(length)];
    new Random(seed).nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String content(Mirror mirror, String commit, String path) throws GitException {
    Snapshot snapshot = mirror.tree(commit, "", path::equals);
    return new String(
        snapshot.read(snapshot.files().getFirst(), 10_000_000), StandardCharsets.UTF_8);
  }

  private static GitException refused(Mirror mirror, RefSelector ref) {
    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, ref));
    assertThat(e).as("the look fails").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    return e;
  }

  /** Nothing is said of the disk that is not so. */
  private static void assertCounted(MirrorFixture git) throws IOException {
    long bytes = 0;
    for (Path mirror : git.directories()) {
      bytes += DiskTree.bytes(mirror);
    }
    assertThat(git.cacheBytes).isEqualTo(bytes);
  }

  @Test
  void a_repository_over_its_bound_is_stopped_while_it_is_written_and_leaves_nothing()
      throws Exception {
    MirrorFixture git = bounded(MIB, 100 * MIB);
    git.origin.commit("main", "Large", Map.of("a", noise(4 * MIB, 1)));
    Mirror mirror = git.mirror();

    assertThat(refused(mirror, MAIN))
        .hasMessageMatching(
            "what is new in http://\\S+/repo.git does not fit into the 1 MiB that"
                + " --max-mirror-bytes allows one repository on the disk: the commits in use take"
                + " \\d+ KiB; raise it, or keep large files out of the repository");

    assertThat(git.mostCacheBytes.get()).isLessThanOrEqualTo(MIB);
    assertThat(git.cacheBytes).isLessThan(SMALL);
    assertCounted(git);
    git.origin.commit("main", "Small", Map.of("a", "1"));
    assertThat(look(mirror, MAIN).subject()).isEqualTo("Small");
    assertCounted(git);
  }

  @Test
  void what_did_not_fit_is_not_sent_again_until_there_is_room() throws Exception {
    MirrorFixture git = bounded(MIB, 100 * MIB);
    String small = git.origin.commit("main", "Small", Map.of("a", noise(500 * KIB, 1)));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(small);
    git.origin.commit("main", "Large", Map.of("a", noise(700 * KIB, 2)));
    refused(mirror, MAIN);
    git.told.clear();

    String again = refused(mirror, MAIN).getMessage();

    assertThat(again).contains("--max-mirror-bytes");
    assertThat(git.told).containsExactly("look success");
    assertThat(content(mirror, small, "a")).as("what is pinned").isEqualTo(noise(500 * KIB, 1));
    mirror.unpin(small);
    Commit large = look(mirror, MAIN);
    assertThat(content(mirror, large.revision().commit(), "a")).isEqualTo(noise(700 * KIB, 2));
    assertCounted(git);
  }

  @Test
  void commits_that_nobody_needs_give_way_to_new_ones() throws Exception {
    MirrorFixture git = bounded(2 * MIB, 100 * MIB);
    String pinned = git.origin.commit("main", "Pinned", Map.of("a", noise(300 * KIB, 99)));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(pinned);
    for (int i = 0; i < 12; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("a", noise(500 * KIB, i)));

      assertThat(look(mirror, MAIN).subject()).isEqualTo("Commit " + i);
    }

    assertThat(content(mirror, pinned, "a")).isEqualTo(noise(300 * KIB, 99));
    assertThat(git.directories()).as("repacked, not begun anew").hasSize(1);
    assertThat(DiskTree.bytes(git.directory())).isLessThanOrEqualTo(2 * MIB + SMALL);
  }

  @Test
  void what_is_new_is_repacked_before_it_is_an_eighth_of_the_bound() throws Exception {
    MirrorFixture git = bounded(4 * MIB, 100 * MIB);
    git.origin.commit("main", "First", Map.of("a", noise(400 * KIB, 99)));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    for (int i = 0; i < 4; i++) {
      git.origin.commit("main", "Commit " + i, Map.of("a", noise(400 * KIB, i)));
      look(mirror, MAIN);
    }

    await("the repack")
        .atMost(Duration.ofSeconds(20))
        .until(() -> DiskTree.bytes(git.directory()) < 2 * MIB);
  }

  @Test
  void other_repositories_give_up_what_nobody_needs_and_histories_and_keep_what_is_in_use()
      throws Exception {
    MirrorFixture git = bounded(100 * MIB, 4 * MIB);
    String inUse = git.origin.commit("main", "In use", Map.of("a", noise(300 * KIB, 1)));
    Mirror other = git.mirror();
    look(other, MAIN);
    other.pin(inUse);
    git.origin.commit("main", "Read, not used", Map.of("a", noise(900 * KIB, 2)));
    look(other, MAIN);
    String newest = git.origin.commit("main", "Newest", Map.of("a", noise(200 * KIB, 3)));
    look(other, MAIN);
    assertThat(other.blame(newest, "a", TIMEOUT, TIMEOUT, Mirror.Gate.OPEN)).isPresent();
    // The history is there, or has just gone by itself: it is kept for no time here.
    try (var origin = new Origin(directory.resolve("second.git"));
        var server = new GitHttp(origin, false)) {
      Mirror mirror = git.mirrors.acquire(new Remote(server.url(), Credentials.NONE));
      String big = origin.commit("main", "Big", Map.of("a", noise(2500 * KIB, 4)));

      assertThat(look(mirror, MAIN).subject()).isEqualTo("Big");

      assertThat(content(mirror, big, "a")).isEqualTo(noise(2500 * KIB, 4));
      assertThat(content(other, inUse, "a")).isEqualTo(noise(300 * KIB, 1));
      assertThat(content(other, newest, "a")).isEqualTo(noise(200 * KIB, 3));
      assertThat(git.directories()).as("two mirrors").hasSize(2);
      assertThat(git.mostCacheBytes.get()).isLessThanOrEqualTo(4 * MIB + SMALL);
      assertCounted(git);

      // And when all is in use, it is told.
      mirror.pin(big);
      origin.commit("main", "Bigger", Map.of("b", noise(1200 * KIB, 5)));
      assertThat(refused(mirror, MAIN))
          .hasMessageMatching(
              "what is new in http://\\S+/repo.git does not fit into the 4 MiB that"
                  + " --max-cache-bytes allows all repositories on the disk of the cache directory "
                  + git.cache
                  + ": those in use take [\\d.]+ MiB; raise it, where the disk is large enough");
      assertThat(content(mirror, big, "a")).isEqualTo(noise(2500 * KIB, 4));
      git.origin.commit("main", "The neighbour goes on", Map.of("a", "1"));
      assertThat(look(other, MAIN).subject()).isEqualTo("The neighbour goes on");
    }
  }

  @Test
  void a_mirror_without_room_for_a_copy_begins_anew_when_nothing_in_it_is_needed()
      throws Exception {
    MirrorFixture git = bounded(100 * MIB, 2 * MIB);
    git.origin.commit("main", "First", Map.of("a", noise(1200 * KIB, 1)));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    git.origin.commit("main", "Second", Map.of("a", noise(1200 * KIB, 2)));

    Commit second = look(mirror, MAIN);

    assertThat(content(mirror, second.revision().commit(), "a")).isEqualTo(noise(1200 * KIB, 2));
    assertThat(git.mostCacheBytes.get()).isLessThanOrEqualTo(2 * MIB);
    assertThat(git.directories()).hasSize(1);
  }

  @Test
  void what_a_small_change_of_a_large_file_is_completed_with_is_counted_too() throws Exception {
    MirrorFixture git = bounded(1800 * KIB, 100 * MIB);
    String base = noise(MIB, 1);
    String first = git.origin.commit("main", "First", Map.of("a", base));
    Mirror mirror = git.mirror();
    look(mirror, MAIN);
    mirror.pin(first);
    git.origin.commit("main", "Second", Map.of("a", base + "!"));

    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

    assertThat(git.mostCacheBytes.get()).isLessThanOrEqualTo(1800 * KIB);
    assertThat(e).hasMessageContaining("--max-mirror-bytes");
    assertThat(content(mirror, first, "a")).isEqualTo(base);
    assertCounted(git);
  }

  @Test
  void history_goes_only_as_far_back_as_there_is_room_for_it() throws Exception {
    MirrorFixture git = bounded(2 * MIB, 100 * MIB);
    String newest = "";
    for (int i = 0; i < 70; i++) {
      newest =
          git.origin.commit("main", "Commit " + i, Map.of("a", "1\n", "b", noise(40 * KIB, i)));
    }
    Mirror mirror = git.mirror();
    look(mirror, MAIN);

    var blame = mirror.blame(newest, "a", TIMEOUT, TIMEOUT, Mirror.Gate.OPEN).orElseThrow();

    assertThat(blame.lines().getFirst().change()).isEmpty();
    assertThat(blame.lines().getFirst().olderThan()).isPositive();
    assertThat(git.mostCacheBytes.get()).isLessThan(2 * MIB + 2 * SMALL);
  }

  @Test
  void a_ref_is_refused_alone_and_another_of_the_same_repository_goes_on() throws Exception {
    MirrorFixture git = bounded(MIB, 100 * MIB);
    git.origin.commit("main", "Large", Map.of("a", noise(2 * MIB, 1)));
    git.origin.commit("side", "Small", Map.of("a", "1"));
    Mirror mirror = git.mirror();
    refused(mirror, MAIN);

    Commit side = look(mirror, SIDE);
    mirror.pin(side.revision().commit());
    refused(mirror, MAIN);

    assertThat(content(mirror, side.revision().commit(), "a")).isEqualTo("1");
    assertThat(look(mirror, SIDE)).isEqualTo(side);
  }
}
