package dev.fairlead.git;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Bounds what goes on at once: conversations over all mirrors, fetches over all mirrors, and
 * fetches from one host. Whoever waits for his host holds nothing that those of other hosts need.
 * Any thread may call it.
 */
final class Turns {
  private final GitLimits limits;
  private final Semaphore conversations;
  private final Semaphore fetches;
  private final Semaphore histories = new Semaphore(1, true);
  private final Map<String, Semaphore> hosts = new ConcurrentHashMap<>();

  Turns(GitLimits limits) {
    this.limits = limits;
    this.conversations = new Semaphore(limits.parallelRequests(), true);
    this.fetches = new Semaphore(limits.parallelFetches(), true);
  }

  /** What ends with it. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  Turn conversation() throws InterruptedException {
    conversations.acquire();
    return conversations::release;
  }

  /** Work on a history, which takes memory: one at a time. */
  Turn history() throws InterruptedException {
    histories.acquire();
    return histories::release;
  }

  Turn fetch(RemoteUrl url) throws InterruptedException {
    Semaphore host =
        hosts.computeIfAbsent(
            url.isFile() ? "" : url.host(),
            _ -> new Semaphore(limits.parallelFetchesPerHost(), true));
    host.acquire();
    try {
      fetches.acquire();
    } catch (InterruptedException e) {
      host.release();
      throw e;
    }
    return () -> {
      fetches.release();
      host.release();
    };
  }
}
