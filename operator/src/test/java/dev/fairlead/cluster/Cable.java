package dev.fairlead.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP connection to a server that can be cut, or can fall silent without being closed. What goes
 * through it stays encrypted.
 */
final class Cable implements AutoCloseable {
  private final ServerSocket entry = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final InetSocketAddress server;
  private final Set<Line> lines = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  Cable(InetSocketAddress server) throws IOException {
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  private record Line(Socket near, Socket far) {}

  private final Set<Line> silent = ConcurrentHashMap.newKeySet();

  int port() {
    return entry.getLocalPort();
  }

  /** Closes all connections and accepts none. */
  void cut() {
    cut = true;
    lines.forEach(Cable::end);
  }

  void repair() {
    cut = false;
  }

  /** The connections of now say nothing any more; new ones work. */
  void silence() {
    silent.addAll(lines);
  }

  private void accept() {
    while (!entry.isClosed()) {
      try {
        connect(entry.accept());
      } catch (IOException e) {
        // Closed; or the server is down, and the client has seen its connection end.
        Thread.onSpinWait();
      }
    }
  }

  private void connect(Socket near) throws IOException {
    if (cut) {
      near.close();
      return;
    }
    Socket far = new Socket();
    try {
      far.connect(server);
    } catch (IOException e) {
      near.close();
      throw e;
    }
    Line line = new Line(near, far);
    lines.add(line);
    Thread.ofVirtual().start(() -> pump(line, near, far));
    Thread.ofVirtual().start(() -> pump(line, far, near));
  }

  private void pump(Line line, Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      byte[] buffer = new byte[16 << 10];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!silent.contains(line)) {
          out.write(buffer, 0, count);
        }
      }
    } catch (IOException e) {
      // The other direction ended first.
      lines.remove(line);
    }
    end(line);
    lines.remove(line);
  }

  private static void end(Line line) {
    try (Socket near = line.near();
        Socket far = line.far()) {
      near.setSoLinger(true, 0);
      far.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already, which is what was wanted.
      return;
    }
  }

  @Override
  public void close() throws IOException {
    entry.close();
    cut();
  }
}
