package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A key and a certificate for 127.0.0.1, localhost and git.invalid that nobody but a test trusts:
 * its own authority.
 *
 * @param keyStore holds both under {@link #PASSWORD}
 * @param pem the certificate
 */
record TestCertificate(KeyStore keyStore, String pem) {

  static final String PASSWORD = "changeit";

  /** Takes connections of TLS with it, from this machine. */
  ServerSocket listen() throws IOException, GeneralSecurityException {
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(keyStore, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context
        .getServerSocketFactory()
        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  /**
   * Makes one with the JDK's keytool, which is the only part of the JDK that can sign a
   * certificate.
   */
  static TestCertificate create(Path directory) {
    try {
      Path scratch = Files.createTempDirectory(directory, "tls-");
      Path file = scratch.resolve("server.p12");
      ProgramRun.of(
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-alias",
                  "server",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-dname",
                  "CN=fairlead-tests",
                  "-validity",
                  "10",
                  "-ext",
                  "san=ip:127.0.0.1,dns:localhost,dns:git.invalid",
                  "-ext",
                  "bc:c",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  file.toString(),
                  "-storepass",
                  PASSWORD),
              Map.of(),
              "",
              Duration.ofMinutes(1))
          .orFail();
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(file)) {
        store.load(in, PASSWORD.toCharArray());
      }
      String base64 =
          Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII))
              .encodeToString(store.getCertificate("server").getEncoded());
      return new TestCertificate(
          store, "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not read its own certificate", e);
    }
  }
}
