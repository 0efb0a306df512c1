package dev.fairlead.observe;

import dev.fairlead.model.WebhookListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;

/** Webhooks. Any thread may call it: the map is filled once and only read later. */
final class HookMeters implements WebhookListener {
  private final Map<Result, Counter> results = new EnumMap<>(Result.class);

  HookMeters(MeterRegistry registry) {
    for (Result result : Result.values()) {
      results.put(
          result,
          Counter.builder("fairlead.webhook")
              .description("Requests to the listener of webhooks")
              .tag("result", result.toString())
              .register(registry));
    }
  }

  @Override
  public void answered(Result result) {
    Counter counter = results.get(result);
    if (counter == null) {
      throw new IllegalStateException("not registered: " + result);
    }
    counter.increment();
  }
}
