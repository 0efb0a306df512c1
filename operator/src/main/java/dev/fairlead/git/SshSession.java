package dev.fairlead.git;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.channel.ChannelExec;
import org.apache.sshd.client.session.ClientSession;
import org.eclipse.jgit.transport.RemoteSession2;

/**
 * An ssh conversation after the login, in which JGit runs its one command. Everything of it, its
 * threads too, ends with {@link #disconnect}. Bound to one caller.
 */
final class SshSession implements RemoteSession2 {
  /** More than this of what a server writes to stderr is not read. */
  private static final int STDERR = 16 * 1024;

  private final SshClient client;
  private final ClientSession session;

  SshSession(SshClient client, ClientSession session) {
    this.client = client;
    this.session = session;
  }

  @Override
  public Process exec(String command, int timeout) throws IOException {
    return exec(command, Map.of(), timeout);
  }

  /** The environment is how protocol v2 is asked for; a server that ignores it answers in v0. */
  @Override
  public Process exec(String command, Map<String, String> environment, int timeout)
      throws IOException {
    ChannelExec channel = session.createExecChannel(command);
    environment.forEach(channel::setEnv);
    SshLogin.awaited(() -> channel.open().verify(SshLogin.millis(timeout * 1000L)));
    return new Command(channel);
  }

  @Override
  public void disconnect() {
    client.close(true);
  }

  /** The command at the other end. */
  private static final class Command extends Process {
    private final ChannelExec channel;
    private final InputStream errors;

    Command(ChannelExec channel) {
      this.channel = channel;
      this.errors = new Beginning(channel.getInvertedErr(), STDERR);
    }

    @Override
    public OutputStream getOutputStream() {
      return channel.getInvertedIn();
    }

    @Override
    public InputStream getInputStream() {
      return RefList.counted(channel.getInvertedOut());
    }

    @Override
    public InputStream getErrorStream() {
      return errors;
    }

    /** Only ever asked for after the end of its output; JGit waits for nothing more. */
    @Override
    public int waitFor() {
      return exitValue();
    }

    /** -1 when the server has not said. */
    @Override
    public int exitValue() {
      Integer status = channel.getExitStatus();
      return status == null ? -1 : status;
    }

    @Override
    public void destroy() {
      channel.close(true);
    }
  }

  /** Ends after so many bytes. */
  private static final class Beginning extends FilterInputStream {
    private int left;

    Beginning(InputStream in, int bytes) {
      super(in);
      this.left = bytes;
    }

    @Override
    public int read() throws IOException {
      int b = left > 0 ? super.read() : -1;
      left -= b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int n = super.read(buffer, offset, Math.min(length, left));
      left -= Math.max(n, 0);
      return n;
    }
  }
}
