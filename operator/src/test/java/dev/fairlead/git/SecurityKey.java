package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/** Signs as a FIDO token does, which the machine does not have. */
final class SecurityKey {
  private static final String APPLICATION = "ssh:";
  private static final int COORDINATE = 32;

  private final String type;
  private final String algorithm;
  private final KeyPair pair;

  private SecurityKey(String type, String algorithm, KeyPair pair) {
    this.type = type;
    this.algorithm = algorithm;
    this.pair = pair;
  }

  static SecurityKey ed25519() throws GeneralSecurityException {
    return new SecurityKey(
        "sk-ssh-ed25519@openssh.com",
        "Ed25519",
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
  }

  static SecurityKey ecdsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return new SecurityKey(
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "SHA256withECDSAinP1363Format",
        generator.generateKeyPair());
  }

  private static byte[] strings(byte[]... values) {
    var out = new ByteArrayOutputStream();
    for (byte[] value : values) {
      out.writeBytes(ByteBuffer.allocate(4).putInt(value.length).array());
      out.writeBytes(value);
    }
    return out.toByteArray();
  }

  private static byte[] both(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private byte[] blob() {
    if (pair.getPublic() instanceof ECPublicKey ec) {
      byte[] point =
          both(both(new byte[] {4}, fixed(ec.getW().getAffineX())), fixed(ec.getW().getAffineY()));
      return strings(
          type.getBytes(UTF_8), "nistp256".getBytes(UTF_8), point, APPLICATION.getBytes(UTF_8));
    }
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - COORDINATE, encoded.length);
    return strings(type.getBytes(UTF_8), raw, APPLICATION.getBytes(UTF_8));
  }

  private static byte[] fixed(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] fixed = new byte[COORDINATE];
    int length = Math.min(bytes.length, COORDINATE);
    System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE - length, length);
    return fixed;
  }

  /** As in a file of public keys. */
  String line() {
    return type + " " + Base64.getEncoder().encodeToString(blob());
  }

  /** An armored signature for git. */
  String sign(byte[] payload) throws GeneralSecurityException {
    byte[] hash = SshSignature.hash("SHA-512", payload);
    byte[] magic = "SSHSIG".getBytes(UTF_8);
    byte[] message =
        both(magic, strings("git".getBytes(UTF_8), new byte[0], "sha512".getBytes(UTF_8), hash));
    byte[] flagsAndCounter = {1, 0, 0, 0, 7};
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(pair.getPrivate());
    signer.update(SshSignature.hash("SHA-256", APPLICATION.getBytes(UTF_8)));
    signer.update(flagsAndCounter);
    signer.update(SshSignature.hash("SHA-256", message));
    byte[] raw = signer.sign();
    byte[] value =
        pair.getPublic() instanceof ECPublicKey
            ? strings(
                new BigInteger(1, Arrays.copyOf(raw, COORDINATE)).toByteArray(),
                new BigInteger(1, Arrays.copyOfRange(raw, COORDINATE, raw.length)).toByteArray())
            : raw;
    byte[] signature = both(strings(type.getBytes(UTF_8), value), flagsAndCounter);
    byte[] whole =
        both(
            both(magic, ByteBuffer.allocate(4).putInt(1).array()),
            strings(
                blob(), "git".getBytes(UTF_8), new byte[0], "sha512".getBytes(UTF_8), signature));
    return "-----BEGIN SSH SIGNATURE-----\n"
        + Base64.getMimeEncoder(70, new byte[] {'\n'}).encodeToString(whole)
        + "\n-----END SSH SIGNATURE-----\n";
  }
}
