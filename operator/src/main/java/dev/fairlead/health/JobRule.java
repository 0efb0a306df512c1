package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;
import static dev.fairlead.health.LiveObject.text;

import java.util.List;
import java.util.Optional;

/** How a Job is: as kstatus has it, one that runs is healthy. */
final class JobRule {
  private JobRule() {}

  /** How it ended, by the first condition that tells. */
  static Optional<HealthRules.Finish> finish(List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.isTrue() && c.is("Complete")) {
        return Optional.of(HealthRules.Finish.COMPLETE);
      }
      if (c.isTrue() && c.is("Failed")) {
        return Optional.of(HealthRules.Finish.FAILED);
      }
    }
    return Optional.empty();
  }

  static Health judge(LiveObject object, List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.isTrue() && c.is("Complete")) {
        return Health.healthy("has completed");
      }
      if (c.isTrue() && c.is("Failed")) {
        return Health.failed(
            c.reason().isEmpty() ? "JobFailed" : c.reason(),
            c.message().isEmpty() ? "has failed" : c.message());
      }
    }
    if (text(object.status(), "startTime").isEmpty()) {
      return Health.progressing("JobNotStarted", "has not started");
    }
    return Health.healthy(
        "is running: "
            + number(object.status(), "active", 0)
            + " active, "
            + number(object.status(), "succeeded", 0)
            + " succeeded, "
            + number(object.status(), "failed", 0)
            + " failed");
  }
}
