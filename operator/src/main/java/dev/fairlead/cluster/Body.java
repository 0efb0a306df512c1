package dev.fairlead.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an answer as they come, for one reader.
 *
 * <p>Guarantees: no more than one delivery of the HTTP client is held; a read waits no longer than
 * the silence that is allowed and never beyond the deadline ({@link SocketTimeoutException}); an
 * interrupted read throws {@link InterruptedIOException}; closing gives the connection up unless
 * all was read. The HTTP client's threads deliver, one thread reads and closes.
 */
final class Body extends InputStream implements AsyncBody.Consumer<List<ByteBuffer>> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
  private final Duration silence;
  private final long deadline;

  private @Nullable AsyncBody source;
  private @Nullable IOException failure;
  private boolean ended;
  private boolean closed;

  /**
   * A body that is attached to its source later.
   *
   * @param silence how long one read may wait
   * @param whole how long all reads together may take, from now
   */
  Body(Duration silence, Duration whole) {
    this.silence = silence;
    this.deadline = System.nanoTime() + whole.toNanos();
  }

  /** Names where the bytes come from; the first read asks for them. */
  void attach(AsyncBody body) {
    lock.lock();
    try {
      source = body;
    } finally {
      lock.unlock();
    }
    var _ = body.done().whenComplete((nothing, error) -> end(error));
  }

  @Override
  public void consume(List<ByteBuffer> buffers, AsyncBody body) {
    lock.lock();
    try {
      if (!closed) {
        waiting.addAll(buffers);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end(@Nullable Throwable error) {
    lock.lock();
    try {
      ended = true;
      if (error != null && failure == null) {
        failure = asIo(error);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static IOException asIo(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (cause instanceof IOException io) {
      return io;
    }
    return cause instanceof CancellationException
        ? new IOException("the answer was given up")
        : new IOException("the answer broke off", cause);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int count = read(one, 0, 1);
    return count < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    lock.lock();
    try {
      while (true) {
        ByteBuffer next = waiting.peek();
        if (next != null) {
          int count = Math.min(length, next.remaining());
          next.get(target, offset, count);
          if (!next.hasRemaining()) {
            waiting.remove();
          }
          if (count > 0) {
            return count;
          }
        } else if (closed) {
          throw new IOException("the answer was closed");
        } else if (failure != null) {
          throw failure;
        } else if (ended) {
          return -1;
        } else {
          await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held: asks for the next delivery and waits for it. */
  private void await() throws IOException {
    if (source != null) {
      source.consume();
    }
    long wait = Math.min(silence.toNanos(), deadline - System.nanoTime());
    while (waiting.isEmpty() && !ended && !closed) {
      if (wait <= 0) {
        throw new SocketTimeoutException("the API server fell silent");
      }
      try {
        wait = changed.awaitNanos(wait);
      } catch (InterruptedException e) {
        // The contract of InputStream has no InterruptedException; Wire gives it back its type.
        throw (IOException) new InterruptedIOException("interrupted").initCause(e);
      }
    }
  }

  @Override
  public void close() {
    AsyncBody toCancel;
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      changed.signalAll();
      toCancel = ended ? null : source;
    } finally {
      lock.unlock();
    }
    if (toCancel != null) {
      toCancel.cancel();
    }
  }
}
