package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CredentialsTest {
  private static final Credentials.Tls PEM =
      new Credentials.Tls(
          Optional.of("hunter2"), Optional.of(new ClientCertificate("hunter2", "hunter2")));

  private static Map<String, byte[]> secret(String... keysAndValues) {
    var secret = new HashMap<String, byte[]>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      secret.put(keysAndValues[i], keysAndValues[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return secret;
  }

  @Test
  void a_secret_has_a_user_or_a_token() throws Exception {
    assertThat(Credentials.fromSecret(secret("username", "robot\n", "password", "p:1 \n")))
        .isEqualTo(new Credentials.Basic("robot", "p:1 ", Credentials.Tls.NONE));
    assertThat(Credentials.fromSecret(secret("bearerToken", "t\r\n")))
        .isEqualTo(new Credentials.Bearer("t", Credentials.Tls.NONE));
    assertThat(Credentials.fromSecret(secret("identity", "a\r\nb\n", "known_hosts", "c\n")))
        .isEqualTo(
            new Credentials.Ssh(new Credentials.Identity("a\nb\n", Optional.empty()), "c\n"));
    assertThat(
            Credentials.fromSecret(
                secret(
                    "identity", "a", "known_hosts", "c", "password", "p\n", "identity.pub", "d")))
        .isEqualTo(new Credentials.Ssh(new Credentials.Identity("a", Optional.of("p")), "c"));
    assertThat(
            Credentials.fromSecret(secret("username", "git", "password", "p", "known_hosts", "c")))
        .isEqualTo(new Credentials.Ssh(new Credentials.Password("git", "p"), "c"));
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "token=x, user=y | has none of the keys username and password, bearerToken, githubAppID, identity and known_hosts, tls.crt and tls.key, ca.crt; it has token, user",
        "'' | it has no keys",
        "username=x | has username but no password",
        "password=x | has password but no username",
        "username=x, password= | has an empty password",
        "username=a:b, password=x | has a colon in username",
        "bearerToken=x, username=y | has bearerToken and username or password",
        "bearerToken=a\\nb | has a line end or another control character within bearerToken",
        "ca.crt=nonsense | ca.crt",
        "tls.crt=x | has tls.crt but no tls.key: add the private key",
        "tls.key=x, username=y, password=z | has tls.key but no tls.crt: add the certificate",
        "tls.crt=nonsense, tls.key=x | has a tls.crt that is not a PEM certificate",
        "tls.crt=, tls.key=x | has an empty tls.crt",
        "githubAppID=1 | has no githubAppInstallationID: it is the number at the end of the address",
        "githubAppInstallationID=1 | has no githubAppID: it is the id of the App",
        "githubAppID=a/b, githubAppInstallationID=1 | has a githubAppID that is no number",
        "githubAppID=1, githubAppInstallationID=2 | has no githubAppPrivateKey: add the .pem file",
        "githubAppID=1, githubAppInstallationID=2, githubAppPrivateKey=x | has a githubAppPrivateKey that is not a private key in PEM",
        "githubAppID=1, username=x, password=y | has keys of a GitHub App and bearerToken, username",
        "identity=x | has identity but no known_hosts: add what 'ssh-keyscan HOST' prints",
        "identity=x, known_hosts= | has an empty known_hosts",
        "identity=, known_hosts=x | has an empty identity",
        "known_hosts=x | has known_hosts but neither identity nor both of username and password",
        "known_hosts=x, username=git | neither identity nor both of username and password",
        "known_hosts=x, identity=y, username=git | has identity and username: keep only one",
        "known_hosts=x, identity=y, bearerToken=z | has bearerToken, which is for https, and keys",
        "known_hosts=x, identity=y, githubAppID=1 | has githubAppID, which is for https, and keys",
        "known_hosts=x, identity=y, tls.key=z, ca.crt=z | has ca.crt, which is for https, and keys",
      })
  void a_secret_that_cannot_be_used_says_why(String content, String message) {
    var secret = new HashMap<String, byte[]>();
    for (String pair : content.split(",", -1)) {
      int at = pair.indexOf('=');
      if (at > 0) {
        secret.put(
            pair.substring(0, at).strip(),
            pair.substring(at + 1).replace("\\n", "\n").getBytes(StandardCharsets.UTF_8));
      }
    }

    assertThatThrownBy(() -> Credentials.fromSecret(secret))
        .isInstanceOf(GitException.class)
        .hasMessageStartingWith("the Secret of spec.secretRef ")
        .hasMessageContaining(message);
  }

  @Test
  void nothing_of_it_is_printed() {
    assertThat(new Remote("https://h/r?private_token=abc", new Credentials.Bearer("t0ken", PEM)))
        .asString()
        .isEqualTo("https://h/r");
    assertThat(new Credentials.Basic("robot", "hunter2", PEM)).hasToString("Basic");
    assertThat(PEM.toString() + PEM.certificate()).doesNotContain("hunter2");
    assertThat(
            new Credentials.Ssh(
                new Credentials.Identity("hunter2", Optional.of("hunter2")), "example.org"))
        .hasToString("Ssh[Identity]");
    assertThat(new Credentials.Ssh(new Credentials.Password("robot", "hunter2"), "example.org"))
        .hasToString("Ssh[Password]");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPS://Example.org:443/Team/Repo.git/ | https://example.org/Team/Repo.git",
        "http://example.org:80/r | http://example.org/r",
        "http://example.org:8080/r// | http://example.org:8080/r",
        "https://example.org/r?x=1 | https://example.org/r",
        "https://[::1]:8443/r | https://[::1]:8443/r",
        "SSH://git@Example.org:22/Team/Repo.git/ | ssh://git@example.org/Team/Repo.git",
        "ssh://git@example.org:2222/~/r | ssh://git@example.org:2222/~/r",
        "git@Example.org:Team/Repo.git/ | git@example.org:Team/Repo.git",
        "git@example.org:/srv/r | ssh://git@example.org/srv/r",
        "robot@[::1]:r | robot@[::1]:r",
        "git@example.org:2222/r | git@example.org:2222/r",
        "git@example.org:a%20b/x@y | git@example.org:a%20b/x@y",
      })
  void a_url_has_one_form(String url, String form) throws Exception {
    assertThat(RemoteUrl.parse(url, false)).hasToString(form);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "https://robot:hunter2@example.org/r | has a user or a password in it",
        "https://robot:hun ter2@example.org/r | is not a valid url",
        "https://a_b:hunter2@x_y/r | has a user or a password in it",
        "ftp://hunter2.example.org/r | must begin with https://, http:// or ssh://",
        "hunter2.example.org:r | must begin with https://, http:// or ssh://, or be like git@host:",
        "ssh://hunter2.example.org/r | must name the user whom ssh is to log in as",
        "ssh://git:hunter2@example.org/r | has a password in it",
        "ssh://-hunter2@example.org/r | must name the user",
        "ssh://git@example.org | names no repository",
        "ssh://git@example.org/r?hunter2 | has a query or a fragment",
        "git@hunter_2:r | names no host",
        "git:hunter2@example.org:r | ",
        "git@example.org:/ | names no repository",
        "file:///srv/r | start the operator with --allow-file-urls",
        "https:///hunter2 | names no host",
        "https://example.org/r#hunter2 | has a fragment",
      })
  void a_url_that_cannot_be_used_says_why_and_is_not_shown(String url, String message) {
    assertThatThrownBy(() -> RemoteUrl.parse(url, false))
        .isInstanceOf(GitException.class)
        .hasMessageStartingWith("spec.url ")
        .hasMessageContaining(message == null ? "" : message)
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }
}
