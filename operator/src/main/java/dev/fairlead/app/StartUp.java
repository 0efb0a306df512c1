package dev.fairlead.app;

import dev.fairlead.model.LogKeys;
import dev.fairlead.model.Probe;
import dev.fairlead.plan.Requirements.Finding;
import dev.fairlead.runtime.Pause;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until all that Fairlead needs is there, and begins then. A process that ended instead would
 * be started again and again, and its last words be found by nobody.
 *
 * <p>Guarantees: what is missing is told in the log once for each change of it, and by {@link
 * #readiness} at any time; what is mended is noticed within seconds. One thread starts and stops
 * it; any thread may ask.
 */
final class StartUp {
  private static final Logger LOG = LoggerFactory.getLogger(StartUp.class);
  private static final Duration AGAIN = Duration.ofSeconds(2);

  /** What does not keep Fairlead from its work is looked at less often. */
  private static final Duration LATER = Duration.ofMinutes(1);

  /** Looks at what is needed. */
  @FunctionalInterface
  interface Check {
    List<Finding> run() throws InterruptedException;
  }

  private final Check check;
  private final Runnable begin;
  private volatile boolean begun;
  private volatile List<Finding> findings = List.of();
  private volatile @Nullable Thread thread;

  /**
   * @param begin is run once, on the thread of this
   */
  StartUp(Check check, Runnable begin) {
    this.check = check;
    this.begin = begin;
  }

  void start() {
    thread = Thread.ofVirtual().name("start-up").start(this::run);
  }

  private void run() {
    try {
      while (look()) {
        Pause.of(AGAIN);
      }
      begin.run();
      begun = true;
      while (!findings.isEmpty()) {
        Pause.of(LATER);
        look();
      }
    } catch (InterruptedException e) {
      // Stopped.
      return;
    }
  }

  /** Whether something keeps it from beginning. */
  private boolean look() throws InterruptedException {
    List<Finding> now = check.run();
    List<Finding> before = findings;
    findings = now;
    boolean stops = now.stream().anyMatch(Finding::stops);
    if (!now.equals(before)) {
      if (now.isEmpty()) {
        LOG.atInfo().log("What was missing is there");
      } else {
        LOG.atWarn()
            .addKeyValue(LogKeys.DETAIL, sentences(now))
            .log(
                stops && !begun
                    ? "Something is missing; it begins when it is there"
                    : "Something is not as it should be");
      }
    }
    return stops;
  }

  /**
   * What {@code /readyz} says.
   *
   * @param daemon what it says once it has begun
   */
  Probe readiness(Probe daemon) {
    List<Finding> now = findings;
    if (!begun) {
      return Probe.bad(now.isEmpty() ? "starting" : sentences(now));
    }
    return now.isEmpty()
        ? daemon
        : new Probe(daemon.ok(), daemon.sentence() + "; but " + sentences(now));
  }

  private static String sentences(List<Finding> findings) {
    return findings.stream().map(Finding::sentence).collect(Collectors.joining("; "));
  }

  /** Begins nothing any more when this returns; what has begun is not ended. */
  void stop() throws InterruptedException {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
      running.join();
    }
  }
}
