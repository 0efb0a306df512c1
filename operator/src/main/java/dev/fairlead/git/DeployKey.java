package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Optional;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;

/**
 * A key pair that opens one repository.
 *
 * @param identity the private half, in the form that ssh-keygen writes; for the Secret alone
 * @param publicHalf one line, as Git hosts take it
 * @param fingerprint {@code ssh-ed25519 SHA256:...}, by which hosts show the key that they have
 */
public record DeployKey(String identity, String publicHalf, String fingerprint) {
  static {
    JdkEd25519.install();
  }

  public DeployKey {
    requireNonNull(identity);
    requireNonNull(publicHalf);
    requireNonNull(fingerprint);
  }

  /**
   * Makes a new one, of kind ed25519.
   *
   * @param comment who it is for; one word
   */
  public static DeployKey generate(String comment) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, comment, null, out);
      return of(pair, out.toString(StandardCharsets.US_ASCII), comment);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has Ed25519", e);
    }
  }

  /**
   * The key that a Secret holds.
   *
   * @throws GitException AUTHENTICATION_FAILED: it cannot be read
   */
  public static DeployKey read(String identity, Optional<String> password, String comment)
      throws GitException {
    return of(SshKeys.read(new Credentials.Identity(identity, password)), identity, comment);
  }

  private static DeployKey of(KeyPair pair, String identity, String comment) {
    return new DeployKey(
        identity,
        PublicKeyEntry.toString(pair.getPublic()) + " " + comment,
        SshKeys.shown(pair.getPublic()));
  }

  /** Never the private half. */
  @Override
  public String toString() {
    return "DeployKey[" + fingerprint + "]";
  }
}
