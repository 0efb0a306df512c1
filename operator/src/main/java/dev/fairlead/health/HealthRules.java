package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which rule judges which kind: first what all kinds share (deletion, observed generation, the
 * conditions {@code Reconciling} and {@code Stalled}), then the kind's own rule, then {@code
 * Ready}.
 */
public final class HealthRules {
  /** How a Job ended. */
  public enum Finish {
    COMPLETE,
    FAILED
  }

  /**
   * Built-in kinds whose spec and status tell nothing about health. Those that are not here are
   * judged by all that they have: a new kind costs memory, not truth.
   */
  private static final Set<GroupKind> METADATA_TELLS_ALL =
      Set.of(
          core("ConfigMap"),
          core("Endpoints"),
          core("Event"),
          core("LimitRange"),
          core("PersistentVolume"),
          core("PodTemplate"),
          core("ResourceQuota"),
          core("Secret"),
          core("ServiceAccount"),
          kind("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
          kind("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
          kind("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
          kind("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
          kind("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
          kind("apps", "ControllerRevision"),
          kind("batch", "CronJob"),
          kind("certificates.k8s.io", "ClusterTrustBundle"),
          kind("coordination.k8s.io", "Lease"),
          kind("discovery.k8s.io", "EndpointSlice"),
          kind("events.k8s.io", "Event"),
          kind("networking.k8s.io", "Ingress"),
          kind("networking.k8s.io", "IngressClass"),
          kind("networking.k8s.io", "IPAddress"),
          kind("networking.k8s.io", "NetworkPolicy"),
          kind("node.k8s.io", "RuntimeClass"),
          kind("rbac.authorization.k8s.io", "ClusterRole"),
          kind("rbac.authorization.k8s.io", "ClusterRoleBinding"),
          kind("rbac.authorization.k8s.io", "Role"),
          kind("rbac.authorization.k8s.io", "RoleBinding"),
          kind("scheduling.k8s.io", "PriorityClass"),
          kind("storage.k8s.io", "CSIDriver"),
          kind("storage.k8s.io", "CSINode"),
          kind("storage.k8s.io", "CSIStorageCapacity"),
          kind("storage.k8s.io", "StorageClass"),
          kind("storage.k8s.io", "VolumeAttachment"),
          kind("storage.k8s.io", "VolumeAttributesClass"));

  private HealthRules() {}

  /**
   * Whether judging an object of the kind takes more than its metadata, so that its watch must be
   * for whole objects; always for custom kinds.
   */
  public static boolean needsStatus(GroupKind kind) {
    return !METADATA_TELLS_ALL.contains(kind);
  }

  /** Whether and how a Job has ended; empty while it runs and for every other kind. */
  public static Optional<Finish> finished(Json.Obj object) {
    LiveObject live = new LiveObject(object);
    return live.groupKind().equals(kind("batch", "Job"))
        ? live.conditions().flatMap(JobRule::finish)
        : Optional.empty();
  }

  static Health judge(LiveObject object, Instant now) {
    if (object.deleting()) {
      return Health.TERMINATING;
    }
    Optional<String> misshapen = object.misshapen();
    if (misshapen.isPresent()) {
      return misshapen(misshapen.get());
    }
    if (object.generation().isPresent()
        && object.observedGeneration().isPresent()
        && !object.generation().equals(object.observedGeneration())) {
      return Health.progressing(
          "LatestGenerationNotObserved", "its controller has not yet seen the latest change");
    }
    Optional<List<StatusCondition>> conditions = object.conditions();
    if (conditions.isEmpty()) {
      return misshapen("status.conditions");
    }
    for (StatusCondition c : conditions.get()) {
      if (c.is("Reconciling") && c.isTrue()) {
        return Health.progressing(c.reason(), c.message());
      }
      if (c.is("Stalled") && c.isTrue()) {
        return Health.failed(c.reason(), c.message());
      }
    }
    return byKind(object, conditions.get(), now);
  }

  private static Health byKind(LiveObject object, List<StatusCondition> conditions, Instant now) {
    GroupKind kind = object.groupKind();
    return switch (kind.group()) {
      case "" ->
          switch (kind.kind()) {
            case "Pod" -> PodRule.judge(object, conditions, now);
            case "PersistentVolumeClaim" -> claim(object);
            case "Service" -> service(object);
            case "ConfigMap", "Secret" -> Health.healthy("is always ready");
            default -> byReady(conditions);
          };
      case "apps", "extensions" ->
          switch (kind.kind()) {
            case "Deployment" -> DeploymentRule.judge(object, conditions);
            case "ReplicaSet" -> ReplicaSetRule.judge(object, conditions);
            case "DaemonSet" -> DaemonSetRule.judge(object);
            case "StatefulSet" ->
                kind.group().equals("apps") ? StatefulSetRule.judge(object) : byReady(conditions);
            default -> byReady(conditions);
          };
      case "batch" ->
          switch (kind.kind()) {
            case "Job" -> JobRule.judge(object, conditions);
            case "CronJob" -> Health.healthy("is always ready");
            default -> byReady(conditions);
          };
      case "policy" ->
          kind.kind().equals("PodDisruptionBudget")
              ? Health.healthy("its allowed disruptions are computed")
              : byReady(conditions);
      case "apiextensions.k8s.io" ->
          kind.kind().equals("CustomResourceDefinition")
              ? definition(conditions)
              : byReady(conditions);
      case "fairlead.dev" ->
          kind.kind().equals("GitSync") ? gitSync(object, conditions) : byReady(conditions);
      default -> byReady(conditions);
    };
  }

  /**
   * kstatus takes one without a status for healthy. But whoever deploys GitSyncs by a GitSync means
   * what they deploy.
   */
  private static Health gitSync(LiveObject object, List<StatusCondition> conditions) {
    return conditions.isEmpty() && !object.spec().bool("suspend").orElse(false)
        ? Health.progressing("NotSeen", "Fairlead has not looked at it yet")
        : byReady(conditions);
  }

  private static Health byReady(List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.is("Ready")) {
        switch (c.status()) {
          case "True" -> {
            return Health.healthy("is ready");
          }
          case "False", "Unknown" -> {
            return Health.progressing(
                c.reason().isEmpty() ? "NotReady" : c.reason(),
                c.message().isEmpty() ? "is not ready" : c.message());
          }
          default -> {
            // Another one of the same type may say something that is known.
          }
        }
      }
    }
    return Health.HEALTHY;
  }

  private static Health claim(LiveObject object) {
    String phase = text(object.status(), "phase");
    return phase.equals("Bound")
        ? Health.healthy("is bound")
        : Health.progressing(
            "NotBound", "is not bound, its phase is " + (phase.isEmpty() ? "unknown" : phase));
  }

  private static Health service(LiveObject object) {
    // kstatus asks for the cluster's address, not for the load balancer's.
    return text(object.spec(), "type").equals("LoadBalancer")
            && text(object.spec(), "clusterIP").isEmpty()
        ? Health.progressing("NoIPAssigned", "has no cluster IP yet")
        : Health.healthy("is ready");
  }

  private static Health definition(List<StatusCondition> conditions) {
    for (StatusCondition c : conditions) {
      if (c.is("NamesAccepted") && c.isFalse()) {
        return Health.failed(c.reason(), c.message());
      }
      if (c.is("Established")) {
        if (c.isFalse() && !c.reason().equals("Installing")) {
          return Health.failed(c.reason(), c.message());
        }
        if (c.isTrue()) {
          return Health.healthy("is established");
        }
      }
    }
    return Health.progressing("Installing", "is being installed");
  }

  private static Health misshapen(String field) {
    return Health.unknown("Misshapen", "cannot be judged: " + field + " has an unexpected type");
  }

  private static GroupKind core(String kind) {
    return new GroupKind("", kind);
  }

  private static GroupKind kind(String group, String kind) {
    return new GroupKind(group, kind);
  }
}
