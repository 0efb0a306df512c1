package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;

import dev.fairlead.model.Json;
import java.util.List;

/** When a Deployment is rolled out. */
final class DeploymentRule {
  /** The controller takes this deadline as none, and then never sets {@code Progressing}. */
  private static final long NO_DEADLINE = Integer.MAX_VALUE;

  private DeploymentRule() {}

  static Health judge(LiveObject object, List<StatusCondition> conditions) {
    boolean progressed =
        number(object.spec(), "progressDeadlineSeconds", NO_DEADLINE) == NO_DEADLINE;
    boolean available = false;
    for (StatusCondition c : conditions) {
      if (c.is("Progressing")) {
        if (c.reason().equals("ProgressDeadlineExceeded")) {
          return Health.failed(
              c.reason(), c.message().isEmpty() ? "made no progress in time" : c.message());
        }
        progressed |= c.isTrue() && c.reason().equals("NewReplicaSetAvailable");
      } else if (c.is("Available")) {
        available |= c.isTrue();
      }
    }
    Health replicas = replicas(object);
    if (!replicas.isHealthy()) {
      return Replicas.explained(replicas, conditions);
    }
    if (!progressed) {
      return Health.progressing(
          "ReplicaSetNotAvailable", "waits for its new ReplicaSet to become available");
    }
    if (!available) {
      return Health.progressing("DeploymentNotAvailable", "is not available yet");
    }
    return replicas;
  }

  private static Health replicas(LiveObject object) {
    Json.Obj status = object.status();
    long wanted = number(object.spec(), "replicas", 1);
    long all = number(status, "replicas", 0);
    long updated = number(status, "updatedReplicas", 0);
    long ready = number(status, "readyReplicas", 0);
    long available = number(status, "availableReplicas", 0);
    if (wanted > all) {
      return Replicas.fewer("LessReplicas", all, wanted, "created");
    }
    if (wanted > updated) {
      return Replicas.fewer("LessUpdated", updated, wanted, "updated");
    }
    if (all > wanted) {
      return Replicas.more(all - wanted);
    }
    if (updated > available) {
      return Replicas.fewer("LessAvailable", available, updated, "available");
    }
    if (wanted > ready) {
      return Replicas.fewer("LessReady", ready, wanted, "ready");
    }
    return Replicas.all(all);
  }
}
