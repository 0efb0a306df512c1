package dev.fairlead.git;

import static dev.fairlead.git.SshSigners.ascii;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/** An ssh public key and how its signatures are checked. Equal keys have equal blobs. */
final class SshKey {
  private static final String ED25519 = "ssh-ed25519";
  private static final String RSA = "ssh-rsa";
  private static final String SK_ED25519 = "sk-ssh-ed25519@openssh.com";
  private static final String SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com";
  private static final Set<String> OTHERS = Set.of(ED25519, RSA, SK_ED25519, SK_ECDSA, "ssh-dss");
  private static final int RSA_BITS = 2048;

  /** What stands before the 32 bytes of a key in the form that the JDK reads. */
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  /** By ssh's name: ours, and the bytes of a coordinate. */
  private record Curve(String name, String hash, int size) {}

  private static final Map<String, Curve> CURVES =
      Map.of(
          "nistp256", new Curve("secp256r1", "SHA256", 32),
          "nistp384", new Curve("secp384r1", "SHA384", 48),
          "nistp521", new Curve("secp521r1", "SHA512", 66));

  private final String type;
  private final PublicKey key;
  private final byte[] blob;

  /** What a security key signs for; empty for keys without one. */
  private final String application;

  private SshKey(String type, PublicKey key, byte[] blob, String application) {
    this.type = type;
    this.key = key;
    this.blob = blob;
    this.application = application;
  }

  String type() {
    return type;
  }

  /** Whether it is the name of a kind of key, supported or not. */
  static boolean isType(String text) {
    return OTHERS.contains(text)
        || text.startsWith("ecdsa-sha2-")
        || text.endsWith("-cert-v01@openssh.com");
  }

  static SshKey read(byte[] blob) throws Rejected {
    var in = new SshReader(blob);
    String type = in.text();
    if (type.endsWith("-cert-v01@openssh.com")) {
      throw new Rejected("ssh certificates are not supported: put in the key itself");
    }
    try {
      SshKey key =
          switch (type) {
            case ED25519 -> new SshKey(type, ed25519(in.string()), blob, "");
            case SK_ED25519 -> new SshKey(type, ed25519(in.string()), blob, in.text());
            case RSA -> new SshKey(type, rsa(in.integer(), in.integer()), blob, "");
            case SK_ECDSA -> new SshKey(type, ec(in.text(), in.string()), blob, in.text());
            case "ssh-dss" -> throw new Rejected("a DSA key, which is too weak");
            default -> {
              if (!type.startsWith("ecdsa-sha2-")) {
                throw new Rejected("a key of an unknown kind: " + Text.cut(type, 50));
              }
              yield new SshKey(type, ec(in.text(), in.string()), blob, "");
            }
          };
      in.end();
      return key;
    } catch (GeneralSecurityException e) {
      throw new Rejected("the key is damaged");
    }
  }

  private static PublicKey ed25519(byte[] raw) throws GeneralSecurityException {
    byte[] encoded = Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + raw.length);
    System.arraycopy(raw, 0, encoded, ED25519_PREFIX.length, raw.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  private static PublicKey rsa(BigInteger exponent, BigInteger modulus)
      throws GeneralSecurityException, Rejected {
    if (modulus.bitLength() < RSA_BITS) {
      throw new Rejected(
          "an RSA key of " + modulus.bitLength() + " bits, which is too weak: 2048 are needed");
    }
    return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
  }

  private static PublicKey ec(String name, byte[] point) throws GeneralSecurityException, Rejected {
    Curve curve = CURVES.get(name);
    if (curve == null || point.length != 1 + 2 * curve.size() || point[0] != 4) {
      throw new Rejected("the key is damaged");
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec(curve.name()));
    var x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + curve.size()));
    var y = new BigInteger(1, Arrays.copyOfRange(point, 1 + curve.size(), point.length));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(x, y), parameters.getParameterSpec(ECParameterSpec.class)));
  }

  /** As ssh shows it: {@code SHA256:...}. */
  String fingerprint() {
    return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(sha256(blob));
  }

  /**
   * Whether the signature is this key's over the message.
   *
   * @throws Rejected it is of a kind that does not count
   */
  boolean fits(byte[] signature, byte[] message) throws Rejected {
    var in = new SshReader(signature);
    String algorithm = in.text();
    byte[] value = in.string();
    if (algorithm.equals(RSA)) {
      throw new Rejected("RSA with SHA-1, which is too weak");
    }
    boolean rsa = algorithm.equals("rsa-sha2-256") || algorithm.equals("rsa-sha2-512");
    if (rsa ? !type.equals(RSA) : !algorithm.equals(type)) {
      throw new Rejected("it is not of the kind of its key");
    }
    byte[] signed = application.isEmpty() ? message : bySecurityKey(message, in.take(5));
    in.end();
    try {
      return switch (type) {
        case ED25519, SK_ED25519 -> verify("Ed25519", value, signed);
        case RSA ->
            verify(
                algorithm.equals("rsa-sha2-256") ? "SHA256withRSA" : "SHA512withRSA",
                value,
                signed);
        default -> {
          Curve curve =
              type.equals(SK_ECDSA)
                  ? CURVES.get("nistp256")
                  : CURVES.get(type.substring("ecdsa-sha2-".length()));
          yield curve != null
              && verify(
                  curve.hash() + "withECDSAinP1363Format", concatenated(value, curve), signed);
        }
      };
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** A security key signs the hash of the message together with its own flags and counter. */
  private byte[] bySecurityKey(byte[] message, byte[] flagsAndCounter) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(sha256(ascii(application)));
    out.writeBytes(flagsAndCounter);
    out.writeBytes(sha256(message));
    return out.toByteArray();
  }

  private boolean verify(String algorithm, byte[] signature, byte[] message)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(key);
    verifier.update(message);
    return verifier.verify(signature);
  }

  /** Both numbers of the signature at the size of a coordinate. */
  private static byte[] concatenated(byte[] signature, Curve curve) throws Rejected {
    var in = new SshReader(signature);
    byte[] both = new byte[2 * curve.size()];
    for (int i = 0; i < 2; i++) {
      BigInteger number = in.integer();
      if (number.signum() < 0 || number.bitLength() > 8 * curve.size()) {
        throw new Rejected("it is damaged");
      }
      byte[] bytes = number.toByteArray();
      int length = Math.min(bytes.length, curve.size());
      System.arraycopy(bytes, bytes.length - length, both, (i + 1) * curve.size() - length, length);
    }
    in.end();
    return both;
  }

  private static byte[] sha256(byte[] bytes) {
    return SshSignature.hash("SHA-256", bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SshKey key && MessageDigest.isEqual(blob, key.blob);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(blob);
  }
}
