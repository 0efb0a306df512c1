package dev.fairlead.observe;

import dev.fairlead.model.QueueListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The queues of all controllers together. Any thread may call it. */
final class QueueMeters implements QueueListener {
  private final AtomicInteger depth = new AtomicInteger();
  private final Timer wait;

  QueueMeters(MeterRegistry registry) {
    Gauge.builder("fairlead.queue.depth", depth, AtomicInteger::get)
        .description("Keys that wait for a worker")
        .register(registry);
    // A free worker takes a key within a millisecond; a minute means that there are too few.
    wait =
        Timer.builder("fairlead.queue.wait")
            .description("How long keys waited for a worker")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60))
            .register(registry);
  }

  @Override
  public void depthChanged(int by) {
    depth.addAndGet(by);
  }

  @Override
  public void waited(Duration duration) {
    wait.record(duration);
  }
}
