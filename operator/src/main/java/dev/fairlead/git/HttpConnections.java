package dev.fairlead.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
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
  private final RemoteUrl remote;
  private final Optional<String> authorization;
  private final @Nullable SSLSocketFactory ownTrust;

  HttpConnections(RemoteUrl remote, Credentials credentials) throws GeneralSecurityException {
    this.remote = remote;
    this.authorization = credentials.authorization();
    this.ownTrust =
        credentials.caCertificate().isPresent() && remote.uri().getScheme().equals("https")
            ? trusting(credentials.caCertificate().get())
            : null;
  }

  @Override
  public void use(Transport transport) {
    ((TransportHttp) transport).setHttpConnectionFactory(this);
  }

  /** One factory for all connections, for the JVM keeps a connection alive by its factory. */
  private static SSLSocketFactory trusting(String pem) throws GeneralSecurityException {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int n = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)))) {
        store.setCertificateEntry("ca-" + n++, certificate);
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  @Override
  public HttpConnection create(URL url) throws IOException {
    return create(url, Proxy.NO_PROXY);
  }

  @Override
  public HttpConnection create(URL url, Proxy proxy) throws IOException {
    var connection = new Connection(withOwnTrust(url), proxy);
    connection.setInstanceFollowRedirects(false);
    if (authorization.isPresent() && remote.sameOrigin(url)) {
      connection.setRequestProperty("Authorization", authorization.get());
    }
    return connection;
  }

  private URL withOwnTrust(URL url) throws IOException {
    if (ownTrust == null) {
      return url;
    }
    SSLSocketFactory trust = ownTrust;
    try {
      return URL.of(
          url.toURI(),
          new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL ignored) throws IOException {
              return openConnection(ignored, Proxy.NO_PROXY);
            }

            @Override
            protected URLConnection openConnection(URL ignored, Proxy proxy) throws IOException {
              URLConnection connection = url.openConnection(proxy);
              if (connection instanceof HttpsURLConnection https) {
                https.setSSLSocketFactory(trust);
              }
              return connection;
            }
          });
    } catch (URISyntaxException e) {
      throw new IOException("the server's url cannot be used");
    }
  }

  /** Stops at the first answer that is not what a Git server says. */
  private static final class Connection extends JDKHttpConnection {
    Connection(URL url, Proxy proxy) throws IOException {
      super(url, proxy);
    }

    @Override
    public int getResponseCode() throws IOException {
      int status = super.getResponseCode();
      if (status != HTTP_OK || !isGit()) {
        throw new HttpRefusal(
            status, getContentType(), getHeaderField("Retry-After"), getHeaderField("Location"));
      }
      return status;
    }

    @Override
    public InputStream getInputStream() throws IOException {
      InputStream answer = super.getInputStream();
      return getURL().getPath().endsWith("/info/refs") ? ObjectFormat.watched(answer) : answer;
    }

    private boolean isGit() {
      String type = getContentType();
      return type != null
          && type.toLowerCase(Locale.ROOT).startsWith("application/x-git-upload-pack-");
    }
  }
}
