package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.TIMEOUT;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.SmallDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A disk that is full, or takes nothing, is told by directory and flag; what was there is still
 * read, and nothing has to be done but to make room. On a real file system of 4 MiB, for which one
 * has to be allowed to mount; where that is not so, these are skipped.
 */
final class FullDiskTest {
  private static final KeyPair KEY = GitSsh.key("Ed25519");

  @TempDir private Path directory;
  private Path cache = Path.of("");
  private @Nullable MirrorFixture git;
  private @Nullable GitSsh ssh;
  private Optional<SmallDisk> disk = Optional.empty();

  @BeforeEach
  void start() throws Exception {
    cache = directory.resolve("cache");
    disk = SmallDisk.mount(cache, 4);
    assumeTrue(disk.isPresent(), "mounting is allowed");
    var limits =
        new GitLimits(
            false,
            4,
            GitLimits.Pack.DEFAULT,
            new GitLimits.Disk(0, 1L << 30, 1L << 32, 4, Duration.ZERO),
            GitLimits.Tree.DEFAULT);
    git = new MirrorFixture(directory, limits);
    ssh = new GitSsh(git.origin);
    ssh.allow(KEY.getPublic());
  }

  @AfterEach
  void stop() throws Exception {
    if (ssh != null) {
      ssh.close();
    }
    if (git != null) {
      git.close();
    }
    disk.ifPresent(SmallDisk::close);
  }

  private MirrorFixture git() {
    return Objects.requireNonNull(git);
  }

  private Mirror mirror(boolean overSsh) throws GitException {
    if (!overSsh) {
      return git().mirror();
    }
    GitSsh server = Objects.requireNonNull(ssh);
    return git()
        .mirrors
        .acquire(
            new Remote(
                server.url(),
                new Credentials.Ssh(
                    new Credentials.Identity(SshTest.pem(KEY), Optional.empty()),
                    server.knownHosts())));
  }

  private SmallDisk disk() {
    return disk.orElseThrow();
  }

  private static String noise(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private void assertFull(Mirror mirror) {
    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));
    assertThat(e).as("the look fails").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e)
        .hasMessage(
            "the disk of the cache directory "
                + cache
                + " is full: make room there, or let --cache-dir name a larger one");
  }

  private static String content(Mirror mirror, Commit commit, String path) throws GitException {
    Snapshot snapshot = mirror.tree(commit.revision().commit(), "", path::equals);
    return new String(
        snapshot.read(snapshot.files().getFirst(), 1_000_000), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_clone_that_does_not_fit_is_told_and_succeeds_when_there_is_room(boolean overSsh)
      throws Exception {
    git().origin.commit("main", "First", Map.of("a", noise(300_000, 1)));
    Mirror mirror = mirror(overSsh);
    for (long left : new long[] {0, 100_000}) {
      disk().fill(left);
      for (int i = 0; i < 3; i++) {
        assertFull(mirror);
      }
      assertThat(git().directories()).as("what attempts left").hasSizeLessThanOrEqualTo(1);
      disk().makeRoom();
    }

    assertThat(content(mirror, look(mirror, MAIN), "a")).isEqualTo(noise(300_000, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_fetch_that_does_not_fit_leaves_what_was_there_and_succeeds_when_there_is_room(
      boolean overSsh) throws Exception {
    git().origin.commit("main", "First", Map.of("a", "1"));
    Mirror mirror = mirror(overSsh);
    Commit first = look(mirror, MAIN);
    git().origin.commit("main", "Second", Map.of("a", noise(300_000, 2)));
    for (long left : new long[] {0, 100_000, 0}) {
      disk().fill(left);
      assertFull(mirror);
      assertThat(content(mirror, first, "a")).isEqualTo("1");
      disk().makeRoom();
    }

    assertThat(content(mirror, look(mirror, MAIN), "a")).isEqualTo(noise(300_000, 2));
    assertThat(content(mirror, first, "a")).as("what was there").isEqualTo("1");
  }

  @Test
  void history_that_does_not_fit_is_told_and_succeeds_when_there_is_room() throws Exception {
    git().origin.commit("main", "First", Map.of("a", "1\n", "big", noise(300_000, 3)));
    String second = git().origin.commit("main", "Second", Map.of("a", "1\n2\n"));
    Mirror mirror = mirror(false);
    look(mirror, MAIN);
    disk().fill(100_000);

    assertThatThrownBy(() -> mirror.blame(second, "a", TIMEOUT, TIMEOUT, Mirror.Gate.OPEN))
        .hasMessageContaining("the disk of the cache directory " + cache + " is full");

    disk().makeRoom();
    assertThat(mirror.blame(second, "a", TIMEOUT, TIMEOUT, Mirror.Gate.OPEN)).isPresent();
  }

  @Test
  void a_repack_that_does_not_fit_takes_nothing_away() throws Exception {
    String first = git().origin.commit("main", "First", Map.of("a", noise(900_000, 4)));
    Mirror mirror = mirror(false);
    look(mirror, MAIN);
    mirror.pin(first);
    disk().fill(600_000);
    for (int i = 0; i < 6; i++) {
      git().origin.commit("main", "Commit " + i, Map.of("a", noise(900_000, 4), "n", "" + i));
      Commit commit = look(mirror, MAIN);

      assertThat(content(mirror, commit, "n")).isEqualTo("" + i);
      assertThat(mirror.treeId(first, "")).as("the pinned commit").isPresent();
    }
    assertThat(git().directories()).as("not built anew").hasSize(1);
    assertThat(git().directory().getFileName().toString()).endsWith("-1-1");
  }

  @Test
  void a_disk_that_became_read_only_is_told_and_what_was_there_is_read() throws Exception {
    git().origin.commit("main", "First", Map.of("a", "1"));
    Mirror mirror = mirror(false);
    Commit first = look(mirror, MAIN);
    git().origin.commit("main", "Second", Map.of("a", "2"));
    try {
      assumeTrue(disk().makeReadOnly(), "bind mounts are allowed");

      assertThatThrownBy(() -> look(mirror, MAIN))
          .hasMessage(
              "the cache directory "
                  + cache
                  + " cannot be used: its file system is read-only; --cache-dir may name another");
      assertThat(content(mirror, first, "a")).isEqualTo("1");
      assertThatThrownBy(
              () -> new Mirrors(cache, GitLimits.DEFAULT, InstantSource.system(), git()).close())
          .hasMessage(
              "the cache directory "
                  + cache
                  + " cannot be used (Read-only file system): --cache-dir may name another");
    } finally {
      disk().makeWritable();
    }

    assertThat(content(mirror, look(mirror, MAIN), "a")).isEqualTo("2");
  }
}
