package dev.fairlead.git;

import static org.apache.sshd.core.CoreModuleProperties.WINDOW_SIZE;

import dev.fairlead.model.Reason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.StreamCorruptedException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.auth.password.PasswordIdentityProvider;
import org.apache.sshd.client.auth.password.UserAuthPasswordFactory;
import org.apache.sshd.client.auth.pubkey.UserAuthPublicKeyFactory;
import org.apache.sshd.client.config.hosts.HostConfigEntry;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.client.session.ClientConnectionServiceFactory;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.client.session.ClientUserAuthService;
import org.apache.sshd.client.session.ClientUserAuthServiceFactory;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.Service;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.common.session.helpers.AbstractSessionFactory;
import org.apache.sshd.common.signature.BuiltinSignatures;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to get through one {@link SshConnections.Doorway}: the host proves who it is, then we
 * do. What stands in the way becomes an {@link Refusal}. The fields are written by the thread that
 * reads the socket and read once that one has given its verdict.
 */
final class SshLogin {
  /** What may be on its way to us that nobody has read yet. */
  private static final long WINDOW = 1024 * 1024;

  private static final int REMOTE_TEXT = 200;

  static {
    JdkEd25519.install();
  }

  private final SshConnections.Doorway doorway;
  private volatile @Nullable PublicKey shown;
  private volatile KnownHosts.@Nullable Verdict verdict;
  private volatile @Nullable String methods;
  private volatile @Nullable Throwable failure;
  private volatile @Nullable String farewell;

  SshLogin(SshConnections.Doorway doorway) {
    this.doorway = doorway;
  }

  /**
   * Takes the socket over, also when it fails.
   *
   * @param limit in milliseconds, of each step
   */
  SshSession enter(Socket socket, int limit) throws IOException {
    Client client = client(new SshWire(socket));
    boolean in = false;
    try {
      client.start();
      ClientSession session =
          awaited(() -> client.connect(doorway).verify(millis(limit)).getSession());
      awaited(() -> session.auth().verify(millis(limit)));
      in = true;
      return new SshSession(client, session);
    } catch (IOException e) {
      throw refusal(e);
    } finally {
      if (!in) {
        client.close(true);
        socket.close();
      }
    }
  }

  /** The key that the host has shown, also to who does not trust it; empty before it has. */
  Optional<PublicKey> hostKey() {
    return Optional.ofNullable(shown);
  }

  interface Step<T> {
    T take() throws IOException;
  }

  /** A step that took too long ends like any other silence. */
  static <T> T awaited(Step<T> step) throws IOException {
    try {
      return step.take();
    } catch (SshException e) {
      if (e.getCause() instanceof TimeoutException) {
        var timeout = new InterruptedIOException("no answer in time");
        timeout.initCause(e);
        throw timeout;
      }
      throw e;
    }
  }

  /** 0 is for ever. */
  static long millis(long limit) {
    return limit == 0 ? Long.MAX_VALUE : limit;
  }

  /** Without a look at the user's files, and without a timer of its own. */
  private static final class Client extends SshClient {
    ConnectFuture connect(SshConnections.Doorway door) throws IOException {
      return doConnect(
          door.user(),
          InetSocketAddress.createUnresolved(door.host(), door.port()),
          null,
          null,
          KeyIdentityProvider.EMPTY_KEYS_PROVIDER,
          new HostConfigEntry("", door.host(), door.port(), door.user()));
    }

    /** Whoever waits for it has a deadline. */
    @Override
    protected void setupSessionTimeout(AbstractSessionFactory<?, ?> sessions) {}
  }

  private Client client(SshWire wire) {
    Client client =
        (Client)
            ClientBuilder.builder()
                .factory(Client::new)
                .hostConfigEntryResolver(HostConfigEntryResolver.EMPTY)
                .filePasswordProvider(FilePasswordProvider.EMPTY)
                .signatureFactories(signatures())
                .channelFactories(List.of())
                .globalRequestHandlers(List.of())
                .serverKeyVerifier((_, _, key) -> isTrusted(key))
                .build();
    client.setIoServiceFactoryFactory(wire);
    client.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
    client.setPasswordIdentityProvider(PasswordIdentityProvider.EMPTY_PASSWORDS_PROVIDER);
    doorway.key().ifPresent(client::addPublicKeyIdentity);
    doorway.password().ifPresent(client::addPasswordIdentity);
    client.setUserAuthFactories(
        doorway.key().isPresent()
            ? List.of(UserAuthPublicKeyFactory.INSTANCE)
            : List.of(UserAuthPasswordFactory.INSTANCE));
    client.setServiceFactories(
        List.of(new LoginServices(), ClientConnectionServiceFactory.INSTANCE));
    client.addSessionListener(new Observer());
    WINDOW_SIZE.set(client, WINDOW);
    return client;
  }

  private boolean isTrusted(PublicKey key) {
    shown = key;
    verdict = knownHosts().judge(doorway.host(), doorway.port(), key);
    return verdict instanceof KnownHosts.Verdict.Trusted;
  }

  private KnownHosts knownHosts() {
    return doorway.knownHosts();
  }

  /**
   * Those kinds of keys first that the host is known by: it has several, and shows the first that
   * we ask for. Certificates only where an authority is known; no SHA-1.
   */
  private List<NamedFactory<Signature>> signatures() {
    List<String> known = knownHosts().kinds(doorway.host(), doorway.port());
    boolean authority = knownHosts().hasAuthority(doorway.host(), doorway.port());
    // A host that nothing is known of shows the kind that its fingerprints are looked up by first.
    List<String> kinds =
        known.isEmpty() && !authority ? List.of(KeyPairProvider.SSH_ED25519) : known;
    List<NamedFactory<Signature>> all = new ArrayList<>();
    for (NamedFactory<Signature> one : ClientBuilder.setUpDefaultSignatureFactories(true)) {
      boolean certificate = KeyUtils.isCertificateAlgorithm(one.getName());
      if (one != BuiltinSignatures.rsa && (authority || !certificate)) {
        all.add(one);
      }
    }
    all.sort(Comparator.comparing(s -> !kinds.contains(KeyUtils.getCanonicalKeyType(s.getName()))));
    return all;
  }

  /** Notes which ways to log in the server has. */
  private final class LoginServices extends ClientUserAuthServiceFactory {
    @Override
    public Service create(Session session) throws IOException {
      return new ClientUserAuthService(session) {
        @Override
        public void process(int command, Buffer buffer) throws Exception {
          if (command == SshConstants.SSH_MSG_USERAUTH_FAILURE) {
            int at = buffer.rpos();
            methods = buffer.getString();
            buffer.rpos(at);
          }
          super.process(command, buffer);
        }
      };
    }
  }

  /** Notes what went wrong first. */
  private final class Observer implements SessionListener {
    @Override
    public void sessionException(Session session, Throwable thrown) {
      if (failure == null) {
        failure = thrown;
      }
    }

    @Override
    public void sessionDisconnect(
        Session session, int code, String text, String language, boolean byUs) {
      if (!byUs && farewell == null) {
        farewell = text;
      }
    }
  }

  private IOException refusal(IOException e) {
    if (e instanceof InterruptedIOException) {
      return e;
    }
    PublicKey key = shown;
    return switch (verdict) {
      case null -> beforeTheKey(e);
      case KnownHosts.Verdict.Trusted _ -> afterTheKey(e);
      case KnownHosts.Verdict.Unknown _ ->
          denied(
              doorway.shown()
                  + " shows the host key "
                  + shown(key)
                  + ", and known_hosts of the Secret has no key of this host: compare that"
                  + " fingerprint with the one that the host publishes, then add the line that"
                  + " 'ssh-keyscan"
                  + (doorway.port() == RemoteUrl.SSH_PORT ? "" : " -p " + doorway.port())
                  + " "
                  + doorway.host()
                  + "' prints",
              e);
      case KnownHosts.Verdict.Revoked _ ->
          denied(
              doorway.shown()
                  + " shows the host key "
                  + shown(key)
                  + ", which known_hosts of the Secret marks as @revoked: ask those who run the host"
                  + " for its present key",
              e);
      case KnownHosts.Verdict.Other(List<PublicKey> expected) ->
          denied(
              doorway.shown()
                  + " shows the host key "
                  + shown(key)
                  + ", and known_hosts of the Secret has "
                  + expected.stream().map(SshKeys::shown).limit(4).collect(Collectors.joining(", "))
                  + ": the host was given a new key, or somebody else answers in its place; ask"
                  + " those who run it before you put the new key into known_hosts",
              e);
    };
  }

  private static String shown(@Nullable PublicKey key) {
    return key == null ? "of no kind" : SshKeys.shown(key);
  }

  private IOException beforeTheKey(IOException e) {
    for (Throwable t : causes(e)) {
      String text = t.getMessage() == null ? "" : t.getMessage();
      if (text.startsWith("Unable to negotiate")) {
        return failed(
            doorway.shown()
                + " and Fairlead have no algorithm in common"
                + Text.cut(
                    text.replaceFirst(
                        ".*? for (.*) \\(client: .* / server: (.*)\\)",
                        ": for the $1 the server has only $2"),
                    REMOTE_TEXT)
                + "; its ssh server is too old, or set up too narrowly",
            e);
      }
      if (t instanceof StreamCorruptedException || text.startsWith("Unsupported protocol")) {
        return failed(
            "what answers at "
                + doorway.shown()
                + " is not an ssh server of protocol 2: check the port in spec.url",
            e);
      }
    }
    return afterTheKey(e);
  }

  /** Which thread notices first is chance: the one that waits, or the one that reads. */
  private List<Throwable> causes(IOException e) {
    List<Throwable> all = new ArrayList<>();
    for (Throwable t = failure; t != null; t = t.getCause()) {
      all.add(t);
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      all.add(t);
    }
    return all;
  }

  private IOException afterTheKey(IOException e) {
    String allowed = methods;
    if (e instanceof SshException s
        && s.getDisconnectCode() == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE
        && allowed != null) {
      return denied(notLetIn(allowed), e);
    }
    String said = farewell;
    String message =
        doorway.shown()
            + " closed the connection before the login was done"
            + (said == null || said.isBlank() ? "" : ": " + Text.cut(said, REMOTE_TEXT));
    // Before it showed its key it did not know who we are: so it treats everybody.
    return verdict == null
        ? new Refusal(
            Reason.FETCH_FAILED, message, e, Optional.of("closes connections before any login"))
        : failed(message, e);
  }

  private String notLetIn(String allowed) {
    String ways =
        "; the ways to log in there: "
            + (allowed.isBlank() ? "none" : Text.cut(allowed.replace(",", ", "), REMOTE_TEXT));
    return doorway.key().isPresent()
        ? doorway.shown()
            + " does not let "
            + doorway.user()
            + " in with the key of the Secret, "
            + shown(doorway.key().get().getPublic())
            + ": add its public half as a deploy key of the repository, with read access"
            + ways
        : doorway.shown()
            + " does not let "
            + doorway.user()
            + " in with the password of the Secret: check both"
            + ways;
  }

  private static Refusal failed(String message, IOException cause) {
    return new Refusal(Reason.FETCH_FAILED, message, cause);
  }

  private static Refusal denied(String message, IOException cause) {
    return new Refusal(Reason.AUTHENTICATION_FAILED, message, cause);
  }
}
