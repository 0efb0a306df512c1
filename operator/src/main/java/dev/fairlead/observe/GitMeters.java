package dev.fairlead.observe;

import dev.fairlead.model.GitListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests to Git servers, and the disk that is taken for them. Any thread may call it: the maps
 * are filled once and only read later.
 */
final class GitMeters implements GitListener {
  private final Map<Operation, Map<Result, Counter>> requests = new EnumMap<>(Operation.class);
  private final Map<Operation, Timer> durations = new EnumMap<>(Operation.class);

  private final AtomicLong cacheBytes = new AtomicLong();
  private final AtomicLong cacheLimit = new AtomicLong();

  GitMeters(MeterRegistry registry) {
    Gauge.builder("fairlead.git.cache.bytes", cacheBytes, AtomicLong::get)
        .description("What the mirrors of Git repositories take on the disk")
        .register(registry);
    Gauge.builder("fairlead.git.cache.limit.bytes", cacheLimit, AtomicLong::get)
        .description("What they are kept within, by --max-cache-bytes")
        .register(registry);
    for (Operation operation : Operation.values()) {
      Map<Result, Counter> byResult = new EnumMap<>(Result.class);
      for (Result result : Result.values()) {
        byResult.put(
            result,
            Counter.builder("fairlead.git.requests")
                .description("Requests to Git servers")
                .tag("operation", operation.toString())
                .tag("result", result.toString())
                .register(registry));
      }
      requests.put(operation, byResult);
      // A look takes 10 ms nearby and 200 ms over ssh, a fetch some seconds; 60 s is the default
      // of spec.fetchTimeout.
      durations.put(
          operation,
          Timer.builder("fairlead.git.duration")
              .description("How long requests to Git servers took")
              .tag("operation", operation.toString())
              .serviceLevelObjectives(
                  Duration.ofMillis(20),
                  Duration.ofMillis(100),
                  Duration.ofMillis(250),
                  Duration.ofSeconds(1),
                  Duration.ofSeconds(5),
                  Duration.ofSeconds(15),
                  Duration.ofSeconds(60))
              .register(registry));
    }
  }

  @Override
  public void cache(long bytes, long limit) {
    cacheBytes.set(bytes);
    cacheLimit.set(limit);
  }

  @Override
  public void request(Operation operation, Result result, Duration duration) {
    Map<Result, Counter> byResult = requests.getOrDefault(operation, Map.of());
    Counter counter = byResult.get(result);
    Timer timer = durations.get(operation);
    if (counter == null || timer == null) {
      throw new IllegalStateException("not registered: " + operation + " " + result);
    }
    counter.increment();
    timer.record(duration);
  }
}
