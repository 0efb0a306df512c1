package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.LogKeys;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Lease;
import dev.fairlead.plan.Succession;
import dev.fairlead.plan.Succession.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for leader of all processes of an installation, by the Lease {@value #LEASE} in their
 * namespace, for as long as it runs.
 *
 * <p>Guarantees: of processes with equal timing at most one has a {@link Term} that is open, but
 * for what somebody does to the lease by hand within the moment of a start; a term ends as soon as
 * another holder is seen, and goes on when nobody took the lease while it could not be renewed. A
 * virtual thread of its own tells the candidate, one thing after the other. One thread starts,
 * stops and releases it.
 */
public final class Election {
  /** The name of the Lease. */
  public static final String LEASE = "fairlead";

  private static final Logger LOG = LoggerFactory.getLogger(Election.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
  private static final int RELEASE_TRIES = 2;

  /** A stop does not wait for a server that does not answer. */
  private static final Duration RELEASE_DEADLINE = Duration.ofSeconds(1);

  /**
   * How long things take; the same for all processes of an installation.
   *
   * @param renew the pause between two renewals
   * @param deadline how long after the begin of a renewal the leader may write. Shorter than the
   *     lease: what passed the gate at the last moment has the difference to reach the server
   * @param lease how long a lease that is not renewed keeps others away
   * @param look the pause between two looks of a standby
   * @param request how long one request may take
   */
  public record Timing(
      Duration renew, Duration deadline, Duration lease, Duration look, Duration request) {
    /** Together with the looks of a standby and its start, less than 15 s after a crash. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(5),
            Duration.ofSeconds(8),
            Duration.ofSeconds(11),
            Duration.ofSeconds(1),
            Duration.ofSeconds(3));

    public Timing {
      if (renew.compareTo(deadline) >= 0 || deadline.compareTo(lease) >= 0) {
        throw new IllegalArgumentException("renewals come before the deadline, and it before all");
      }
    }
  }

  /** Who is elected. Called by one thread; what it does meanwhile delays the election. */
  public interface Candidate {
    /** The term has begun. */
    void lead(Term term);

    /** The term has ended: nothing more is written, so what works is to stop. */
    void follow() throws InterruptedException;
  }

  /** How it stands. */
  public sealed interface Standing {
    /** This process leads. */
    record Leads(Term term) implements Standing {}

    /**
     * Another one does.
     *
     * @param holder empty when nobody seems to
     * @param hooks where it listens for webhooks; empty when it does not say
     */
    record Follows(String holder, String hooks) implements Standing {}

    /**
     * The lease cannot be read or made.
     *
     * @param why for people
     */
    record Waits(String why) implements Standing {}
  }

  private final Leases leases;
  private final Leases atTheEnd;
  private final String namespace;
  private final String me;
  private final Timing timing;
  private final Candidate candidate;
  private final InstantSource clock;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private volatile Standing standing = new Standing.Waits("the API server");

  // Of the election's thread alone, and of whoever waited for its end.
  private @Nullable Term term;
  private @Nullable Lease own;
  private @Nullable Lease seen;
  private long seenSince;
  private boolean rivalKnown;
  private Optional<String> unanswered = Optional.empty();
  private String trouble = "";

  private Election(
      ApiServer api,
      String namespace,
      String me,
      String hooks,
      Timing timing,
      Candidate candidate,
      InstantSource clock) {
    this.leases = new Leases(api.forLease(timing.request()), namespace, LEASE, hooks);
    this.atTheEnd = new Leases(api.forLease(RELEASE_DEADLINE), namespace, LEASE, hooks);
    this.namespace = namespace;
    this.me = requireNonNull(me);
    this.timing = timing;
    this.candidate = candidate;
    this.clock = clock;
    this.seenSince = System.nanoTime();
    this.thread = Thread.ofVirtual().name("election").unstarted(this::run);
  }

  /**
   * Begins to stand.
   *
   * @param api without a gate
   * @param me no other process, not even an earlier one in the same pod, has this name
   * @param hooks where this process listens for webhooks, for the others to know; empty for nowhere
   */
  public static Election start(
      ApiServer api,
      String namespace,
      String me,
      String hooks,
      Timing timing,
      Candidate candidate,
      InstantSource clock) {
    Election election = new Election(api, namespace, me, hooks, timing, candidate, clock);
    election.thread.start();
    return election;
  }

  /** How it stands now. */
  public Standing standing() {
    return standing;
  }

  /** Whether it still runs; for the probe of liveness. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Stands no more; a term goes on until its deadline, or until it is released. */
  public void stop() throws InterruptedException {
    stopped.countDown();
    thread.interrupt();
    if (!thread.join(STOP_PATIENCE)) {
      LOG.atWarn().log("The election did not end in time");
    }
  }

  /** After {@link #stop}, and when all is written: ends the term and lets another one lead. */
  public void release() throws InterruptedException {
    if (term == null || thread.isAlive()) {
      return;
    }
    term.end();
    try {
      for (int attempt = 1; ; attempt++) {
        try {
          if (own != null) {
            Lease _ = atTheEnd.release(own, clock.instant());
            LOG.atInfo().log("The lease is released");
          }
          return;
        } catch (ApiException e) {
          if (attempt == RELEASE_TRIES || !(e.error() instanceof ApiError.StaleVersion)) {
            throw e;
          }
        }
        // The stop may have interrupted a renewal that was done nevertheless.
        own = atTheEnd.read().filter(l -> l.holder().equals(me)).orElse(null);
      }
    } catch (ApiException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.DETAIL, e.getMessage())
          .log("The lease could not be released; another process waits until it runs out");
    }
  }

  private void run() {
    try {
      do {
        Duration pause = timing.look();
        try {
          pause = turn();
        } catch (ApiException e) {
          troubled(e.error());
        } catch (RuntimeException e) {
          LOG.atError().setCause(e).log("The election failed unexpectedly and goes on");
        }
        if (stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      } while (true);
    } catch (InterruptedException e) {
      // Stopped.
      return;
    }
  }

  /** One look and what follows from it; returns how long to wait before the next. */
  private Duration turn() throws ApiException, InterruptedException {
    if (term != null && own != null) {
      // As long as nobody meddles, a renewal is one request.
      try {
        return renew(own);
      } catch (ApiException e) {
        if (!(e.error() instanceof ApiError.StaleVersion)
            && !(e.error() instanceof ApiError.NotFound)) {
          throw e;
        }
        own = null;
      }
    }
    Optional<Lease> now = leases.read();
    long tick = System.nanoTime();
    note(now, tick);
    Step step =
        Succession.decide(
            new Succession.Facts(
                me,
                term != null,
                term != null && term.isOpen(),
                now,
                Duration.ofNanos(tick - seenSince),
                rivalKnown,
                unanswered,
                timing.lease()));
    return switch (step) {
      case Step.Create() -> create();
      case Step.Take(Lease free) -> take(free);
      case Step.Renew(Lease mine) -> renew(mine);
      case Step.Lose(String holder) -> lose(holder);
      case Step.Wait(String holder, Duration atLeast) -> await(holder, atLeast);
    };
  }

  private void note(Optional<Lease> now, long tick) {
    boolean same = now.isPresent() ? seen != null && now.get().isAsBefore(seen) : seen == null;
    if (!same) {
      seenSince = tick;
    }
    seen = now.orElse(null);
    rivalKnown |=
        now.map(Lease::holder).filter(h -> !h.isEmpty()).filter(h -> !h.equals(me)).isPresent();
  }

  private Duration create() throws ApiException, InterruptedException {
    Term.Moment began = began();
    try {
      held(leases.create(me, timing.lease(), began.time()), began);
      return timing.renew();
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.AlreadyExists) {
        return Duration.ZERO;
      }
      if (!hasNoRoom(e.error())) {
        throw e;
      }
      if (term != null) {
        // Where no lease can be made nobody else can lead: a namespace that is being deleted, and
        // then what it holds is waiting to be let go.
        term.confirm(began);
        return timing.look();
      }
      seenSince = began.tick();
      throw e;
    }
  }

  private static boolean hasNoRoom(ApiError error) {
    return error instanceof ApiError.Terminating
        || (error instanceof ApiError.NotFound missing
            && missing.missing() == ApiError.NotFound.Missing.NAMESPACE);
  }

  private Duration take(Lease free) throws ApiException, InterruptedException {
    Term.Moment began = began();
    try {
      held(leases.take(free, me, timing.lease(), began.time()), began);
      return timing.renew();
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.StaleVersion) {
        return Duration.ZERO;
      }
      throw e;
    }
  }

  private Duration renew(Lease mine) throws ApiException, InterruptedException {
    Term.Moment began = began();
    held(leases.renew(mine, timing.lease(), began.time()), began);
    Duration took = Duration.ofNanos(System.nanoTime() - began.tick());
    return took.compareTo(timing.renew()) < 0 ? timing.renew().minus(took) : Duration.ZERO;
  }

  /** The moment before a write, which may be done without being answered. */
  private Term.Moment began() {
    Instant now = clock.instant();
    unanswered = Optional.of(MicroTime.of(now));
    return new Term.Moment(System.nanoTime(), now);
  }

  private void held(Lease lease, Term.Moment began) {
    unanswered = Optional.empty();
    own = lease;
    seen = lease;
    seenSince = began.tick();
    settled();
    if (term != null) {
      term.confirm(began);
      return;
    }
    term = new Term(timing.deadline(), System::nanoTime, clock, began);
    LOG.atInfo().addKeyValue("holder", me).log("This process leads");
    standing = new Standing.Leads(term);
    candidate.lead(term);
  }

  private Duration lose(String holder) throws InterruptedException {
    Term lost = requireNonNull(term);
    lost.end();
    term = null;
    own = null;
    rivalKnown = true;
    unanswered = Optional.empty();
    standing = follows(holder);
    LOG.atWarn()
        .addKeyValue("holder", holder.isEmpty() ? "nobody" : holder)
        .log("This process does not lead any more and writes nothing from now on");
    candidate.follow();
    return Duration.ZERO;
  }

  private Duration await(String holder, Duration atLeast) {
    settled();
    if (!(standing instanceof Standing.Follows follows && follows.holder().equals(holder))) {
      LOG.atInfo()
          .addKeyValue("holder", holder.isEmpty() ? "nobody" : holder)
          .log("This process is the standby");
    }
    standing = follows(holder);
    return atLeast.compareTo(timing.look()) < 0 ? atLeast : timing.look();
  }

  private Standing.Follows follows(String holder) {
    return new Standing.Follows(
        holder,
        Optional.ofNullable(seen)
            .filter(l -> l.holder().equals(holder))
            .map(Lease::address)
            .orElse(""));
  }

  private void settled() {
    if (!trouble.isEmpty()) {
      LOG.atInfo().log("The lease can be read and written again");
      trouble = "";
    }
  }

  private void troubled(ApiError error) {
    String why = sentence(error);
    String kind = error.getClass().getName();
    if (!trouble.equals(kind)) {
      trouble = kind;
      LOG.atWarn()
          .addKeyValue(LogKeys.DETAIL, why)
          .log(
              term == null
                  ? "The lease cannot be had; it is tried again"
                  : "The lease cannot be renewed; until it can, nothing is written");
    }
    boolean away = error.retryable() && standing instanceof Standing.Follows;
    if (term == null && !away) {
      standing = new Standing.Waits(why);
    }
  }

  private String sentence(ApiError error) {
    if (error instanceof ApiError.Forbidden) {
      return error.message()
          + "; Fairlead needs {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [get,"
          + " create, patch]} in its namespace "
          + namespace
          + ", or --leader-elect=false";
    }
    if (hasNoRoom(error)) {
      return error.message()
          + "; the lease lies in the daemon's own namespace: create it, or set --namespace";
    }
    return error.message();
  }
}
