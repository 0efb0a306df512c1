package dev.fairlead.git;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds what goes on at once: conversations over all mirrors, fetches over all mirrors, and
 * fetches from one host by one way. Whoever waits for his host holds nothing that those of other
 * hosts need. Any thread may call it.
 */
final class Turns {
  private final GitLimits limits;
  private final Semaphore conversations;
  private final Semaphore fetches;
  private final Semaphore histories = new Semaphore(1, true);
  private final Semaphore repacks = new Semaphore(1, true);
  private final ReentrantLock large = new ReentrantLock(true);
  private final AtomicLong refs = new AtomicLong();
  private final Map<Way, Semaphore> hosts = new ConcurrentHashMap<>();

  private record Way(String host, Optional<String> proxy) {}

  Turns(GitLimits limits) {
    this.limits = limits;
    this.conversations = new Semaphore(limits.parallelRequests(), true);
    this.fetches = new Semaphore(limits.parallelFetches(), true);
  }

  /** For the refs that a remote lists; to be closed. */
  RefList refList() {
    return new RefList(refs);
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

  /** A repack, which takes memory, and the disk twice: one at a time. */
  Turn repack() throws InterruptedException {
    repacks.acquire();
    return repacks::release;
  }

  /**
   * Work that takes more of the heap than its share: one at a time, and within it as often as
   * wanted. It waits for no other turn.
   */
  Turn large() throws InterruptedException {
    large.lockInterruptibly();
    return large::unlock;
  }

  /**
   * @param proxy the way there: an ill one holds up nobody who goes another
   */
  Turn fetch(RemoteUrl url, Optional<GitProxy> proxy) throws InterruptedException {
    Semaphore host =
        hosts.computeIfAbsent(
            new Way(url.isFile() ? "" : url.host(), proxy.map(GitProxy::display)),
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
