package dev.fairlead.git;

import dev.fairlead.model.Expiry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;

/** Until when OpenPGP keys can sign: often it is a subkey that does, and ends before its owner. */
final class OpenPgpValidity {
  private OpenPgpValidity() {}

  /**
   * Of those keys that are not revoked and end at all.
   *
   * @param key of the Secret
   */
  static List<Expiry> of(String key, List<PGPPublicKeyRing> rings) {
    List<Expiry> all = new ArrayList<>();
    for (PGPPublicKeyRing ring : rings) {
      PGPPublicKey master = ring.getPublicKey();
      if (!master.hasRevocation()) {
        String print = HexFormat.of().withUpperCase().formatHex(master.getFingerprint());
        end(ring)
            .map(at -> new Expiry(Expiry.Kind.SIGNING_KEY, key, "the OpenPGP key " + print, at))
            .ifPresent(all::add);
      }
    }
    return List.copyOf(all);
  }

  /** When the last key that signs is over, or their owner before; empty for never. */
  private static Optional<Instant> end(PGPPublicKeyRing ring) {
    PGPPublicKey master = ring.getPublicKey();
    List<PGPPublicKey> signing = new ArrayList<>();
    ring.getPublicKeys()
        .forEachRemaining(k -> {
          if (!k.hasRevocation() && signs(k, master.getKeyID())) {
            signing.add(k);
          }
        });
    // One for ever among them: only the owner's end counts.
    Optional<Instant> last =
        signing.stream().anyMatch(k -> k.getValidSeconds() == 0)
            ? Optional.empty()
            : signing.stream().flatMap(k -> end(k).stream()).max(Comparator.naturalOrder());
    return Stream.concat(end(master).stream(), last.stream()).min(Comparator.naturalOrder());
  }

  private static Optional<Instant> end(PGPPublicKey key) {
    return key.getValidSeconds() == 0
        ? Optional.empty()
        : Optional.of(key.getCreationTime().toInstant().plusSeconds(key.getValidSeconds()));
  }

  /** As its owner says of it; an owner that says nothing of his own key signs. */
  private static boolean signs(PGPPublicKey key, long owner) {
    boolean said = false;
    for (Iterator<PGPSignature> all = key.getSignatures(); all.hasNext(); ) {
      PGPSignature signature = all.next();
      PGPSignatureSubpacketVector says = signature.getHashedSubPackets();
      if (signature.getKeyID() == owner && says != null && says.getKeyFlags() != 0) {
        said = true;
        if ((says.getKeyFlags() & KeyFlags.SIGN_DATA) != 0) {
          return true;
        }
      }
    }
    return key.isMasterKey() && !said;
  }
}
