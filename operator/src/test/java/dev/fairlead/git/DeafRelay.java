package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Hands one connection on to a port of this machine, and stops to listen to who made it. */
final class DeafRelay implements AutoCloseable {
  private static final int BUFFER = 16 * 1024;

  private final ServerSocket listening;
  private final int target;
  private final AtomicLong passed = new AtomicLong();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile boolean deaf;

  DeafRelay(int target) throws IOException {
    this.target = target;
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listening.setReceiveBufferSize(BUFFER);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listening.getLocalPort();
  }

  void hearNothing() {
    deaf = true;
  }

  /** Bytes from the target. */
  long passed() {
    return passed.get();
  }

  private void accept() {
    try (Socket near = listening.accept();
        var far = new Socket(InetAddress.getLoopbackAddress(), target)) {
      Thread.ofVirtual().start(() -> pass(near, far, true));
      pass(far, near, false);
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void pass(Socket from, Socket to, boolean heard) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (heard && deaf) {
          end.await();
        }
        out.write(buffer, 0, n);
        passed.addAndGet(heard ? 0 : n);
      }
    } catch (IOException | InterruptedException e) {
      // One of both has gone.
    }
  }

  @Override
  public void close() throws IOException {
    end.countDown();
    listening.close();
  }
}
