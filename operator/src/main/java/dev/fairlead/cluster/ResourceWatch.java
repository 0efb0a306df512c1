package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.ErrorAnswer.Subject;
import dev.fairlead.model.Json;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.Live;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener about every object of one resource: a list, then a watch that goes on where the
 * last one ended.
 *
 * <p>Guarantees: all events come in order on one virtual thread of the watch's own; no change is
 * lost by a restarted server, a forgotten version (a new list is told as the changes since the last
 * event, deletes included) or a peer that falls silent; failures are tried again with growing,
 * jittered pauses for as long as the watch is open. Of each object only key, uid and version are
 * held. After {@link #close} returns, no event is delivered, unless the listener itself closed.
 */
public final class ResourceWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResourceWatch.class);
  private static final int REFUSALS_BEFORE_LIST = 4;
  private static final long STOP_SECONDS = 5;

  /** A server that gives no answer is not burdened by being asked, and is awaited. */
  private static final Duration LONGEST_PAUSE_UNANSWERED = Duration.ofSeconds(5);

  private final ApiServer server;
  private final Versions versions;
  private final Timing timing;
  private final WatchListener listener;
  private final KnownObjects known = new KnownObjects();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;

  private volatile Scope scope;
  private volatile boolean closed;

  /** Where the next watch begins; empty when a list is needed. For the watch's thread only. */
  private String version = "";

  private int failures;

  /** Whether the last failure was that nobody answered. */
  private boolean unanswered;

  private int refusals;
  private WatchListener.@Nullable State told;

  private ResourceWatch(
      ApiServer server, Scope scope, Timing timing, Versions versions, WatchListener listener) {
    this.server = server;
    this.scope = scope;
    this.versions = versions;
    this.timing = timing;
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("watch " + scope.resource()).unstarted(this::run);
  }

  /**
   * What is watched.
   *
   * @param namespace empty for all
   * @param labelSelector empty for all objects
   * @param full whether whole objects are asked for, not only metadata
   */
  public record Scope(Resource resource, String namespace, String labelSelector, boolean full) {
    public Scope {
      requireNonNull(resource);
      requireNonNull(namespace);
      requireNonNull(labelSelector);
    }
  }

  /** Knows where a kind is served whose version is not served any more. */
  interface Versions {
    Versions NONE = gone -> Optional.empty();

    Optional<Resource> servedNow(Resource gone) throws ApiException, InterruptedException;
  }

  /**
   * How patient a watch is.
   *
   * @param silence after which the peer is dead; the server sends bookmarks about every minute
   * @param shortest the least that one watch request is asked to last
   * @param longest the most
   * @param firstPause after a failure
   * @param longestPause between attempts
   * @param notServedPause the most before a kind that is not served is asked for again unbidden
   */
  public record Timing(
      Duration silence,
      Duration shortest,
      Duration longest,
      Duration firstPause,
      Duration longestPause,
      Duration notServedPause) {
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(150),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofMillis(200),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2));

    /** The same but for how long the peer may say nothing. */
    public Timing withSilence(Duration silence) {
      return new Timing(silence, shortest, longest, firstPause, longestPause, notServedPause);
    }
  }

  /** Starts to watch; the listener hears of everything from now on. */
  public static ResourceWatch start(
      ApiServer server, Scope scope, Timing timing, WatchListener listener) {
    return start(server, scope, timing, Versions.NONE, listener);
  }

  /** The same, which goes on in another version of the kind when its own is not served any more. */
  static ResourceWatch start(
      ApiServer server, Scope scope, Timing timing, Versions versions, WatchListener listener) {
    ResourceWatch watch = new ResourceWatch(server, scope, timing, versions, listener);
    watch.thread.start();
    return watch;
  }

  public Scope scope() {
    return scope;
  }

  /** Ends a pause: for example since discovery shows the kind again. */
  public void retryNow() {
    wake.release();
  }

  /** Ends the watch; waits a few seconds at most for a listener that is at work. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      if (!thread.join(Duration.ofSeconds(STOP_SECONDS))) {
        LOG.atWarn().addKeyValue("resource", scope.resource()).log("watch listener does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        long started = System.nanoTime();
        if (version.isEmpty()) {
          list();
        }
        watch();
        if (System.nanoTime() - started < timing.firstPause().toNanos()) {
          pause(timing.firstPause());
        }
      } catch (ApiException e) {
        failed(e);
      } catch (RuntimeException e) {
        // A bug of ours; the next list steps over the event that it could not stand.
        LOG.atError().setCause(e).addKeyValue("resource", scope.resource()).log("watch failed");
        version = "";
        failed(new ApiException(new ApiError.Unavailable("the watch failed: " + e), e));
      } catch (InterruptedException e) {
        // Only close() interrupts this thread.
        return;
      }
    }
  }

  private void list() throws ApiException, InterruptedException {
    known.beginList();
    String listed =
        server.list(
            scope,
            item -> deliver(known.inList(LiveReader.read(scope.resource(), item), content(item))));
    deliver(known.endList(listed));
    version = listed;
    failures = 0;
    refusals = 0;
    told = null;
    tell(new WatchListener.Synced());
  }

  private void watch() throws ApiException, InterruptedException {
    server.watch(scope, version, length(), timing.silence(), this::readEvents);
  }

  private Duration length() {
    long spread = timing.longest().minus(timing.shortest()).toMillis();
    return timing
        .shortest()
        .plusMillis(spread <= 0 ? 0 : ThreadLocalRandom.current().nextLong(spread));
  }

  /** Reads until the server ends the watch. */
  private boolean readEvents(Wire.Answer answer)
      throws IOException, ApiException, InterruptedException {
    tell(new WatchListener.Synced());
    try (JsonAnswer json = new JsonAnswer(answer.body())) {
      Json.Obj event = json.nextObject();
      while (event != null) {
        read(event);
        event = json.nextObject();
      }
    }
    return true;
  }

  private void read(Json.Obj event) throws ApiException, InterruptedException {
    Json.Obj object = event.object("object").orElse(Json.Obj.empty());
    String type = event.string("type").orElse("");
    if (type.equals("ERROR")) {
      throw new ApiException(ErrorAnswer.classify(Subject.of(scope.resource()), object));
    }
    Live live = LiveReader.read(scope.resource(), object);
    switch (type) {
      case "ADDED", "MODIFIED" -> deliver(known.changed(live, content(object)));
      case "DELETED" -> deliver(known.deleted(live, content(object)));
      case "BOOKMARK" -> LOG.atTrace().addKeyValue("resource", scope.resource()).log("bookmark");
      default ->
          LOG.atWarn()
              .addKeyValue("resource", scope.resource())
              .addKeyValue("type", type)
              .log("unknown kind of watch event");
    }
    if (!live.resourceVersion().isEmpty()) {
      version = live.resourceVersion();
      failures = 0;
      refusals = 0;
    }
  }

  private Optional<Json.Obj> content(Json.Obj object) {
    return scope.full()
        ? Optional.of(LiveReader.content(scope.resource(), object))
        : Optional.empty();
  }

  private void deliver(List<WatchEvent> events) throws InterruptedException {
    for (WatchEvent event : events) {
      if (closed) {
        throw new InterruptedException();
      }
      try {
        listener.onEvent(event);
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).addKeyValue("object", event.live().key()).log("listener failed");
      }
    }
  }

  private void tell(WatchListener.State state) {
    if (closed || state.equals(told)) {
      return;
    }
    told = state;
    try {
      listener.onState(state);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("resource", scope.resource()).log("listener failed");
    }
  }

  private void failed(ApiException e) {
    boolean answered = e.getCause() == null;
    // A server that is back and still initialises is no reason for the pauses of its absence.
    failures = answered && unanswered ? 1 : failures + 1;
    unanswered = !answered;
    ApiError error = e.error();
    LOG.atDebug()
        .addKeyValue("resource", scope.resource())
        .addKeyValue("error", error.message())
        .log("watch broke off");
    try {
      switch (error) {
        case ApiError.Expired _ -> {
          version = "";
          // The first time at once: this is how a restart with compaction looks.
          if (failures > 1) {
            pause(backOff());
          }
        }
        case ApiError.NotFound _ -> {
          version = "";
          if (!moved()) {
            tell(new WatchListener.NotServed());
            pause(backOff(timing.notServedPause()));
          }
        }
        case ApiError.Throttled throttled -> {
          Duration asked = throttled.retryAfter().orElse(Duration.ZERO);
          Duration pause = backOff();
          pause(asked.compareTo(pause) > 0 ? asked : pause);
        }
        case ApiError.BadManifest _,
            ApiError.Invalid _,
            ApiError.ImmutableField _,
            ApiError.Conflict _,
            ApiError.StaleVersion _,
            ApiError.AlreadyExists _,
            ApiError.Terminating _,
            ApiError.Forbidden _,
            ApiError.Denied _,
            ApiError.Unauthorized _,
            ApiError.TooLarge _,
            ApiError.Unavailable _,
            ApiError.Rejected _ ->
            again(error, answered);
      }
    } catch (InterruptedException _) {
      // Only close() interrupts this thread, and the loop looks at it next.
      closed = true;
    }
  }

  /** Whether the kind is served in another version, in which the watch then goes on at once. */
  private boolean moved() throws InterruptedException {
    try {
      Optional<Resource> now = versions.servedNow(scope.resource());
      if (now.isEmpty() || now.get().equals(scope.resource())) {
        return false;
      }
      scope = new Scope(now.get(), scope.namespace(), scope.labelSelector(), scope.full());
      return true;
    } catch (ApiException e) {
      return false;
    }
  }

  private void again(ApiError error, boolean answered) throws InterruptedException {
    // One broken connection is how every restart of the server looks, and no news.
    if (failures > 1 || !(error instanceof ApiError.Unavailable)) {
      tell(new WatchListener.Failing(error));
    }
    // A server that is away forgets nothing; one that keeps refusing may not know our version.
    if (answered && ++refusals % REFUSALS_BEFORE_LIST == 0) {
      version = "";
    }
    pause(answered ? backOff() : backOff(LONGEST_PAUSE_UNANSWERED));
  }

  private Duration backOff() {
    return backOff(timing.longestPause());
  }

  private Duration backOff(Duration longest) {
    long most = Math.min(longest.toMillis(), timing.longestPause().toMillis());
    long pause = timing.firstPause().toMillis() << Math.min(failures - 1, 20);
    long bounded = Math.min(pause, most);
    return Duration.ofMillis(bounded / 2 + ThreadLocalRandom.current().nextLong(bounded + 1));
  }

  private void pause(Duration duration) throws InterruptedException {
    wake.drainPermits();
    if (closed) {
      throw new InterruptedException();
    }
    if (wake.tryAcquire(duration.toMillis(), TimeUnit.MILLISECONDS)) {
      wake.drainPermits();
      // Whoever woke it knows of news, which may take the server a moment to act on.
      failures = 0;
    }
  }
}
