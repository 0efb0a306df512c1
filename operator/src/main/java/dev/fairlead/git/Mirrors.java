package dev.fairlead.git;

import dev.fairlead.model.GitListener;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirrors of all repositories, one for each url, credentials and proxy, below one cache
 * directory.
 *
 * <p>Guarantees that no other process uses the directory meanwhile; that what an earlier one left
 * is gone; that a mirror lives as long as someone holds it; and that neither a name nor a file
 * below the directory holds a credential. Any thread may call.
 */
public final class Mirrors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mirrors.class);
  private static final String LOCK = "lock";
  private static final String PREFIX = "mirror-";

  private final Path cacheDir;
  private final GitLimits limits;
  private final InstantSource clock;
  private final GitListener listener;
  private final FileChannel lock;
  private final Turns turns;
  private final InstallationTokens tokens;
  private final Map<Key, Shared> shared = new HashMap<>();
  private int created;

  record Key(RemoteUrl url, Credentials credentials, Optional<GitProxy> proxy) {}

  private static final class Shared {
    final SharedMirror mirror;
    int holders;

    Shared(SharedMirror mirror) {
      this.mirror = mirror;
    }
  }

  /**
   * Takes the cache directory, making it if need be, and empties it of mirrors.
   *
   * @throws IOException it cannot be written to, or another process has it
   */
  public Mirrors(Path cacheDir, GitLimits limits, InstantSource clock, GitListener listener)
      throws IOException {
    QuietSystem.install();
    this.cacheDir = cacheDir;
    this.limits = limits;
    this.clock = clock;
    this.listener = listener;
    this.tokens = new InstallationTokens(clock);
    this.turns = new Turns(limits);
    try {
      Files.createDirectories(cacheDir);
      this.lock = locked(cacheDir);
    } catch (FileSystemException e) {
      throw unusable(cacheDir, e);
    }
    try {
      sweep();
    } catch (IOException e) {
      lock.close();
      throw e instanceof FileSystemException f ? unusable(cacheDir, f) : e;
    }
  }

  private static IOException unusable(Path cacheDir, FileSystemException e) {
    String why =
        e.getReason() != null
            ? e.getReason()
            : e instanceof FileAlreadyExistsException
                ? "it is no directory"
                : e instanceof AccessDeniedException
                    ? "this user may not write there"
                    : e.getClass().getSimpleName();
    return new IOException(
        "the cache directory "
            + cacheDir
            + " cannot be used ("
            + Text.cut(why, 200)
            + "): --cache-dir may name another",
        e);
  }

  private static FileChannel locked(Path cacheDir) throws IOException {
    FileChannel channel =
        FileChannel.open(
            cacheDir.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      taken = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      taken = false;
    } finally {
      if (!taken) {
        channel.close();
      }
    }
    if (!taken) {
      throw new IOException(
          "the cache directory "
              + cacheDir
              + " is in use by another process: give each its own by"
              + " --cache-dir");
    }
    return channel;
  }

  private void sweep() throws IOException {
    List<Path> left;
    try (Stream<Path> entries = Files.list(cacheDir)) {
      left = entries.filter(p -> p.getFileName().toString().startsWith(PREFIX)).toList();
    }
    for (Path directory : left) {
      Store.delete(directory);
    }
  }

  /**
   * The mirror of a repository, shared with all who ask for the same one. Touches neither network
   * nor disk.
   *
   * @throws GitException FETCH_FAILED: the url cannot be used; AUTHENTICATION_FAILED: the
   *     credentials or the proxy cannot
   */
  public Mirror acquire(Remote remote) throws GitException {
    RemoteUrl url = RemoteUrl.parse(remote.url(), limits.allowFileUrls());
    return acquire(new Key(url, remote.credentials(), remote.proxy()));
  }

  Mirror acquire(Key key) throws GitException {
    synchronized (shared) {
      Shared one = shared.get(key);
      if (one == null) {
        one = new Shared(mirror(key));
        shared.put(key, one);
      }
      one.holders++;
      return new Mirror(this, key, one.mirror, limits);
    }
  }

  private SharedMirror mirror(Key key) throws GitException {
    return new SharedMirror(
        key.url(),
        Connections.to(key.url(), key.credentials(), key.proxy(), tokens, clock),
        new Failures(key.url(), key.credentials(), key.proxy(), clock, cacheDir),
        cacheDir.resolve(PREFIX + hash(key.url()) + "-" + ++created),
        limits,
        clock,
        listener,
        turns);
  }

  /** Of the url alone: a hash of credentials would let them be guessed. */
  private static String hash(RemoteUrl url) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(url.uri().toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  void release(Key key) {
    SharedMirror unused;
    synchronized (shared) {
      Shared one = shared.get(key);
      if (one == null || --one.holders > 0) {
        return;
      }
      shared.remove(key);
      unused = one.mirror;
    }
    close(unused);
  }

  private static void close(SharedMirror mirror) {
    try {
      mirror.close();
    } catch (IOException e) {
      // The next start sweeps it.
      LOG.atWarn().setCause(e).log("An unused mirror could not be removed");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes all mirrors, whoever holds them. Whoever asks later gets new ones. */
  public void clear() {
    List<SharedMirror> all;
    synchronized (shared) {
      all = shared.values().stream().map(s -> s.mirror).toList();
      shared.clear();
    }
    all.forEach(Mirrors::close);
  }

  /** Closes all mirrors and gives the cache directory free. Idempotent. */
  @Override
  public void close() throws IOException {
    clear();
    lock.close();
  }
}
