package dev.fairlead.git;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.io.IoWriteFuture;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.eclipse.jgit.transport.RemoteSession;
import org.eclipse.jgit.util.FS;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ssh servers that make us answer, and read no answer. */
final class SshFloodTest {
  private static final KeyPair KEY = GitSsh.key("Ed25519");
  private static final int MILLIS = 20_000;

  /** Requests before one is waited for: the kernel holds some 100,000 answers until it is full. */
  private static final int AT_ONCE = 64;

  @TempDir private Path directory;

  /** Another thread has the lock then without which nobody can write, and no interrupt lets go. */
  @Test
  void who_cannot_write_since_the_server_reads_no_answers_is_let_go() throws Exception {
    deaf(session -> {
      for (int i = 1; ; i++) {
        Buffer request = session.createBuffer(SshConstants.SSH_MSG_GLOBAL_REQUEST);
        request.putString("are-you-there@example.org");
        request.putBoolean(true);
        IoWriteFuture written = session.writePacket(request);
        if (i % AT_ONCE == 0) {
          written.verify(Duration.ofMinutes(5));
        }
      }
    });
  }

  @Test
  void who_cannot_write_since_new_keys_are_not_agreed_upon_is_let_go() throws Exception {
    deaf(session -> session.reExchangeKeys().verify(Duration.ofMinutes(5)));
  }

  private interface Fault {
    void run(Session session) throws IOException;
  }

  private void deaf(Fault fault) throws Exception {
    try (var server = new GitSsh(new Origin(directory.resolve("origin.git")));
        var relay = new DeafRelay(server.port())) {
      server.allow(KEY.getPublic());
      var began = new CountDownLatch(1);
      server.fault((_, _, _) -> {
        relay.hearNothing();
        began.countDown();
        fault.run(server.server().getActiveSessions().getFirst());
        return 0;
      });
      var writes = new CountDownLatch(1);
      Thread caller = Thread.ofVirtual().start(() -> write(server, relay, writes));
      began.await();
      await("nothing comes any more")
          .atMost(Duration.ofMinutes(5))
          .until(() -> {
            long before = relay.passed();
            Thread.sleep(500);
            return relay.passed() == before;
          });
      writes.countDown();
      Thread.sleep(300);

      await("the caller is through")
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            caller.interrupt();
            return caller.join(Duration.ofMillis(250));
          });
    }
  }

  private static void write(GitSsh server, DeafRelay relay, CountDownLatch writes) {
    try {
      RemoteSession session = session(server, relay);
      try {
        OutputStream out = session.exec("git-upload-pack 'x'", 20).getOutputStream();
        writes.await();
        out.write(new byte[100]);
        out.flush();
        Thread.sleep(Duration.ofMinutes(5));
      } finally {
        session.disconnect();
      }
    } catch (IOException | URISyntaxException | GitException | InterruptedException e) {
      // It is let go.
    }
  }

  private static RemoteSession session(GitSsh server, DeafRelay relay)
      throws GitException, IOException, URISyntaxException {
    RemoteUrl url = RemoteUrl.parse("ssh://git@127.0.0.1:" + relay.port() + "/r.git", false);
    String known = GitSsh.knownHosts("[127.0.0.1]:" + relay.port(), server.hostKey().getPublic());
    Credentials credentials =
        new Credentials.Ssh(new Credentials.Identity(SshTest.pem(KEY), Optional.empty()), known);
    return SshConnections.to(url, credentials, Optional.empty())
        .getSession(url.location(), null, FS.DETECTED, MILLIS);
  }
}
