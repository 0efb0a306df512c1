package dev.fairlead.git;

import dev.fairlead.model.Expiry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.RSAPublicBCPGKey;
import org.bouncycastle.bcpg.sig.IssuerFingerprint;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;
import org.jspecify.annotations.Nullable;

/**
 * OpenPGP keys whose signatures count. A key, or a subkey that its owner bound for signing, has to
 * be neither revoked nor expired now; what was signed before it expired does not count any longer,
 * for who signs also says when.
 */
final class OpenPgpKeys {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN PGP ([A-Z ]+)-----.*?-----END PGP \\1-----", Pattern.DOTALL);
  private static final int RSA_BITS = 2048;

  /** A check takes the third power of it, and no program makes larger ones. */
  private static final int MOST_RSA_BITS = 8192;

  /** What the JDK takes of large keys; the check of one with a longer one takes minutes. */
  private static final int MOST_EXPONENT_BITS = 64;

  /** RSA keys of old programs that could sign only. */
  private static final int RSA_SIGN = 3;

  /** Those that are left out have had collisions made. */
  private static final Map<Integer, String> WEAK_HASHES =
      Map.of(
          HashAlgorithmTags.MD5, "MD5",
          HashAlgorithmTags.SHA1, "SHA-1",
          HashAlgorithmTags.RIPEMD160, "RIPEMD-160");

  private final List<PGPPublicKeyRing> rings;

  private OpenPgpKeys(List<PGPPublicKeyRing> rings) {
    this.rings = rings;
  }

  static OpenPgpKeys of(List<String> armored) throws GitException {
    List<PGPPublicKeyRing> rings = new ArrayList<>();
    for (String text : armored) {
      try {
        rings.addAll(read(text));
      } catch (Rejected e) {
        throw Signers.invalid(e.getMessage());
      }
    }
    return new OpenPgpKeys(List.copyOf(rings));
  }

  /**
   * Of a file with one or more armored blocks.
   *
   * @param key of the Secret
   */
  static List<Expiry> expiries(String key, String text) throws Rejected {
    return OpenPgpValidity.of(key, read(text));
  }

  private static List<PGPPublicKeyRing> read(String text) throws Rejected {
    List<PGPPublicKeyRing> rings = new ArrayList<>();
    Matcher block = BLOCK.matcher(text);
    while (block.find()) {
      if (!block.group(1).equals("PUBLIC KEY BLOCK")) {
        throw new Rejected(
            "it holds a "
                + block.group(1).toLowerCase(Locale.ROOT)
                + ", and a public key is wanted: gpg --export --armor KEY");
      }
      for (Object packet : packets(block.group())) {
        if (packet instanceof PGPPublicKeyRing ring) {
          rings.add(ring);
        }
      }
    }
    if (rings.isEmpty()) {
      throw new Rejected("it is no armored OpenPGP key: gpg --export --armor KEY");
    }
    return rings;
  }

  private static List<Object> packets(String armored) throws Rejected {
    List<Object> packets = new ArrayList<>();
    try (var in =
        new ArmoredInputStream(
            new ByteArrayInputStream(armored.getBytes(StandardCharsets.US_ASCII)))) {
      var factory = new PGPObjectFactory(in, new BcKeyFingerprintCalculator());
      for (Object next = factory.nextObject(); next != null; next = factory.nextObject()) {
        packets.add(next);
      }
      return packets;
    } catch (IOException | RuntimeException e) {
      throw new Rejected("it is damaged");
    }
  }

  void verify(byte[] payload, String armored, Instant now) throws Rejected {
    PGPSignature signature = signature(armored);
    String weak = WEAK_HASHES.get(signature.getHashAlgorithm());
    PGPPublicKeyRing ring = ring(signature);
    PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
    String by = "the OpenPGP key " + fingerprint(key);
    if (weak != null) {
      throw new Rejected(
          "is signed by " + by + " with " + weak + ", which is too weak: sign it with SHA-256");
    }
    requireCheckable(key, by);
    if (!key.isMasterKey()) {
      requireCheckable(ring.getPublicKey(), by + " of " + fingerprint(ring.getPublicKey()));
    }
    if (!isBy(signature, key, payload)) {
      throw new Rejected(
          "has a signature by " + by + " that does not fit: it was altered after it was signed");
    }
    requireGood(ring.getPublicKey(), key, by, now);
    long seconds = signature.getHashedSubPackets().getSignatureExpirationTime();
    Instant end = signature.getCreationTime().toInstant().plusSeconds(seconds);
    if (seconds > 0 && !now.isBefore(end)) {
      throw new Rejected("has a signature by " + by + " that expired at " + end + ": sign it anew");
    }
  }

  private static PGPSignature signature(String armored) throws Rejected {
    List<PGPSignature> all = new ArrayList<>();
    try {
      for (Object packet : packets(armored)) {
        if (packet instanceof PGPSignatureList list) {
          list.forEach(all::add);
        }
      }
    } catch (Rejected e) {
      throw new Rejected("has an OpenPGP signature that cannot be read: " + e.getMessage());
    }
    if (all.size() != 1) {
      throw new Rejected("has " + all.size() + " OpenPGP signatures in place of one");
    }
    if (all.getFirst().getSignatureType() != PGPSignature.BINARY_DOCUMENT
        || all.getFirst().getHashedSubPackets() == null) {
      throw new Rejected("has an OpenPGP signature that is not one of a document");
    }
    return all.getFirst();
  }

  private PGPPublicKeyRing ring(PGPSignature signature) throws Rejected {
    for (PGPPublicKeyRing ring : rings) {
      if (ring.getPublicKey(signature.getKeyID()) != null) {
        return ring;
      }
    }
    IssuerFingerprint issuer = signature.getHashedSubPackets().getIssuerFingerprint();
    throw new Rejected(
        "is signed by the OpenPGP key "
            + (issuer == null
                ? String.format(Locale.ROOT, "%016X", signature.getKeyID())
                : hex(issuer.getFingerprint()))
            + ", which is not in the Secret of spec.verify");
  }

  /** Strong enough to count, and not so large that checking it would keep a processor busy. */
  private static void requireCheckable(PGPPublicKey key, String by) throws Rejected {
    switch (key.getAlgorithm()) {
      case PublicKeyAlgorithmTags.DSA ->
          throw new Rejected("is signed by " + by + ", a DSA key, which is too weak");
      case PublicKeyAlgorithmTags.RSA_GENERAL, RSA_SIGN -> {
        if (key.getBitStrength() < RSA_BITS) {
          throw new Rejected(
              "is signed by "
                  + by
                  + ", an RSA key of "
                  + key.getBitStrength()
                  + " bits, which is too weak: "
                  + RSA_BITS
                  + " are needed");
        }
        if (key.getBitStrength() > MOST_RSA_BITS
            || (key.getPublicKeyPacket().getKey() instanceof RSAPublicBCPGKey rsa
                && rsa.getPublicExponent().bitLength() > MOST_EXPONENT_BITS)) {
          throw new Rejected(
              "is signed by "
                  + by
                  + ", an RSA key that is too large to be checked: it may have "
                  + MOST_RSA_BITS
                  + " bits, and its exponent "
                  + MOST_EXPONENT_BITS);
        }
      }
      default -> {}
    }
  }

  private static boolean isBy(PGPSignature signature, PGPPublicKey key, byte[] payload) {
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), key);
      signature.update(payload);
      return signature.verify();
    } catch (PGPException | RuntimeException e) {
      return false;
    }
  }

  private static void requireGood(PGPPublicKey master, PGPPublicKey key, String by, Instant now)
      throws Rejected {
    if (key.hasRevocation() || master.hasRevocation()) {
      throw new Rejected("is signed by " + by + ", which is revoked");
    }
    for (PGPPublicKey each : List.of(master, key)) {
      Instant end = each.getCreationTime().toInstant().plusSeconds(each.getValidSeconds());
      if (each.getValidSeconds() > 0 && !now.isBefore(end)) {
        throw new Rejected(
            "is signed by "
                + by
                + ", which expired at "
                + end
                + ": sign with another one, or extend it and put it into the Secret anew");
      }
    }
    if (!key.isMasterKey() && !isBound(master, key)) {
      throw new Rejected("is signed by " + by + ", a subkey that its owner did not bind to sign");
    }
  }

  /** Both must have said so: the owner of the key, and the subkey itself. */
  private static boolean isBound(PGPPublicKey master, PGPPublicKey subkey) {
    for (Iterator<PGPSignature> all = subkey.getSignaturesOfType(PGPSignature.SUBKEY_BINDING);
        all.hasNext(); ) {
      PGPSignature binding = all.next();
      PGPSignatureSubpacketVector says = binding.getHashedSubPackets();
      if (says != null
          && (says.getKeyFlags() & KeyFlags.SIGN_DATA) != 0
          && certifies(binding, master, master, subkey)
          && isBoundBack(says, binding.getUnhashedSubPackets(), master, subkey)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBoundBack(
      PGPSignatureSubpacketVector hashed,
      @Nullable PGPSignatureSubpacketVector unhashed,
      PGPPublicKey master,
      PGPPublicKey subkey) {
    try {
      List<PGPSignature> embedded = new ArrayList<>();
      hashed.getEmbeddedSignatures().forEach(embedded::add);
      if (unhashed != null) {
        unhashed.getEmbeddedSignatures().forEach(embedded::add);
      }
      return embedded.stream()
          .filter(s -> s.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING)
          .anyMatch(s -> certifies(s, subkey, master, subkey));
    } catch (PGPException e) {
      return false;
    }
  }

  private static boolean certifies(
      PGPSignature signature, PGPPublicKey by, PGPPublicKey master, PGPPublicKey subkey) {
    try {
      signature.init(new BcPGPContentVerifierBuilderProvider(), by);
      return signature.verifyCertification(master, subkey);
    } catch (PGPException | RuntimeException e) {
      return false;
    }
  }

  private static String fingerprint(PGPPublicKey key) {
    return hex(key.getFingerprint());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }
}
