package dev.fairlead.testbed;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A kubeconfig as the testbed writes it: one cluster, one user with a token.
 *
 * @param server the API server's url
 * @param authority the certificate that the server's own is signed with, in base64
 */
record Kubeconfig(String server, String token, String authority) {
  private static final Pattern SERVER = Pattern.compile("server: (\\S+)");
  private static final Pattern TOKEN = Pattern.compile("token: (\\S+)");
  private static final Pattern AUTHORITY = Pattern.compile("certificate-authority-data: (\\S+)");

  static Kubeconfig read(Path file) {
    try {
      String text = Files.readString(file);
      return new Kubeconfig(only(SERVER, text), only(TOKEN, text), only(AUTHORITY, text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String only(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new AssertionError("the kubeconfig has no " + pattern);
    }
    return matcher.group(1);
  }

  /** Trusts the server. */
  SSLContext tls() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry(
          "authority",
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(Base64.getDecoder().decode(authority))));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the JDK does not take the server's certificate", e);
    }
  }

  /** The same for another server, which asks for no TLS. */
  static String at(String url, Path original) throws IOException {
    return Files.readString(original)
        .replaceAll("(?m)^.*" + AUTHORITY.pattern() + "\n", "")
        .replaceAll(SERVER.pattern(), "server: " + url);
  }
}
