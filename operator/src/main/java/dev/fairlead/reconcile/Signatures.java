package dev.fairlead.reconcile;

import dev.fairlead.api.SyncReading;
import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.GitException;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Signers;
import dev.fairlead.model.Expiry;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.Reason;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.Revision;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.plan.ApiError;
import dev.fairlead.runtime.Priority;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a commit be read only when it carries a signature that {@code spec.verify} asks for.
 *
 * <p>Guarantees: who reads a commit after {@link #require} returned reads one that was signed by a
 * key which was in the Secret, and good, at that moment. A Secret is read once until it changes;
 * then those who name it are woken, and what was refused is tried again. Any thread may call it.
 */
final class Signatures {
  private static final Logger LOG = LoggerFactory.getLogger(Signatures.class);

  private final Secrets secrets;
  private final Syncs syncs;
  private final Dispatch dispatch;
  private final InstantSource clock;
  private final Map<Source.SecretKey, Signers> known = new ConcurrentHashMap<>();

  /** Of the newest reading of a Secret, until it is known that it is not there or of no use. */
  private final Map<Source.SecretKey, List<Expiry>> expiries = new ConcurrentHashMap<>();

  private final AtomicLong changes = new AtomicLong();

  Signatures(Secrets secrets, Syncs syncs, Dispatch dispatch, InstantSource clock) {
    this.secrets = secrets;
    this.syncs = syncs;
    this.dispatch = dispatch;
    this.clock = clock;
  }

  static Optional<Source.SecretKey> secretOf(Sync sync) {
    return sync.spec()
        .verifySecret()
        .map(name -> new Source.SecretKey(sync.key().namespace(), name));
  }

  /**
   * Returns when the sync may read the commit.
   *
   * @throws GitException SIGNATURE_INVALID: why not; FETCH_FAILED: it has to be looked at first
   */
  void require(Sync sync, Mirror mirror, String commit)
      throws GitException, ApiException, InterruptedException {
    Optional<Source.SecretKey> secret = secretOf(sync);
    if (secret.isEmpty()) {
      return;
    }
    Signers signers = signers(secret.get());
    RefSelector ref = sync.spec().ref();
    try {
      mirror.verify(commit, ref, signers);
    } catch (GitException e) {
      if (e.reason() != Reason.SIGNATURE_INVALID || !mayBeTag(ref)) {
        throw e;
      }
      // A commit that was fetched by its hash is there without its tag.
      fetchTags(sync, mirror, commit);
      mirror.verify(commit, ref, signers);
    }
  }

  private static boolean mayBeTag(RefSelector ref) {
    return switch (ref) {
      case RefSelector.Tag _, RefSelector.Semver _, RefSelector.Name _ -> true;
      case RefSelector.Head _, RefSelector.Branch _, RefSelector.Hash _ -> false;
    };
  }

  private void fetchTags(Sync sync, Mirror mirror, String commit) throws InterruptedException {
    Stream<RefSelector> led =
        Stream.of(
                sync.status().applied().map(SyncStatus.Applied::revision),
                sync.status().lastGood().map(SyncStatus.LastGood::revision))
            .flatMap(Optional::stream)
            .filter(revision -> revision.commit().equals(commit))
            .map(Revision::ref)
            .distinct()
            .map(name ->
                name.startsWith("refs/") ? new RefSelector.Name(name) : new RefSelector.Tag(name));
    for (RefSelector tag : led.toList()) {
      try {
        mirror.look(tag, clock.instant(), sync.spec().fetchTimeout());
      } catch (GitException e) {
        LOG.atDebug().addKeyValue(LogKeys.REASON, e.reason()).log("A tag is not there any more");
      }
    }
  }

  /**
   * Until when the keys that the sync asks for are good; empty while they could not be read. A
   * Secret that changed is read, if no commit has made that necessary yet.
   */
  Optional<List<Expiry>> expiries(Sync sync) throws InterruptedException {
    Optional<Source.SecretKey> secret = secretOf(sync);
    if (secret.isEmpty()) {
      return Optional.of(List.of());
    }
    try {
      var _ = signers(secret.get());
    } catch (GitException | ApiException e) {
      // Told when a commit is to be verified.
      LOG.atDebug().addKeyValue(LogKeys.SYNC, sync.key()).setCause(e).log("Keys cannot be read");
    }
    return Optional.ofNullable(expiries.get(secret.get()));
  }

  private Signers signers(Source.SecretKey secret)
      throws GitException, ApiException, InterruptedException {
    Signers before = known.get(secret);
    if (before != null) {
      return before;
    }
    long seen = changes.get();
    Signers read;
    try {
      read = Signers.of(secrets.read(secret.namespace(), secret.name()));
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound) {
        expiries.put(secret, List.of());
        throw Signers.invalid(
            "the Secret "
                + secret.namespace()
                + "/"
                + secret.name()
                + " of spec.verify does not exist: create it with the keys of those who may sign");
      }
      throw e;
    } catch (GitException e) {
      expiries.put(secret, List.of());
      throw e;
    }
    known.put(secret, read);
    expiries.put(secret, read.expiries());
    if (changes.get() != seen) {
      known.remove(secret);
    }
    return read;
  }

  /** A Secret changed: whoever has keys in it reads it again, and tries again what was refused. */
  void secretChanged(Source.SecretKey secret) {
    changes.incrementAndGet();
    known.remove(secret);
    Instant now = clock.instant();
    for (SyncReading reading : syncs.all()) {
      if (reading instanceof SyncReading.Valid(Sync sync)
          && secretOf(sync).equals(Optional.of(secret))) {
        SyncKey key = sync.key();
        syncs.state(key).retryNow(now);
        dispatch.sync(key, Priority.HIGH);
      }
    }
  }
}
