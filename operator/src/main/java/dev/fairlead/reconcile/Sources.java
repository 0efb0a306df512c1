package dev.fairlead.reconcile;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.Credentials;
import dev.fairlead.git.GitException;
import dev.fairlead.git.GitProxy;
import dev.fairlead.git.Mirror;
import dev.fairlead.git.Mirrors;
import dev.fairlead.git.Remote;
import dev.fairlead.model.Commit;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.Reason;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import dev.fairlead.runtime.Backoff;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Reconciler;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at Git for all syncs: one small request an interval for each source, whoever follows it.
 *
 * <p>Guarantees: a source exists while a sync follows it; its followers are told when what it found
 * changed, or when somebody asked for the look, and at no other time. Any thread may call it.
 */
final class Sources implements Reconciler<Source.Key> {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));
  private static final double INTERVAL_JITTER = 0.1;

  /**
   * The first pause after a start lies anywhere between this part of the interval and all of it.
   */
  private static final double SHORTEST_FIRST = 0.1;

  private static final Source.Outcome PENDING = new Source.Outcome.Pending();

  /** A look that began so shortly before a sync began to follow is good enough for it. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  /** What a sync follows, and since when. */
  private record Following(Source.Key source, Instant since) {
    boolean isServedBy(Source known) {
      return !known.lookedSince().isBefore(since.minus(FRESH));
    }
  }

  /** Whom to tell that a look found something. */
  interface Followers {
    void looked(SyncKey sync, Priority priority);

    /** Git answered; there may be nothing new. */
    void fetched(SyncKey sync, Instant at);
  }

  private final Mirrors mirrors;
  private final Secrets secrets;
  private final Dispatch queue;
  private final Followers listener;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<Source.Key, Source> sources = new ConcurrentHashMap<>();
  private final Map<SyncKey, Following> followed = new ConcurrentHashMap<>();
  private final Map<Source.Key, Boolean> requested = new ConcurrentHashMap<>();

  /** Whose next look waits for no pause of ours, since somebody knows of something new. */
  private final Map<Source.Key, Boolean> urgent = new ConcurrentHashMap<>();

  private final Hosts hosts;

  /**
   * @param perHost how many looks at one host run at once
   */
  Sources(
      Mirrors mirrors,
      Secrets secrets,
      Dispatch queue,
      int perHost,
      Followers listener,
      InstantSource clock,
      RandomGenerator random) {
    this.mirrors = mirrors;
    this.secrets = secrets;
    this.queue = queue;
    this.listener = listener;
    this.clock = clock;
    this.random = random;
    this.hosts = new Hosts(perHost, queue, clock, random);
  }

  static Source.Key keyOf(Sync sync) {
    String namespace = sync.key().namespace();
    return new Source.Key(
        sync.spec().url(),
        sync.spec().secretName().map(name -> new Source.SecretKey(namespace, name)),
        sync.spec().proxySecret().map(name -> new Source.SecretKey(namespace, name)),
        sync.spec().ref());
  }

  /**
   * Makes the sync follow the source that its spec names. Whoever begins to follow has just been
   * created or changed, often together with a push, and so gets a look of its own.
   */
  void follow(Sync sync) {
    Source.Key key = keyOf(sync);
    Following before = followed.get(sync.key());
    boolean begins = before == null || !before.source().equals(key);
    if (begins) {
      followed.put(sync.key(), new Following(key, clock.instant()));
    }
    if (before != null && begins) {
      leave(before.source(), sync.key());
    }
    boolean[] sooner = {false};
    sources.compute(
        key,
        (k, known) -> {
          Source s = known == null ? new Source(k) : known;
          Duration interval = s.interval();
          s.follow(sync.key(), sync.spec());
          sooner[0] = s.interval().compareTo(interval) < 0;
          return s;
        });
    if (outcome(sync.key()).orElse(PENDING) instanceof Source.Outcome.Pending) {
      queue.source(key, Duration.ZERO, Priority.HIGH);
    } else if (sooner[0]) {
      queue.source(key, jittered(sync.spec().interval()), Priority.LOW);
    }
  }

  void unfollow(SyncKey sync) {
    Following following = followed.remove(sync);
    if (following != null) {
      leave(following.source(), sync);
    }
  }

  private void leave(Source.Key key, SyncKey sync) {
    sources.computeIfPresent(
        key,
        (k, source) -> {
          if (!source.unfollow(sync)) {
            return source;
          }
          source.close().ifPresent(Mirror::close);
          return null;
        });
  }

  /**
   * Whose share of the workers a look takes: that of the one namespace that follows the source; one
   * that several follow has a share of its own.
   */
  Object laneOf(Source.Key key) {
    Source source = sources.get(key);
    Set<String> namespaces = new HashSet<>();
    if (source != null) {
      source.followers().forEach(f -> namespaces.add(f.namespace()));
    }
    return namespaces.size() == 1 ? namespaces.iterator().next() : key;
  }

  /**
   * Looks now, at every ref of the repository that the sync follows, with Secrets of its own
   * namespace or without: nobody has others' credentials or proxy used.
   */
  void request(SyncKey sync) {
    Following following = followed.get(sync);
    if (following == null) {
      return;
    }
    for (Source.Key other : sources.keySet()) {
      if (isSharedBy(other, following.source())) {
        requested.put(other, true);
        now(other);
      }
    }
  }

  private void now(Source.Key key) {
    urgent.put(key, true);
    queue.source(key, Duration.ZERO, Priority.HIGH);
  }

  /**
   * The same, but its followers are told of news only: a hook that comes again costs no more than a
   * look, and hooks that come while one is under way are served by one that follows it.
   */
  void hook(SyncKey sync) {
    Following following = followed.get(sync);
    if (following == null) {
      return;
    }
    for (Source.Key other : sources.keySet()) {
      if (isSharedBy(other, following.source())) {
        now(other);
      }
    }
  }

  private static boolean isSharedBy(Source.Key one, Source.Key other) {
    return one.url().equals(other.url()) && one.namespace().equals(other.namespace());
  }

  /** Looks now, at the source that the sync follows: another sync waits for what it sees there. */
  void ask(SyncKey sync) {
    Following following = followed.get(sync);
    if (following != null) {
      requested.put(following.source(), true);
      now(following.source());
    }
  }

  /**
   * A Secret changed: whoever uses it reads it again, looks now, and is told what came of it, for
   * what is still wrong may be something else.
   */
  void secretChanged(Source.SecretKey secret) {
    for (Source source : sources.values()) {
      if (source.key().uses(secret)) {
        source.reopen();
        requested.put(source.key(), true);
        now(source.key());
      }
    }
  }

  @Override
  public Result reconcile(Source.Key key) throws InterruptedException {
    Source source = sources.get(key);
    if (source == null) {
      requested.remove(key);
      urgent.remove(key);
      return Result.done();
    }
    Hosts.Entry entry = hosts.enter(key, urgent.containsKey(key));
    if (entry instanceof Hosts.Entry.Parked) {
      return Result.after(Hosts.PARKED);
    }
    urgent.remove(key);
    boolean asked = requested.remove(key) != null;
    Source.Outcome before = source.outcome();
    Set<SyncKey> served = served(source);
    Duration next = lookOrLater(source, entry);
    Source.Outcome after = source.outcome();
    boolean news = asked || !same(before, after);
    for (SyncKey follower : source.followers()) {
      boolean first = !served.contains(follower);
      if (news || first) {
        listener.looked(follower, asked || first ? Priority.HIGH : Priority.NORMAL);
      }
    }
    return Result.after(next);
  }

  /**
   * The followers that an earlier look was good enough for. All others wait for this one, also
   * those that begin to follow while it is under way.
   */
  private Set<SyncKey> served(Source source) {
    Set<SyncKey> served = new HashSet<>();
    for (SyncKey follower : source.followers()) {
      Following following = followed.get(follower);
      if (following != null && following.isServedBy(source)) {
        served.add(follower);
      }
    }
    return served;
  }

  private Duration lookOrLater(Source source, Hosts.Entry entry) throws InterruptedException {
    if (entry instanceof Hosts.Entry.Later(Duration delay, String why)) {
      source.refused(why, clock.instant());
      return delay;
    }
    boolean left = false;
    Instant began = clock.instant();
    try {
      Optional<GitException> failure = Optional.empty();
      Duration next;
      try {
        next = look(source, began);
      } catch (GitException e) {
        failure = Optional.of(e);
        next = failed(source, e.reason(), e.getMessage(), e.retryAfter(), began);
      }
      hosts.leave(
          source.key(),
          began,
          failure.flatMap(GitException::hostTrouble),
          failure.map(Sources::whose).orElse(Hosts.Whose.ALL),
          failure.flatMap(GitException::retryAfter),
          source.interval());
      left = true;
      return next;
    } finally {
      if (!left) {
        hosts.abandon(source.key());
      }
    }
  }

  private Duration look(Source source, Instant began) throws GitException, InterruptedException {
    try {
      Commit commit = mirrorOf(source).look(source.key().ref(), began, source.timeout());
      boolean first = source.isNew();
      source.seen(commit, began);
      for (SyncKey follower : source.followers()) {
        listener.fetched(follower, began);
      }
      return first ? spread(source.interval()) : jittered(source.interval());
    } catch (GitException e) {
      if (e.reason() == Reason.AUTHENTICATION_FAILED) {
        source.reopen();
      }
      throw e;
    } catch (CredentialsException e) {
      return failed(source, Reason.AUTHENTICATION_FAILED, e.getMessage(), Optional.empty(), began);
    }
  }

  private Duration failed(
      Source source, Reason reason, String message, Optional<Duration> retryAfter, Instant began) {
    int failures = source.failed(reason, message, began);
    LOG.atDebug().addKeyValue(LogKeys.REASON, reason).log("A look at Git failed");
    Duration wait = BACKOFF.delay(failures, random);
    Duration longest = source.interval();
    Duration bounded = wait.compareTo(longest) > 0 ? jittered(longest) : wait;
    return retryAfter.filter(r -> r.compareTo(bounded) > 0).orElse(bounded);
  }

  private Mirror mirrorOf(Source source)
      throws GitException, CredentialsException, InterruptedException {
    Optional<Mirror> known = source.usable();
    if (known.isPresent()) {
      return known.get();
    }
    Mirror opened = mirrors.acquire(remote(source));
    source.open(opened).ifPresent(Mirror::close);
    return opened;
  }

  private Remote remote(Source source)
      throws GitException, CredentialsException, InterruptedException {
    Source.Key key = source.key();
    try {
      Credentials credentials = credentials(key.secret());
      Optional<GitProxy> proxy = proxy(key.proxy());
      source.validities(
          new Source.Validities(
              credentials.tls().expiries(),
              proxy.isPresent() ? proxy.get().expiries() : List.of()));
      return new Remote(key.url(), credentials, proxy);
    } catch (GitException e) {
      source.validities(Source.Validities.NONE);
      throw e;
    } catch (CredentialsException e) {
      if (e.gone) {
        source.validities(Source.Validities.NONE);
      }
      throw e;
    }
  }

  /** The Secret that a GitSync names cannot be used. */
  private static final class CredentialsException extends Exception {
    private final String message;

    /** Whether there is none. */
    private final boolean gone;

    CredentialsException(Source.SecretKey secret, String field, boolean gone, String why) {
      this.gone = gone;
      this.message =
          "the Secret " + secret.namespace() + "/" + secret.name() + " of " + field + " " + why;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }

  private Credentials credentials(Optional<Source.SecretKey> secret)
      throws CredentialsException, GitException, InterruptedException {
    return secret.isEmpty()
        ? Credentials.NONE
        : Credentials.fromSecret(read(secret.get(), "spec.secretRef"));
  }

  private Optional<GitProxy> proxy(Optional<Source.SecretKey> secret)
      throws CredentialsException, GitException, InterruptedException {
    return secret.isEmpty()
        ? Optional.empty()
        : Optional.of(GitProxy.fromSecret(read(secret.get(), "spec.proxySecretRef")));
  }

  private Map<String, byte[]> read(Source.SecretKey secret, String field)
      throws CredentialsException, InterruptedException {
    try {
      return secrets.read(secret.namespace(), secret.name());
    } catch (ApiException e) {
      boolean gone = e.error() instanceof ApiError.NotFound;
      throw new CredentialsException(
          secret,
          field,
          gone,
          gone
              ? "does not exist: create it, or correct " + field
              : "cannot be read: " + e.getMessage());
    }
  }

  /**
   * What the newest look found for the sync; pending until one was made since it began to follow,
   * absent when it follows nothing.
   */
  Optional<Source.Outcome> outcome(SyncKey sync) {
    Following following = followed.get(sync);
    if (following == null) {
      return Optional.empty();
    }
    return Optional.ofNullable(sources.get(following.source()))
        .map(s -> following.isServedBy(s) ? s.outcome() : PENDING);
  }

  /** Until when the Secrets are good that the sync's looks use; empty before they were read. */
  Optional<Source.Validities> validities(SyncKey sync) {
    Following following = followed.get(sync);
    return following == null
        ? Optional.empty()
        : Optional.ofNullable(sources.get(following.source())).flatMap(Source::validities);
  }

  /**
   * What lets history be asked for only while the sync's host is not to be left in peace, as any
   * look at it is.
   */
  Mirror.Gate gate(SyncKey sync) {
    return () -> {
      Following following = followed.get(sync);
      return following == null ? Optional.empty() : hosts.refuses(following.source());
    };
  }

  /** History was asked for in vain; a host that wants peace has it from looks too. */
  void asked(SyncKey sync, Instant began, GitException failure) {
    Following following = followed.get(sync);
    Source source = following == null ? null : sources.get(following.source());
    if (source != null && failure.hostTrouble().isPresent()) {
      failure
          .retryAfter()
          .ifPresent(wait ->
              hosts.wantsPeace(
                  source.key(),
                  began,
                  failure.hostTrouble().get(),
                  whose(failure),
                  wait,
                  source.interval()));
    }
  }

  private static Hosts.Whose whose(GitException failure) {
    return failure.isLimit() ? Hosts.Whose.CALLER : Hosts.Whose.ALL;
  }

  /** When the newest finished look for the sync began. */
  Instant lookedSince(SyncKey sync) {
    Following following = followed.get(sync);
    return following == null
        ? Instant.EPOCH
        : Optional.ofNullable(sources.get(following.source()))
            .map(Source::lookedSince)
            .orElse(Instant.EPOCH);
  }

  /** The newest commit of the sync's ref, if the newest look found one. */
  Optional<Commit> seen(SyncKey sync) {
    return outcome(sync).orElse(null) instanceof Source.Outcome.Seen seen
        ? Optional.of(seen.commit())
        : Optional.empty();
  }

  /** The newest commit of the sync's ref that any look has found, also when later ones failed. */
  Optional<Commit> newest(SyncKey sync) {
    Following following = followed.get(sync);
    return following == null
        ? Optional.empty()
        : Optional.ofNullable(sources.get(following.source())).flatMap(Source::newest);
  }

  /** The mirror of the repository that the sync follows, once it was fetched. */
  Optional<Mirror> mirror(SyncKey sync) {
    Following following = followed.get(sync);
    return following == null
        ? Optional.empty()
        : Optional.ofNullable(sources.get(following.source())).flatMap(Source::mirror);
  }

  /** What began together, at a start, does not go on together. */
  private Duration spread(Duration interval) {
    double factor = SHORTEST_FIRST + (1 - SHORTEST_FIRST) * random.nextDouble();
    return Duration.ofNanos((long) (interval.toNanos() * factor));
  }

  private Duration jittered(Duration interval) {
    double factor = 1 - INTERVAL_JITTER + 2 * INTERVAL_JITTER * random.nextDouble();
    return Duration.ofNanos((long) (interval.toNanos() * factor));
  }

  /** A lasting failure is recognised by its class, not by its text. */
  private static boolean same(Source.Outcome before, Source.Outcome after) {
    return switch (after) {
      case Source.Outcome.Pending _ -> before instanceof Source.Outcome.Pending;
      case Source.Outcome.Seen seen ->
          before instanceof Source.Outcome.Seen old && old.commit().equals(seen.commit());
      case Source.Outcome.Failed failed ->
          before instanceof Source.Outcome.Failed old && old.reason() == failed.reason();
    };
  }
}
