package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.eclipse.jgit.lib.Constants.OBJ_BLOB;
import static org.eclipse.jgit.lib.Constants.OBJ_COMMIT;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.HandmadePack;
import dev.fairlead.testbed.PackBomb;
import dev.fairlead.testbed.PackServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.PackIndex;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one pack may take to be unpacked and read: 2 MiB of memory here, for objects of 1 MiB. */
@Timeout(120)
final class PackBoundsTest {
  private static final int MIB = 1024 * 1024;

  /** So large that two of them and a delta are within the memory, and three are not. */
  private static final int SIZE = MIB - 10_000;

  private static final String MEMORY = "to unpack it takes more than the 2 MiB of memory";

  @TempDir private Path directory;
  private PackServer server;
  private Mirrors mirrors;

  @BeforeEach
  void start() throws IOException {
    server = new PackServer();
    mirrors =
        new Mirrors(
            directory.resolve("cache"),
            new GitLimits(
                false,
                16,
                new GitLimits.Pack(16 * MIB, 10_000, MIB),
                GitLimits.Disk.DEFAULT,
                GitLimits.Tree.DEFAULT),
            InstantSource.system(),
            (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    server.close();
  }

  record Row(String name, PackBomb bomb, String refusal) {
    @Override
    public String toString() {
      return name + (refusal.isEmpty() ? " is taken" : " is refused");
    }
  }

  static Stream<Row> packs() {
    return Stream.of(
        new Row("two objects that are held at a time", PackBomb.branches(1, SIZE), ""),
        new Row("a base that waits below another", PackBomb.branches(2, SIZE), MEMORY),
        new Row("bases that wait at each of 8 levels", PackBomb.branches(8, SIZE), MEMORY),
        new Row("small bases at many levels", PackBomb.branches(100, 2_000), ""),
        new Row("so many that they are large together", PackBomb.branches(1_200, 2_000), MEMORY),
        new Row("one level by hash", PackBomb.branchesByHash(1, SIZE), ""),
        new Row("8 levels by hash", PackBomb.branchesByHash(8, SIZE), MEMORY),
        new Row("a chain, of which two are held", PackBomb.chain(50, SIZE), ""),
        new Row("a chain by hash", PackBomb.chainByHash(50, SIZE), ""),
        new Row("instructions as large as what they make", PackBomb.instructions(SIZE), MEMORY),
        new Row("large directories, one after the other", PackBomb.directories(20, SIZE), ""),
        new Row("as many objects as there may be", PackBomb.copies(9_996, 100), ""),
        new Row("deltas 4,095 deep", PackBomb.chain(4_095, 200), ""),
        new Row("deltas 4,096 deep", PackBomb.chain(4_096, 200), "more than 4095 times"),
        new Row("4,096 by hash", PackBomb.chainByHash(4_096, 200), "more than 4095 times"),
        new Row(
            "2 GiB from a few kilobytes",
            PackBomb.copies(2_100, SIZE),
            "unpacked it has more than 2 GiB"),
        new Row("files that want 10 MiB each to be read", PackBomb.cuttings(20, 19, SIZE / 2), ""),
        new Row(
            "4,000 files that do",
            PackBomb.cuttings(4_000, 19, SIZE / 2),
            "to read them takes more than 32 GiB"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("packs")
  void a_pack_is_measured_before_it_is_unpacked(Row row) throws Exception {
    Mirror mirror = mirror(row.bomb());

    if (row.refusal().isEmpty()) {
      assertThat(look(mirror, MAIN).subject()).isEqualTo("Bomb");
      readAll(mirror, row.bomb().commit());
    } else {
      refused(mirror, row.refusal());
      serveGood();
      assertThat(look(mirror, MAIN).subject()).as("the next look").isEqualTo("Good");
    }
  }

  @Test
  void what_leans_on_a_file_of_an_earlier_commit_is_measured_too() throws Exception {
    PackBomb first = PackBomb.large(SIZE);
    Mirror mirror = mirror(first);
    look(mirror, MAIN);
    PackBomb within = PackBomb.branchesOf(first, 1, SIZE);

    serve(within);
    assertThat(look(mirror, MAIN).subject()).startsWith("Bomb after");
    serve(PackBomb.branchesOf(within, 3, SIZE));
    refused(mirror, MEMORY);

    readAll(mirror, first.commit());
    serveGood();
    assertThat(look(mirror, MAIN).subject()).isEqualTo("Good");
  }

  @Test
  void a_commit_has_less_than_a_file_may_have() throws Exception {
    try (var other =
        new Mirrors(
            directory.resolve("other"),
            GitLimits.DEFAULT,
            InstantSource.system(),
            (_, _, _) -> {})) {
      var pack = new HandmadePack();
      pack.put(OBJ_COMMIT, new byte[5 * MIB]);
      ObjectId commit = pack.commit(pack.tree("100644", "a", pack.put(OBJ_BLOB, "1")), "Good");
      Mirror mirror =
          other.acquire(new Remote(server.serve("x.git", commit, pack.bytes()), Credentials.NONE));

      refused(mirror, "it has a commit or tag of more than 4 MiB");
    }
  }

  @Test
  void a_commit_is_read_at_each_look_and_so_must_not_be_made_from_much() throws Exception {
    var pack = new HandmadePack();
    long base = pack.position();
    pack.put(OBJ_COMMIT, new byte[SIZE]);
    for (int i = 1; i <= 70; i++) {
      long next = pack.position();
      pack.deltaOfPosition(base, HandmadePack.delta(SIZE, "%08d".formatted(i)));
      base = next;
    }
    ObjectId commit = pack.commit(pack.tree("100644", "a", pack.put(OBJ_BLOB, "1")), "Good");
    Mirror mirror =
        mirrors.acquire(new Remote(server.serve("x.git", commit, pack.bytes()), Credentials.NONE));

    refused(mirror, "a commit or tag in it is made from more than 64 MiB of others");
  }

  /** All of them would take 15 GiB, which is within what a pack may take. */
  @Test
  void reading_ends_after_its_time_and_leaves_the_mirror_and_its_neighbours_as_they_are()
      throws Exception {
    try (var hasty =
        new Mirrors(
            directory.resolve("hasty"),
            new GitLimits(
                false,
                16,
                new GitLimits.Pack(16 * MIB, 10_000, MIB),
                GitLimits.Disk.DEFAULT,
                new GitLimits.Tree(100_000, MIB, 64, 20_000, Duration.ofMillis(300))),
            InstantSource.system(),
            (_, _, _) -> {})) {
      PackBomb bomb = PackBomb.cuttings(1_500, 19, SIZE / 2);
      Mirror mirror =
          hasty.acquire(
              new Remote(server.serve("x.git", bomb.commit(), bomb.pack()), Credentials.NONE));
      look(mirror, MAIN);
      long began = System.nanoTime();

      GitException e =
          catchThrowableOfType(GitException.class, () -> readAll(mirror, bomb.commit()));

      assertThat(e).as("it is refused").isNotNull();
      assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
      assertThat(e).hasMessageContaining("to read it takes more than");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
      look(mirror, MAIN);
      assertThat(server.fetches("x.git")).as("it is not taken for damaged").isEqualTo(1);
      Snapshot again = mirror.tree(bomb.commit().name(), "", name -> name.equals("a.yaml"));
      assertThat(again.read(again.files().getFirst(), MIB)).as("another sync").isNotEmpty();
    }
  }

  /** Each of 4,000 objects, where 10,000 may be in one mirror. */
  @Test
  void packs_that_are_too_many_objects_together_push_one_another_out() throws Exception {
    Mirror mirror = null;
    for (int i = 0; i < 8; i++) {
      PackBomb pack = PackBomb.copies(4_000, 100 + i);
      mirror = mirror(pack);
      look(mirror, MAIN);
      readAll(mirror, pack.commit());
    }
    assertThat(objects()).isLessThanOrEqualTo(10_000);
    PackBomb one = PackBomb.cuttings(4_000, 1, 80_000);
    mirror = mirror(one);
    look(mirror, MAIN);
    mirror.pin(one.commit().name());
    PackBomb other = PackBomb.cuttings(8_000, 1, 80_000);
    serve(other);
    Mirror pinning = mirror;

    GitException e = catchThrowableOfType(GitException.class, () -> look(pinning, MAIN));

    assertThat(e)
        .as("what is in use is not pushed out")
        .hasMessageContaining("does not fit into the 10000 objects that --max-fetch-objects");
    readAll(pinning, one.commit());
  }

  private long objects() throws IOException {
    long count = 0;
    try (Stream<Path> all = Files.walk(directory.resolve("cache"))) {
      for (Path index : all.filter(p -> p.toString().endsWith(".idx")).toList()) {
        count += PackIndex.open(index.toFile()).getObjectCount();
      }
    }
    return count;
  }

  /** The first object takes all that is made from its hash, the second one nothing. */
  @Test
  void an_object_that_is_there_twice_is_no_trouble() throws Exception {
    var pack = new HandmadePack();
    ObjectId base = pack.put(OBJ_BLOB, new byte[1_000]);
    pack.put(OBJ_BLOB, new byte[1_000]);
    pack.deltaOf(base, HandmadePack.delta(1_000, "one"));
    pack.deltaOf(base, HandmadePack.delta(1_000, "two"));
    long place = pack.position();
    pack.deltaOf(base, HandmadePack.delta(1_000, "two"));
    pack.deltaOfPosition(place, HandmadePack.delta(1_000, "three"));
    byte[] content = new byte[1_000];
    System.arraycopy("three".getBytes(StandardCharsets.US_ASCII), 0, content, 995, 5);
    ObjectId tree = pack.tree("100644", "a.yaml", HandmadePack.id(OBJ_BLOB, content));
    ObjectId commit = pack.commit(tree, "Twice");
    Mirror mirror =
        mirrors.acquire(new Remote(server.serve("x.git", commit, pack.bytes()), Credentials.NONE));

    assertThat(look(mirror, MAIN).subject()).isEqualTo("Twice");

    readAll(mirror, commit);
  }

  private void refused(Mirror mirror, String refusal) throws IOException {
    GitException e = catchThrowableOfType(GitException.class, () -> look(mirror, MAIN));
    assertThat(e).as("it is refused").isNotNull();
    assertThat(e.reason()).isEqualTo(Reason.FETCH_FAILED);
    assertThat(e).hasMessageMatching("what http://\\S+ sends is too much: .*");
    assertThat(e).hasMessageContaining(refusal);
    try (Stream<Path> all = Files.walk(directory)) {
      assertThat(all.filter(Files::isRegularFile).map(p -> p.getFileName().toString()))
          .as("what is left of it")
          .noneMatch(name -> name.startsWith("incoming_"));
    }
  }

  private Mirror mirror(PackBomb bomb) throws GitException {
    return mirrors.acquire(new Remote(serve(bomb), Credentials.NONE));
  }

  private String serve(PackBomb bomb) {
    return server.serve("x.git", bomb.commit(), bomb.pack());
  }

  private void serveGood() {
    var pack = new HandmadePack();
    ObjectId commit = pack.commit(pack.tree("100644", "a", pack.put(OBJ_BLOB, "1")), "Good");
    server.serve("x.git", commit, pack.bytes());
  }

  private static void readAll(Mirror mirror, ObjectId commit) throws GitException {
    Snapshot snapshot = mirror.tree(commit.name(), "", name -> name.endsWith(".yaml"));
    assertThat(snapshot.files()).isNotEmpty();
    for (TreeFile file : snapshot.files()) {
      assertThat(snapshot.read(file, MIB)).isNotEmpty();
    }
  }
}
