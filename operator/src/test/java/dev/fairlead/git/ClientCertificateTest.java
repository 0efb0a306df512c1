package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Reason;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.TestClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against a server that lets nobody in without a certificate. */
final class ClientCertificateTest {
  @TempDir private static Path directory;
  private static TestClients clients;
  private static GitServer server;
  private static Mirrors mirrors;

  @BeforeAll
  static void start() throws Exception {
    clients = TestClients.create(directory);
    server = GitServer.startWithTls(directory, clients.authorities());
    server.create("r.git").commit(Map.of("a", "1"), "First");
    mirrors =
        new Mirrors(
            directory.resolve("cache"), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {});
  }

  @AfterAll
  static void stop() throws Exception {
    mirrors.close();
    server.close();
  }

  @BeforeEach
  void openToAll() {
    server.requireNothing();
    server.forgetRequests();
  }

  private static String subject(String... keysAndValues) throws Exception {
    var secret = new HashMap<String, byte[]>();
    secret.put("ca.crt", server.caCertificate().getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      secret.put(keysAndValues[i], keysAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    var remote = new Remote(server.url() + "/r.git", Credentials.fromSecret(secret));
    try (Mirror mirror = mirrors.acquire(remote)) {
      return look(mirror, MAIN).subject();
    }
  }

  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource({"ec, PKCS8", "ec, SEC1", "ec, SEC1_WITH_PARAMETERS", "rsa, PKCS8", "rsa, PKCS1"})
  void every_form_of_a_key_gets_in(String client, TestClients.Form form) throws Exception {
    assertThat(subject("tls.crt", clients.chain(client), "tls.key", clients.key(client, form)))
        .isEqualTo("First");
  }

  @Test
  void a_certificate_goes_together_with_a_password_or_a_token() throws Exception {
    String chain = clients.chain("ec");
    String key = clients.key("ec", TestClients.Form.PKCS8);

    server.requireBasic("robot", "pw");
    assertThat(subject("tls.crt", chain, "tls.key", key, "username", "robot", "password", "pw"))
        .isEqualTo("First");
    server.requireBearer("token-1");
    assertThat(subject("tls.crt", chain, "tls.key", key, "bearerToken", "token-1"))
        .isEqualTo("First");
  }

  @Test
  void a_server_that_wants_a_certificate_is_told_from_one_that_is_not_trusted() {
    GitException e = catchThrowableOfType(GitException.class, () -> subject());

    // Which of the two it is, the alert or the end of the connection, is a race in TLS 1.3.
    assertThat(e)
        .hasMessageContaining("client certificate")
        .hasMessageContaining("tls.crt and tls.key of the Secret")
        .hasMessageNotContaining("ca.crt");
  }

  @Test
  void an_expired_one_is_not_even_shown() {
    GitException e =
        catchThrowableOfType(
            GitException.class,
            () ->
                subject(
                    "tls.crt", clients.chain("old"),
                    "tls.key", clients.key("old", TestClients.Form.PKCS8)));

    assertThat(e.getMessage())
        .startsWith("the client certificate in tls.crt of the Secret of spec.secretRef expired on ")
        .containsPattern("on [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC: renew it");
    assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest(name = "{0} with {1} in {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ec | old | PKCS8 | has a tls.key that is not the key of the first certificate in tls.crt",
        "rsa | ec | PKCS8 | has a tls.key that is no RSA key, which it must be, or is damaged",
        "ec | rsa | PKCS1 | has a tls.key that is no EC key, which it must be, or is damaged",
        "ec | ec | ENCRYPTED | has an encrypted tls.key: decrypt it with 'openssl pkey",
        "ec | ec | PUBLIC | has a tls.key that is not a private key in PEM",
      })
  void a_key_that_cannot_be_used_says_why(
      String certificate, String key, TestClients.Form form, String message) throws Exception {
    String pem = clients.key(key, form);

    assertThatThrownBy(() -> subject("tls.crt", clients.chain(certificate), "tls.key", pem))
        .isInstanceOf(GitException.class)
        .hasMessageContaining(message)
        .hasNoCause();
  }

  @Test
  void a_certificate_without_tls_is_refused() throws Exception {
    Credentials credentials =
        Credentials.fromSecret(
            Map.of(
                "tls.crt", clients.chain("ec").getBytes(StandardCharsets.UTF_8),
                "tls.key",
                    clients.key("ec", TestClients.Form.PKCS8).getBytes(StandardCharsets.UTF_8)));

    assertThatThrownBy(() -> mirrors.acquire(new Remote("http://127.0.0.1/r", credentials)))
        .hasMessageContaining("has tls.crt, which is for https, and spec.url begins with http://");
  }
}
