package dev.fairlead.observe;

import dev.fairlead.model.GitListener;
import dev.fairlead.model.QueueListener;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.SyncListener;
import dev.fairlead.model.WebhookListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * All meters of the process.
 *
 * <p>Guarantees: every value of a closed label set is there at 0 from the start, so that the first
 * failure is a rise and not a new series; what was measured of a GitSync goes when it is deleted.
 * No meter keeps samples: histograms have few fixed buckets, and what is known of a GitSync is one
 * record, turned into series when someone asks. Any thread may call it.
 */
public final class Meters implements AutoCloseable {
  private static final String OPEN_METRICS = "application/openmetrics-text";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final SyncMeters syncs = new SyncMeters(registry);
  private final GitListener git = new GitMeters(registry);
  private final WebhookListener hooks = new HookMeters(registry);
  private final RequestListener requests = new RequestMeters(registry);
  private final QueueListener queue = new QueueMeters(registry);
  private final AtomicInteger leader = new AtomicInteger();
  private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
  private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

  public Meters() {
    List<MeterBinder> binders =
        List.of(
            new ClassLoaderMetrics(),
            new JvmInfoMetrics(),
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            gc,
            new FileDescriptorMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics());
    binders.forEach(binder -> binder.bindTo(registry));
    Gauge.builder("fairlead.leader", leader, AtomicInteger::get)
        .description("1 while this process leads, 0 while it is the standby")
        .register(registry);
  }

  /** Whether this process leads. */
  public void leads(boolean now) {
    leader.set(now ? 1 : 0);
  }

  /** What was told of GitSyncs is for the one who leads now to tell. */
  public void forgetSyncs() {
    syncs.clear();
  }

  /** Measures GitSyncs and their reconciler. */
  public SyncListener syncs() {
    return syncs;
  }

  /** Measures requests to Git servers. */
  public GitListener git() {
    return git;
  }

  /** Measures webhooks. */
  public WebhookListener hooks() {
    return hooks;
  }

  /** Measures requests to the API server. */
  public RequestListener requests() {
    return requests;
  }

  /** Measures queues, all of them together. */
  public QueueListener queue() {
    return queue;
  }

  /**
   * All values as they are now.
   *
   * @param accept the {@code Accept} header: who asks for OpenMetrics gets it, all others get
   *     Prometheus' own text format
   */
  public Exposition scrape(String accept) {
    return new Exposition(
        accept.contains(OPEN_METRICS) ? openMetrics : text,
        registry.getPrometheusRegistry().scrape());
  }

  /** Stops listening to the garbage collector. */
  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
