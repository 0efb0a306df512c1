package dev.fairlead.observe;

import dev.fairlead.model.ReconcileResult;
import dev.fairlead.model.SyncFigures;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the GitSyncs. What belongs to one of them is left to {@link SyncSeries}; any
 * thread may call it.
 */
final class SyncMeters implements SyncListener {
  private final SyncSeries series = new SyncSeries();
  private final Map<ReconcileResult, Counter> results = new EnumMap<>(ReconcileResult.class);
  private final Map<Action, Counter> actions = new EnumMap<>(Action.class);
  private final Timer duration;
  private final Timer commitToHealthy;

  SyncMeters(PrometheusMeterRegistry registry) {
    registry.getPrometheusRegistry().register(series);
    for (ReconcileResult result : ReconcileResult.values()) {
      results.put(
          result,
          Counter.builder("fairlead.reconcile")
              .description("Runs of the reconciler of GitSyncs")
              .tag("result", result.toString())
              .register(registry));
    }
    for (Action action : Action.values()) {
      actions.put(
          action,
          Counter.builder("fairlead.objects.applied")
              .description("Objects of commits, by what was done to them")
              .tag("action", action.toString())
              .register(registry));
    }
    // Nothing to do: 10 ms. A few objects: half a second. Thousands: half a minute.
    duration =
        Timer.builder("fairlead.reconcile.duration")
            .description("How long runs of the reconciler of GitSyncs took")
            .serviceLevelObjectives(
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120))
            .register(registry);
    // A webhook and a fast rollout: seconds. An interval of a minute, pods that start: minutes.
    // The default of rollout.timeout is 5 minutes; an hour means that a person helped.
    commitToHealthy =
        Timer.builder("fairlead.commit.to.healthy")
            .description("From the commit to its running and being healthy")
            .serviceLevelObjectives(
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofMinutes(2),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofHours(1))
            .register(registry);
  }

  @Override
  public void figures(SyncFigures figures) {
    series.put(figures);
  }

  @Override
  public void gone(SyncKey sync) {
    series.remove(sync);
  }

  /** Nothing is known of any sync any more. */
  void clear() {
    series.clear();
  }

  @Override
  public void drifted(SyncKey sync) {
    series.drifted(sync);
  }

  @Override
  public void rolledBack(SyncKey sync) {
    series.rolledBack(sync);
  }

  @Override
  public void applied(Action action, int count) {
    increment(actions.get(action), count);
  }

  @Override
  public void reconciled(ReconcileResult result, Duration took) {
    increment(results.get(result), 1);
    duration.record(took);
  }

  @Override
  public void commitToHealthy(Duration took) {
    // A commit's time is what its author's clock said: it may be ahead of ours.
    commitToHealthy.record(took.isNegative() ? Duration.ZERO : took);
  }

  private static void increment(@Nullable Counter counter, int by) {
    if (counter == null) {
      throw new IllegalStateException("a value was not registered");
    }
    counter.increment(by);
  }
}
