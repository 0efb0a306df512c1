package dev.fairlead.git;

import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Counts what the mirrors take on the disk, while it is written too, and lets nothing be written
 * that would go over the bounds.
 *
 * <p>Guarantees: what is settled and what is being written together stay within the bounds of
 * {@link GitLimits.Disk}, but for the refs and lists of a commit, which are small and counted
 * afterwards, and for the copy that a repack makes of one mirror, which counts for all mirrors
 * alone; a fetch leaves an eighth of the bound on all of them, or as much as the largest has, to
 * such a copy. Any thread may call; one lock.
 */
final class CacheBudget {
  /** The part of the bound that is left to copies. */
  private static final int COPIES = 8;

  private final GitLimits.Disk limits;
  private final LongConsumer listener;
  private final Set<Account> accounts = new HashSet<>();
  private long total;

  /**
   * @param listener told of the bytes of all mirrors when they change; must return at once
   */
  CacheBudget(GitLimits.Disk limits, LongConsumer listener) {
    this.limits = limits;
    this.listener = listener;
  }

  /** For a directory that nothing was written to yet. */
  synchronized Account open() {
    Account account = new Account();
    accounts.add(account);
    return account;
  }

  private void add(long bytes) {
    total += bytes;
    listener.accept(total);
  }

  private long leftToCopies() {
    long largest = accounts.stream().mapToLong(a -> a.settled).max().orElse(0);
    return Math.min(largest, limits.cacheBytes() / COPIES);
  }

  /** What one mirror takes. */
  final class Account {
    private long settled;
    private long writing;
    private long packed;

    private Account() {}

    /**
     * So many bytes more are about to be written.
     *
     * @throws OverBound they must not be; nothing is counted then
     */
    void write(long bytes) throws OverBound {
      synchronized (CacheBudget.this) {
        requireRoom(writing + bytes);
        writing += bytes;
        add(bytes);
      }
    }

    /** What has been written since it was settled is so much in all, or more. */
    void written(long bytes) throws OverBound {
      synchronized (CacheBudget.this) {
        if (bytes > writing) {
          write(bytes - writing);
        }
      }
    }

    /** As {@link #write} would, of what it would have to allow in all. */
    void requireRoom(long bytes) throws OverBound {
      synchronized (CacheBudget.this) {
        if (settled + bytes > limits.mirrorBytes()) {
          throw new OverBound(OverBound.Kind.MIRROR, limits.mirrorBytes(), settled, bytes);
        }
        long others = total - writing;
        if (others + bytes > limits.cacheBytes() - leftToCopies()) {
          throw new OverBound(OverBound.Kind.CACHE, limits.cacheBytes(), others, bytes);
        }
      }
    }

    /** Whether it would allow so many bytes in all. */
    boolean hasRoom(long bytes) {
      try {
        requireRoom(bytes);
        return true;
      } catch (OverBound e) {
        return false;
      }
    }

    /** Counts a copy of the packs in advance; false: there is no room for it. */
    boolean copy(long bytes) {
      synchronized (CacheBudget.this) {
        if (total + bytes > limits.cacheBytes()) {
          return false;
        }
        writing += bytes;
        add(bytes);
        return true;
      }
    }

    /** All is written; so much is on the disk now. */
    void settle(long bytes) {
      synchronized (CacheBudget.this) {
        long change = bytes - settled - writing;
        settled = bytes;
        writing = 0;
        packed = Math.min(packed, bytes);
        if (change != 0) {
          add(change);
        }
      }
    }

    /** There is nothing in it that a repack could take away. */
    void packed() {
      synchronized (CacheBudget.this) {
        packed = settled;
      }
    }

    /** What came after the last repack. */
    long loose() {
      synchronized (CacheBudget.this) {
        return settled - packed;
      }
    }

    long bytes() {
      synchronized (CacheBudget.this) {
        return settled;
      }
    }

    /** Nothing of it is on the disk any more. */
    void close() {
      synchronized (CacheBudget.this) {
        settle(0);
        accounts.remove(this);
      }
    }
  }
}
