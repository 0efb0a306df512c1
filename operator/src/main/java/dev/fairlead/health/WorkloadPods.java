package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.number;
import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.health.Finding.Serving;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which of the pods that were found are a workload's own, and which of these are of its newest
 * template. A pod is its own only if the workload controls it: anybody may write a selector that
 * matches the pods of others. Pure.
 *
 * @param object the workload
 * @param current pods of the newest template
 * @param old the others
 * @param newest of a Deployment its ReplicaSet of the newest template
 * @param older of a Deployment its other ReplicaSets
 * @param truncated whether there are more pods than were found
 */
record WorkloadPods(
    LiveObject object,
    List<Pod> current,
    List<Pod> old,
    Optional<LiveObject> newest,
    List<LiveObject> older,
    boolean truncated) {
  private static final String REVISION = "deployment.kubernetes.io/revision";

  static WorkloadPods of(Diagnosis.Facts facts) {
    LiveObject object = new LiveObject(facts.object());
    List<Pod> pods = facts.pods().stream().map(Pod::of).toList();
    String uid = text(object.metadata(), "uid");
    return switch (object.groupKind().kind()) {
      case "Deployment" -> ofDeployment(facts, object, pods, uid);
      case "Pod" -> split(facts, object, List.of(Pod.of(facts.object())), _ -> true);
      case "StatefulSet" ->
          split(
              facts,
              object,
              controlled(pods, Set.of(uid)),
              p ->
                  p.label("controller-revision-hash")
                      .equals(text(object.status(), "updateRevision")));
      case "DaemonSet" ->
          split(
              facts,
              object,
              controlled(pods, Set.of(uid)),
              p ->
                  p.label("pod-template-generation")
                      .equals(annotation(object, "deprecated.daemonset.template.generation")));
      default -> split(facts, object, controlled(pods, Set.of(uid)), _ -> true);
    };
  }

  private static WorkloadPods ofDeployment(
      Diagnosis.Facts facts, LiveObject object, List<Pod> pods, String uid) {
    List<LiveObject> own =
        facts.replicaSets().stream()
            .filter(r -> !uid.isEmpty() && Pod.controller(r).equals(uid))
            .map(LiveObject::new)
            .toList();
    String revision = annotation(object, REVISION);
    Optional<LiveObject> newest =
        own.stream()
            .filter(r -> annotation(r, REVISION).equals(revision))
            .max(Comparator.comparingLong(WorkloadPods::revision))
            .or(() -> own.stream().max(Comparator.comparingLong(WorkloadPods::revision)));
    List<LiveObject> older =
        own.stream().filter(r -> newest.filter(n -> n.equals(r)).isEmpty()).toList();
    return new WorkloadPods(
        object,
        controlled(pods, newest.stream().map(WorkloadPods::uid).collect(Collectors.toSet())),
        controlled(pods, older.stream().map(WorkloadPods::uid).collect(Collectors.toSet())),
        newest,
        older,
        facts.truncated());
  }

  private static WorkloadPods split(
      Diagnosis.Facts facts, LiveObject object, List<Pod> own, Predicate<Pod> isCurrent) {
    return new WorkloadPods(
        object,
        own.stream().filter(isCurrent).toList(),
        own.stream().filter(isCurrent.negate()).toList(),
        Optional.empty(),
        List.of(),
        facts.truncated());
  }

  private static List<Pod> controlled(List<Pod> pods, Set<String> by) {
    return pods.stream()
        .filter(p -> by.contains(Pod.controller(p.live().body())))
        .filter(p -> !Pod.controller(p.live().body()).isEmpty())
        .toList();
  }

  private static String uid(LiveObject object) {
    return text(object.metadata(), "uid");
  }

  private static long revision(LiveObject replicaSet) {
    try {
      return Long.parseLong(annotation(replicaSet, REVISION));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String annotation(LiveObject object, String key) {
    return object.metadata().object("annotations").flatMap(a -> a.string(key)).orElse("");
  }

  private String kind() {
    return object.groupKind().kind();
  }

  boolean isPod() {
    return kind().equals("Pod");
  }

  /** How many pods of the newest template are there and are to stay. */
  int present() {
    return (int) current.stream().filter(p -> !p.deleting()).count();
  }

  long wanted() {
    return switch (kind()) {
      case "DaemonSet" -> number(object.status(), "desiredNumberScheduled", 0);
      case "Job" -> number(object.spec(), "parallelism", 1);
      default -> number(object.spec(), "replicas", 1);
    };
  }

  /** Whether pods are missing of which nobody has said why. */
  boolean missing() {
    return switch (kind()) {
      case "StatefulSet", "DaemonSet", "Job" -> !truncated && present() < wanted();
      default -> false;
    };
  }

  boolean paused() {
    return kind().equals("Deployment") && object.spec().bool("paused").orElse(false);
  }

  /** What the API server said when it was to create pods of the newest template. */
  Optional<String> refused() {
    LiveObject whose = newest.orElse(object);
    return switch (kind()) {
      case "Deployment", "ReplicaSet" ->
          whose.conditions().orElse(List.of()).stream()
              .filter(c -> c.is("ReplicaFailure") && c.isTrue())
              .map(StatusCondition::message)
              .filter(m -> !m.isEmpty())
              .findFirst();
      default -> Optional.empty();
    };
  }

  boolean hasOld() {
    return !old.isEmpty() || older.stream().anyMatch(r -> ready(r) > 0);
  }

  private static int ready(LiveObject replicaSet) {
    return (int) number(replicaSet.status(), "readyReplicas", 0);
  }

  /** Who serves; nothing for what serves nobody. */
  Optional<Serving> serving() {
    return switch (kind()) {
      case "Deployment" -> Optional.of(servingByReplicaSets());
      case "StatefulSet", "ReplicaSet" -> Optional.of(servingByPods("readyReplicas"));
      case "DaemonSet" -> Optional.of(servingByPods("numberReady"));
      default -> Optional.empty();
    };
  }

  private Serving servingByReplicaSets() {
    Instant since =
        older.stream()
            .filter(r -> ready(r) > 0)
            .flatMap(r -> Pod.time(r.metadata(), "creationTimestamp").stream())
            .max(Comparator.naturalOrder())
            .orElse(Instant.MAX);
    return new Serving(
        older.stream().mapToInt(WorkloadPods::ready).sum(),
        newest.map(WorkloadPods::ready).orElse(0),
        since);
  }

  private Serving servingByPods(String counted) {
    if (truncated) {
      return new Serving(0, (int) number(object.status(), counted, 0), Instant.MAX);
    }
    Instant since =
        old.stream()
            .filter(Pod::ready)
            .map(Pod::created)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MAX);
    return new Serving(ready(old), ready(current), since);
  }

  private static int ready(List<Pod> pods) {
    return (int) pods.stream().filter(p -> !p.deleting() && p.ready()).count();
  }

  /** Where a field of the pod is in the workload. */
  String fieldOf(String ofPod) {
    if (ofPod.isEmpty()) {
      return "";
    }
    return (isPod() ? "spec." : "spec.template.spec.") + ofPod;
  }
}
