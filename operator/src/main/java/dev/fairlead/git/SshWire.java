package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.Factory;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.io.AbstractIoWriteFuture;
import org.apache.sshd.common.io.DefaultIoConnectFuture;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoConnectFuture;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoService;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.io.IoServiceFactory;
import org.apache.sshd.common.io.IoServiceFactoryFactory;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.util.Readable;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.closeable.AbstractCloseable;
import org.apache.sshd.common.util.threads.CloseableExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * One socket, open already, under one ssh conversation: read by a virtual thread of its own,
 * written by the thread that made this, which an interrupt ends, and for all others by a second
 * virtual thread. They have locks while they write for which the first one waits, so they must not
 * wait for a server that makes us answer and reads no answer: such a conversation is closed.
 * Closing it closes the socket and thereby ends both threads.
 */
final class SshWire extends AbstractCloseable
    implements IoServiceFactoryFactory, IoServiceFactory, IoConnector {
  private static final int CHUNK = 32 * 1024;

  /** What of others than the caller may wait to be written, in bytes. */
  private static final int QUEUED = 64 * 1024;

  /** What a packet takes of it, beside its bytes. */
  private static final int PACKET = 64;

  /** How long there may be no room for more of it. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Socket socket;
  private final Thread caller = Thread.currentThread();
  private @Nullable IoHandler handler;
  private @Nullable IoServiceEventListener listener;
  private volatile @Nullable Session session;

  SshWire(Socket socket) {
    this.socket = socket;
  }

  @Override
  public IoServiceFactory create(FactoryManager manager) {
    return this;
  }

  @Override
  public void setExecutorServiceFactory(Factory<CloseableExecutorService> factory) {}

  @Override
  public IoConnector createConnector(IoHandler events) {
    handler = events;
    return this;
  }

  @Override
  public IoAcceptor createAcceptor(IoHandler events) {
    throw new UnsupportedOperationException("this end only asks");
  }

  @Override
  public @Nullable IoServiceEventListener getIoServiceEventListener() {
    return listener;
  }

  @Override
  public void setIoServiceEventListener(@Nullable IoServiceEventListener events) {
    listener = events;
  }

  @Override
  public Map<Long, IoSession> getManagedSessions() {
    return Map.of();
  }

  /** Of the one socket, whatever the address. */
  @Override
  public IoConnectFuture connect(
      SocketAddress address, @Nullable AttributeRepository context, @Nullable SocketAddress local) {
    var future = new DefaultIoConnectFuture(address, null);
    IoHandler events = handler;
    if (events == null) {
      throw new IllegalStateException("nobody listens");
    }
    try {
      var opened = new Session(this, socket, address, events);
      session = opened;
      if (context != null) {
        opened.setAttribute(AttributeRepository.class, context);
      }
      events.sessionCreated(opened);
      future.setSession(opened);
      opened.start();
    } catch (Exception e) {
      future.setException(e);
    }
    return future;
  }

  @Override
  protected void doCloseImmediately() {
    Session opened = session;
    if (opened != null) {
      opened.close(true);
    }
    super.doCloseImmediately();
  }

  private static final class Session extends AbstractCloseable implements IoSession {
    private final SshWire wire;
    private final Socket socket;
    private final SocketAddress remote;
    private final IoHandler handler;
    private final InputStream in;
    private final OutputStream out;
    private final Semaphore room = new Semaphore(QUEUED, true);
    private final BlockingQueue<Packet> queue = new LinkedBlockingQueue<>();
    private final Map<Object, Object> attributes = new HashMap<>();
    private volatile @Nullable Thread writer;

    Session(SshWire wire, Socket socket, SocketAddress remote, IoHandler handler)
        throws IOException {
      this.wire = wire;
      this.socket = socket;
      this.remote = remote;
      this.handler = handler;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
    }

    /**
     * @param room that it takes
     */
    private record Packet(ByteBuffer bytes, int room) {}

    void start() {
      Thread.ofVirtual().name("ssh " + remote).start(this::read);
      writer = Thread.ofVirtual().name("ssh writer " + remote).start(this::write);
    }

    private void write() {
      try {
        while (isOpen()) {
          Packet packet = queue.take();
          out.write(packet.bytes().array());
          room.release(packet.room());
        }
      } catch (IOException e) {
        failed(e);
        close(true);
      } catch (InterruptedException e) {
        // It is closed.
      }
    }

    private void read() {
      byte[] chunk = new byte[CHUNK];
      try {
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          handler.messageReceived(this, Readable.readable(ByteBuffer.wrap(chunk, 0, n)));
        }
      } catch (Exception e) {
        failed(e);
      } finally {
        close(true);
      }
    }

    private void failed(Exception e) {
      if (isOpen()) {
        try {
          handler.exceptionCaught(this, e);
        } catch (Exception alsoFailed) {
          e.addSuppressed(alsoFailed);
        }
      }
    }

    @Override
    public IoWriteFuture writeBuffer(Buffer buffer) {
      try {
        if (Thread.currentThread() == wire.caller) {
          send(buffer);
        } else {
          enqueue(buffer);
        }
        return AbstractIoWriteFuture.fulfilled(remote, true);
      } catch (IOException e) {
        return AbstractIoWriteFuture.fulfilled(remote, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close(true);
        return AbstractIoWriteFuture.fulfilled(remote, e);
      }
    }

    /** After all that is in the queue. */
    private void send(Buffer buffer) throws IOException, InterruptedException {
      room.acquire(QUEUED);
      try {
        out.write(buffer.array(), buffer.rpos(), buffer.available());
      } finally {
        room.release(QUEUED);
      }
    }

    private void enqueue(Buffer buffer) throws IOException, InterruptedException {
      byte[] bytes = buffer.getCompactData();
      int taken = Math.min(QUEUED, bytes.length + PACKET);
      if (!room.tryAcquire(taken, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        close(true);
        throw new SocketException("the server makes us answer, and reads no answer");
      }
      queue.add(new Packet(ByteBuffer.wrap(bytes), taken));
    }

    @Override
    protected void doCloseImmediately() {
      Thread writing = writer;
      if (writing != null) {
        writing.interrupt();
      }
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone either way.
        log.debug("close", e);
      }
      // Who waits to write learns that it is closed.
      room.release(QUEUED);
      super.doCloseImmediately();
      try {
        handler.sessionClosed(this);
      } catch (Exception e) {
        log.debug("sessionClosed", e);
      }
    }

    @Override
    public long getId() {
      return 1;
    }

    @Override
    public @Nullable SocketAddress getAcceptanceAddress() {
      return null;
    }

    @Override
    public SocketAddress getRemoteAddress() {
      return remote;
    }

    @Override
    public SocketAddress getLocalAddress() {
      return socket.getLocalSocketAddress();
    }

    @Override
    public IoService getService() {
      return wire;
    }

    @Override
    public void shutdownOutputStream() throws IOException {
      socket.shutdownOutput();
    }

    /** For forwarded ports, of which there are none. */
    @Override
    public void suspendRead() {}

    @Override
    public void resumeRead() {}

    @Override
    public @Nullable Object getAttribute(Object key) {
      synchronized (attributes) {
        return attributes.get(key);
      }
    }

    @Override
    public @Nullable Object setAttribute(Object key, Object value) {
      synchronized (attributes) {
        return attributes.put(key, value);
      }
    }

    @Override
    public @Nullable Object setAttributeIfAbsent(Object key, Object value) {
      synchronized (attributes) {
        return attributes.putIfAbsent(key, value);
      }
    }

    @Override
    public @Nullable Object removeAttribute(Object key) {
      synchronized (attributes) {
        return attributes.remove(key);
      }
    }
  }
}
