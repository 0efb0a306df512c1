package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;
import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.Json;

/** When a StatefulSet is rolled out. */
final class StatefulSetRule {
  private static final long NO_PARTITION = -1;

  private StatefulSetRule() {}

  static Health judge(LiveObject object) {
    Json.Obj spec = object.spec();
    Json.Obj status = object.status();
    Json.Obj strategy = spec.object("updateStrategy").orElseGet(Json.Obj::empty);
    if (text(strategy, "type").equals("OnDelete")) {
      return Health.healthy("is updated by hand, as its update strategy OnDelete says");
    }
    long wanted = number(spec, "replicas", 1);
    long all = number(status, "replicas", 0);
    long ready = number(status, "readyReplicas", 0);
    if (wanted > all) {
      return Replicas.fewer("LessReplicas", all, wanted, "created");
    }
    if (wanted > ready) {
      return Replicas.fewer("LessReady", ready, wanted, "ready");
    }
    if (all > wanted) {
      return Replicas.more(all - wanted);
    }
    long updated = number(status, "updatedReplicas", 0);
    long partition =
        strategy
            .object("rollingUpdate")
            .map(r -> number(r, "partition", NO_PARTITION))
            .orElse(NO_PARTITION);
    if (partition != NO_PARTITION) {
      return updated < wanted - partition
          ? Replicas.fewer("PartitionRollout", updated, wanted - partition, "updated")
          : Replicas.all(all);
    }
    long current = number(status, "currentReplicas", 0);
    if (wanted > current) {
      return Replicas.fewer("LessCurrent", current, wanted, "current");
    }
    if (!text(status, "currentRevision").equals(text(status, "updateRevision"))) {
      return Health.progressing("RevisionMismatch", "waits for all replicas to be updated");
    }
    return Replicas.all(all);
  }
}
