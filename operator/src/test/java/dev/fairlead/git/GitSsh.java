package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.password.RejectAllPasswordAuthenticator;
import org.apache.sshd.server.auth.pubkey.RejectAllPublickeyAuthenticator;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;

/** Serves one {@link Origin} over ssh by MINA's server, notes its visitors, and misbehaves. */
final class GitSsh implements AutoCloseable {
  static {
    JdkEd25519.install();
  }

  /** Runs in git-upload-pack's place; returns the exit status. */
  interface Fault {
    int run(InputStream in, OutputStream out, OutputStream err) throws IOException;
  }

  private final Origin origin;
  private final SshServer server = SshServer.setUpDefaultServer();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> visits = new CopyOnWriteArrayList<>();
  private volatile @Nullable Fault fault;
  private volatile boolean forgetful;
  private final KeyPair hostKey;

  GitSsh(Origin origin) throws IOException {
    this(origin, key("Ed25519"));
  }

  GitSsh(Origin origin, KeyPair... hostKeys) throws IOException {
    this.origin = origin;
    this.hostKey = hostKeys[0];
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(KeyPairProvider.wrap(hostKeys));
    server.setPublickeyAuthenticator(RejectAllPublickeyAuthenticator.INSTANCE);
    server.setPasswordAuthenticator(RejectAllPasswordAuthenticator.INSTANCE);
    server.setCommandFactory((_, command) -> new Serving(command));
    server.start();
  }

  static KeyPair key(String algorithm) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("RSA")) {
        generator.initialize(2048);
      } else if (algorithm.equals("EC")) {
        generator.initialize(256);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  SshServer server() {
    return server;
  }

  int port() {
    return server.getPort();
  }

  String url() {
    return "ssh://git@127.0.0.1:" + port() + "/team/repo.git";
  }

  KeyPair hostKey() {
    return hostKey;
  }

  /** The line for this server and its (first) key. */
  String knownHosts() {
    return knownHosts("[127.0.0.1]:" + port(), hostKey.getPublic());
  }

  static String knownHosts(String hosts, PublicKey key) {
    return hosts + " " + PublicKeyEntry.toString(key) + "\n";
  }

  /** Lets whoever has this key in, and only these. */
  void allow(PublicKey key) {
    server.setPublickeyAuthenticator((_, other, _) -> KeyUtils.compareKeys(key, other));
  }

  void allow(String user, String password) {
    server.setPasswordAuthenticator((u, p, _) -> u.equals(user) && p.equals(password));
  }

  void fault(@Nullable Fault misbehaviour) {
    fault = misbehaviour;
  }

  /** Like a server without {@code AcceptEnv GIT_PROTOCOL}. */
  void forgetProtocol() {
    forgetful = true;
  }

  /** Ends as hosts do that do not have the repository. */
  static Fault says(String stderr, int status) {
    return (_, _, err) -> {
      err.write(stderr.getBytes(StandardCharsets.UTF_8));
      err.flush();
      return status;
    };
  }

  /** Commands with the Git protocol that was asked for, since the start. */
  List<String> visits() {
    return List.copyOf(visits);
  }

  private final class Serving implements Command {
    private final String command;
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();
    private OutputStream err = OutputStream.nullOutputStream();
    private @Nullable ExitCallback exit;

    Serving(String command) {
      this.command = command;
    }

    @Override
    public void setInputStream(InputStream stream) {
      in = stream;
    }

    @Override
    public void setOutputStream(OutputStream stream) {
      out = stream;
    }

    @Override
    public void setErrorStream(OutputStream stream) {
      err = stream;
    }

    @Override
    public void setExitCallback(ExitCallback callback) {
      exit = callback;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) {
      String protocol = forgetful ? "" : environment.getEnv().getOrDefault("GIT_PROTOCOL", "");
      visits.add(command + " " + protocol);
      threads.execute(() -> run(protocol));
    }

    private void run(String protocol) {
      int status = 255;
      try {
        Fault misbehaviour = fault;
        if (misbehaviour != null) {
          status = misbehaviour.run(in, out, err);
        } else {
          try (var upload = new UploadPack(origin.repository())) {
            upload.setRequestPolicy(UploadPack.RequestPolicy.REACHABLE_COMMIT);
            upload.setExtraParameters(
                protocol.isEmpty() ? Set.of() : Set.of(protocol.split(":", -1)));
            upload.upload(in, out, err);
          }
          status = 0;
        }
      } catch (IOException e) {
        visits.add("failed: " + e.getClass().getSimpleName());
      } finally {
        if (exit != null) {
          exit.onExit(status);
        }
      }
    }

    @Override
    public void destroy(ChannelSession channel) {}
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
    threads.shutdownNow();
  }
}
