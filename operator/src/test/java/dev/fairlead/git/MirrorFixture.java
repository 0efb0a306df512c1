package dev.fairlead.git;

import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Commit;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** An origin, its server, and mirrors of it, in one temporary directory. */
final class MirrorFixture implements AutoCloseable, GitListener {
  static final Duration TIMEOUT = Duration.ofSeconds(20);
  static final RefSelector MAIN = new RefSelector.Branch("main");

  final Path cache;
  final Origin origin;
  final GitHttp server;
  final Mirrors mirrors;
  final AtomicLong mostCacheBytes = new AtomicLong();
  volatile long cacheBytes;
  final List<String> told = new CopyOnWriteArrayList<>();

  MirrorFixture(Path directory, GitLimits limits) throws IOException {
    this(directory, limits, false);
  }

  MirrorFixture(Path directory, GitLimits limits, boolean originalGit) throws IOException {
    cache = directory.resolve("cache");
    origin = new Origin(directory.resolve("origin.git"));
    server = new GitHttp(origin, originalGit);
    mirrors = new Mirrors(cache, limits, InstantSource.system(), this);
  }

  MirrorFixture(Path directory) throws IOException {
    this(directory, GitLimits.DEFAULT);
  }

  Mirror mirror() throws GitException {
    return mirrors.acquire(new Remote(server.url(), Credentials.NONE));
  }

  static Commit look(Mirror mirror, RefSelector ref) throws GitException, InterruptedException {
    return mirror.look(ref, Instant.now(), TIMEOUT);
  }

  static List<String> paths(Mirror mirror, Commit commit, String path) throws GitException {
    return mirror.tree(commit.revision().commit(), path, _ -> true).files().stream()
        .map(TreeFile::path)
        .toList();
  }

  /** The one directory that holds a mirror now. */
  Path directory() throws IOException {
    return directories().getFirst();
  }

  List<Path> directories() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path process : directoriesIn(cache)) {
      found.addAll(directoriesIn(process));
    }
    return found;
  }

  private static List<Path> directoriesIn(Path parent) throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.filter(Files::isDirectory).toList();
    }
  }

  /** What was told, once there is something. */
  List<String> told(int seconds) {
    await().atMost(Duration.ofSeconds(seconds)).until(() -> !told.isEmpty());
    return List.copyOf(told);
  }

  @Override
  public void request(Operation operation, Result result, Duration duration) {
    told.add(operation + " " + result);
  }

  @Override
  public void cache(long bytes, long limit) {
    cacheBytes = bytes;
    mostCacheBytes.accumulateAndGet(bytes, Math::max);
  }

  @Override
  public void close() throws IOException {
    mirrors.close();
    server.close();
    origin.close();
  }
}
