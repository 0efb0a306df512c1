package dev.fairlead.git;

import dev.fairlead.model.GitListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mirrors of all repositories, one for each url, credentials and proxy, below one cache
 * directory.
 *
 * <p>Guarantees that several processes may use the directory; that what one left that has ended is
 * gone; that a mirror lives as long as someone holds it; that all of them stay within {@link
 * GitLimits.Disk}; and that neither a name nor a file below the directory holds a credential. Any
 * thread may call.
 */
public final class Mirrors implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mirrors.class);
  private static final String PREFIX = "mirror-";

  private final Path cacheDir;
  private final GitLimits limits;
  private final InstantSource clock;
  private final GitListener listener;
  private final CacheDirectory cache;
  private final CacheBudget budget;
  private final Room room = new RoomMaker(this::all);
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
   * Takes a place in the cache directory, making it if need be, and empties it of what processes
   * left that have ended.
   *
   * @throws IOException it cannot be written to
   */
  public Mirrors(Path cacheDir, GitLimits limits, InstantSource clock, GitListener listener)
      throws IOException {
    this(cacheDir, limits, clock, listener, new Turns(limits));
  }

  Mirrors(Path cacheDir, GitLimits limits, InstantSource clock, GitListener listener, Turns turns)
      throws IOException {
    QuietSystem.install();
    this.cacheDir = cacheDir;
    this.limits = limits;
    this.clock = clock;
    this.listener = listener;
    this.tokens = new InstallationTokens(clock);
    this.turns = turns;
    this.budget =
        new CacheBudget(limits.disk(), bytes -> listener.cache(bytes, limits.disk().cacheBytes()));
    listener.cache(0, limits.disk().cacheBytes());
    this.cache = new CacheDirectory(cacheDir);
    try {
      cache.sweep();
    } catch (IOException e) {
      cache.close();
      throw e;
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
        cache,
        budget,
        PREFIX + hash(key.url()) + "-" + ++created,
        limits,
        clock,
        listener,
        turns,
        room);
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

  private List<SharedMirror> all() {
    synchronized (shared) {
      return shared.values().stream().map(s -> s.mirror).toList();
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

  /** Closes all mirrors, and leaves nothing in the cache directory. Idempotent. */
  @Override
  public void close() throws IOException {
    clear();
    cache.close();
  }
}
