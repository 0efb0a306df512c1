package dev.fairlead.git;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The public keys whose signatures count. Immutable; any thread may use it. What reads OpenPGP is
 * loaded only where there is such a key.
 */
public final class Signers {
  private final Optional<OpenPgpKeys> openPgp;
  private final SshSigners ssh;
  private final List<Expiry> expiries;

  private Signers(Optional<OpenPgpKeys> openPgp, SshSigners ssh, List<Expiry> expiries) {
    this.openPgp = openPgp;
    this.ssh = ssh;
    this.expiries = List.copyOf(expiries);
  }

  /**
   * Reads a Secret: armored OpenPGP keys under {@code *.asc}, ssh keys or lines of an
   * allowed_signers file under {@code *.sshpub}; other entries are left alone.
   *
   * @throws GitException SIGNATURE_INVALID: there is no key, or one that cannot be read, which is
   *     named
   */
  public static Signers of(Map<String, byte[]> secret) throws GitException {
    List<String> armored = new ArrayList<>();
    List<SshSigners.Signer> ssh = new ArrayList<>();
    List<Expiry> expiries = new ArrayList<>();
    for (var entry : new TreeMap<>(secret).entrySet()) {
      String text = new String(entry.getValue(), StandardCharsets.UTF_8);
      try {
        if (entry.getKey().endsWith(".asc")) {
          expiries.addAll(OpenPgpKeys.expiries(entry.getKey(), text));
          armored.add(text);
        } else if (entry.getKey().endsWith(".sshpub")) {
          List<SshSigners.Signer> read = SshSigners.read(text);
          expiries.addAll(SshSigners.expiries(entry.getKey(), read));
          ssh.addAll(read);
        }
      } catch (Rejected e) {
        throw invalid(
            Text.cut(entry.getKey(), 100)
                + " in the Secret of spec.verify cannot be used: "
                + e.getMessage());
      }
    }
    if (armored.isEmpty() && ssh.isEmpty()) {
      throw invalid(
          "the Secret of spec.verify has no key: it needs armored OpenPGP keys under *.asc, or ssh"
              + " public keys under *.sshpub");
    }
    return new Signers(
        armored.isEmpty() ? Optional.empty() : Optional.of(OpenPgpKeys.of(armored)),
        new SshSigners(ssh),
        expiries);
  }

  /** Of those keys that are not for ever. */
  public List<Expiry> expiries() {
    return expiries;
  }

  /** Returns when the signature is by one of the keys, which is good at that moment. */
  void verify(Signed signed, Instant now) throws Rejected {
    String signature = signed.signature().orElseThrow(() -> new Rejected("is not signed")).strip();
    if (signature.startsWith("-----BEGIN PGP ")) {
      if (openPgp.isEmpty()) {
        throw new Rejected(
            "is signed with OpenPGP, and the Secret of spec.verify has no OpenPGP key (*.asc)");
      }
      openPgp.get().verify(signed.payload(), signature, now);
    } else if (signature.startsWith("-----BEGIN SSH SIGNATURE-----")) {
      ssh.verify(signed.payload(), signature, now);
    } else if (signature.startsWith("-----BEGIN SIGNED MESSAGE-----")) {
      throw new Rejected(
          "is signed with x509 (gitsign, smimesign), which is not supported: sign it with gpg or"
              + " ssh");
    } else {
      throw new Rejected("has a signature of no known kind: sign it with gpg or ssh");
    }
  }

  /** SIGNATURE_INVALID. */
  public static GitException invalid(String message) {
    return new GitException(Reason.SIGNATURE_INVALID, message);
  }
}
