package dev.fairlead.cli;

import dev.fairlead.model.GoDuration;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether, and how long, is waited for what was asked. */
final class WaitOptions {
  @Option(names = "--no-wait", description = "Asks for it, and does not wait")
  private boolean noWait;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "5m",
      description = "How long is waited, for example 90s. Default: ${DEFAULT-VALUE}")
  private String timeout = "";

  boolean waits() {
    return !noWait;
  }

  /** What is wrong with them. */
  Optional<String> problem() {
    try {
      Duration limit = limit();
      return limit.isNegative() || limit.isZero()
          ? Optional.of("--timeout has to be positive")
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("--timeout: " + e.getMessage() + "; write it as in 90s or 5m");
    }
  }

  Duration limit() {
    return GoDuration.parse(timeout);
  }
}
