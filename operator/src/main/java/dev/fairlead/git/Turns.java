package dev.fairlead.git;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what goes on at once, over all mirrors. Only conversations, with those of histories among
 * them, last as long as a server wants; who has one of the other turns waits for no network. Any
 * thread may call it.
 */
final class Turns {
  private final Semaphore conversations;
  private final Semaphore unpacking;
  private final Semaphore histories = new Semaphore(1, true);
  private final Semaphore historyFetches;
  private final Map<String, ServerTurn> servers = new ConcurrentHashMap<>();
  private final Semaphore repacks = new Semaphore(1, true);
  private final ReentrantLock large = new ReentrantLock(true);
  private final AtomicLong refs = new AtomicLong();

  Turns(GitLimits limits) {
    this.conversations = new Semaphore(limits.parallelRequests(), true);
    this.unpacking = new Semaphore(limits.parallelUnpacking(), true);
    this.historyFetches = new Semaphore(Math.max(1, limits.parallelRequests() / 4), true);
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

  /** To unpack a pack that is here, which takes memory. */
  Turn unpacking() throws InterruptedException {
    unpacking.acquire();
    return unpacking::release;
  }

  /**
   * To fetch a history: one at a time from a server, which may be slow, and all of them in a
   * quarter of the conversations, so that looks have the others. To be had before that of the
   * conversation.
   *
   * @param server and the way to it
   */
  Turn historyOf(String server) throws InterruptedException {
    ServerTurn one = servers.compute(server, (_, turn) -> ServerTurn.entered(turn));
    try {
      one.turn().acquire();
      try {
        historyFetches.acquire();
      } catch (InterruptedException e) {
        one.turn().release();
        throw e;
      }
    } catch (InterruptedException e) {
      leave(server);
      throw e;
    }
    return () -> {
      historyFetches.release();
      one.turn().release();
      leave(server);
    };
  }

  private void leave(String server) {
    servers.computeIfPresent(server, (_, turn) -> turn.left());
  }

  /** How many servers anybody has, or waits for, the turn of. */
  int serversInUse() {
    return servers.size();
  }

  /**
   * The one turn of a server, kept while anybody has it or waits for it.
   *
   * @param users how many that are
   */
  private record ServerTurn(Semaphore turn, int users) {
    static ServerTurn entered(@Nullable ServerTurn before) {
      return before == null
          ? new ServerTurn(new Semaphore(1, true), 1)
          : new ServerTurn(before.turn(), before.users() + 1);
    }

    @Nullable ServerTurn left() {
      return users == 1 ? null : new ServerTurn(turn, users - 1);
    }
  }

  /** To go through a history that is here, which takes memory: one at a time. */
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
}
