package dev.fairlead.git;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The time that may be spent on unpacking what is read of one commit; waiting for a turn is not
 * counted. Any thread may call it.
 */
final class ReadingTime {
  private final Duration limit;
  private final AtomicLong left;

  ReadingTime(Duration limit) {
    this.limit = limit;
    this.left = new AtomicLong(limit.toNanos());
  }

  /** It is used up, which says nothing of the files of the mirror. */
  static final class Over extends IOException {
    private Over(Duration limit) {
      super(
          "to read it takes more than "
              + limit.toSeconds()
              + " s: its files are made from one another too often; 'git repack -a -d -f' on the"
              + " server mends that");
    }
  }

  interface Reading<T> {
    T take() throws IOException;
  }

  /**
   * One object is never cut short: how much each may take is bounded when it is received.
   *
   * @throws Over nothing is read any more
   */
  <T> T spend(Reading<T> reading) throws IOException {
    if (left.get() <= 0) {
      throw new Over(limit);
    }
    long began = System.nanoTime();
    try {
      return reading.take();
    } finally {
      left.addAndGet(began - System.nanoTime());
    }
  }
}
