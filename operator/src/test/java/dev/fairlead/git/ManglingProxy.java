package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Hands connections on to a port of this machine, and does to their bytes what it is told. */
final class ManglingProxy implements AutoCloseable {
  private final int target;
  private final ServerSocket listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile Mangling toServer = Mangling.none();
  private volatile Mangling toClient = Mangling.none();

  ManglingProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** From now on, for the connections that begin now. */
  void mangle(Mangling up, Mangling down) {
    toServer = up;
    toClient = down;
  }

  /** Ends what was begun, so that what comes next is untouched. */
  void calm() {
    toServer.calm();
    toClient.calm();
    mangle(Mangling.none(), Mangling.none());
    open.forEach(ManglingProxy::close);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        Mangling up = toServer;
        Mangling down = toClient;
        threads.execute(() -> pump(client, server, up));
        threads.execute(() -> pump(server, client, down));
      }
    } catch (IOException e) {
      // Closed.
      return;
    }
  }

  private void pump(Socket from, Socket to, Mangling mangling) {
    byte[] buffer = new byte[4096];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        mangling.pass(buffer, n, out);
      }
    } catch (IOException e) {
      // The other side sees it by the closing.
      return;
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    calm();
    threads.shutdownNow();
  }
}
