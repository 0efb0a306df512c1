package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.DispatcherType;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jgit.errors.RepositoryNotFoundException;
import org.eclipse.jgit.http.server.GitServlet;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.ReceivePack;

/**
 * A real Git server over HTTP in this process: JGit's servlet on Jetty, on a free port of the
 * loopback address. Clone, fetch (protocol version 2 too) and push work.
 *
 * <p>It writes down every request, wants credentials where it is told to, and misbehaves on demand.
 * Any thread may call any method; a change of credentials or fault holds for the requests that
 * arrive after it.
 */
public final class GitServer implements AutoCloseable {

  private final Path directory;
  private final Server jetty;
  private final String scheme;
  private final Optional<TestCertificate> certificate;
  private final Optional<KeyStore> clients;
  private final GitGate gate = new GitGate();
  private final Map<String, GitRepository> repositories = new ConcurrentHashMap<>();

  private GitServer(
      Path directory, Optional<TestCertificate> certificate, Optional<KeyStore> clients) {
    this.directory = directory;
    this.certificate = certificate;
    this.clients = clients;
    this.scheme = certificate.isPresent() ? "https" : "http";
    this.jetty = new Server();
  }

  /** Starts a server over plain HTTP. Its repositories lie in the directory, which must exist. */
  public static GitServer start(Path directory) {
    return start(new GitServer(directory, Optional.empty(), Optional.empty()));
  }

  /** Starts a server over TLS, whose certificate only {@link #caCertificate()} vouches for. */
  public static GitServer startWithTls(Path directory) {
    return start(
        new GitServer(directory, Optional.of(TestCertificate.create(directory)), Optional.empty()));
  }

  /**
   * The same, and only clients are let in that show a certificate which one in the store signed.
   */
  public static GitServer startWithTls(Path directory, KeyStore clients) {
    return start(
        new GitServer(
            directory, Optional.of(TestCertificate.create(directory)), Optional.of(clients)));
  }

  private static GitServer start(GitServer server) {
    try {
      server.listen();
      return server;
    } catch (Exception e) { // as Jetty declares it
      throw new IllegalStateException("the Git server does not start", e);
    }
  }

  private void listen() throws Exception {
    ServerConnector connector;
    if (certificate.isPresent()) {
      SslContextFactory.Server tls = new SslContextFactory.Server();
      tls.setKeyStore(certificate.get().keyStore());
      tls.setKeyStorePassword(TestCertificate.PASSWORD);
      clients.ifPresent(authorities -> {
        tls.setTrustStore(authorities);
        tls.setNeedClientAuth(true);
      });
      HttpConfiguration http = new HttpConfiguration();
      // Git clients name an address of ours, and a server name may not be one.
      http.addCustomizer(new SecureRequestCustomizer(false));
      connector =
          new ServerConnector(
              jetty, new SslConnectionFactory(tls, "http/1.1"), new HttpConnectionFactory(http));
    } else {
      connector = new ServerConnector(jetty);
    }
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);

    GitServlet git = new GitServlet();
    git.setRepositoryResolver((request, name) -> open(name));
    git.setReceivePackFactory((request, repository) -> new ReceivePack(repository));
    ServletContextHandler context = new ServletContextHandler("/");
    context.addFilter(new FilterHolder(gate), "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addServlet(new ServletHolder(git), "/*");
    jetty.setHandler(context);
    jetty.setStopTimeout(0);
    jetty.start();
  }

  private Repository open(String name) throws RepositoryNotFoundException {
    GitRepository found = repositories.get(name);
    if (found == null) {
      throw new RepositoryNotFoundException(name);
    }
    found.jgit().incrementOpen(); // the servlet closes it after the request
    return found.jgit();
  }

  /** The url without a path, such as {@code http://127.0.0.1:34567}. */
  public String url() {
    return scheme + "://127.0.0.1:" + ((ServerConnector) jetty.getConnectors()[0]).getLocalPort();
  }

  /** Goes down: nobody listens any more, at an address that it keeps for {@link #comeBack}. */
  public void goDown() {
    ServerConnector connector = (ServerConnector) jetty.getConnectors()[0];
    connector.setPort(connector.getLocalPort());
    stop();
  }

  /** Listens again, at the same address. */
  public void comeBack() {
    try {
      jetty.start();
    } catch (Exception e) { // as Jetty declares it
      throw new IllegalStateException("the Git server does not start again", e);
    }
  }

  /** Creates an empty bare repository; its url is {@link #url()} + "/" + name. */
  public GitRepository create(String name) {
    return repositories.computeIfAbsent(
        name,
        n -> {
          try {
            return GitRepository.create(directory.resolve(n), url() + "/" + n);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  /** Serves a repository under a further name, as if it were another one; its url. */
  public String alias(String name, GitRepository repository) {
    repositories.put(name, repository);
    return url() + "/" + name;
  }

  /** Takes a repository away: its url answers 404 from now on. */
  public void forget(String name) {
    GitRepository repository = repositories.remove(name);
    if (repository != null) {
      repository.close();
    }
  }

  /** Where a repository lies, for Git programs that work on the files. */
  public File directoryOf(GitRepository repository) {
    return repository.jgit().getDirectory();
  }

  /**
   * The certificate, PEM, that a client has to trust.
   *
   * @throws IllegalStateException on a server without TLS
   */
  public String caCertificate() {
    return certificate.orElseThrow(() -> new IllegalStateException("a server without TLS")).pem();
  }

  /** From now on only this user name with this password is let in; else 401. */
  public void requireBasic(String user, String password) {
    String pair = user + ":" + password;
    gate.require("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  /** From now on only this token is let in; else 401. */
  public void requireBearer(String token) {
    gate.require("Bearer " + token);
  }

  /** From now on everyone is let in. */
  public void requireNothing() {
    gate.requireNothing();
  }

  /** Misbehaves, from now on, at every request. Replaces the fault before it. */
  public void fail(GitFault fault) {
    gate.fail(request -> true, fault);
  }

  /**
   * Misbehaves, from now on, at the requests that the predicate chooses. Replaces the fault before
   * it.
   */
  public void failWhere(Predicate<GitRequest> which, GitFault fault) {
    gate.fail(which, fault);
  }

  /** Behaves again. Requests that stalled go on. */
  public void heal() {
    gate.heal();
  }

  /**
   * All requests since the start or the last {@link #forgetRequests()}, in the order of their
   * arrival.
   */
  public List<GitRequest> requests() {
    return gate.requests();
  }

  public void forgetRequests() {
    gate.forgetRequests();
  }

  @Override
  public void close() {
    gate.heal();
    try {
      stop();
    } finally {
      repositories.values().stream().distinct().forEach(GitRepository::close);
    }
  }

  private void stop() {
    try {
      jetty.stop();
    } catch (Exception e) { // as Jetty declares it
      throw new IllegalStateException("the Git server does not stop", e);
    }
  }
}
