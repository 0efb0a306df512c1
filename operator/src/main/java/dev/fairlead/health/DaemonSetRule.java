package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;

import dev.fairlead.model.Json;

/** When a DaemonSet runs on all its nodes. */
final class DaemonSetRule {
  private static final long UNSET = -1;

  private DaemonSetRule() {}

  static Health judge(LiveObject object) {
    // Its controller always sets both, so a missing one means that it has not been here.
    if (object.generation().isEmpty()) {
      return Health.progressing("NoGeneration", "has no generation");
    }
    if (object.observedGeneration().isEmpty()) {
      return Health.progressing("NoObservedGeneration", "its controller has not yet seen it");
    }
    Json.Obj status = object.status();
    long wanted = number(status, "desiredNumberScheduled", UNSET);
    if (wanted == UNSET) {
      return Health.progressing("NoDesiredNumber", "its controller has not yet counted the nodes");
    }
    long current = number(status, "currentNumberScheduled", 0);
    long updated = number(status, "updatedNumberScheduled", 0);
    long available = number(status, "numberAvailable", 0);
    long ready = number(status, "numberReady", 0);
    if (wanted > current) {
      return Replicas.fewer("LessCurrent", current, wanted, "created");
    }
    if (wanted > updated) {
      return Replicas.fewer("LessUpdated", updated, wanted, "updated");
    }
    if (wanted > available) {
      return Replicas.fewer("LessAvailable", available, wanted, "available");
    }
    if (wanted > ready) {
      return Replicas.fewer("LessReady", ready, wanted, "ready");
    }
    return Replicas.all(wanted);
  }
}
