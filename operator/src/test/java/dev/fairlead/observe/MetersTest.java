package dev.fairlead.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.fairlead.model.Expiry;
import dev.fairlead.model.GitListener;
import dev.fairlead.model.ReconcileResult;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncFigures;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncListener;
import dev.fairlead.model.SyncStatus.ObjectCounts;
import dev.fairlead.model.WebhookListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetersTest {
  private static final SyncKey PORTFOLIO = new SyncKey("apps", "portfolio");
  private static final Revision FIRST = new Revision("main", "1".repeat(40));
  private static final Revision SECOND = new Revision("main", "2".repeat(40));

  private final Meters meters = new Meters();

  @AfterEach
  void close() {
    meters.close();
  }

  @Test
  void every_value_of_a_closed_label_set_is_there_at_zero_from_the_start() throws IOException {
    ScrapedMetrics scraped = scrape();

    for (ReconcileResult result : ReconcileResult.values()) {
      assertThat(scraped.value("fairlead_reconcile_total{result=\"" + result + "\"}"))
          .contains(0.0);
    }
    for (SyncListener.Action action : SyncListener.Action.values()) {
      assertThat(scraped.value("fairlead_objects_applied_total{action=\"" + action + "\"}"))
          .contains(0.0);
    }
    for (GitListener.Operation operation : GitListener.Operation.values()) {
      assertThat(
              scraped.value("fairlead_git_duration_seconds_count{operation=\"" + operation + "\"}"))
          .contains(0.0);
      for (GitListener.Result result : GitListener.Result.values()) {
        assertThat(
                scraped.value(
                    "fairlead_git_requests_total{operation=\"%s\",result=\"%s\"}"
                        .formatted(operation, result)))
            .contains(0.0);
      }
    }
    for (WebhookListener.Result result : WebhookListener.Result.values()) {
      assertThat(scraped.value("fairlead_webhook_total{result=\"%s\"}".formatted(result)))
          .contains(0.0);
    }
    for (RequestListener.Verb verb : RequestListener.Verb.values()) {
      for (String code : List.of("200", "403", "404", "429", "500", "503", "none")) {
        assertThat(
                scraped.value(
                    "fairlead_api_requests_total{code=\"%s\",verb=\"%s\"}".formatted(code, verb)))
            .as("%s %s", verb, code)
            .contains(0.0);
      }
    }
    assertThat(scraped.value("fairlead_git_cache_bytes")).contains(0.0);
    assertThat(scraped.value("fairlead_git_cache_limit_bytes")).contains(0.0);
    assertThat(scraped.value("fairlead_queue_depth")).contains(0.0);
    assertThat(scraped.value("fairlead_queue_wait_seconds_count")).contains(0.0);
    assertThat(scraped.value("fairlead_reconcile_duration_seconds_count")).contains(0.0);
    assertThat(scraped.value("fairlead_commit_to_healthy_seconds_count")).contains(0.0);
  }

  @Test
  void families_have_the_types_that_the_contract_names() throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));

    assertThat(scrape().types())
        .containsEntry("fairlead_sync_ready", "gauge")
        .containsEntry("fairlead_sync_revision_info", "gauge")
        .containsEntry("fairlead_reconcile_total", "counter")
        .containsEntry("fairlead_drift_total", "counter")
        .containsEntry("fairlead_rollback_total", "counter")
        .containsEntry("fairlead_reconcile_duration_seconds", "histogram")
        .containsEntry("fairlead_commit_to_healthy_seconds", "histogram")
        .containsEntry("fairlead_git_duration_seconds", "histogram")
        .containsEntry("fairlead_queue_wait_seconds", "histogram");
  }

  @Test
  void the_virtual_machine_and_the_process_are_measured() throws IOException {
    assertThat(scrape().types())
        .containsKeys(
            "jvm_info",
            "jvm_memory_used_bytes",
            "jvm_gc_memory_allocated_bytes_total",
            "jvm_threads_live_threads",
            "jvm_classes_loaded_classes",
            "process_cpu_usage",
            "process_uptime_seconds",
            "process_start_time_seconds",
            "process_files_open_files");
  }

  @Test
  void a_sync_shows_its_figures() throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));
    ScrapedMetrics scraped = scrape();

    String sync = "{name=\"portfolio\",namespace=\"apps\"}";
    assertThat(scraped.value("fairlead_sync_ready" + sync)).contains(1.0);
    assertThat(scraped.value("fairlead_sync_suspended" + sync)).contains(0.0);
    assertThat(scraped.value("fairlead_sync_stalled" + sync)).contains(0.0);
    assertThat(scraped.value("fairlead_sync_interval_seconds" + sync)).contains(1.5);
    assertThat(scraped.value("fairlead_sync_last_fetched_timestamp_seconds" + sync))
        .contains(1_767_225_600.5);
    assertThat(scraped.named("fairlead_sync_last_applied_timestamp_seconds")).isEmpty();
    assertThat(scraped.value("fairlead_drift_total" + sync)).contains(0.0);
    assertThat(scraped.value("fairlead_rollback_total" + sync)).contains(0.0);
    assertThat(scraped.named("fairlead_sync_objects"))
        .extracting(ScrapedMetrics.Sample::series, ScrapedMetrics.Sample::value)
        .containsExactlyInAnyOrder(
            objects("healthy", 9), objects("progressing", 2), objects("failed", 1));
  }

  @Test
  void a_sync_shows_one_revision_and_one_reason_at_any_time() throws IOException {
    meters.syncs().figures(figures(FIRST, "Progressing"));
    meters.syncs().figures(figures(SECOND, "Succeeded"));
    ScrapedMetrics scraped = scrape();

    assertThat(scraped.named("fairlead_sync_revision_info"))
        .map(ScrapedMetrics.Sample::series)
        .containsExactly(
            "fairlead_sync_revision_info{name=\"portfolio\",namespace=\"apps\",revision=\""
                + SECOND
                + "\"}");
    assertThat(scraped.named("fairlead_sync_reason_info"))
        .map(ScrapedMetrics.Sample::series)
        .containsExactly(
            "fairlead_sync_reason_info{name=\"portfolio\",namespace=\"apps\",reason=\"Succeeded\"}");
  }

  @Test
  void drift_is_counted_by_sync_and_outlives_new_figures() throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));
    meters.syncs().drifted(PORTFOLIO);
    meters.syncs().figures(figures(SECOND, "Succeeded"));
    meters.syncs().drifted(PORTFOLIO);

    assertThat(scrape().value("fairlead_drift_total{name=\"portfolio\",namespace=\"apps\"}"))
        .contains(2.0);
  }

  @Test
  void rollbacks_are_counted_by_sync_and_outlive_new_figures() throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));
    meters.syncs().rolledBack(PORTFOLIO);
    meters.syncs().figures(figures(SECOND, "Succeeded"));
    meters.syncs().rolledBack(PORTFOLIO);

    assertThat(scrape().value("fairlead_rollback_total{name=\"portfolio\",namespace=\"apps\"}"))
        .contains(2.0);
  }

  @Test
  void nothing_of_a_sync_stays_when_it_is_gone() throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));
    meters.syncs().gone(PORTFOLIO);
    meters.syncs().drifted(PORTFOLIO);

    assertThat(text("")).doesNotContain("portfolio");
  }

  @Test
  void what_happens_is_counted() throws IOException {
    meters.syncs().reconciled(ReconcileResult.RETRY, Duration.ofMillis(20));
    meters.syncs().applied(SyncListener.Action.CREATED, 7);
    meters.syncs().commitToHealthy(Duration.ofSeconds(-3));
    meters
        .git()
        .request(GitListener.Operation.LOOK, GitListener.Result.FAILURE, Duration.ofMillis(11));
    meters.requests().onRequest(RequestListener.Verb.APPLY, 418, Duration.ofMillis(5));
    meters.requests().onRequest(RequestListener.Verb.APPLY, 7777, Duration.ofMillis(5));
    meters.queue().depthChanged(3);
    meters.queue().depthChanged(-1);
    meters.queue().waited(Duration.ofMillis(2));
    ScrapedMetrics scraped = scrape();

    assertThat(scraped.value("fairlead_reconcile_total{result=\"retry\"}")).contains(1.0);
    assertThat(scraped.value("fairlead_reconcile_duration_seconds_bucket{le=\"0.01\"}"))
        .contains(0.0);
    assertThat(scraped.value("fairlead_reconcile_duration_seconds_bucket{le=\"0.05\"}"))
        .contains(1.0);
    assertThat(scraped.value("fairlead_objects_applied_total{action=\"created\"}")).contains(7.0);
    assertThat(scraped.value("fairlead_commit_to_healthy_seconds_sum")).contains(0.0);
    assertThat(scraped.value("fairlead_git_requests_total{operation=\"look\",result=\"failure\"}"))
        .contains(1.0);
    assertThat(scraped.value("fairlead_git_duration_seconds_sum{operation=\"look\"}"))
        .contains(0.011);
    assertThat(scraped.value("fairlead_api_requests_total{code=\"418\",verb=\"apply\"}"))
        .contains(1.0);
    assertThat(scraped.value("fairlead_api_requests_total{code=\"none\",verb=\"apply\"}"))
        .contains(1.0);
    assertThat(scraped.value("fairlead_queue_depth")).contains(2.0);
    assertThat(scraped.value("fairlead_queue_wait_seconds_count")).contains(1.0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/openmetrics-text",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
      })
  void open_metrics_is_there_for_those_who_ask_for_it(String accept) throws IOException {
    meters.syncs().figures(figures(FIRST, "Succeeded"));

    assertThat(meters.scrape(accept).contentType()).startsWith("application/openmetrics-text");
    ScrapedMetrics scraped = ScrapedMetrics.parse(text(accept), true);
    assertThat(scraped.types()).containsEntry("fairlead_sync_revision", "info");
    assertThat(scraped.named("fairlead_sync_revision_info")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*/*", "text/plain", "application/vnd.google.protobuf"})
  void everyone_else_gets_prometheus_text(String accept) throws IOException {
    assertThat(meters.scrape(accept).contentType()).startsWith("text/plain; version=0.0.4");
    assertThat(ScrapedMetrics.parse(text(accept), false).types()).isNotEmpty();
  }

  @Test
  void the_strict_reader_is_strict() {
    for (String bad :
        List.of(
            "a 1\n",
            "# TYPE a gauge\nb 1\n",
            "# TYPE a gauge\na 1\na 1\n",
            "# TYPE a gauge\na{x=1} 1\n",
            "# TYPE a gauge\na{x=\"1\"} one\n",
            "# TYPE a gauge\na 1",
            "# TYPE a gauge\n# TYPE a gauge\n",
            "# TYPE a curve\n")) {
      assertThatThrownBy(() -> ScrapedMetrics.parse(bad, false))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void syncs_that_share_a_secret_show_one_series_of_a_kind_while_one_of_them_is_there()
      throws IOException {
    SyncKey other = new SyncKey("apps", "shop");
    SyncFigures.Expiring soon = authority("git", 1_000);
    meters.syncs().figures(figures(PORTFOLIO, FIRST, "Succeeded", soon, authority("git", 2_000)));
    meters
        .syncs()
        .figures(
            figures(
                other,
                FIRST,
                "Succeeded",
                soon,
                new SyncFigures.Expiring(
                    Expiry.Kind.SIGNING_KEY, "apps", "signers", Instant.ofEpochSecond(3_000))));

    assertThat(expiries())
        .containsExactlyInAnyOrder(
            tuple(expiry("ca-certificate", "git"), 1_000.0),
            tuple(expiry("signing-key", "signers"), 3_000.0));

    meters.syncs().gone(other);

    assertThat(expiries()).containsExactly(tuple(expiry("ca-certificate", "git"), 1_000.0));

    meters.syncs().figures(figures(FIRST, "Succeeded"));

    assertThat(expiries()).isEmpty();
  }

  private List<Tuple> expiries() throws IOException {
    return scrape().named("fairlead_expiry_timestamp_seconds").stream()
        .map(s -> tuple(s.series(), s.value()))
        .toList();
  }

  private static String expiry(String kind, String secret) {
    return "fairlead_expiry_timestamp_seconds{kind=\"%s\",name=\"%s\",namespace=\"apps\"}"
        .formatted(kind, secret);
  }

  private static SyncFigures.Expiring authority(String secret, long at) {
    return new SyncFigures.Expiring(
        Expiry.Kind.CA_CERTIFICATE, "apps", secret, Instant.ofEpochSecond(at));
  }

  private static SyncFigures figures(Revision revision, String reason) {
    return figures(PORTFOLIO, revision, reason);
  }

  private static SyncFigures figures(
      SyncKey sync, Revision revision, String reason, SyncFigures.Expiring... expiring) {
    return new SyncFigures(
        sync,
        true,
        false,
        false,
        reason,
        new ObjectCounts(12, 9, 2, 1),
        Optional.of(revision),
        Optional.of(Duration.ofMillis(1500)),
        Optional.of(Instant.parse("2026-01-01T00:00:00.500Z")),
        Optional.empty(),
        Optional.empty(),
        List.of(expiring));
  }

  private static Tuple objects(String health, double count) {
    return tuple(
        "fairlead_sync_objects{health=\"" + health + "\",name=\"portfolio\",namespace=\"apps\"}",
        count);
  }

  private ScrapedMetrics scrape() throws IOException {
    return ScrapedMetrics.parse(text(""), false);
  }

  private String text(String accept) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    meters.scrape(accept).writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
