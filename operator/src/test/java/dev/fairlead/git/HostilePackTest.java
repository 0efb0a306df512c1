package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.HandmadePack;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Packs that no Git writes. */
final class HostilePackTest extends HostileFixture {
  /** Makes the bytes of a pack beside a commit that is as it should be. */
  interface Bytes {
    byte[] of(HandmadePack pack);
  }

  record Row(String name, Bytes bytes, String message) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> streams() {
    byte[] noise = new byte[1000];
    new Random(7).nextBytes(noise);
    return Stream.of(
        new Row(
            "a cut pack",
            p -> Arrays.copyOf(p.bytes(), p.bytes().length - 30),
            "Packfile is truncated"),
        new Row(
            "a wrong hash at the end",
            p -> {
              byte[] all = p.bytes();
              all[all.length - 1] ^= 1;
              return all;
            },
            "Packfile checksum incorrect"),
        new Row("more objects than it says", p -> p.bytes(1), "cannot read from"),
        new Row("fewer objects than it says", p -> p.bytes(100), "Packfile corruption detected"),
        new Row("4 billion objects", p -> p.bytes(-1), "it has 4294967295 objects, and 200000 are"),
        new Row(
            "no pack",
            _ -> "<html>404</html> ".repeat(9).getBytes(StandardCharsets.UTF_8),
            "there is no pack where one should begin"),
        new Row(
            "noise in place of zlib",
            p -> {
              p.raw(OBJ_BLOB, 900, noise);
              return p.bytes();
            },
            "Packfile corruption detected"),
        new Row(
            "an object of no type",
            p -> {
              p.raw(5, 10, HandmadePack.deflated(new byte[10]));
              return p.bytes();
            },
            "Unknown object type 5"),
        new Row(
            "more bytes than an object says",
            p -> {
              p.put(OBJ_BLOB, new byte[20_000_000], 10);
              return p.bytes();
            },
            "wrong decompressed length"),
        new Row(
            "fewer bytes than an object says",
            p -> {
              p.put(OBJ_BLOB, new byte[10], 1_000_000);
              return p.bytes();
            },
            "wrong decompressed length"),
        new Row(
            "an object of 1 TiB",
            p -> {
              p.put(OBJ_BLOB, new byte[10], 1L << 40);
              return p.bytes();
            },
            "holds a file that is larger than the allowed size of one object"),
        new Row(
            "a delta of what is not there",
            p -> {
              p.deltaOf(ObjectId.fromString("2".repeat(40)), HandmadePack.delta(100, "x"));
              return p.bytes();
            },
            "Missing delta base 2222"),
        new Row(
            "a delta of itself",
            p -> {
              p.deltaOfPosition(p.position(), HandmadePack.delta(100, "x"));
              return p.bytes();
            },
            "pack has unresolved deltas"),
        new Row(
            "a delta of what lies before the pack",
            p -> {
              p.deltaOfPosition(-1_000, HandmadePack.delta(100, "x"));
              return p.bytes();
            },
            "pack has unresolved deltas"),
        new Row(
            "a delta that copies from beyond its base",
            p -> {
              long base = p.position();
              p.put(OBJ_BLOB, new byte[100]);
              p.deltaOfPosition(base, HandmadePack.delta(100, 5_000, 50, 5_000));
              return p.bytes();
            },
            "what it sends is not what a Git server sends"),
        new Row(
            "a delta that writes beyond its result",
            p -> {
              long base = p.position();
              p.put(OBJ_BLOB, new byte[5_000]);
              p.deltaOfPosition(base, HandmadePack.delta(5_000, 10, 0, 5_000));
              return p.bytes();
            },
            "what it sends is not what a Git server sends"),
        new Row(
            "a delta whose result has 1 TiB",
            p -> {
              long base = p.position();
              p.put(OBJ_BLOB, new byte[100]);
              p.deltaOfPosition(base, HandmadePack.delta(100, 1L << 40, 0, 100));
              return p.bytes();
            },
            "holds a file that is larger than the allowed size of one object"),
        new Row(
            "a delta whose result has 17 MiB",
            p -> {
              long base = p.position();
              p.put(OBJ_BLOB, new byte[100]);
              p.deltaOfPosition(base, HandmadePack.delta(100, 17 << 20, 0, 100));
              return p.bytes();
            },
            "holds a file that is larger than the allowed size of one object"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  @Timeout(120)
  void a_pack_that_is_none_leaves_nothing_and_harms_nobody(Row row) throws Exception {
    var good = new HandmadePack();
    ObjectId commit = good.commit(good.tree("100644", "a", good.put(OBJ_BLOB, "1")), "Good");
    Mirror mirror = mirror(commit, row.bytes().of(good));

    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));

    assertThat(e).as("it is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e.getMessage()).contains(row.message()).doesNotContain("\n").hasSizeLessThan(700);
    nothing_is_elsewhere();
    var whole = new HandmadePack();
    whole.commit(whole.tree("100644", "a", whole.put(OBJ_BLOB, "1")), "Good");
    server.serve("x.git", commit, whole.bytes());
    assertThat(look(mirror, MAIN).subject()).as("the next look").isEqualTo("Good");
  }

  /** As much as may be unpacked, and small on the wire. */
  @Test
  @Timeout(120)
  void unpacking_ends_with_the_time_that_a_fetch_has() throws Exception {
    int size = 15 * 1024 * 1024;
    var pack = new HandmadePack();
    ObjectId commit = pack.commit(pack.tree("100644", "a", pack.put(OBJ_BLOB, "1")), "Good");
    long base = pack.position();
    pack.put(OBJ_BLOB, new byte[size]);
    for (int i = 0; i < 130; i++) {
      pack.deltaOfPosition(base, HandmadePack.delta(size, "%06d".formatted(i)));
    }
    Mirror mirror = mirror(commit, pack.bytes());

    GitException e =
        catchThrowableOfType(
            GitException.class, () -> mirror.look(MAIN, Instant.now(), Duration.ofSeconds(1)));

    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e).hasMessageContaining("spec.fetchTimeout");
    var whole = new HandmadePack();
    whole.commit(whole.tree("100644", "a", whole.put(OBJ_BLOB, "1")), "Good");
    server.serve("x.git", commit, whole.bytes());
    assertThat(look(mirror, MAIN).subject()).as("the one at work has ended").isEqualTo("Good");
  }
}
