package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.SyncFigures;
import dev.fairlead.reconcile.Expiries.Expiring;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpiriesTest {
  private static final Instant NOW = Instant.parse("2026-06-01T10:00:30Z");
  private static final Source.SecretKey SECRET = new Source.SecretKey("apps", "portfolio-git");

  @ParameterizedTest(name = "{0} of {1} in {2} days")
  @CsvSource(
      delimiter = '|',
      value = {
        "CLIENT_CERTIFICATE | spec.secretRef      | 31 |",
        "CLIENT_CERTIFICATE | spec.secretRef      | 30 | spec.secretRef: it in tls.crt of the Secret"
            + " apps/portfolio-git expires on 2026-07-01 10:00 UTC: renew tls.crt and tls.key there"
            + " before, or Git cannot be read from then on",
        "CLIENT_CERTIFICATE | spec.secretRef      | 0  | spec.secretRef: it in tls.crt of the Secret"
            + " apps/portfolio-git expired on 2026-06-01 10:00 UTC: Git cannot be read until tls.crt"
            + " and tls.key are renewed there",
        "CA_CERTIFICATE     | spec.secretRef      | 1  | spec.secretRef: it in tls.crt of the Secret"
            + " apps/portfolio-git expires on 2026-06-02 10:00 UTC: put its successor there too, for"
            + " a host that shows a certificate of that one is not trusted",
        "CA_CERTIFICATE     | spec.proxySecretRef | -1 | spec.proxySecretRef: it in tls.crt of the"
            + " Secret apps/portfolio-git expired on 2026-05-31 10:00 UTC: put its successor there"
            + " too, for a proxy that shows a certificate of that one is not trusted",
        "SIGNING_KEY        | spec.verify         | 29 | spec.verify: it in tls.crt of the Secret"
            + " apps/portfolio-git expires on 2026-06-30 10:00 UTC: extend it and put it there anew"
            + " before, or sign with another, for no commit that it signed is applied from then on",
        "SIGNING_KEY        | spec.verify         | -9 | spec.verify: it in tls.crt of the Secret"
            + " apps/portfolio-git expired on 2026-05-23 10:00 UTC: no commit that it signed is"
            + " applied; extend it and put it there anew, sign with another, or remove it"
      })
  void a_warning_says_what_where_when_and_what_to_do_from_30_days_ahead(
      Expiry.Kind kind, String field, int days, String warning) {
    Expiries expiries = with(field, expiry(kind, "it", days));

    assertThat(expiries.warnings(NOW))
        .map(Object::toString)
        .containsExactlyElementsOf(Optional.ofNullable(warning).stream().toList());
  }

  @Test
  void an_authority_that_is_over_is_of_no_account_beside_one_that_is_not() {
    Expiry over = expiry(Expiry.Kind.CA_CERTIFICATE, "old", -10);
    Expiry good = expiry(Expiry.Kind.CA_CERTIFICATE, "new", 300);
    Expiries expiries = with(Expiries.SECRET, over, good);

    assertThat(expiries.warnings(NOW)).isEmpty();
    assertThat(expiries.figures(NOW))
        .extracting(SyncFigures.Expiring::at)
        .containsExactly(good.at());
    // When the last one is over, all are told.
    assertThat(expiries.warnings(good.at())).hasSize(2);
    assertThat(expiries.figures(good.at())).hasSize(2);
  }

  @Test
  void the_sync_comes_again_when_there_is_something_else_to_say_and_not_before() {
    Expiries expiries = with(Expiries.SECRET, expiry(Expiry.Kind.CLIENT_CERTIFICATE, "it", 45));
    Instant warned = NOW.plus(Duration.ofDays(15));
    Instant over = NOW.plus(Duration.ofDays(45));

    assertThat(expiries.next(NOW)).contains(warned);
    assertThat(expiries.warnings(warned.minusNanos(1))).isEmpty();
    assertThat(expiries.next(warned)).contains(over);
    assertThat(expiries.warnings(warned)).isEqualTo(expiries.warnings(over.minusNanos(1)));
    assertThat(expiries.next(over)).isEmpty();
    assertThat(expiries.warnings(over)).isNotEqualTo(expiries.warnings(warned));

    assertThat(expiries.again(Result.done(), NOW))
        .isEqualTo(new Result.After(Duration.ofDays(15), Priority.LOW));
    assertThat(expiries.again(Result.after(Duration.ofHours(1)), NOW))
        .isEqualTo(Result.after(Duration.ofHours(1)));
    assertThat(expiries.again(Result.done(), over)).isEqualTo(Result.done());
  }

  @Test
  void an_end_beyond_all_timers_is_waited_for_a_month_at_a_time() {
    Expiry never =
        new Expiry(
            Expiry.Kind.CA_CERTIFICATE, "ca.crt", "it", Instant.parse("9999-12-31T23:59:59Z"));

    assertThat(with(Expiries.SECRET, never).again(Result.done(), NOW))
        .isEqualTo(new Result.After(Duration.ofDays(30), Priority.LOW));
  }

  @Test
  void what_status_says_of_a_secret_stays_until_the_secret_was_read() {
    String client = "spec.secretRef: the client certificate expires";
    String signer = "spec.verify: the ssh key expires";
    String manifest = "deploy/web.yaml:3: Deployment apps/web: old";
    List<String> before = List.of(client, signer, "spec.webhook: no token", manifest);

    assertThat(Notices.NONE.amend(before, NOW)).containsExactly(client, signer, manifest);
    assertThat(new Notices(Webhook.NONE, with(Expiries.SECRET), Blindness.NONE).amend(before, NOW))
        .containsExactly(signer, manifest);
    assertThat(
            new Notices(
                    Webhook.NONE,
                    with(Expiries.VERIFY, expiry(Expiry.Kind.SIGNING_KEY, "the key", 3)),
                    Blindness.NONE)
                .amend(before, NOW))
        .hasSize(3)
        .first()
        .asString()
        .startsWith("spec.verify: the key in tls.crt");
  }

  private static Expiries with(String field, Expiry... expiries) {
    return new Expiries(
        Map.of(field, List.of(expiries).stream().map(e -> new Expiring(SECRET, e)).toList()));
  }

  private static Expiry expiry(Expiry.Kind kind, String what, int days) {
    return new Expiry(kind, "tls.crt", what, NOW.plus(Duration.ofDays(days)));
  }
}
