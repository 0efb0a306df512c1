package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is done to whichever file of a mirror: what is read afterwards is right, or it is said
 * that it cannot be read, and a look or two later all is as it was, the pinned commit too.
 */
final class MirrorDamageTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** A kind of file of a mirror. */
  enum Part {
    HEAD("HEAD"),
    CONFIG("config"),
    PACKED_REFS("packed-refs"),
    LOOSE_REF("refs/fairlead/[0-9a-f]{40}"),
    SHALLOW("shallow"),
    PACK("objects/pack/.*\\.pack"),
    INDEX("objects/pack/.*\\.idx"),
    LOOSE_OBJECT("objects/[0-9a-f]{2}/[0-9a-f]{38}"),
    OBJECTS("objects"),
    PACKS("objects/pack"),
    REFS("refs"),
    OUR_REFS("refs/fairlead"),
    ALL(""),
    /** The lock of the directory of the process. */
    LOCK("\\.\\./lock"),
    /** Of processes that are about to begin. */
    COMMON_LOCK("\\.\\./\\.\\./lock"),
    PROCESS("\\.\\.");

    private final String pattern;

    Part(String pattern) {
      this.pattern = pattern;
    }

    boolean isDirectory() {
      return switch (this) {
        case OBJECTS, PACKS, REFS, OUR_REFS, ALL, PROCESS -> true;
        case HEAD,
            CONFIG,
            PACKED_REFS,
            LOOSE_REF,
            SHALLOW,
            PACK,
            INDEX,
            LOOSE_OBJECT,
            LOCK,
            COMMON_LOCK ->
            false;
      };
    }

    /** All of this kind in a mirror. */
    List<Path> in(Path mirror) throws IOException {
      if (pattern.startsWith("\\")) {
        return List.of(mirror.resolve(pattern.replace("\\", "")).normalize());
      }
      try (Stream<Path> all = Files.walk(mirror)) {
        return all.filter(p -> mirror.relativize(p).toString().matches(pattern)).toList();
      }
    }
  }

  /** What is done to it. */
  enum Damage {
    TRUNCATED,
    EMPTIED,
    ZEROED,
    GARBAGE,
    MISSING,
    UNREADABLE,
    DIRECTORY,
    LINK_TO_NOTHING,
    LINK_TO_ELSEWHERE;

    void strike(Path file, Path elsewhere) throws IOException {
      switch (this) {
        case TRUNCATED -> write(file, Arrays.copyOf(content(file), content(file).length / 2));
        case EMPTIED -> write(file, new byte[0]);
        case ZEROED -> write(file, new byte[content(file).length]);
        case GARBAGE -> write(file, random(Math.max(100, content(file).length)));
        case MISSING -> DiskTree.delete(file);
        case UNREADABLE ->
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        case DIRECTORY -> {
          DiskTree.delete(file);
          Files.createDirectory(file);
          Files.writeString(file.resolve("of"), "something else");
        }
        case LINK_TO_NOTHING -> {
          DiskTree.delete(file);
          Files.createSymbolicLink(file, file.resolveSibling("nothing"));
        }
        case LINK_TO_ELSEWHERE -> {
          DiskTree.delete(file);
          Files.createSymbolicLink(file, elsewhere);
        }
      }
    }

    boolean isOfDirectoriesToo() {
      return switch (this) {
        case MISSING, UNREADABLE, LINK_TO_NOTHING, LINK_TO_ELSEWHERE -> true;
        case TRUNCATED, EMPTIED, ZEROED, GARBAGE, DIRECTORY -> false;
      };
    }

    private static byte[] content(Path file) throws IOException {
      return Files.readAllBytes(file);
    }

    /** In place, as a disk would do it. */
    private static void write(Path file, byte[] content) throws IOException {
      file.toFile().setWritable(true);
      try (var open = new RandomAccessFile(file.toFile(), "rw")) {
        open.setLength(content.length);
        open.write(content);
      }
    }
  }

  @TempDir private Path directory;

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (Part part : Part.values()) {
      for (Damage damage : Damage.values()) {
        if (!part.isDirectory() || damage.isOfDirectoriesToo()) {
          cases.add(Arguments.of(part, damage));
        }
      }
    }
    return cases.stream();
  }

  private static String noise(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static String content(Mirror mirror, String commit) throws GitException {
    Snapshot snapshot = mirror.tree(commit, "", "a"::equals);
    return new String(
        snapshot.read(snapshot.files().getFirst(), 1_000_000), StandardCharsets.UTF_8);
  }

  /** Two commits, one of them pinned, in packs, or one object loose and the refs packed. */
  private static void given(MirrorFixture git, Part part, Mirror mirror, List<String> commits)
      throws Exception {
    commits.add(git.origin.commit("main", "First", Map.of("a", noise(20_000, 1))));
    mirror.pin(commits.getFirst());
    look(mirror, MAIN);
    commits.add(git.origin.commit("main", "Second", Map.of("a", noise(20_000, 2))));
    look(mirror, MAIN);
    Path store = git.directory();
    if (part == Part.PACKED_REFS) {
      StringBuilder packed = new StringBuilder("# pack-refs with: peeled fully-peeled sorted \n");
      commits.stream().sorted().forEach(c -> packed.append(c + " refs/fairlead/" + c + "\n"));
      Files.writeString(store.resolve("packed-refs"), packed);
      DiskTree.delete(store.resolve("refs/fairlead"));
    }
    if (part == Part.LOOSE_OBJECT) {
      for (String commit : commits) {
        Path loose = Path.of("objects", commit.substring(0, 2), commit.substring(2));
        Path target = store.resolve(loose);
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(git.origin.repository().getDirectory().toPath().resolve(loose), target);
      }
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("cases")
  void is_healed_by_the_looks_that_follow(Part part, Damage damage) throws Exception {
    try (var git = new MirrorFixture(directory, few())) {
      Mirror mirror = git.mirror();
      List<String> commits = new ArrayList<>();
      given(git, part, mirror, commits);
      Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
      Files.writeString(elsewhere.resolve("precious"), "precious");
      List<Path> struck = part.in(git.directory());
      assertThat(struck).as("files of this kind").isNotEmpty();
      for (Path file : struck) {
        damage.strike(file, part.isDirectory() ? elsewhere : elsewhere.resolve("precious"));
      }
      assumeTrue(
          damage != Damage.UNREADABLE || !Files.isReadable(struck.getFirst()),
          "permissions are nothing to the superuser");

      readsRightOrSaysThatItCannot(mirror, commits.getFirst(), noise(20_000, 1));
      readsRightOrSaysThatItCannot(mirror, commits.get(1), noise(20_000, 2));
      lookSucceedsSoon(mirror, commits.get(1));
      String third = git.origin.commit("main", "Third", Map.of("a", noise(20_000, 3)));
      lookSucceedsSoon(mirror, third);

      readsRightSoon(mirror, third, noise(20_000, 3));
      readsRightSoon(mirror, commits.getFirst(), noise(20_000, 1));
      // And it is repacked without a complaint.
      for (int i = 0; i < 8; i++) {
        git.origin.commit("main", "More", Map.of("a", noise(2_000, i)));
        lookSucceedsSoon(mirror, null);
      }
      readsRightSoon(mirror, commits.getFirst(), noise(20_000, 1));
      assertThat(elsewhere.resolve("precious")).hasContent("precious");
      assertThat(elsewhere).isDirectoryNotContaining(p -> !p.endsWith("precious"));
    }
    try (var next = new MirrorFixture(directory.resolve("another"), few())) {
      next.origin.commit("main", "First", Map.of("a", "1"));
      assertThat(look(next.mirror(), MAIN).subject()).isEqualTo("First");
    }
  }

  private static GitLimits few() {
    return new GitLimits(
        false,
        4,
        GitLimits.Pack.DEFAULT,
        new GitLimits.Disk(0, 1L << 30, 1L << 32, 4, Duration.ZERO),
        GitLimits.Tree.DEFAULT);
  }

  private static void readsRightOrSaysThatItCannot(Mirror mirror, String commit, String content) {
    try {
      assertThat(content(mirror, commit)).isEqualTo(content);
    } catch (GitException e) {
      assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
      assertThat(e)
          .hasMessageMatching(
              "commit [0-9a-f]{7}.* is not, or no longer, readable in the mirror; the next look"
                  + " fetches it again");
    }
  }

  private static void lookSucceedsSoon(Mirror mirror, @Nullable String commit) {
    await("a look")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> {
          Commit seen;
          try {
            seen = look(mirror, MAIN);
          } catch (GitException e) {
            throw new AssertionError(e.getMessage(), e);
          }
          assertThat(commit == null || seen.revision().commit().equals(commit)).isTrue();
        });
  }

  /** The looks go on meanwhile, as they do at each interval. */
  private static void readsRightSoon(Mirror mirror, String commit, String content) {
    await("commit " + commit)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> {
          try {
            look(mirror, MAIN);
            assertThat(content(mirror, commit)).isEqualTo(content);
          } catch (GitException e) {
            throw new AssertionError(e.getMessage(), e);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HEAD.lock",
        "config.lock",
        "packed-refs.lock",
        "shallow.lock",
        "gc.pid",
        "gc.log.lock",
        "gc.log",
        "objects/incoming_123.pack",
        "objects/incoming_123.idx",
        "objects/noz123.tmp",
        "objects/pack/gc_123_tmp",
        "objects/pack/gc_123.pack_tmp",
        "objects/pack/gc_123.idx_tmp",
        "objects/pack/pack-0123456789012345678901234567890123456789.keep",
        "objects/pack/pack-0123456789012345678901234567890123456789.pack",
        "objects/pack/pack-0123456789012345678901234567890123456789.idx",
        "objects/pack/.tmp-123-pack-0123456789012345678901234567890123456789.pack",
        "objects/pack/tmp_pack_123",
        "objects/pack/old_pack",
        "refs/fairlead/0123456789012345678901234567890123456789.lock",
        "refs/fairlead/tmp_ref123",
        "refs/fairlead/0123456789012345678901234567890123456789"
      })
  void what_was_left_half_done_hinders_nobody_and_goes(String left) throws Exception {
    try (var git = new MirrorFixture(directory, few())) {
      String first = git.origin.commit("main", "First", Map.of("a", noise(20_000, 1)));
      Mirror mirror = git.mirror();
      look(mirror, MAIN);
      mirror.pin(first);
      Path file = git.directory().resolve(left);
      Files.createDirectories(file.resolveSibling(""));
      for (byte[] content : List.of(new byte[0], random(100))) {
        Files.write(file, content);
        for (int i = 0; i < 8; i++) {
          git.origin.commit("main", "More", Map.of("a", noise(2_000, i)));
          lookSucceedsSoon(mirror, null);
        }
      }

      readsRightSoon(mirror, first, noise(20_000, 1));
      // A repack may be under way.
      await(left + " to go")
          .atMost(PATIENCE)
          .until(() -> !Files.exists(git.directory().resolve(left)));
    }
  }
}
