package dev.fairlead.git;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads private keys in PEM without a passphrase: PKCS#8, and the older forms of RSA (PKCS#1) and
 * EC (SEC 1) keys that openssl, cert-manager and GitHub write. Nothing of a key is in a message.
 */
final class PemKey {
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----(.*?)-----END \\1-----",
          Pattern.DOTALL);
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  /** The AlgorithmIdentifier of RSA: 1.2.840.113549.1.1.1 and no parameters. */
  private static final byte[] RSA = {
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private PemKey() {}

  /**
   * A key of the same kind, and on the same curve, as a public key.
   *
   * @param name of the Secret's key, for the message
   * @throws GitException AUTHENTICATION_FAILED: why it cannot be read
   */
  static PrivateKey read(String name, String pem, PublicKey like) throws GitException {
    return read(name, pem, like.getAlgorithm(), algorithmOf(like.getEncoded()));
  }

  /** An RSA key, as the other one. */
  static PrivateKey readRsa(String name, String pem) throws GitException {
    return read(name, pem, "RSA", RSA);
  }

  private static PrivateKey read(String name, String pem, String kind, byte[] algorithm)
      throws GitException {
    Matcher block = BLOCK.matcher(pem);
    if (!block.find()) {
      throw Credentials.unusable(
          "has a "
              + name
              + " that is not a private key in PEM: put the whole file there, from -----BEGIN to"
              + " -----END");
    }
    String form = block.group(1);
    if (form.startsWith("ENCRYPTED") || block.group(2).contains("ENCRYPTED")) {
      throw Credentials.unusable(
          "has an encrypted "
              + name
              + ": decrypt it with 'openssl pkey -in key.pem', since the Secret is what guards it");
    }
    try {
      byte[] body = Base64.getMimeDecoder().decode(block.group(2));
      byte[] pkcs8 = form.equals("PRIVATE KEY") ? body : wrapped(body, algorithm);
      return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Not as the cause: what it quotes may be of the key.
      throw Credentials.unusable(
          "has a " + name + " that is no " + kind + " key, which it must be, or is damaged");
    }
  }

  /** What PKCS#8 puts around the older forms. */
  private static byte[] wrapped(byte[] key, byte[] algorithm) {
    return der(SEQUENCE, VERSION_0, algorithm, der(OCTET_STRING, key));
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var out = new ByteArrayOutputStream();
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | bytes);
      for (int i = bytes - 1; i >= 0; i--) {
        out.write(length >> (8 * i));
      }
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** A public key is a sequence that begins with what it is. */
  private static byte[] algorithmOf(byte[] publicKey) {
    int start = contentAt(publicKey, 0);
    int content = contentAt(publicKey, start);
    // Names of algorithms and curves are short: one byte holds their length.
    return Arrays.copyOfRange(publicKey, start, content + publicKey[start + 1]);
  }

  private static int contentAt(byte[] der, int at) {
    int length = der[at + 1] & 0xff;
    return at + 2 + (length < 0x80 ? 0 : length & 0x7f);
  }
}
