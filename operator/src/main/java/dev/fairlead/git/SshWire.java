package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
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
 * written by whoever has something to say, one at a time. Closing the conversation closes the
 * socket and thereby ends that thread.
 */
final class SshWire extends AbstractCloseable
    implements IoServiceFactoryFactory, IoServiceFactory, IoConnector {
  private static final int CHUNK = 32 * 1024;

  private final Socket socket;
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
    private final Object writing = new Object();
    private final Map<Object, Object> attributes = new HashMap<>();

    Session(SshWire wire, Socket socket, SocketAddress remote, IoHandler handler)
        throws IOException {
      this.wire = wire;
      this.socket = socket;
      this.remote = remote;
      this.handler = handler;
      this.in = socket.getInputStream();
      this.out = socket.getOutputStream();
    }

    void start() {
      Thread.ofVirtual().name("ssh " + remote).start(this::read);
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
      synchronized (writing) {
        try {
          out.write(buffer.array(), buffer.rpos(), buffer.available());
          return AbstractIoWriteFuture.fulfilled(remote, true);
        } catch (IOException e) {
          return AbstractIoWriteFuture.fulfilled(remote, e);
        }
      }
    }

    @Override
    protected void doCloseImmediately() {
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone either way.
        log.debug("close", e);
      }
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
