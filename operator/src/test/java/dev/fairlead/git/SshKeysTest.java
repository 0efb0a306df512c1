package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Reason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Private keys as ssh-keygen and openssl write them, told apart by ssh-keygen's own eyes. */
final class SshKeysTest {
  private static final String PASSPHRASE = "correct horse";

  @TempDir private Path directory;

  record Form(String type, List<String> options, boolean encrypted) {
    @Override
    public String toString() {
      return type + " " + String.join(" ", options) + (encrypted ? " encrypted" : "");
    }
  }

  static Stream<Form> forms() {
    List<Form> forms = new ArrayList<>();
    for (boolean encrypted : new boolean[] {false, true}) {
      for (String type : List.of("ed25519", "ecdsa", "rsa")) {
        forms.add(new Form(type, List.of(), encrypted));
        if (!type.equals("ed25519")) {
          // ssh-keygen writes ed25519 in its own form alone.
          forms.add(new Form(type, List.of("-m", "PEM"), encrypted));
          forms.add(new Form(type, List.of("-m", "PKCS8"), encrypted));
        }
      }
    }
    forms.add(new Form("ecdsa", List.of("-b", "521"), false));
    forms.add(new Form("ed25519", List.of("-Z", "aes256-gcm@openssh.com"), true));
    forms.add(new Form("ed25519", List.of("-Z", "chacha20-poly1305@openssh.com"), true));
    return forms.stream();
  }

  private Path generated(Form form) throws Exception {
    Path file = directory.resolve("identity");
    List<String> command = new ArrayList<>(List.of("ssh-keygen", "-q", "-t", form.type()));
    command.addAll(form.options());
    if (form.type().equals("rsa")) {
      command.addAll(List.of("-b", "2048"));
    }
    command.addAll(List.of("-C", "", "-f", file.toString()));
    command.addAll(List.of("-N", form.encrypted() ? PASSPHRASE : ""));
    run(command);
    return file;
  }

  private static String run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void a_key_is_read_whatever_its_form(Form form) throws Exception {
    Path file = generated(form);
    Optional<String> password = form.encrypted() ? Optional.of(PASSPHRASE) : Optional.empty();

    var key = SshKeys.read(new Credentials.Identity(Files.readString(file), password));

    assertThat(run(List.of("ssh-keygen", "-l", "-f", file + ".pub")))
        .contains(SshKeys.shown(key.getPublic()).replaceFirst(".* ", ""));
    assertSigns(key);
    String text = Files.readString(file);
    if (form.encrypted()) {
      assertRefused(
          text,
          Optional.empty(),
          "has an encrypted identity and no password: add the passphrase of the key as password");
      assertRefused(
          text, Optional.of("wrong"), "has an identity that its password does not decrypt");
    }
  }

  /** That the two halves belong together, as a server would find out. */
  private static void assertSigns(KeyPair key) throws Exception {
    String algorithm =
        switch (key.getPublic().getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "Ed25519";
        };
    var signature = Signature.getInstance(algorithm);
    signature.initSign(key.getPrivate());
    signature.update(new byte[] {1, 2, 3});
    byte[] signed = signature.sign();
    signature.initVerify(key.getPublic());
    signature.update(new byte[] {1, 2, 3});
    assertThat(signature.verify(signed)).isTrue();
  }

  /** Made by {@code openssl genpkey -algorithm ed25519} and {@code openssl pkcs8 -topk8}. */
  @Test
  void an_ed25519_key_that_openssl_encrypted_is_read() throws Exception {
    String pem =
        """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhAubjQ6wIVsAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEB8Uxz74BJ+MkQ2yZQ0mZNYEQDyb
        tbtf15vXJECMGSj9gzSQDdtuB3r40DAxGVcWOEisNnNlzU0m3B1lWyLvSFZgh+Hq
        wLboUAxL9pgUCz4ME9A=
        -----END ENCRYPTED PRIVATE KEY-----
        """;

    var key = SshKeys.read(new Credentials.Identity(pem, Optional.of(PASSPHRASE)));

    assertThat(SshKeys.shown(key.getPublic()))
        .isEqualTo("ssh-ed25519 SHA256:l49xfW82Umi5buqnShoR1ZkX6wCKT7+T0+TbKt5dpok");
    assertSigns(key);
    assertRefused(pem, Optional.of("wrong"), "its password does not decrypt");
  }

  private static void assertRefused(String key, Optional<String> password, String message) {
    assertThatThrownBy(() -> SshKeys.read(new Credentials.Identity(key, password)))
        .isInstanceOfSatisfying(
            GitException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.AUTHENTICATION_FAILED);
              var trace = new StringWriter();
              e.printStackTrace(new PrintWriter(trace));
              assertThat(key.lines().filter(l -> l.length() > 20 && !l.startsWith("-")))
                  .allSatisfy(line -> assertThat(trace.toString()).doesNotContain(line));
              assertThat(trace.toString()).doesNotContain("wrong\n");
            })
        .hasMessageStartingWith("the Secret of spec.secretRef ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@example.org | has a public key in identity",
        "ecdsa-sha2-nistp256 AAAA | has a public key in identity",
        "PuTTY-User-Key-File-3: ssh-ed25519 | convert it with 'puttygen",
        "hello | is not a private key which can be read",
        "-----BEGIN OPENSSH PRIVATE KEY----- | is not a private key which can be read",
        "-----BEGIN CERTIFICATE-----/MIIB/-----END CERTIFICATE----- | is not a private key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----/AAAA/-----END ENCRYPTED PRIVATE KEY----- | has an encrypted identity and no password",
      })
  void what_is_no_private_key_is_told(String text, String message) {
    assertRefused(text.replace("/", "\n"), Optional.empty(), message);
  }

  @Test
  void a_key_that_was_cut_short_is_told() throws Exception {
    String text = Files.readString(generated(new Form("rsa", List.of(), false)));

    assertRefused(
        text.substring(0, text.length() / 2), Optional.empty(), "is not a private key which can");
  }

  @Test
  void a_dsa_key_is_refused_by_its_kind() {
    assertRefused(SshTest.pem(GitSsh.key("DSA")), Optional.empty(), "of the kind ssh-dss");
  }

  /** The Secret may be older than the key. */
  @Test
  void a_passphrase_that_is_not_needed_does_no_harm() throws Exception {
    var pair = GitSsh.key("Ed25519");

    var key = SshKeys.read(new Credentials.Identity(SshTest.pem(pair), Optional.of("unneeded")));

    assertThat(key.getPublic()).isEqualTo(pair.getPublic());
  }
}
