package dev.fairlead.cli;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.cluster.ResourceWatch;
import dev.fairlead.cluster.WatchEvent;
import dev.fairlead.cluster.WatchListener;
import dev.fairlead.model.Json;
import dev.fairlead.model.SyncKey;
import dev.fairlead.plan.ApiError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The GitSyncs of a namespace, or of all, as they are now and as they change. It outlives a server
 * that is away for a while; one that refuses ends it with an exception. For one thread; close it.
 */
final class SyncWatch implements AutoCloseable {
  /** How often ages are told anew though nothing changed. */
  static final Duration TICK = Duration.ofSeconds(10);

  private static final Duration FIRST = Duration.ofSeconds(30);

  private final Session session;
  private final ResourceWatch watch;
  private final BlockingQueue<Object> news;
  private final TreeMap<SyncKey, SyncItem> known = new TreeMap<>();
  private boolean complete;

  private SyncWatch(Session session, ResourceWatch watch, BlockingQueue<Object> news) {
    this.session = session;
    this.watch = watch;
    this.news = news;
  }

  /** All that are there are known when it returns. */
  static SyncWatch open(Session session, boolean allNamespaces)
      throws CliException, InterruptedException {
    BlockingQueue<Object> news = new LinkedBlockingQueue<>();
    ResourceWatch watch =
        session.watch(
            allNamespaces,
            new WatchListener() {
              @Override
              public void onEvent(WatchEvent event) {
                news.add(event);
              }

              @Override
              public void onState(State state) {
                news.add(state);
              }
            });
    SyncWatch opened = new SyncWatch(session, watch, news);
    try {
      long deadline = System.nanoTime() + FIRST.toNanos();
      while (!opened.complete) {
        if (System.nanoTime() > deadline) {
          throw new CliException("the API server does not list its GitSyncs");
        }
        boolean _ = opened.await(Duration.ofSeconds(1));
      }
      return opened;
    } catch (CliException | InterruptedException | RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  /** Waits for a change, at most so long; whether anything is known at all by now. */
  boolean await(Duration limit) throws CliException, InterruptedException {
    Object first = news.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    for (Object next = first; next != null; next = news.poll()) {
      take(next);
    }
    return true;
  }

  private void take(Object news) throws CliException {
    switch (news) {
      case WatchEvent event -> {
        SyncKey key = new SyncKey(event.live().key().namespace(), event.live().key().name());
        Optional<Json.Obj> content = event.content();
        if (event.type() == WatchEvent.Type.DELETED || content.isEmpty()) {
          known.remove(key);
        } else {
          known.put(key, SyncItem.of(content.get()));
        }
      }
      case WatchListener.Synced _ -> complete = true;
      case WatchListener.NotServed _ ->
          throw session.refused(
              new ApiException(
                  new ApiError.NotFound("", ApiError.NotFound.Missing.KIND, "gitsyncs")));
      case WatchListener.Failing failing -> {
        // One that was there before may be there again.
        if (!complete || !failing.error().retryable()) {
          throw session.refused(new ApiException(failing.error()));
        }
      }
      default -> throw new IllegalStateException("no news: " + news);
    }
  }

  /** By namespace and name. */
  List<SyncItem> known() {
    return List.copyOf(known.values());
  }

  /** As it is now; empty when it is not there. */
  Optional<SyncItem> find(SyncKey key) {
    return Optional.ofNullable(known.get(key));
  }

  /** The key that a name means in this namespace. */
  SyncKey key(String name) {
    return new SyncKey(session.namespace(), Session.bare(name));
  }

  @Override
  public void close() {
    watch.close();
  }
}
