package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.git.Mangling.Kind;
import dev.fairlead.model.Commit;
import dev.fairlead.model.Reason;
import dev.fairlead.testbed.Seed;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.awaitility.core.ThrowingRunnable;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.internal.storage.file.Pack;
import org.eclipse.jgit.internal.storage.file.PackIndex;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever becomes of the bytes between a Git server and us: a look ends in time, with the commit
 * or with words; the mirror holds nothing that is not what its hash says, and does not grow; and
 * the look after the fault is as if there had been none.
 */
final class ProtocolFuzzTest {
  private static final Duration TIMEOUT = Duration.ofMillis(900);
  private static final Duration MARGIN = Duration.ofSeconds(20);
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final long MOST_DISK = 8_000_000;
  private static final int A_MIRROR = 12;
  private static final Set<Reason> REASONS =
      Set.of(Reason.FETCH_FAILED, Reason.REF_NOT_FOUND, Reason.AUTHENTICATION_FAILED);
  private static final KeyPair KEY = GitSsh.key("Ed25519");

  @TempDir private Path directory;

  /** Where the bytes are met. */
  enum Way {
    /** Between us and JGit's server. */
    HTTP(100),
    /** Between us and {@code git http-backend}. */
    ORIGINAL_GIT(15),
    /** On the wire, where each change is noticed by ssh itself. */
    SSH_WIRE(12),
    /** Within the channel, where it is not. */
    SSH_CHANNEL(50);

    final int cases;

    Way(int cases) {
      this.cases = cases;
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_look_through_faults_ends_in_words_and_the_next_is_whole(Way way) throws Exception {
    long seed = Seed.of(ProtocolFuzzTest.class);
    int cases = Seed.cases(way.cases);
    Map<Kind, Integer> failed = new EnumMap<>(Kind.class);
    Map<Kind, Integer> passed = new EnumMap<>(Kind.class);
    try (var ground = new Ground(way)) {
      for (int i = 0; i < cases; i++) {
        var random = new Random(seed * 1_000_003 + i * 31L + way.name().hashCode());
        Mangling mangling = ground.mangling(i, random);
        String described = way + ", case " + i + ": " + mangling;
        boolean ended = ground.tryOne(i, mangling, random.nextInt(6) == 0, described);
        (ended ? failed : passed).merge(mangling.kind, 1, Integer::sum);
      }
    }
    System.out.println(way + ": " + cases + " cases, failed looks " + failed + ", whole " + passed);
    assertThat(failed).as("the faults are met").isNotEmpty();
  }

  @Test
  void an_object_that_is_not_what_its_hash_says_is_noticed_by_this_test() throws Exception {
    try (var ground = new Ground(Way.HTTP)) {
      ground.tryOne(0, Mangling.none(), false, "a mirror to be damaged");
      Path pack = DamageTest.packs(ground.git.directory()).getFirst();
      byte[] bytes = Files.readAllBytes(pack);
      bytes[bytes.length / 2] ^= 1;
      assertThat(pack.toFile().setWritable(true)).isTrue();
      Files.write(pack, bytes);

      assertThat(wrongObjects(ground.git.directory())).isNotEmpty();
    }
  }

  /** A server, the way to it, and a mirror. */
  private final class Ground implements AutoCloseable {
    final MirrorFixture git;
    private final Way way;
    private final @Nullable GitSsh ssh;
    private final ManglingProxy proxy;
    private final Map<String, String> files = new TreeMap<>();
    private final Random content = new Random(42);
    private volatile Mangling inChannel = Mangling.none();
    private @Nullable Mirror mirror;

    Ground(Way way) throws IOException {
      this.way = way;
      var limits =
          new GitLimits(
              false,
              8,
              new GitLimits.Pack(2_000_000, 1_000, 1_000_000),
              new GitLimits.Disk(0, 1L << 30, 1L << 32, 8, Duration.ZERO),
              GitLimits.Tree.DEFAULT);
      git = new MirrorFixture(directory, limits, way == Way.ORIGINAL_GIT);
      if (way == Way.SSH_WIRE || way == Way.SSH_CHANNEL) {
        ssh = new GitSsh(git.origin);
        ssh.allow(KEY.getPublic());
        ssh.fault((in, out, err) -> {
          Mangling mangling = inChannel;
          try (var upload = new UploadPack(git.origin.repository())) {
            upload.setExtraParameters(Set.of("version=2"));
            upload.upload(in, new Mangled(out, mangling), err);
          }
          return 0;
        });
      } else {
        ssh = null;
      }
      proxy = new ManglingProxy(ssh == null ? git.server.port() : ssh.port());
      for (int i = 0; i < 12; i++) {
        files.put("dir" + i % 3 + "/f" + i, text(200 << i % 4));
      }
    }

    private String text(int length) {
      byte[] bytes = new byte[length];
      content.nextBytes(bytes);
      return HexFormat.of().formatHex(bytes);
    }

    /** Near the beginning, where the protocol is, as often as anywhere in the pack. */
    Mangling mangling(int number, Random random) {
      Kind[] kinds = Kind.values();
      Kind kind = kinds[1 + random.nextInt(kinds.length - 1)];
      if ((kind == Kind.STALL || kind == Kind.DRIP) && random.nextInt(3) > 0) {
        kind = Kind.FLIP;
      }
      // What a new mirror is sent, and what one is sent that has the commit before.
      int whole = number % A_MIRROR == 0 ? 11_000 : 3_500;
      int place = random.nextInt(random.nextBoolean() ? 1_200 : whole);
      int length = 1 + random.nextInt(random.nextBoolean() ? 8 : 3_000);
      return new Mangling(kind, place, length, random.nextLong());
    }

    /** Returns whether the look failed. */
    boolean tryOne(int number, Mangling mangling, boolean up, String described) throws Exception {
      files.put("dir" + number % 3 + "/new", text(400));
      files.put("n", String.valueOf(number));
      String pushed = git.origin.commit("main", "Commit " + number, files);
      Mirror current = mirror(number);
      if (way == Way.SSH_CHANNEL) {
        inChannel = mangling;
      } else if (up) {
        proxy.mangle(mangling, Mangling.none());
      } else {
        proxy.mangle(Mangling.none(), mangling);
      }
      boolean failed = mangled(current, pushed, described);
      mangling.calm();
      inChannel = Mangling.none();
      proxy.calm();
      eventually(
          () -> assertThat(bytes()).as("bytes on disk, %s", described).isLessThan(MOST_DISK));
      try {
        whole(current, calmly(current, up), pushed, described);
      } catch (GitException e) {
        throw new AssertionError("the look after the fault, " + described, e);
      }
      eventually(() -> {
        for (Path store : git.directories()) {
          assertThat(wrongObjects(store)).as(described).isEmpty();
        }
      });
      return failed;
    }

    /**
     * A look after the fault. Where requests were changed, the server may have answered what nobody
     * asked; that answer waits in the pooled connection for the next request, whose look it fails.
     */
    private Commit calmly(Mirror current, boolean up) throws GitException, InterruptedException {
      try {
        return current.look(MAIN, Instant.now(), PATIENT);
      } catch (GitException e) {
        if (!up || ssh != null) {
          throw e;
        }
        return current.look(MAIN, Instant.now(), PATIENT);
      }
    }

    private boolean mangled(Mirror current, String pushed, String described) throws Exception {
      long began = System.nanoTime();
      try {
        Commit commit = current.look(MAIN, Instant.now(), TIMEOUT);
        whole(current, commit, pushed, described);
        return false;
      } catch (GitException e) {
        try {
          sane(e);
        } catch (AssertionError wrong) {
          wrong.addSuppressed(e);
          throw new AssertionError(described, wrong);
        }
        return true;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("no failure of Git, " + described, e);
      } finally {
        assertThat(Duration.ofNanos(System.nanoTime() - began))
            .as("the look ends, %s", described)
            .isLessThan(TIMEOUT.plus(MARGIN));
      }
    }

    private Mirror mirror(int number) throws GitException {
      Mirror current = mirror;
      if (current != null && number % A_MIRROR != 0) {
        return current;
      }
      if (current != null) {
        current.close();
      }
      Credentials credentials = Credentials.NONE;
      String url = "http://127.0.0.1:" + proxy.port() + "/team/repo.git";
      if (ssh != null) {
        url = "ssh://git@127.0.0.1:" + proxy.port() + "/team/repo.git";
        String host = "[127.0.0.1]:" + proxy.port();
        credentials =
            new Credentials.Ssh(
                new Credentials.Identity(SshTest.pem(KEY), Optional.empty()),
                GitSsh.knownHosts(host, ssh.hostKey().getPublic()));
      }
      current = git.mirrors.acquire(new Remote(url, credentials));
      mirror = current;
      return current;
    }

    private void whole(Mirror from, Commit commit, String pushed, String described)
        throws GitException {
      assertThat(commit.revision().commit()).as(described).isEqualTo(pushed);
      Snapshot snapshot = from.tree(pushed, "", _ -> true);
      Map<String, String> read = new TreeMap<>();
      for (TreeFile file : snapshot.files()) {
        read.put(file.path(), new String(snapshot.read(file, 1_000_000), StandardCharsets.UTF_8));
      }
      assertThat(read).as(described).isEqualTo(files);
    }

    private long bytes() throws IOException {
      long all = 0;
      for (Path store : git.directories()) {
        all += DamageTest.size(store);
      }
      return all;
    }

    @Override
    public void close() throws IOException {
      proxy.close();
      if (ssh != null) {
        ssh.close();
      }
      git.close();
    }
  }

  /** A repack, which goes on after a look, takes files away that were about to be read. */
  private static void eventually(ThrowingRunnable check) {
    await()
        .pollDelay(Duration.ZERO)
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptionsMatching(
            e -> e instanceof IOException || e instanceof UncheckedIOException)
        .untilAsserted(check);
  }

  private static void sane(GitException e) {
    assertThat(e.reason()).isIn(REASONS);
    assertThat(e.getMessage())
        .hasSizeBetween(10, 700)
        .doesNotContain("\n", "\r", "Exception", "given up", "java.", ": null", "out of bounds")
        .matches(text -> text.chars().noneMatch(Character::isISOControl), "without control codes");
    for (Throwable t = e; t != null; t = t.getCause()) {
      assertThat(t).isNotInstanceOf(Error.class);
    }
  }

  /** Read by a repository of its own, which knows nothing from before. */
  static List<String> wrongObjects(Path store) throws IOException {
    List<String> wrong = new ArrayList<>();
    try (var repository =
            new FileRepository(
                new FileRepositoryBuilder().setGitDir(store.toFile()).setBare().setup());
        ObjectReader reader = repository.newObjectReader();
        var hash = new ObjectInserter.Formatter()) {
      for (Pack pack : repository.getObjectDatabase().getPacks()) {
        for (PackIndex.MutableEntry entry : pack) {
          var id = entry.toObjectId();
          try {
            ObjectLoader loader = reader.open(id);
            byte[] raw = loader.getCachedBytes(1_000_000);
            if (!hash.idFor(loader.getType(), raw).equals(id)) {
              wrong.add(id.name());
            }
          } catch (IOException e) {
            wrong.add(id.name() + " " + e);
          }
        }
      }
    }
    return wrong;
  }

  private static final class Mangled extends OutputStream {
    private final OutputStream out;
    private final Mangling mangling;

    Mangled(OutputStream out, Mangling mangling) {
      this.out = out;
      this.mangling = mangling;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] copy = new byte[length];
      System.arraycopy(bytes, offset, copy, 0, length);
      mangling.pass(copy, length, out);
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
