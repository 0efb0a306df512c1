package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;

import dev.fairlead.model.Json;
import java.util.List;

/** When a ReplicaSet has its Pods. */
final class ReplicaSetRule {
  private ReplicaSetRule() {}

  static Health judge(LiveObject object, List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.is("ReplicaFailure") && c.isTrue()) {
        return Health.progressing(
            c.reason().isEmpty() ? "ReplicaFailure" : c.reason(),
            c.message().isEmpty() ? "cannot create or delete Pods" : c.message());
      }
    }
    Json.Obj status = object.status();
    long wanted = number(object.spec(), "replicas", 1);
    long all = number(status, "replicas", 0);
    long labelled = number(status, "fullyLabeledReplicas", 0);
    long available = number(status, "availableReplicas", 0);
    long ready = number(status, "readyReplicas", 0);
    if (wanted > labelled) {
      return Replicas.fewer("LessLabelled", labelled, wanted, "created");
    }
    if (wanted > available) {
      return Replicas.fewer("LessAvailable", available, wanted, "available");
    }
    if (wanted > ready) {
      return Replicas.fewer("LessReady", ready, wanted, "ready");
    }
    if (all > wanted) {
      return Replicas.more(all - wanted);
    }
    return Replicas.all(all);
  }
}
