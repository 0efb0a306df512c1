package dev.fairlead.git;

import dev.fairlead.model.Expiry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/** Until when the certificates of a Secret are good. */
final class Validity {
  private static final int SUBJECT = 100;

  private Validity() {}

  /**
   * What is shown is worth nothing once any certificate of its chain is over, but for the root's: a
   * host has that itself.
   */
  static Expiry ofChain(List<X509Certificate> chain) {
    X509Certificate first =
        chain.stream()
            .filter(c -> c.equals(chain.getFirst()) || !isRoot(c))
            .min(Comparator.comparing(Validity::end))
            .orElseThrow();
    String what =
        first.equals(chain.getFirst())
            ? "the client certificate"
            : "the certificate of " + subject(first) + ", which the client's follows from,";
    return new Expiry(Expiry.Kind.CLIENT_CERTIFICATE, "tls.crt", what, end(first));
  }

  /** By authority; one that is there beside its successor is of no account. */
  static List<Expiry> ofAuthorities(List<X509Certificate> authorities) {
    Map<X500Principal, X509Certificate> last = new HashMap<>();
    for (X509Certificate authority : authorities) {
      last.merge(
          authority.getSubjectX500Principal(),
          authority,
          (one, other) -> end(one).isBefore(end(other)) ? other : one);
    }
    List<Expiry> all = new ArrayList<>();
    for (X509Certificate authority : last.values()) {
      all.add(
          new Expiry(
              Expiry.Kind.CA_CERTIFICATE,
              "ca.crt",
              "the certificate of the authority " + subject(authority),
              end(authority)));
    }
    all.sort(Comparator.comparing(Expiry::at).thenComparing(Expiry::what));
    return List.copyOf(all);
  }

  /** What to add, in parentheses, where somebody was not trusted; empty if none is over. */
  static String expired(Optional<String> authority, Instant now) {
    if (authority.isEmpty()) {
      return "";
    }
    try {
      return ofAuthorities(ClientCertificate.certificates("ca.crt", authority.get())).stream()
          .filter(e -> e.isOver(now))
          .findFirst()
          .map(e -> " (" + e.what() + " there expired on " + Expiry.minute(e.at()) + ")")
          .orElse("");
    } catch (GitException e) {
      return "";
    }
  }

  private static boolean isRoot(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private static String subject(X509Certificate certificate) {
    return Text.cut(certificate.getSubjectX500Principal().getName(), SUBJECT);
  }
}
