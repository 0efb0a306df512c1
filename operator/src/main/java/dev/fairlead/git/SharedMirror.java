package dev.fairlead.git;

import dev.fairlead.model.Commit;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.GitListener.Operation;
import dev.fairlead.model.GitListener.Result;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one mirror of a repository and its credentials: looks, fetches what is new, repacks, and
 * builds itself anew when its files are damaged or gone.
 *
 * <p>Any thread may call. Whatever writes to the store holds {@code writing}; reading needs no
 * lock. A commit stays readable while it is pinned, while it is the newest of a ref, and for {@link
 * GitLimits.Disk#keepUnused} after it was last looked at or read.
 */
final class SharedMirror implements Looks.Work {
  private static final Logger LOG = LoggerFactory.getLogger(SharedMirror.class);
  private static final Duration PIN_TIMEOUT = Duration.ofSeconds(60);

  /** A ref that nobody looked at for so long is no longer followed by anyone. */
  private static final Duration FOLLOWED = Duration.ofDays(1);

  private final RemoteUrl url;
  private final Optional<HttpConnections> http;
  private final Failures failures;
  private final Path directory;
  private final GitLimits limits;
  private final InstantSource clock;
  private final GitListener listener;
  private final Semaphore requests;
  private final Looks looks;

  private final ReentrantLock writing = new ReentrantLock();
  private volatile @Nullable Store store;
  private int generation;
  private volatile boolean pinsMissing;

  private final Map<String, Instant> used = new ConcurrentHashMap<>();
  private final Map<String, Integer> pins = new HashMap<>();

  SharedMirror(
      RemoteUrl url,
      Optional<HttpConnections> http,
      Failures failures,
      Path directory,
      GitLimits limits,
      InstantSource clock,
      GitListener listener,
      Semaphore requests) {
    this.url = url;
    this.http = http;
    this.failures = failures;
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
    this.listener = listener;
    this.requests = requests;
    this.looks = new Looks(this, clock, "git " + url);
  }

  Commit look(RefSelector ref, Instant freshSince, Duration timeout)
      throws GitException, InterruptedException {
    requireValid(ref);
    if (ref instanceof RefSelector.Hash hash) {
      Optional<Commit> here = alreadyHere(hash);
      if (here.isPresent()) {
        return here.get();
      }
    }
    // A commit by its hash is never out of date.
    boolean timeless = ref instanceof RefSelector.Hash;
    Commit commit = looks.await(ref, timeless ? Instant.MIN : freshSince, timeout);
    used.put(commit.revision().commit(), clock.instant());
    if (timeless) {
      looks.forget(ref);
    }
    return commit;
  }

  private static void requireValid(RefSelector ref) throws GitException {
    String wrong =
        switch (ref) {
          case RefSelector.Head _ -> null;
          case RefSelector.Branch(String name) ->
              Repository.isValidRefName("refs/heads/" + name) ? null : "branch " + name;
          case RefSelector.Tag(String name) ->
              Repository.isValidRefName("refs/tags/" + name) ? null : "tag " + name;
          case RefSelector.Hash(String commit) ->
              commit.matches("[0-9a-f]{40}") ? null : "commit " + commit;
        };
    if (wrong != null) {
      throw new GitException(
          Reason.REF_NOT_FOUND, "spec.ref is not possible in Git: " + Text.cut(wrong, 100));
    }
  }

  /** A commit never changes, so one that is here needs no request. */
  private Optional<Commit> alreadyHere(RefSelector.Hash hash) {
    Store current = store;
    if (current == null || current.unusable()) {
      return Optional.empty();
    }
    try {
      ObjectId id = ObjectId.fromString(hash.commit());
      if (current.holds(id)) {
        used.put(hash.commit(), clock.instant());
        return Optional.of(current.describe(id, "commit"));
      }
    } catch (IOException e) {
      current.markDamaged();
    }
    return Optional.empty();
  }

  /**
   * One look, on a thread of {@link Looks}. A store that turns out to be damaged is replaced once.
   */
  @Override
  public Commit look(RefSelector ref, Duration timeout) throws GitException, InterruptedException {
    Store current = usable();
    try {
      return lookInto(current, ref, timeout);
    } catch (IOException e) {
      if (Failures.damage(e) || current.unusable()) {
        current.markDamaged();
        try {
          return lookInto(usable(), ref, timeout);
        } catch (IOException again) {
          throw failures.translate(again);
        }
      }
      throw failures.translate(e);
    }
  }

  private Commit lookInto(Store current, RefSelector ref, Duration timeout)
      throws GitException, IOException, InterruptedException {
    requests.acquire();
    try {
      long began = System.nanoTime();
      try (Exchange exchange = ask(current, ref, timeout, began)) {
        Exchange.Found found = found(exchange, ref, began);
        ObjectId commit =
            current.holds(found.commit()) ? found.commit() : fetch(current, exchange, found, ref);
        used.put(commit.name(), clock.instant());
        return current.describe(commit, found.name());
      }
    } finally {
      requests.release();
    }
  }

  private Exchange ask(Store current, RefSelector ref, Duration timeout, long began)
      throws GitException {
    try {
      return Exchange.open(current.repository(), url, http, ref, timeout);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      GitException failure = failures.translate(e);
      report(Operation.LOOK, resultOf(failure), began);
      throw failure;
    }
  }

  private Exchange.Found found(Exchange exchange, RefSelector ref, long began) throws GitException {
    Optional<Exchange.Found> found = exchange.find();
    report(Operation.LOOK, found.isPresent() ? Result.SUCCESS : Result.NOT_FOUND, began);
    return found.orElseThrow(() -> absent(ref, exchange.sawNothing()));
  }

  private GitException absent(RefSelector ref, boolean nothing) {
    return new GitException(
        Reason.REF_NOT_FOUND,
        switch (ref) {
          case RefSelector.Head _ ->
              "the repository "
                  + url
                  + " has no commit on its default branch: push one, or name a"
                  + " branch in spec.ref";
          case RefSelector.Branch(String name) ->
              "branch " + name + " does not exist in " + url + (nothing ? "" : ", longer names do");
          case RefSelector.Tag(String name) ->
              "tag " + name + " does not exist in " + url + (nothing ? "" : ", longer names do");
          case RefSelector.Hash(String commit) ->
              url + " does not have the commit " + commit + ", or does not give it by its hash";
        });
  }

  private ObjectId fetch(Store into, Exchange exchange, Exchange.Found found, RefSelector ref)
      throws GitException, IOException, InterruptedException {
    writing.lockInterruptibly();
    try {
      requireSpace(into);
      into.tidy();
      long began = System.nanoTime();
      ObjectId commit;
      try {
        exchange.fetch(found);
        commit =
            into.commitOf(found.target())
                .orElseThrow(() ->
                    new GitException(
                        Reason.REF_NOT_FOUND,
                        "what spec.ref names in " + url + " is not a commit"));
        into.keep(commit);
      } catch (GitException e) {
        report(Operation.FETCH, Result.FAILURE, began);
        throw e;
      } catch (IOException | RuntimeException | OutOfMemoryError e) {
        throw fetchFailure(e, ref, began);
      }
      report(Operation.FETCH, Result.SUCCESS, began);
      return commit;
    } finally {
      writing.unlock();
    }
  }

  /** Damage stays what it is, for it can be repaired. */
  private GitException fetchFailure(Throwable e, RefSelector ref, long began) throws IOException {
    if (Failures.notOurRef(e)) {
      report(Operation.FETCH, Result.NOT_FOUND, began);
      return absent(ref, true);
    }
    GitException failure = failures.translate(e);
    report(Operation.FETCH, resultOf(failure), began);
    if (e instanceof IOException io && Failures.damage(e)) {
      throw io;
    }
    return failure;
  }

  private void requireSpace(Store into) throws GitException, IOException {
    long free = into.usableSpace();
    if (free < limits.disk().freeBytes()) {
      throw new GitException(
          Reason.FETCH_FAILED,
          "the disk of the cache directory is full: "
              + Text.size(free)
              + " are free and "
              + Text.size(limits.disk().freeBytes())
              + " are needed to fetch");
    }
  }

  private void report(Operation operation, Result result, long began) {
    listener.request(operation, result, Duration.ofNanos(System.nanoTime() - began));
  }

  private static Result resultOf(GitException failure) {
    if (Thread.currentThread().isInterrupted() || Failures.givenUp(failure)) {
      return Result.TIMEOUT;
    }
    return failure.reason() == Reason.AUTHENTICATION_FAILED ? Result.DENIED : Result.FAILURE;
  }

  /** The store, made anew if it has to be. */
  private Store usable() throws GitException, InterruptedException {
    Store current = store;
    if (current != null && !current.unusable()) {
      return current;
    }
    writing.lockInterruptibly();
    try {
      current = store;
      if (current == null || current.unusable()) {
        Store fresh =
            Store.create(
                directory.resolveSibling(directory.getFileName() + "-" + ++generation), limits);
        store = fresh;
        if (current != null) {
          LOG.atInfo().addKeyValue("url", url).log("A mirror was damaged and is built anew");
          pinsMissing = true;
          current.discard();
        }
        return fresh;
      }
      return current;
    } catch (IOException e) {
      throw failures.translate(e);
    } finally {
      writing.unlock();
    }
  }

  /** Brings the pins back into a new store, and repacks when it is time. */
  @Override
  public void tidyUp() {
    Store current = store;
    if (current == null) {
      return;
    }
    if (pinsMissing) {
      restorePins(current);
    }
    if (current.crowded()) {
      repack(current);
    }
  }

  /** What the remote no longer has stays away; for all else the next look tries again. */
  private void restorePins(Store into) {
    Set<String> wanted;
    synchronized (pins) {
      wanted = Set.copyOf(pins.keySet());
    }
    pinsMissing = false;
    for (String pin : wanted) {
      try {
        lookInto(into, new RefSelector.Hash(pin), PIN_TIMEOUT);
      } catch (GitException | IOException e) {
        if (!(e instanceof GitException known && known.reason() == Reason.REF_NOT_FOUND)) {
          pinsMissing = true;
        }
        LOG.atInfo()
            .addKeyValue("url", url)
            .addKeyValue("commit", pin)
            .setCause(e)
            .log("A pinned commit could not be fetched again");
      } catch (InterruptedException e) {
        pinsMissing = true;
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** A failure costs disk at first; the store is then built anew by the next look. */
  private void repack(Store crowded) {
    writing.lock();
    try {
      crowded.collect(kept());
    } catch (IOException | RuntimeException e) {
      crowded.markDamaged();
      LOG.atWarn().addKeyValue("url", url).setCause(e).log("A mirror could not be repacked");
    } finally {
      writing.unlock();
    }
  }

  private Set<String> kept() {
    Instant old = clock.instant().minus(limits.disk().keepUnused());
    used.values().removeIf(at -> at.isBefore(old));
    Set<String> kept = new HashSet<>(used.keySet());
    looks
        .newest(clock.instant().minus(FOLLOWED))
        .forEach(commit -> kept.add(commit.revision().commit()));
    synchronized (pins) {
      kept.addAll(pins.keySet());
    }
    return kept;
  }

  void pin(String commit) {
    synchronized (pins) {
      pins.merge(commit, 1, Integer::sum);
    }
  }

  void unpin(String commit) {
    synchronized (pins) {
      pins.computeIfPresent(commit, (_, n) -> n == 1 ? null : n - 1);
    }
  }

  Snapshot tree(String commit, String path, Predicate<String> wanted) throws GitException {
    Store current = reading(commit);
    String below = TreeWalker.normalise(path);
    try (var reader = current.repository().newObjectReader()) {
      ObjectId root = current.rootTree(ObjectId.fromString(commit));
      List<TreeFile> files =
          new TreeWalker(reader, limits.tree(), root, commit).list(below, wanted);
      return new Snapshot(current, commit, files);
    } catch (IOException e) {
      current.markDamaged();
      throw unreadable(commit, e);
    }
  }

  Optional<String> treeId(String commit, String path) throws GitException {
    Store current = reading(commit);
    String below = TreeWalker.normalise(path);
    try (var reader = current.repository().newObjectReader()) {
      ObjectId root = current.rootTree(ObjectId.fromString(commit));
      return new TreeWalker(reader, limits.tree(), root, commit).treeId(below).map(ObjectId::name);
    } catch (IOException e) {
      current.markDamaged();
      throw unreadable(commit, e);
    }
  }

  private Store reading(String commit) throws GitException {
    Store current = store;
    if (current == null) {
      throw unreadable(commit, null);
    }
    try {
      if (!current.holds(ObjectId.fromString(commit))) {
        throw unreadable(commit, null);
      }
    } catch (IOException e) {
      current.markDamaged();
      throw unreadable(commit, e);
    }
    used.put(commit, clock.instant());
    return current;
  }

  static GitException unreadable(String commit, @Nullable Throwable cause) {
    return new GitException(
        Reason.FETCH_FAILED,
        "commit "
            + Text.cut(commit, 7)
            + " is not, or no longer, readable in the mirror; the next"
            + " look fetches it again",
        cause);
  }

  /** Stops all looks and deletes the files. */
  void close() throws InterruptedException, IOException {
    looks.close();
    Store current = store;
    if (current != null) {
      current.discard();
    }
  }
}
