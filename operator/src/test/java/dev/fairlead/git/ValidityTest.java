package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Expiry;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.TestClients;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of the JDK's keytool. */
final class ValidityTest {
  @TempDir private static Path directory;
  private static TestClients clients;

  @BeforeAll
  static void start() throws Exception {
    clients = TestClients.create(directory);
  }

  private static List<X509Certificate> certificates(String pem) throws GitException {
    return ClientCertificate.certificates("tls.crt", pem);
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  @Test
  void a_client_certificate_is_good_as_long_as_all_below_the_root_are() throws Exception {
    X509Certificate own = certificates(clients.chain("ec")).getFirst();
    X509Certificate root = certificates(clients.chain("ec")).getLast();
    X509Certificate old = certificates(clients.chain("old")).getFirst();

    assertThat(Validity.ofChain(List.of(own, root)))
        .isEqualTo(expiry("the client certificate", own));
    assertThat(Validity.ofChain(List.of(own, old, root)))
        .isEqualTo(expiry("the certificate of CN=old, which the client's follows from,", old));
    // It may be its own root.
    assertThat(Validity.ofChain(List.of(root))).isEqualTo(expiry("the client certificate", root));
  }

  private static Expiry expiry(String what, X509Certificate certificate) {
    return new Expiry(Expiry.Kind.CLIENT_CERTIFICATE, "tls.crt", what, end(certificate));
  }

  @Test
  void an_authority_is_good_as_long_as_its_last_certificate() throws Exception {
    X509Certificate first = authority();
    X509Certificate next = authority();
    while (end(next).equals(end(first))) {
      next = authority();
    }
    X509Certificate old = certificates(clients.chain("old")).getFirst();

    String what = "the certificate of the authority ";
    assertThat(Validity.ofAuthorities(List.of(next, old, first)))
        .extracting(Expiry::kind, Expiry::key, Expiry::what, Expiry::at)
        .containsExactly(
            Tuple.tuple(Expiry.Kind.CA_CERTIFICATE, "ca.crt", what + "CN=old", end(old)),
            Tuple.tuple(
                Expiry.Kind.CA_CERTIFICATE, "ca.crt", what + "CN=fairlead-tests", end(next)));
  }

  private static X509Certificate authority() throws Exception {
    try (GitServer server = GitServer.startWithTls(directory)) {
      return certificates(server.caCertificate()).getFirst();
    }
  }

  @Test
  void a_secret_says_until_when_its_certificates_are_good() throws Exception {
    byte[] chain = clients.chain("ec").getBytes(UTF_8);
    byte[] key = clients.key("ec", TestClients.Form.PKCS8).getBytes(UTF_8);
    byte[] authority = clients.chain("rsa").getBytes(UTF_8);

    assertThat(
            Credentials.fromSecret(Map.of("tls.crt", chain, "tls.key", key, "ca.crt", authority))
                .tls()
                .expiries())
        .extracting(Expiry::key)
        .containsExactly("tls.crt", "ca.crt", "ca.crt");
    assertThat(
            Credentials.fromSecret(Map.of("bearerToken", new byte[] {'t'}, "ca.crt", authority))
                .tls()
                .expiries())
        .extracting(Expiry::key)
        .containsExactly("ca.crt", "ca.crt");
    assertThat(Credentials.NONE.tls().expiries()).isEmpty();
    assertThat(
            GitProxy.fromSecret(
                    Map.of("address", "https://proxy".getBytes(UTF_8), "ca.crt", authority))
                .expiries())
        .hasSize(2);
  }

  @Test
  void who_is_not_trusted_is_told_of_the_authority_that_is_over() throws Exception {
    Optional<String> pem = Optional.of(clients.chain("ec"));
    Instant later = Instant.now().plus(Duration.ofDays(11));

    assertThat(Validity.expired(pem, Instant.now())).isEmpty();
    assertThat(Validity.expired(Optional.empty(), later)).isEmpty();
    assertThat(Validity.expired(pem, later))
        .matches(
            " \\(the certificate of the authority CN=(ec|ca) there expired on"
                + " [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC\\)");
  }
}
