package dev.fairlead.git;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.OpenSshCertificate;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;

/**
 * The keys by which a server is known, in the form of OpenSSH's {@code known_hosts}: names plain,
 * with wildcards or hashed, {@code [host]:port}, and the markers {@code @cert-authority} and {@code
 * @revoked}. Immutable.
 */
final class KnownHosts {
  static {
    JdkEd25519.install();
  }

  private enum Marker {
    NONE,
    AUTHORITY,
    REVOKED
  }

  private record Line(KnownHostEntry hosts, Marker marker, PublicKey key) {
    boolean isFor(String host, int port) {
      return hosts.isHostMatch(host, port);
    }

    boolean has(PublicKey other) {
      return KeyUtils.compareKeys(key, other);
    }
  }

  /** What is to be thought of a key that a server showed. */
  sealed interface Verdict {
    record Trusted() implements Verdict {}

    record Revoked() implements Verdict {}

    /** Nothing says anything about this host. */
    record Unknown() implements Verdict {}

    /** The host should have shown one of these, or a certificate by one of these. */
    record Other(List<PublicKey> expected) implements Verdict {
      public Other {
        expected = List.copyOf(expected);
      }
    }
  }

  /** Of nobody. */
  static final KnownHosts NONE = new KnownHosts(List.of());

  private final List<Line> lines;

  private KnownHosts(List<Line> lines) {
    this.lines = List.copyOf(lines);
  }

  /**
   * @throws GitException AUTHENTICATION_FAILED: which line cannot be used
   */
  static KnownHosts parse(String text) throws GitException {
    List<Line> lines = new ArrayList<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.stripLeading().startsWith("#")) {
        continue;
      }
      try {
        lines.add(read(line));
      } catch (IOException | GeneralSecurityException | RuntimeException e) {
        throw Credentials.unusable(
            "has a known_hosts whose line "
                + number
                + " cannot be read: it must be like '"
                + "git.example.org ssh-ed25519 AAAA...', as ssh-keyscan prints it");
      }
    }
    if (lines.isEmpty()) {
      throw Credentials.unusable(
          "has a known_hosts without a key: put there what ssh-keyscan prints of the host");
    }
    return new KnownHosts(lines);
  }

  private static Line read(String line) throws IOException, GeneralSecurityException {
    KnownHostEntry entry = Objects.requireNonNull(KnownHostEntry.parseKnownHostEntry(line));
    Marker marker =
        switch (entry.getMarker()) {
          case null -> Marker.NONE;
          case "cert-authority" -> Marker.AUTHORITY;
          case "revoked" -> Marker.REVOKED;
          case String other -> throw new IOException(other);
        };
    PublicKey key = entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.FAILING);
    return new Line(entry, marker, key);
  }

  Verdict judge(String host, int port, PublicKey shown) {
    boolean certified = shown instanceof OpenSshCertificate;
    PublicKey signer = shown instanceof OpenSshCertificate c ? c.getCaPubKey() : shown;
    PublicKey own = shown instanceof OpenSshCertificate c ? c.getCertPubKey() : shown;
    List<PublicKey> expected = new ArrayList<>();
    boolean trusted = false;
    for (Line line : lines) {
      if (!line.isFor(host, port)) {
        continue;
      }
      switch (line.marker()) {
        case REVOKED -> {
          if (line.has(signer) || line.has(own)) {
            return new Verdict.Revoked();
          }
        }
        case AUTHORITY -> {
          trusted |= certified && line.has(signer);
          expected.add(line.key());
        }
        case NONE -> {
          trusted |= !certified && line.has(own);
          expected.add(line.key());
        }
      }
    }
    if (trusted) {
      return new Verdict.Trusted();
    }
    return expected.isEmpty() ? new Verdict.Unknown() : new Verdict.Other(expected);
  }

  /** The kinds of the keys that the host is known by, so that it can be asked for one of them. */
  List<String> kinds(String host, int port) {
    return lines.stream()
        .filter(line -> line.marker() == Marker.NONE && line.isFor(host, port))
        .map(line -> KeyUtils.getKeyType(line.key()))
        .distinct()
        .toList();
  }

  /** Whether the host may be known by a certificate. */
  boolean hasAuthority(String host, int port) {
    return lines.stream()
        .anyMatch(line -> line.marker() == Marker.AUTHORITY && line.isFor(host, port));
  }
}
