package dev.fairlead.observe;

import dev.fairlead.model.SyncFigures;
import dev.fairlead.model.SyncKey;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The series that belong to one GitSync each.
 *
 * <p>Guarantees: a sync has one record here and nothing else, so that it never shows two revisions
 * or two reasons at once, and nothing of it stays when it is gone. The series are made when someone
 * asks: a dozen meters a sync would cost more memory than all else that is known of it. Any thread
 * may call it.
 */
final class SyncSeries implements MultiCollector {
  private final Map<SyncKey, Entry> entries = new ConcurrentSkipListMap<>();

  private record Entry(SyncFigures figures, AtomicLong drifts, AtomicLong rollbacks) {
    Labels labels() {
      return Labels.of("name", figures.sync().name(), "namespace", figures.sync().namespace());
    }
  }

  void put(SyncFigures figures) {
    entries.merge(
        figures.sync(),
        new Entry(figures, new AtomicLong(), new AtomicLong()),
        (old, now) -> new Entry(now.figures, old.drifts, old.rollbacks));
  }

  void remove(SyncKey sync) {
    entries.remove(sync);
  }

  void clear() {
    entries.clear();
  }

  void drifted(SyncKey sync) {
    @Nullable Entry entry = entries.get(sync);
    if (entry != null) {
      entry.drifts.incrementAndGet();
    }
  }

  void rolledBack(SyncKey sync) {
    @Nullable Entry entry = entries.get(sync);
    if (entry != null) {
      entry.rollbacks.incrementAndGet();
    }
  }

  @Override
  public MetricSnapshots collect() {
    // One view for all families: a sync is in each of them or in none.
    Entry[] all = entries.values().toArray(Entry[]::new);
    return MetricSnapshots.of(
        gauge(
            all, "ready", "Whether the newest commit is applied and healthy", f -> bit(f.ready())),
        gauge(all, "suspended", "Whether the sync is suspended", f -> bit(f.suspended())),
        gauge(all, "stalled", "Whether only a person can help", f -> bit(f.stalled())),
        intervals(all),
        time(
            all,
            "last_fetched_timestamp_seconds",
            "When Git last answered",
            SyncFigures::lastFetched),
        time(
            all,
            "last_applied_timestamp_seconds",
            "When the last commit was applied",
            SyncFigures::lastApplied),
        info(all, "reason", "Why the sync is ready or not", f -> Optional.of(f.reason())),
        info(
            all,
            "revision",
            "What the cluster holds",
            f -> f.revision().map(revision -> revision.toString())),
        objects(all),
        plans(all),
        expiries(all),
        counter(
            all, "drift", "Objects that someone changed and that were changed back", Entry::drifts),
        counter(
            all,
            "rollback",
            "Commits that failed and gave way to the last good one",
            Entry::rollbacks));
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }

  private static GaugeSnapshot gauge(
      Entry[] all, String name, String help, ToDoubleFunction<SyncFigures> value) {
    GaugeSnapshot.Builder family = GaugeSnapshot.builder().name("fairlead_sync_" + name).help(help);
    for (Entry entry : all) {
      family.dataPoint(point(entry.labels(), value.applyAsDouble(entry.figures)));
    }
    return family.build();
  }

  private static GaugeSnapshot intervals(Entry[] all) {
    GaugeSnapshot.Builder family =
        GaugeSnapshot.builder()
            .name("fairlead_sync_interval_seconds")
            .help("How often Git is looked at");
    for (Entry entry : all) {
      entry
          .figures
          .interval()
          .ifPresent(
              interval -> family.dataPoint(point(entry.labels(), interval.toMillis() / 1e3)));
    }
    return family.build();
  }

  private static GaugeSnapshot time(
      Entry[] all, String name, String help, Function<SyncFigures, Optional<Instant>> value) {
    GaugeSnapshot.Builder family = GaugeSnapshot.builder().name("fairlead_sync_" + name).help(help);
    for (Entry entry : all) {
      value
          .apply(entry.figures)
          .map(instant -> instant.toEpochMilli() / 1000.0)
          .ifPresent(seconds -> family.dataPoint(point(entry.labels(), seconds)));
    }
    return family.build();
  }

  private static InfoSnapshot info(
      Entry[] all, String label, String help, Function<SyncFigures, Optional<String>> value) {
    InfoSnapshot.Builder family = InfoSnapshot.builder().name("fairlead_sync_" + label).help(help);
    for (Entry entry : all) {
      value
          .apply(entry.figures)
          .map(text -> entry.labels().add(label, text))
          .map(labels -> InfoSnapshot.InfoDataPointSnapshot.builder().labels(labels).build())
          .ifPresent(family::dataPoint);
    }
    return family.build();
  }

  private static GaugeSnapshot objects(Entry[] all) {
    GaugeSnapshot.Builder family =
        GaugeSnapshot.builder().name("fairlead_sync_objects").help("Applied objects by health");
    for (Entry entry : all) {
      var objects = entry.figures.objects();
      Labels labels = entry.labels();
      family
          .dataPoint(point(labels.add("health", "healthy"), objects.healthy()))
          .dataPoint(point(labels.add("health", "progressing"), objects.progressing()))
          .dataPoint(point(labels.add("health", "failed"), objects.failed()));
    }
    return family.build();
  }

  /** Only of syncs that have a plan: 0 means that nothing would change. */
  private static GaugeSnapshot plans(Entry[] all) {
    GaugeSnapshot.Builder family =
        GaugeSnapshot.builder()
            .name("fairlead_sync_plan")
            .help("Objects of syncs in mode Plan, by what applying would do to them");
    for (Entry entry : all) {
      Labels labels = entry.labels();
      entry
          .figures
          .plan()
          .ifPresent(plan ->
              family
                  .dataPoint(point(labels.add("action", "create"), plan.create()))
                  .dataPoint(point(labels.add("action", "update"), plan.update()))
                  .dataPoint(point(labels.add("action", "prune"), plan.prune()))
                  .dataPoint(point(labels.add("action", "drifted"), plan.drifted())));
    }
    return family.build();
  }

  /** Syncs that share a Secret share its series; of several things of a kind the first to end. */
  private static GaugeSnapshot expiries(Entry[] all) {
    Map<Labels, Instant> first = new TreeMap<>();
    for (Entry entry : all) {
      for (SyncFigures.Expiring e : entry.figures.expiring()) {
        Labels labels =
            Labels.of("kind", e.kind().toString(), "name", e.secret(), "namespace", e.namespace());
        first.merge(labels, e.at(), (one, other) -> one.isBefore(other) ? one : other);
      }
    }
    GaugeSnapshot.Builder family =
        GaugeSnapshot.builder()
            .name("fairlead_expiry_timestamp_seconds")
            .help("Until when what is in a Secret is good");
    first.forEach((labels, at) -> family.dataPoint(point(labels, (double) at.getEpochSecond())));
    return family.build();
  }

  private static CounterSnapshot counter(
      Entry[] all, String name, String help, Function<Entry, AtomicLong> value) {
    CounterSnapshot.Builder family = CounterSnapshot.builder().name("fairlead_" + name).help(help);
    for (Entry entry : all) {
      family.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .labels(entry.labels())
              .value((double) value.apply(entry).get())
              .build());
    }
    return family.build();
  }

  private static GaugeSnapshot.GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeSnapshot.GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
