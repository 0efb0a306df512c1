package dev.fairlead.git;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What goes wrong with the bytes on their way: one kind of fault, from one place on, the same for
 * the same case. The place is counted over all connections, and a fault with an end happens once.
 */
final class Mangling {
  enum Kind {
    NONE,
    FLIP,
    CUT,
    STALL,
    DRIP,
    DUPLICATE,
    DROP,
    INSERT,
    OVERWRITE,
    GARBAGE
  }

  private static final int DRIP_MILLIS = 5;

  final Kind kind;
  final long from;
  final int length;
  private final Random noise;
  private final CountDownLatch calm = new CountDownLatch(1);
  private long passed;
  private boolean done;

  Mangling(Kind kind, long from, int length, long noise) {
    this.kind = kind;
    this.from = from;
    this.length = length;
    this.noise = new Random(noise);
  }

  static Mangling none() {
    return new Mangling(Kind.NONE, 0, 0, 0);
  }

  /** Lets go whoever is stalled. */
  void calm() {
    calm.countDown();
  }

  /** Whether the fault's place was reached. */
  synchronized boolean met() {
    return kind != Kind.NONE && passed > from;
  }

  /** Writes what becomes of the bytes. */
  void pass(byte[] bytes, int count, OutputStream out) throws IOException {
    long before;
    synchronized (this) {
      before = passed;
      passed += count;
    }
    if (kind == Kind.NONE || calm.getCount() == 0 || before + count <= from) {
      out.write(bytes, 0, count);
      out.flush();
      return;
    }
    int at = (int) Math.max(0, from - before);
    if (kind == Kind.CUT || kind == Kind.GARBAGE || kind == Kind.STALL || kind == Kind.DRIP) {
      out.write(bytes, 0, at);
      out.flush();
      lasting(bytes, at, count, out);
      return;
    }
    boolean first;
    synchronized (this) {
      first = !done;
      done = true;
    }
    if (first) {
      once(bytes, at, count, out);
    } else {
      out.write(bytes, 0, count);
    }
    out.flush();
  }

  private void lasting(byte[] bytes, int at, int count, OutputStream out) throws IOException {
    switch (kind) {
      case CUT -> throw new IOException("cut");
      case GARBAGE -> {
        byte[] garbage = new byte[length];
        noise.nextBytes(garbage);
        out.write(garbage);
        out.flush();
        throw new IOException("cut after garbage");
      }
      case STALL -> {
        await(TimeUnit.MINUTES.toMillis(1));
        throw new IOException("cut after a stall");
      }
      default -> {
        for (int i = at; i < count; i++) {
          await(DRIP_MILLIS);
          out.write(bytes[i]);
          out.flush();
        }
      }
    }
  }

  private void await(long millis) throws IOException {
    try {
      boolean _ = calm.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("stopped", e);
    }
  }

  private void once(byte[] bytes, int at, int count, OutputStream out) throws IOException {
    int end = Math.min(count, at + length);
    out.write(bytes, 0, at);
    switch (kind) {
      case FLIP -> {
        bytes[at] ^= (byte) (1 << noise.nextInt(8));
        out.write(bytes, at, count - at);
      }
      case DUPLICATE -> {
        out.write(bytes, at, end - at);
        out.write(bytes, at, count - at);
      }
      case DROP -> out.write(bytes, end, count - end);
      case INSERT -> {
        byte[] more = new byte[length];
        noise.nextBytes(more);
        out.write(more);
        out.write(bytes, at, count - at);
      }
      default -> {
        byte[] other = new byte[end - at];
        noise.nextBytes(other);
        out.write(other);
        out.write(bytes, end, count - end);
      }
    }
  }

  @Override
  public String toString() {
    return kind + " at " + from + " of " + length;
  }
}
