package dev.fairlead.reconcile;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncFigures;
import dev.fairlead.model.Warning;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is good for a limited time in the Secrets that a sync uses, by the field that names the
 * Secret. A field that is not there has not been read yet.
 *
 * <p>Its words hold from one {@link #next} to the other, for they say when, and not how soon.
 */
record Expiries(Map<String, List<Expiring>> byField) {
  /** Nothing is known yet. */
  static final Expiries UNREAD = new Expiries(Map.of());

  /** How long before its end something is warned of. */
  static final Duration AHEAD = Duration.ofDays(30);

  /** An end may lie farther away than any timer reaches. */
  private static final Duration LONGEST = Duration.ofDays(30);

  static final String SECRET = "spec.secretRef";
  static final String PROXY = "spec.proxySecretRef";
  static final String VERIFY = "spec.verify";

  Expiries {
    byField = Map.copyOf(byField);
  }

  /** Something in a Secret. */
  record Expiring(Source.SecretKey secret, Expiry expiry) {
    private Warning warning(String field, Instant now) {
      boolean over = expiry.isOver(now);
      String message =
          "%s: %s in %s of the Secret %s/%s %s on %s: %s"
              .formatted(
                  field,
                  expiry.what(),
                  expiry.key(),
                  secret.namespace(),
                  secret.name(),
                  over ? "expired" : "expires",
                  Expiry.minute(expiry.at()),
                  remedy(field, over));
      return new Warning(Optional.empty(), Origin.ofFile(""), message);
    }

    private String remedy(String field, boolean over) {
      return switch (expiry.kind()) {
        case CLIENT_CERTIFICATE ->
            over
                ? "Git cannot be read until tls.crt and tls.key are renewed there"
                : "renew tls.crt and tls.key there before, or Git cannot be read from then on";
        case CA_CERTIFICATE ->
            "put its successor there too, for %s that shows a certificate of that one is not trusted"
                .formatted(field.equals(PROXY) ? "a proxy" : "a host");
        case SIGNING_KEY ->
            over
                ? "no commit that it signed is applied; extend it and put it there anew, sign with"
                    + " another, or remove it"
                : "extend it and put it there anew before, or sign with another, for no commit that"
                    + " it signed is applied from then on";
      };
    }
  }

  /**
   * Of a sync as it is now.
   *
   * @param read from the Secrets with credentials, and with the proxy; empty before they were read
   * @param signers the same of the Secret with the keys that may sign
   */
  static Expiries of(Sync sync, Optional<Source.Validities> read, Optional<List<Expiry>> signers) {
    Source.Key source = Sources.keyOf(sync);
    Map<String, List<Expiring>> byField = new HashMap<>();
    put(byField, SECRET, source.secret(), read.map(Source.Validities::credentials));
    put(byField, PROXY, source.proxy(), read.map(Source.Validities::proxy));
    put(byField, VERIFY, Signatures.secretOf(sync), signers);
    return new Expiries(byField);
  }

  private static void put(
      Map<String, List<Expiring>> byField,
      String field,
      Optional<Source.SecretKey> secret,
      Optional<List<Expiry>> read) {
    if (secret.isEmpty()) {
      byField.put(field, List.of());
    } else if (read.isPresent()) {
      byField.put(field, read.get().stream().map(e -> new Expiring(secret.get(), e)).toList());
    }
  }

  /** Of what is near its end, or over. */
  List<Warning> warnings(Instant now) {
    List<Warning> all = new ArrayList<>();
    byField.forEach((field, list) ->
        told(list, now)
            .filter(e -> !now.isBefore(e.expiry().at().minus(AHEAD)))
            .map(e -> e.warning(field, now))
            .forEach(all::add));
    return all.stream().sorted().distinct().toList();
  }

  /** Whether a warning in status is of a field that has been read, and so is found anew. */
  boolean covers(String warning) {
    return byField.keySet().stream().anyMatch(field -> warning.startsWith(field + ": "));
  }

  List<SyncFigures.Expiring> figures(Instant now) {
    return byField.values().stream()
        .flatMap(list -> told(list, now))
        .map(e ->
            new SyncFigures.Expiring(
                e.expiry().kind(), e.secret().namespace(), e.secret().name(), e.expiry().at()))
        .toList();
  }

  /** Among several authorities nobody may need the one that is over. */
  private static Stream<Expiring> told(List<Expiring> list, Instant now) {
    boolean trusted =
        list.stream()
            .map(Expiring::expiry)
            .anyMatch(e -> e.kind() == Expiry.Kind.CA_CERTIFICATE && !e.isOver(now));
    return list.stream()
        .filter(e ->
            !trusted || e.expiry().kind() != Expiry.Kind.CA_CERTIFICATE || !e.expiry().isOver(now));
  }

  /** When something else is to be said. */
  Optional<Instant> next(Instant now) {
    return byField.values().stream()
        .flatMap(List::stream)
        .map(e -> e.expiry().at())
        .flatMap(at -> Stream.of(at.minus(AHEAD), at))
        .filter(now::isBefore)
        .min(Instant::compareTo);
  }

  /** The result of work on the sync, coming again when something else is to be said. */
  Result again(Result result, Instant now) {
    return next(now)
        .map(at -> at.isAfter(now.plus(LONGEST)) ? LONGEST : Duration.between(now, at))
        .map(wait -> result.noLaterThan(wait, Priority.LOW))
        .orElse(result);
  }
}
