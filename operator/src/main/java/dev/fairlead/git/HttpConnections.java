package dev.fairlead.git;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections to one remote. Guarantees that the credentials go to the remote's own
 * scheme, host and port only, with the first request; that no redirect is followed; and that every
 * answer but a Git server's 200 ends in an {@link HttpRefusal}. Any thread may use it.
 */
final class HttpConnections implements HttpConnectionFactory, Connections {
  /** What an error says is read so far. */
  private static final int SAID = 2048;

  static {
    // A connection of https would be kept for as long as the server wants, and longer than its url
    // is followed. The next one resumes the session, which costs little. It is the whole process'.
    System.setProperty("http.keepAlive", "false");
  }

  private final RemoteUrl remote;
  private final Credentials credentials;
  private final InstallationTokens tokens;
  private final Optional<ClientCertificate> certificate;
  private final Optional<ProxyRoute> route;
  private final @Nullable SSLSocketFactory ownTls;
  private final @Nullable SSLSocketFactory otherTls;
  private final InstantSource clock;

  /** The token that was sent last, if they are a GitHub App's. */
  private volatile @Nullable String sent;

  /**
   * @param route for all connections, also those to GitHub's API
   */
  HttpConnections(
      RemoteUrl remote,
      Credentials credentials,
      Optional<ProxyRoute> route,
      InstallationTokens tokens,
      InstantSource clock)
      throws GitException, GeneralSecurityException {
    this.remote = remote;
    this.credentials = credentials;
    this.route = route;
    this.tokens = tokens;
    this.certificate = credentials.tls().certificate();
    Credentials.Tls tls = credentials.tls();
    this.ownTls = remote.uri().getScheme().equals("https") ? routed(tls, route) : null;
    this.otherTls = routed(new Credentials.Tls(tls.authority(), Optional.empty()), route);
    this.clock = clock;
  }

  /** Null if it is what the JVM does by itself. */
  private static @Nullable SSLSocketFactory routed(Credentials.Tls tls, Optional<ProxyRoute> route)
      throws GitException, GeneralSecurityException {
    if (route.isPresent()) {
      return route.get().under(factory(tls));
    }
    return tls.equals(Credentials.Tls.NONE) ? null : factory(tls);
  }

  @Override
  public Conversation use(Transport transport) {
    var opened = new Opened();
    ((TransportHttp) transport).setHttpConnectionFactory(opened);
    return opened;
  }

  /** The connections of one conversation, which end with it, read to their end or not. */
  private final class Opened implements HttpConnectionFactory, Conversation {
    private final List<Connection> all = new ArrayList<>();

    @Override
    public HttpConnection create(URL url) throws IOException {
      return create(url, Proxy.NO_PROXY);
    }

    @Override
    public HttpConnection create(URL url, Proxy ignored) throws IOException {
      Connection connection = connection(url);
      all.add(connection);
      return connection;
    }

    @Override
    public void close() {
      all.forEach(Connection::disconnect);
    }
  }

  /** One factory for all connections, for the JVM resumes a session by its factory. */
  static SSLSocketFactory factory(Credentials.Tls tls)
      throws GitException, GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(
        tls.certificate().isPresent() ? showing(tls.certificate().get()) : null,
        tls.authority().isPresent() ? trusting(tls.authority().get()) : null,
        null);
    return context.getSocketFactory();
  }

  private static KeyManager[] showing(ClientCertificate certificate)
      throws GitException, GeneralSecurityException {
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(certificate.keyStore(), ClientCertificate.NO_PASSWORD);
    return managers.getKeyManagers();
  }

  private static TrustManager[] trusting(String pem) throws GitException, GeneralSecurityException {
    KeyStore store = ClientCertificate.emptyStore();
    int n = 0;
    for (X509Certificate authority : ClientCertificate.certificates("ca.crt", pem)) {
      store.setCertificateEntry("ca-" + n++, authority);
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return managers.getTrustManagers();
  }

  @Override
  public HttpConnection create(URL url) throws IOException {
    return create(url, Proxy.NO_PROXY);
  }

  /** What the JVM would choose for all is not asked for. */
  @Override
  public HttpConnection create(URL url, Proxy ignored) throws IOException {
    return connection(url);
  }

  private Connection connection(URL url) throws IOException {
    boolean own = remote.sameOrigin(url);
    if (own && certificate.isPresent()) {
      certificate.get().requireValid(clock.instant());
    }
    var connection = new Connection(new Opener(url, own ? ownTls : otherTls));
    connection.setInstanceFollowRedirects(false);
    Optional<String> authorization = own ? authorization() : Optional.empty();
    if (authorization.isPresent()) {
      connection.setRequestProperty("Authorization", authorization.get());
    }
    return connection;
  }

  private HttpURLConnection open(URL url, @Nullable SSLSocketFactory tls) throws IOException {
    if (url.getProtocol().equals("http")) {
      return new PlainHttp(url, route);
    }
    var connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
    if (tls != null && connection instanceof HttpsURLConnection https) {
      https.setSSLSocketFactory(tls);
    }
    return connection;
  }

  private Optional<String> authorization() throws IOException {
    if (!(credentials instanceof Credentials.GitHubApp app)) {
      return credentials.authorization();
    }
    String token = tokens.of(holder(app), this::openApi);
    sent = token;
    return new Credentials.Basic("x-access-token", token, Credentials.Tls.NONE).authorization();
  }

  @Override
  public boolean renewed(Throwable failure) {
    String token = sent;
    if (!(credentials instanceof Credentials.GitHubApp app) || token == null) {
      return false;
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof HttpRefusal refusal
          && refusal.status() == HttpURLConnection.HTTP_UNAUTHORIZED) {
        tokens.refused(holder(app), token);
        return true;
      }
    }
    return false;
  }

  private InstallationTokens.Holder holder(Credentials.GitHubApp app) {
    return new InstallationTokens.Holder(app, route.map(ProxyRoute::proxy));
  }

  /** The client certificate is for the repository's host alone. */
  private HttpURLConnection openApi(URL url) throws IOException {
    return open(url, remote.sameOrigin(url) ? ownTls : otherTls);
  }

  /** Opens a connection the way we want it, and remembers it for what JGit does not show. */
  private final class Opener extends URLStreamHandler {
    private final URL url;
    private final @Nullable SSLSocketFactory tls;
    private @Nullable HttpURLConnection opened;

    Opener(URL url, @Nullable SSLSocketFactory tls) {
      this.url = url;
      this.tls = tls;
    }

    URL opening() throws IOException {
      try {
        return URL.of(url.toURI(), this);
      } catch (URISyntaxException e) {
        throw new IOException("the server's url cannot be used");
      }
    }

    @Override
    protected URLConnection openConnection(URL ignored) throws IOException {
      return openConnection(ignored, Proxy.NO_PROXY);
    }

    @Override
    protected URLConnection openConnection(URL ignored, Proxy none) throws IOException {
      HttpURLConnection connection = open(url, tls);
      opened = connection;
      return connection;
    }

    /** The beginning of what an error's answer says; empty where it says nothing. */
    String said() {
      HttpURLConnection connection = opened;
      if (connection == null) {
        return "";
      }
      try (InputStream body = connection.getErrorStream()) {
        return body == null ? "" : new String(body.readNBytes(SAID), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "";
      } finally {
        if (connection instanceof PlainHttp plain) {
          plain.disconnect();
        }
      }
    }
  }

  /** Stops at the first answer that is not what a Git server says. */
  private static final class Connection extends JDKHttpConnection {
    private static final String ENCODING = "Content-Encoding";

    private final Opener opener;

    Connection(Opener opener) throws IOException {
      super(opener.opening(), Proxy.NO_PROXY);
      this.opener = opener;
    }

    void disconnect() {
      HttpURLConnection connection = opener.opened;
      if (connection != null) {
        connection.disconnect();
      }
    }

    @Override
    public int getResponseCode() throws IOException {
      int status;
      try {
        status = super.getResponseCode();
      } catch (StackOverflowError e) {
        // The JDK calls itself for each answer that is not the last.
        throw new IOException("it answers without an end, and never for good");
      }
      if (status != HTTP_OK || !isGit()) {
        throw HttpRefusal.of(status, this::getHeaderField, opener.said());
      }
      return status;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      InputStream sent = RefList.stoppable(super.getInputStream());
      // Unpacked here, and not by JGit, to be counted as it is.
      InputStream answer = RefList.counted(isZipped() ? new GZIPInputStream(sent) : sent);
      return getURL().getPath().endsWith("/info/refs") ? ObjectFormat.watched(answer) : answer;
    }

    private boolean isZipped() {
      String encoding = super.getHeaderField(ENCODING);
      return "gzip".equals(encoding) || "x-gzip".equals(encoding);
    }

    @Override
    public @Nullable String getHeaderField(String name) {
      return name.equalsIgnoreCase(ENCODING) && isZipped() ? null : super.getHeaderField(name);
    }

    private boolean isGit() {
      String type = getContentType();
      return type != null
          && type.toLowerCase(Locale.ROOT).startsWith("application/x-git-upload-pack-");
    }
  }
}
