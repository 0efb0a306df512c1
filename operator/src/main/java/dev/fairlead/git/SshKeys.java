package dev.fairlead.git;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.util.security.SecurityUtils;

/**
 * Reads private keys in the forms that ssh-keygen and openssl write. Keys stay in memory, and
 * nothing of one is in a message but its kind and the fingerprint of its public half.
 */
final class SshKeys {
  private static final String ENCRYPTED_PKCS8 = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
  private static final String ENCRYPTED_PKCS8_END = "-----END ENCRYPTED PRIVATE KEY-----";

  static {
    JdkEd25519.install();
  }

  private SshKeys() {}

  /**
   * @throws GitException AUTHENTICATION_FAILED: what is wrong with the Secret's {@code identity}
   */
  static KeyPair read(Credentials.Identity identity) throws GitException {
    String text = identity.key();
    if (text.matches("(?s)\\s*(ssh-|ecdsa-|sk-).*")) {
      throw Credentials.unusable(
          "has a public key in identity: put the private one there, the file without .pub");
    }
    if (text.stripLeading().startsWith("PuTTY-User-Key-File")) {
      throw Credentials.unusable(
          "has a PuTTY key in identity: convert it with"
              + " 'puttygen key.ppk -O private-openssh -o identity'");
    }
    boolean[] asked = {text.contains(ENCRYPTED_PKCS8)};
    if (asked[0] && identity.password().isEmpty()) {
      throw locked();
    }
    try {
      String readable = asked[0] ? decrypted(text, identity.password().orElseThrow()) : text;
      Iterable<KeyPair> keys =
          SecurityUtils.loadKeyPairIdentities(
              null,
              () -> "identity",
              new ByteArrayInputStream(readable.getBytes(StandardCharsets.UTF_8)),
              (_, _, _) -> {
                asked[0] = true;
                return identity.password().orElse(null);
              });
      if (keys != null) {
        return usable(keys.iterator().next());
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Not as the cause, nor its text: what it quotes may be of the key.
      if (asked[0] && identity.password().isEmpty()) {
        throw locked();
      }
      if (asked[0]) {
        throw Credentials.unusable(
            "has an identity that its password does not decrypt: password must be the passphrase"
                + " of the key");
      }
    }
    throw Credentials.unusable(
        "has an identity that is not a private key which can be read: put the whole file there that"
            + " ssh-keygen wrote, for example by 'ssh-keygen -t ed25519 -f identity'");
  }

  private static GitException locked() {
    return Credentials.unusable(
        "has an encrypted identity and no password: add the passphrase of the key as password");
  }

  private static KeyPair usable(KeyPair key) throws GitException {
    return switch (KeyUtils.getKeyType(key)) {
      case String type when type.equals("ssh-ed25519") || type.equals("ssh-rsa") -> key;
      case String type when type.startsWith("ecdsa-sha2-") -> key;
      case String type ->
          throw Credentials.unusable(
              "has an identity of the kind "
                  + Text.cut(type, 40)
                  + ": use an ed25519, ecdsa or rsa key");
      case null ->
          throw Credentials.unusable(
              "has an identity of an unknown kind: use an ed25519, ecdsa or rsa key");
    };
  }

  /** PKCS#8 as openssl encrypts it, in the clear. */
  private static String decrypted(String pem, String password)
      throws GeneralSecurityException, IOException {
    int begin = pem.indexOf(ENCRYPTED_PKCS8) + ENCRYPTED_PKCS8.length();
    int end = pem.indexOf(ENCRYPTED_PKCS8_END);
    if (end < begin) {
      throw new IOException("cut short");
    }
    var sealed =
        new EncryptedPrivateKeyInfo(Base64.getMimeDecoder().decode(pem.substring(begin, end)));
    AlgorithmParameters parameters = sealed.getAlgParameters();
    // PBES2 is a family: the parameters say which of its members it is.
    String algorithm =
        sealed.getAlgName().startsWith("PBEWith") ? sealed.getAlgName() : parameters.toString();
    var secret = new PBEKeySpec(password.toCharArray());
    var cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.DECRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
        parameters);
    secret.clearPassword();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder().encodeToString(sealed.getKeySpec(cipher).getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  /** As ssh-keygen -l shows it: {@code ssh-ed25519 SHA256:...}. */
  static String shown(PublicKey key) {
    return Optional.ofNullable(KeyUtils.getKeyType(key)).orElse("a key")
        + " "
        + KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
  }
}
