package dev.fairlead.health;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Makes live objects whose fields mostly agree with one another and sometimes do not: missing,
 * null, zero, one off, of another type. The same seed gives the same objects.
 */
final class RandomObjects {
  /** A kind, with what its rule compares. */
  record Kind(
      String apiVersion,
      String kind,
      List<String> specCounts,
      List<String> statusCounts,
      List<String> conditionTypes,
      List<String> reasons) {
    @Override
    public String toString() {
      return apiVersion + " " + kind;
    }
  }

  static final List<Kind> KINDS =
      List.of(
          kind("v1", "Pod", "", "", "Ready PodScheduled Initialized", "Unschedulable"),
          kind("v1", "Service", "", "", "", ""),
          kind("v1", "PersistentVolumeClaim", "", "", "Resizing", ""),
          kind("v1", "Namespace", "", "", "NamespaceDeletionContentFailure", ""),
          kind("v1", "ConfigMap", "", "", "", ""),
          kind("v1", "Secret", "", "", "", ""),
          kind(
              "apps/v1",
              "Deployment",
              "replicas",
              "replicas updatedReplicas readyReplicas availableReplicas",
              "Progressing Available ReplicaFailure",
              "NewReplicaSetAvailable ProgressDeadlineExceeded ReplicaSetUpdated"),
          kind(
              "apps/v1",
              "ReplicaSet",
              "replicas",
              "replicas fullyLabeledReplicas readyReplicas availableReplicas",
              "ReplicaFailure",
              "FailedCreate"),
          kind(
              "apps/v1",
              "StatefulSet",
              "replicas",
              "replicas readyReplicas currentReplicas updatedReplicas",
              "",
              ""),
          kind(
              "apps/v1",
              "DaemonSet",
              "",
              "desiredNumberScheduled currentNumberScheduled updatedNumberScheduled"
                  + " numberAvailable numberReady",
              "",
              ""),
          kind(
              "extensions/v1beta1",
              "Deployment",
              "replicas",
              "replicas updatedReplicas readyReplicas availableReplicas",
              "Progressing Available",
              "NewReplicaSetAvailable"),
          kind("extensions/v1beta1", "StatefulSet", "replicas", "replicas", "", ""),
          kind(
              "batch/v1",
              "Job",
              "parallelism completions",
              "active succeeded failed",
              "Complete Failed Suspended FailureTarget",
              "BackoffLimitExceeded"),
          kind("batch/v1", "CronJob", "", "", "", ""),
          kind("policy/v1", "PodDisruptionBudget", "", "expectedPods", "DisruptionAllowed", ""),
          kind(
              "autoscaling/v2",
              "HorizontalPodAutoscaler",
              "minReplicas",
              "currentReplicas",
              "ScalingActive AbleToScale",
              "FailedGetResourceMetric"),
          kind("networking.k8s.io/v1", "Ingress", "", "", "", ""),
          kind("apiregistration.k8s.io/v1", "APIService", "", "", "Available", "MissingEndpoints"),
          kind(
              "apiextensions.k8s.io/v1",
              "CustomResourceDefinition",
              "",
              "",
              "NamesAccepted Established NonStructuralSchema",
              "Installing ListKindConflict InitialNamesAccepted"),
          kind("cert-manager.io/v1", "Certificate", "", "", "Ready Issuing", "DoesNotExist"),
          kind("example.org/v1", "Deployment", "replicas", "replicas", "Ready", ""));

  private final Random random;

  RandomObjects(long seed) {
    random = new Random(seed);
  }

  Json.Obj next(Kind kind) {
    int agreed = random.nextInt(4);
    Map<String, Json> object = new LinkedHashMap<>();
    object.put("apiVersion", Json.of(kind.apiVersion()));
    object.put("kind", Json.of(kind.kind()));
    long generation = 1L + random.nextInt(3);
    object.put("metadata", metadata(generation));
    if (!rarely(10)) {
      object.put("spec", spec(kind, agreed));
    }
    if (!rarely(15)) {
      object.put("status", rarely(60) ? odd() : status(kind, agreed, generation));
    }
    return Json.of(object);
  }

  private Json metadata(long generation) {
    Map<String, Json> metadata = new LinkedHashMap<>();
    metadata.put("name", Json.of("x"));
    // Far from now on both sides: the clocks of the two judges are not the same.
    metadata.put(
        "creationTimestamp",
        Json.of(random.nextBoolean() ? "2020-01-01T00:00:00Z" : "2999-01-01T00:00:00Z"));
    if (!rarely(8)) {
      metadata.put("generation", rarely(60) ? odd() : Json.of(generation));
    }
    if (rarely(25)) {
      metadata.put(
          "deletionTimestamp",
          rarely(5) ? Json.of("") : rarely(8) ? odd() : Json.of("2026-01-01T00:00:00Z"));
    }
    return Json.of(metadata);
  }

  private Json spec(Kind kind, int agreed) {
    Map<String, Json> spec = new LinkedHashMap<>();
    counts(kind.specCounts(), agreed, spec);
    switch (kind.kind()) {
      case "Service" -> {
        some(spec, "type", "LoadBalancer", "LoadBalancer", "ClusterIP", "NodePort", "ExternalName");
        some(spec, "clusterIP", "10.0.0.1", "None", "");
      }
      case "Deployment" -> {
        if (!rarely(3)) {
          spec.put(
              "progressDeadlineSeconds",
              rarely(4) ? Json.of((long) Integer.MAX_VALUE) : Json.of(600));
        }
      }
      case "StatefulSet" -> {
        if (random.nextBoolean()) {
          Map<String, Json> strategy = new LinkedHashMap<>();
          some(strategy, "type", "RollingUpdate", "RollingUpdate", "RollingUpdate", "OnDelete");
          if (random.nextBoolean()) {
            Map<String, Json> rolling = new LinkedHashMap<>();
            counts(List.of("partition"), random.nextInt(3), rolling);
            strategy.put("rollingUpdate", Json.of(rolling));
          }
          spec.put("updateStrategy", Json.of(strategy));
        }
      }
      default -> {
        // Its rule reads nothing else of the spec.
      }
    }
    return Json.of(spec);
  }

  private Json status(Kind kind, int agreed, long generation) {
    Map<String, Json> status = new LinkedHashMap<>();
    if (!rarely(4)) {
      long seen = rarely(6) ? generation - 1 : generation;
      status.put("observedGeneration", rarely(60) ? odd() : Json.of(seen));
    }
    counts(kind.statusCounts(), agreed, status);
    switch (kind.kind()) {
      case "Pod" -> {
        some(status, "phase", "Pending", "Running", "Running", "Succeeded", "Failed", "Unknown");
        status.put("containerStatuses", containers());
        if (rarely(3)) {
          status.put("initContainerStatuses", containers());
        }
      }
      case "PersistentVolumeClaim" -> some(status, "phase", "Bound", "Bound", "Pending", "Lost");
      case "Namespace" -> some(status, "phase", "Active", "Terminating");
      case "Job" -> some(status, "startTime", "2026-01-01T00:00:00Z", "");
      case "StatefulSet" -> {
        some(status, "currentRevision", "a", "a", "b");
        some(status, "updateRevision", "a", "a", "b");
      }
      default -> {
        // Counts and conditions are all that its rule reads.
      }
    }
    if (!rarely(5)) {
      status.put("conditions", rarely(60) ? odd() : conditions(kind));
    }
    return Json.of(status);
  }

  private Json containers() {
    List<Json> containers = new ArrayList<>();
    int count = random.nextInt(3);
    for (int i = 0; i < count; i++) {
      Json state =
          switch (random.nextInt(5)) {
            case 0 -> Json.of(Map.of("running", Json.Obj.empty()));
            case 1 -> Json.Obj.empty();
            default -> Json.of(Map.of("waiting", waiting()));
          };
      containers.add(Json.of(Map.of("name", Json.of("c" + i), "state", state)));
    }
    return Json.of(containers);
  }

  private Json waiting() {
    Map<String, Json> waiting = new LinkedHashMap<>();
    some(waiting, "reason", "CrashLoopBackOff", "ImagePullBackOff", "ContainerCreating");
    some(waiting, "message", "some words");
    return Json.of(waiting);
  }

  private Json conditions(Kind kind) {
    List<String> own = kind.conditionTypes();
    List<Json> conditions = new ArrayList<>();
    for (String type : own) {
      if (!rarely(3)) {
        conditions.add(condition(kind, type));
      }
    }
    for (String type : List.of("Ready", "Reconciling", "Stalled", "Available", "")) {
      if (rarely(12)) {
        conditions.add(random.nextInt(conditions.size() + 1), condition(kind, type));
      }
    }
    if (rarely(80)) {
      conditions.add(odd());
    }
    return Json.of(conditions);
  }

  private Json condition(Kind kind, String type) {
    Map<String, Json> condition = new LinkedHashMap<>();
    condition.put("type", Json.of(type));
    some(condition, "status", "True", "True", "True", "False", "Unknown", "true", "");
    String[] reasons =
        Stream.concat(kind.reasons().stream(), Stream.of("SomeReason")).toArray(String[]::new);
    some(condition, "reason", reasons);
    some(condition, "message", "some words");
    if (rarely(150)) {
      condition.put("reason", odd());
    }
    return Json.of(condition);
  }

  private void counts(List<String> names, int agreed, Map<String, Json> into) {
    for (String name : names) {
      switch (random.nextInt(20)) {
        case 0 -> into.put(name, Json.of(0));
        case 1 -> into.put(name, Json.of(agreed + 1));
        case 2 -> into.put(name, Json.of(Math.max(0, agreed - 1)));
        case 3 -> into.put(name, odd());
        case 4 -> {
          // The API server leaves out what is zero.
        }
        default -> into.put(name, Json.of(agreed));
      }
    }
  }

  /** One of the values, or nothing. */
  private void some(Map<String, Json> into, String name, String... values) {
    int index = random.nextInt(values.length * 6 + 1);
    if (index < values.length * 6) {
      into.put(name, Json.of(values[index / 6]));
    }
  }

  /** A value that no rule expects; also the null that an API server would not send. */
  private Json odd() {
    return switch (random.nextInt(6)) {
      case 0 -> Json.Null.NULL;
      case 1 -> Json.of("1");
      case 2 -> new Json.Num("1.5", 0, 0);
      case 3 -> Json.of(true);
      case 4 -> Json.of(List.of());
      default -> Json.of(Map.of("x", Json.of(1)));
    };
  }

  private boolean rarely(int oneOf) {
    return random.nextInt(oneOf) == 0;
  }

  private static Kind kind(
      String apiVersion,
      String kind,
      String specCounts,
      String statusCounts,
      String conditionTypes,
      String reasons) {
    return new Kind(
        apiVersion,
        kind,
        words(specCounts),
        words(statusCounts),
        words(conditionTypes),
        words(reasons));
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }
}
