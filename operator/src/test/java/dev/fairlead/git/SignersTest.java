package dev.fairlead.git;

import static dev.fairlead.git.SigningKeys.publicHalf;
import static dev.fairlead.git.SigningKeys.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures of the original git, gpg and ssh-keygen. */
final class SignersTest {
  private static final Duration YEAR = Duration.ofDays(366);

  @TempDir private static Path directory;
  private static SigningKeys keys;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    keys = new SigningKeys(directory);
  }

  @AfterAll
  static void stop() throws IOException, InterruptedException {
    keys.stop();
  }

  private static Signers signers(String... nameContent) throws GitException {
    Map<String, byte[]> secret = new HashMap<>();
    for (int i = 0; i < nameContent.length; i += 2) {
      secret.put(nameContent[i], nameContent[i + 1].getBytes(UTF_8));
    }
    return Signers.of(secret);
  }

  private static String refusal(Signers signers, Signed signed, Instant at) {
    Rejected rejected = catchThrowableOfType(Rejected.class, () -> signers.verify(signed, at));
    assertThat(rejected).as("the signature does not count").isNotNull();
    return rejected.getMessage();
  }

  private static String refusal(Signers signers, Signed signed) {
    return refusal(signers, signed, Instant.now());
  }

  private static void accepted(Signers signers, Signed signed) {
    assertThatCode(() -> signers.verify(signed, Instant.now())).doesNotThrowAnyException();
  }

  private static Signed altered(Signed signed, UnaryOperator<String> how) {
    return new Signed(
        signed.what(),
        how.apply(new String(signed.payload(), UTF_8)).getBytes(UTF_8),
        signed.signature());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"ed25519", "rsa2048", "nistp256"})
  void an_openpgp_signature_counts_as_long_as_key_and_content_are_what_they_were(String algorithm)
      throws Exception {
    String key = keys.openPgp("good-" + algorithm, algorithm);
    Signers signers = signers("ci.asc", keys.export(key));
    Signed commit = keys.commit(with(key));

    accepted(signers, commit);
    accepted(signers, keys.tag("v-" + algorithm, with(key)));
    assertThat(refusal(signers, altered(commit, text -> text.replace("Signed", "signed"))))
        .isEqualTo(
            "has a signature by the OpenPGP key "
                + key
                + " that does not fit: it was altered after it was signed");
    assertThat(refusal(signers, commit, Instant.now().plus(YEAR)))
        .startsWith("is signed by the OpenPGP key " + key + ", which expired at 20");
  }

  @Test
  void a_key_that_is_not_in_the_secret_is_told_by_its_fingerprint() throws Exception {
    String known = keys.openPgp("known", "ed25519");
    String stranger = keys.openPgp("stranger", "ed25519");

    assertThat(refusal(signers("a.asc", keys.export(known)), keys.commit(with(stranger))))
        .isEqualTo(
            "is signed by the OpenPGP key "
                + stranger
                + ", which is not in the Secret of spec.verify");
    accepted(signers("both.asc", keys.export(known, stranger)), keys.commit(with(stranger)));
    accepted(
        signers("two.asc", keys.export(known) + "\n" + keys.export(stranger)),
        keys.commit(with(stranger)));
    accepted(
        signers("a.asc", keys.export(known), "b.asc", keys.export(stranger)),
        keys.commit(with(known)));
  }

  @Test
  void a_key_of_any_length_is_read_or_refused() {
    for (String key : List.of("ssh-rsa " + "A".repeat(100_000), "x".repeat(100_000))) {
      assertThat(catchThrowableOfType(GitException.class, () -> signers("a.sshpub", key)))
          .hasMessageStartingWith("a.sshpub in the Secret of spec.verify cannot be used: line 1: ");
    }
  }

  /** A check of the largest takes a minute, and a key may have hundreds of bindings. */
  @Test
  void a_key_whose_check_would_take_a_processor_is_not_checked() throws Exception {
    var generator = new RSAKeyPairGenerator();
    BigInteger exponent = BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE);
    generator.init(new RSAKeyGenerationParameters(exponent, new SecureRandom(), 2048, 80));
    var pair =
        new BcPGPKeyPair(
            PublicKeyPacket.VERSION_4,
            PublicKeyAlgorithmTags.RSA_GENERAL,
            generator.generateKeyPair(),
            Date.from(Instant.now()));
    byte[] payload = "tree 1\n".getBytes(UTF_8);
    var signing =
        new PGPSignatureGenerator(
            new BcPGPContentSignerBuilder(
                PublicKeyAlgorithmTags.RSA_GENERAL, HashAlgorithmTags.SHA256),
            pair.getPublicKey());
    signing.init(PGPSignature.BINARY_DOCUMENT, pair.getPrivateKey());
    signing.update(payload);
    String signature = armored(signing.generate().getEncoded());

    Signers signers =
        signers("a.asc", armored(new PGPPublicKeyRing(List.of(pair.getPublicKey())).getEncoded()));

    assertThat(refusal(signers, new Signed("commit 1", payload, Optional.of(signature))))
        .endsWith(
            ", an RSA key that is too large to be checked: it may have 8192 bits, and its exponent"
                + " 64");
  }

  private static String armored(byte[] packets) throws IOException {
    var text = new ByteArrayOutputStream();
    try (var out = new ArmoredOutputStream(text)) {
      out.write(packets);
    }
    return text.toString(UTF_8);
  }

  @Test
  void a_subkey_signs_for_its_owner_until_it_is_revoked() throws Exception {
    String owner = keys.openPgp("owner", "ed25519");
    keys.gpg("--quick-add-key", owner, "ed25519", "sign", "1y");
    String subkey =
        keys.gpg("--with-colons", "--list-keys", owner)
            .lines()
            .filter(l -> l.startsWith("fpr:"))
            .map(l -> l.split(":", -1)[9])
            .filter(fpr -> !fpr.equals(owner))
            .findFirst()
            .orElseThrow();
    Signed commit = keys.commit(with(subkey + "!"));
    accepted(signers("a.asc", keys.export(owner)), commit);

    keys.revoke(owner);

    assertThat(refusal(signers("a.asc", keys.export(owner)), commit))
        .isEqualTo("is signed by the OpenPGP key " + subkey + ", which is revoked");
  }

  @Test
  void a_key_that_was_extended_counts_again() throws Exception {
    String key = keys.openPgp("extended", "ed25519");
    Signed commit = keys.commit(with(key));
    Instant later = Instant.now().plus(YEAR);
    assertThat(refusal(signers("a.asc", keys.export(key)), commit, later)).contains("expired at");

    keys.gpg("--quick-set-expire", key, "3y");

    Signers extended = signers("a.asc", keys.export(key));
    assertThatCode(() -> extended.verify(commit, later)).doesNotThrowAnyException();
  }

  @Test
  void the_end_of_an_openpgp_key_is_that_of_the_last_key_that_signs() throws Exception {
    String year = keys.openPgp("year", "ed25519");
    String forEver = keys.openPgp("for-ever", "ed25519");
    keys.gpg("--quick-set-expire", forEver, "0");
    String owner = keys.openPgpOwner("certifies");
    keys.gpg("--quick-add-key", owner, "ed25519", "sign", "10d");
    String revoked = keys.openPgp("gone", "ed25519");
    keys.revoke(revoked);

    assertThat(expiry("a.asc", keys.export(year))).containsExactly("a.asc " + year + " 365");
    assertThat(expiry("a.asc", keys.export(forEver))).isEmpty();
    assertThat(expiry("a.asc", keys.export(owner))).containsExactly("a.asc " + owner + " 10");
    assertThat(expiry("a.asc", keys.export(revoked))).isEmpty();

    keys.gpg("--quick-add-key", owner, "ed25519", "sign", "40d");
    keys.gpg("--quick-add-key", owner, "cv25519", "encr", "90d");
    assertThat(expiry("a.asc", keys.export(owner))).containsExactly("a.asc " + owner + " 40");
    keys.gpg("--quick-set-expire", owner, "20d");
    assertThat(expiry("a.asc", keys.export(owner, year)))
        .containsExactlyInAnyOrder("a.asc " + owner + " 20", "a.asc " + year + " 365");
  }

  @Test
  void the_end_of_an_ssh_key_is_said_by_its_line() throws Exception {
    String key = publicHalf(keys.ssh("ending", "ed25519", 256));

    assertThat(signers("a.sshpub", key).expiries()).isEmpty();
    assertThat(signers("a.sshpub", "me valid-before=\"20271231\" " + key).expiries())
        .singleElement()
        .satisfies(e -> {
          assertThat(e.kind()).isEqualTo(Expiry.Kind.SIGNING_KEY);
          assertThat(e.key()).isEqualTo("a.sshpub");
          assertThat(e.what()).startsWith("the ssh key SHA256:");
          assertThat(e.at()).isEqualTo(Instant.parse("2027-12-31T00:00:00Z"));
        });
  }

  /** Where, which, and in how many days. */
  private static List<String> expiry(String... nameContent) throws GitException {
    return signers(nameContent).expiries().stream()
        .map(e ->
            e.key()
                + e.what().replace("the OpenPGP key", "")
                + " "
                + Duration.between(Instant.now(), e.at()).plusHours(12).toDays())
        .toList();
  }

  @Test
  void a_signature_that_expired_does_not_count() throws Exception {
    String key = keys.openPgp("hasty", "ed25519");
    keys.gpgOptions("default-sig-expire 2d");
    Signed commit = keys.commit(with(key));
    keys.gpgOptions();
    Signers signers = signers("a.asc", keys.export(key));

    accepted(signers, commit);
    assertThat(refusal(signers, commit, Instant.now().plus(Duration.ofDays(3))))
        .startsWith("has a signature by the OpenPGP key " + key + " that expired at 20")
        .endsWith(": sign it anew");
  }

  @Test
  void weak_algorithms_are_refused_by_name() throws Exception {
    String rsa = keys.openPgp("sha1", "rsa2048");
    keys.gpgOptions("digest-algo SHA1");
    Signed sha1 = keys.commit(with(rsa));
    keys.gpgOptions();
    String small = keys.openPgp("small", "rsa1024");
    String dsa = keys.openPgp("dsa", "dsa2048");

    assertThat(refusal(signers("a.asc", keys.export(rsa)), sha1))
        .isEqualTo(
            "is signed by the OpenPGP key "
                + rsa
                + " with SHA-1, which is too weak: sign it with SHA-256");
    assertThat(refusal(signers("a.asc", keys.export(small)), keys.commit(with(small))))
        .endsWith("an RSA key of 1024 bits, which is too weak: 2048 are needed");
    assertThat(refusal(signers("a.asc", keys.export(dsa)), keys.commit(with(dsa))))
        .endsWith("a DSA key, which is too weak");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"ed25519, 256", "rsa, 2048", "ecdsa, 256", "ecdsa, 384", "ecdsa, 521"})
  void an_ssh_signature_counts_as_long_as_the_content_is_what_it_was(String type, int bits)
      throws Exception {
    Path key = keys.ssh(type + bits, type, bits);
    Signers signers = signers("team.sshpub", publicHalf(key));
    Signed commit = keys.commit(with(key));
    String fingerprint = fingerprint(key);

    accepted(signers, commit);
    accepted(signers, keys.tag("v-ssh-" + type + bits, with(key)));
    for (int i = 0; i < 5; i++) {
      // The numbers of an elliptic signature have more than one length.
      accepted(signers, keys.commit(with(key)));
    }
    assertThat(refusal(signers, altered(commit, text -> text + "x")))
        .isEqualTo(
            "has a signature by the ssh key "
                + fingerprint
                + " that does not fit: it was altered after it was signed");
    assertThat(refusal(signers("o.sshpub", publicHalf(other())), commit))
        .isEqualTo(
            "is signed by the ssh key "
                + fingerprint
                + ", which is not in the Secret of spec.verify");
  }

  private static Path other() throws IOException, InterruptedException {
    Path other = directory.resolve("other");
    return Files.exists(other) ? other : keys.ssh("other", "ed25519", 256);
  }

  /** As ssh-keygen tells it. */
  private static String fingerprint(Path key) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("ssh-keygen", "-l", "-f", key + ".pub").start();
    String told = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return told.split(" ", -1)[1];
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          KEY                                                        | good
          someone@example.org KEY                                    | good
          a@example.org,*@example.org namespaces="git" KEY           | good
          "two words" namespaces="file,git",valid-after="20200101" KEY | good
          a valid-before="29990101" KEY                              | good
          a valid-before="202001011200Z" KEY                         | expired at 2020-01-01T12:00:00Z
          a valid-after="29990101" KEY                               | not valid before 2999-01-01T00:00:00Z
          a namespaces="file" KEY                                    | no key for Git
          a cert-authority KEY                                       | line 1: the option cert-authority is not supported
          a valid-before="soon" KEY                                  | line 1: no time such as 20271231: soon
          a "namespaces KEY                                          | line 1: a quotation mark is not closed
          ssh-ed25519                                                | line 1: no ssh public key
          ssh-ed25519 AAAA                                           | line 1: it is damaged
          ssh-ed25519 !!!!                                           | line 1: the key is not in Base64
          # nothing                                                  | no key for Git
          """,
      ignoreLeadingAndTrailingWhitespace = true,
      quoteCharacter = '\'')
  void an_allowed_signers_file_says_when_a_key_counts(String line, String outcome)
      throws Exception {
    Path key = directory.resolve("allowed");
    if (!Files.exists(key)) {
      keys.ssh("allowed", "ed25519", 256);
    }
    Signed commit = keys.commit(with(key));
    String text = line.replace("KEY", publicHalf(key).strip()) + "\n";

    String said;
    try {
      signers("team.sshpub", text).verify(commit, Instant.now());
      said = "good";
    } catch (GitException e) {
      assertThat(e.reason()).isEqualTo(Reason.SIGNATURE_INVALID);
      assertThat(e).hasMessageStartingWith("team.sshpub in the Secret of spec.verify cannot be");
      said = e.getMessage();
    } catch (Rejected e) {
      said = e.getMessage();
    }

    assertThat(said).contains(outcome);
  }

  @Test
  void a_security_key_signs_what_ssh_keygen_accepts_too() throws Exception {
    for (SecurityKey key : new SecurityKey[] {SecurityKey.ed25519(), SecurityKey.ecdsa()}) {
      byte[] payload = "tree 0\n\nSigned".getBytes(UTF_8);
      String signature = key.sign(payload);
      Path allowed = directory.resolve("allowed_signers");
      Files.writeString(allowed, "a@example.org " + key.line() + "\n");
      Files.writeString(directory.resolve("signature"), signature);
      Process process =
          new ProcessBuilder(
                  "ssh-keygen",
                  "-Y",
                  "verify",
                  "-f",
                  allowed.toString(),
                  "-I",
                  "a@example.org",
                  "-n",
                  "git",
                  "-s",
                  directory.resolve("signature").toString())
              .redirectErrorStream(true)
              .start();
      try (var in = process.getOutputStream()) {
        in.write(payload);
      }
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as("ssh-keygen: %s", said).isZero();

      Signed signed = new Signed("commit 1234567", payload, Optional.of(signature));
      Signers signers = signers("a.sshpub", key.line());
      accepted(signers, signed);
      assertThat(refusal(signers, altered(signed, text -> text + "x"))).contains("was altered");
    }
  }

  @Test
  void what_is_not_signed_for_git_or_not_at_all_says_so() throws Exception {
    Path key = other();
    Signers ssh = signers("a.sshpub", publicHalf(key));
    Signers openPgp = signers("a.asc", keys.export(keys.openPgp("only", "ed25519")));
    Signed commit = keys.commit(with(key));

    assertThat(refusal(ssh, keys.unsigned())).isEqualTo("is not signed");
    assertThat(refusal(openPgp, commit)).contains("is signed by the ssh key").contains("not in");
    assertThat(refusal(ssh, keys.commit(with(keys.openPgp("lonely", "ed25519")))))
        .isEqualTo(
            "is signed with OpenPGP, and the Secret of spec.verify has no OpenPGP key (*.asc)");
    assertThat(refusal(ssh, signature(commit, "-----BEGIN SIGNED MESSAGE-----\nMIIB")))
        .isEqualTo(
            "is signed with x509 (gitsign, smimesign), which is not supported: sign it with gpg or"
                + " ssh");
    assertThat(refusal(ssh, signature(commit, "nonsense"))).contains("no known kind");
    for (String broken : new String[] {"", "AAAA", "U1NIU0lH", "!"}) {
      assertThat(
              refusal(
                  ssh,
                  signature(
                      commit,
                      "-----BEGIN SSH SIGNATURE-----\n"
                          + broken
                          + "\n-----END SSH SIGNATURE-----")))
          .isEqualTo("has an ssh signature that cannot be used: it is damaged");
      assertThat(
              refusal(
                  openPgp,
                  signature(
                      commit,
                      "-----BEGIN PGP SIGNATURE-----\n\n"
                          + broken
                          + "\n-----END PGP SIGNATURE-----")))
          .contains("OpenPGP signature");
    }
  }

  private static Signed signature(Signed signed, String signature) {
    return new Signed(signed.what(), signed.payload(), Optional.of(signature));
  }

  @Test
  void a_signature_of_a_file_does_not_count_for_a_commit() throws Exception {
    Path key = other();
    Signed commit = keys.commit(with(key));
    Path file = directory.resolve("file");
    Files.write(file, commit.payload());
    Process process =
        new ProcessBuilder(
                "ssh-keygen",
                "-Y",
                "sign",
                "-n",
                "file",
                "-f",
                key.toString(),
                "-q",
                file.toString())
            .start();
    assertThat(process.waitFor()).isZero();

    assertThat(
            refusal(
                signers("a.sshpub", publicHalf(key)),
                signature(commit, Files.readString(Path.of(file + ".sig")))))
        .isEqualTo(
            "has an ssh signature that cannot be used: it was made for file and not for git");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dsa  | 1024 | a DSA key, which is too weak
          rsa  | 1024 | an RSA key of 1024 bits, which is too weak: 2048 are needed
          """)
  void a_weak_ssh_key_is_refused_in_the_secret(String type, int bits, String why) throws Exception {
    Path key = keys.ssh("weak-" + type, type, bits);
    assertThatThrownBy(() -> signers("weak.sshpub", publicHalf(key)))
        .hasMessage("weak.sshpub in the Secret of spec.verify cannot be used: line 1: " + why);
  }

  @Test
  void a_key_that_cannot_be_read_is_named() throws Exception {
    Path ssh = other();
    String secret = keys.gpg("--armor", "--export-secret-keys", keys.openPgp("private", "ed25519"));

    for (var row :
        Map.of(
                "a.asc|nothing",
                "it is no armored OpenPGP key: gpg --export --armor KEY",
                "a.asc|" + secret,
                "it holds a private key block, and a public key is wanted: gpg --export"
                    + " --armor KEY",
                "a.asc|-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY"
                    + " BLOCK-----",
                "it is",
                "a.sshpub|" + Files.readString(ssh),
                "line 1: a private key does not belong here")
            .entrySet()) {
      String[] entry = row.getKey().split("\\|", 2);
      assertThatThrownBy(() -> signers(entry[0], entry[1]))
          .hasMessageStartingWith(
              entry[0] + " in the Secret of spec.verify cannot be used: " + row.getValue());
    }
    assertThatThrownBy(() -> signers("README", "x"))
        .hasMessageStartingWith("the Secret of spec.verify has no key");
  }

  @Test
  void what_git_signs_is_what_is_checked_whatever_the_message_holds() throws Exception {
    Path key = other();
    Signers signers = signers("a.sshpub", publicHalf(key));
    String tricky =
        "Subject\n\n gpgsig x\ngpgsig -----BEGIN SSH SIGNATURE-----\n body\n-----BEGIN PGP"
            + " SIGNATURE-----\n";
    Path repository = directory.resolve("signed");
    keys.git(repository, with(key), "commit", "-q", "--allow-empty", "-S", "-m", tricky);
    byte[] raw = Git.run(repository, "cat-file", "commit", "HEAD").getBytes(UTF_8);
    accepted(signers, Signed.commit("0".repeat(40), raw));

    // A second signature header, or one in the place of another, is no way around.
    String text = new String(raw, UTF_8);
    String header = text.substring(text.indexOf("gpgsig "), text.indexOf("\n\n") + 1);
    String unsigned = text.replace(header, "");
    String foreign = unsigned.replaceFirst("\n\n", "\n" + header + "gpgsig-sha256 x\n y\n\n");
    accepted(signers, Signed.commit("0".repeat(40), foreign.getBytes(UTF_8)));
    String twice = unsigned.replaceFirst("\n\n", "\n" + header + header + "\n");
    assertThat(refusal(signers, Signed.commit("0".repeat(40), twice.getBytes(UTF_8))))
        .contains("damaged");
    assertThat(refusal(signers, Signed.commit("0".repeat(40), unsigned.getBytes(UTF_8))))
        .isEqualTo("is not signed");
  }
}
