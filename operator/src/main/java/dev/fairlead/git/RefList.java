package dev.fairlead.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what a remote says, other than packs, all of which JGit holds until the conversation ends:
 * the refs that it lists, in some four times their bytes, and later what it says beside a pack. A
 * list may have {@link #MOST} bytes, and what comes beside a pack {@link #BESIDE}; what each has
 * beyond {@link #SHARE} must not be more than {@link #MOST} in all. Ends what is read by a thread
 * that is interrupted, also where there is always something to read. For one thread.
 */
final class RefList implements AutoCloseable {
  /** Some 40,000 tags. */
  static final long MOST = 4L << 20;

  /** The frames of a pack, and some thousand lines of progress. */
  static final long BESIDE = 1L << 20;

  /** So much of a pack may be framed by one byte more. */
  private static final int FRAMED = 512;

  /** Of each, whatever others list. */
  private static final long SHARE = 64 * 1024;

  private static final ScopedValue<RefList> CURRENT = ScopedValue.newInstance();

  private final AtomicLong all;
  private long bytes;
  private long since;
  private long packed;
  private long ofAll;
  private boolean received;
  private boolean closed;

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

  /** Counts what is read by streams that are opened meanwhile; the list is there afterwards. */
  <T> T count(Question<T> question) throws IOException {
    T answer = ScopedValue.where(CURRENT, this).call(question::ask);
    received = true;
    return answer;
  }

  /** What brings a pack. */
  interface Fetch {
    void run() throws IOException;
  }

  /** Counts what is read by streams that were opened before or are meanwhile. */
  void countBeside(Fetch fetch) throws IOException {
    ScopedValue.where(CURRENT, this)
        .call(() -> {
          fetch.run();
          return received;
        });
  }

  /** So much of what was counted was a pack. */
  static void packed(int bytes) {
    if (CURRENT.isBound()) {
      CURRENT.get().packed += bytes;
    }
  }

  /** An answer of the remote to this thread. */
  static InputStream counted(InputStream answer) {
    return CURRENT.isBound() ? CURRENT.get().new Counted(answer) : answer;
  }

  /** Ends where this thread is interrupted, which by itself ends only who waits. */
  static InputStream stoppable(InputStream answer) {
    return new Stoppable(answer);
  }

  private static class Stoppable extends FilterInputStream {
    Stoppable(InputStream answer) {
      super(answer);
    }

    @Override
    public int read() throws IOException {
      stop();
      return super.read();
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      stop();
      return super.read(into, at, length);
    }

    private static void stop() throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        // The JDK's own words for one who waits.
        throw new SocketException("Closed by interrupt");
      }
    }
  }

  private final class Counted extends Stoppable {
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

  private void add(int more) throws IOException {
    if (closed) {
      return;
    }
    if (received) {
      since += more;
    } else {
      bytes += more;
    }
    long beside = Math.max(0, since - packed - packed / FRAMED);
    if (bytes > MOST) {
      throw new TooLong(false);
    }
    if (beside > BESIDE) {
      throw new PackTooLarge("it says more than " + Text.size(BESIDE) + " beside its files");
    }
    long beyond = Math.max(0, bytes + beside - SHARE) - ofAll;
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
    closed = true;
  }
}
