package dev.fairlead.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the refs that a remote lists, each of which JGit holds in some four times its bytes until
 * the conversation ends. A list may have {@link #MOST} bytes; what lists have beyond {@link #SHARE}
 * must not be more than that in all. For one thread.
 */
final class RefList implements AutoCloseable {
  /** Some 40,000 tags. */
  static final long MOST = 4L << 20;

  /** Of each, whatever others list. */
  private static final long SHARE = 64 * 1024;

  private static final ScopedValue<RefList> CURRENT = ScopedValue.newInstance();

  private final AtomicLong all;
  private long bytes;
  private long ofAll;
  private boolean received;

  /**
   * @param all what all lists have beyond their shares
   */
  RefList(AtomicLong all) {
    this.all = all;
  }

  /** A remote lists too many refs. */
  static final class TooLong extends IOException {
    /** Whether all lists together are too long, and this one may be shorter than others. */
    private final boolean together;

    private TooLong(boolean together) {
      super("more refs are listed than " + Text.size(MOST));
      this.together = together;
    }

    boolean isTogether() {
      return together;
    }
  }

  /** What a conversation begins with. */
  interface Question<T> {
    T ask() throws IOException;
  }

  /** Counts what is read by streams that are opened meanwhile, until the list is there. */
  <T> T count(Question<T> question) throws IOException {
    T answer = ScopedValue.where(CURRENT, this).call(question::ask);
    received = true;
    return answer;
  }

  /** An answer of the remote to this thread. */
  static InputStream counted(InputStream answer) {
    return CURRENT.isBound() ? CURRENT.get().new Counted(answer) : answer;
  }

  private final class Counted extends FilterInputStream {
    Counted(InputStream answer) {
      super(answer);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      if (b >= 0) {
        add(1);
      }
      return b;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      int n = super.read(into, at, length);
      if (n > 0) {
        add(n);
      }
      return n;
    }
  }

  private void add(int more) throws TooLong {
    if (received) {
      return;
    }
    bytes += more;
    if (bytes > MOST) {
      throw new TooLong(false);
    }
    long beyond = Math.max(0, bytes - SHARE) - ofAll;
    if (beyond > 0) {
      ofAll += beyond;
      if (all.addAndGet(beyond) > MOST) {
        throw new TooLong(true);
      }
    }
  }

  /** The refs are held no more. */
  @Override
  public void close() {
    all.addAndGet(-ofAll);
    ofAll = 0;
    received = true;
  }
}
