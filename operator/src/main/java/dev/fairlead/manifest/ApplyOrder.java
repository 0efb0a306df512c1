package dev.fairlead.manifest;

import dev.fairlead.model.GroupKind;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order in which kinds are applied, so that what others need exists before them; the order of
 * Helm and Flux where these agree. Pruning goes the other way round.
 *
 * <p>Kinds that are not named here, custom resources among them, come after the workloads (their
 * operator may be one of these) and before what intercepts requests, which could refuse everything
 * while its pods are starting.
 */
public final class ApplyOrder {
  private static final String ADMISSION = "admissionregistration.k8s.io";
  private static final String RBAC = "rbac.authorization.k8s.io";
  private static final List<GroupKind> FIRST =
      List.of(
          kind("", "Namespace"),
          kind("apiextensions.k8s.io", "CustomResourceDefinition"),
          kind("scheduling.k8s.io", "PriorityClass"),
          kind("node.k8s.io", "RuntimeClass"),
          kind("storage.k8s.io", "StorageClass"),
          kind("storage.k8s.io", "CSIDriver"),
          kind("networking.k8s.io", "IngressClass"),
          kind("", "ResourceQuota"),
          kind("", "LimitRange"),
          kind("networking.k8s.io", "NetworkPolicy"),
          kind("", "ServiceAccount"),
          kind(RBAC, "ClusterRole"),
          kind(RBAC, "Role"),
          kind(RBAC, "ClusterRoleBinding"),
          kind(RBAC, "RoleBinding"),
          kind("", "ConfigMap"),
          kind("", "Secret"),
          kind("", "PersistentVolume"),
          kind("", "PersistentVolumeClaim"),
          kind("", "Service"),
          kind("", "Endpoints"),
          kind("discovery.k8s.io", "EndpointSlice"),
          kind("policy", "PodDisruptionBudget"),
          kind("apps", "DaemonSet"),
          kind("", "Pod"),
          kind("", "ReplicationController"),
          kind("apps", "ReplicaSet"),
          kind("apps", "Deployment"),
          kind("apps", "StatefulSet"),
          kind("batch", "Job"),
          kind("batch", "CronJob"),
          kind("autoscaling", "HorizontalPodAutoscaler"),
          kind("networking.k8s.io", "Ingress"));
  private static final List<GroupKind> LAST =
      List.of(
          kind("apiregistration.k8s.io", "APIService"),
          kind(ADMISSION, "ValidatingAdmissionPolicy"),
          kind(ADMISSION, "ValidatingAdmissionPolicyBinding"),
          kind(ADMISSION, "MutatingAdmissionPolicy"),
          kind(ADMISSION, "MutatingAdmissionPolicyBinding"),
          kind(ADMISSION, "MutatingWebhookConfiguration"),
          kind(ADMISSION, "ValidatingWebhookConfiguration"));
  private static final Map<GroupKind, Integer> RANKS = ranks();

  /** Orders kinds only; objects of equal rank are equal to it. */
  public static final Comparator<GroupKind> BY_KIND = Comparator.comparingInt(ApplyOrder::rank);

  private ApplyOrder() {}

  /** Sorted for applying; objects of one kind keep their order. */
  public static List<Manifest> sorted(Collection<Manifest> manifests) {
    return manifests.stream()
        .sorted(Comparator.comparing(m -> m.gvk().groupKind(), BY_KIND))
        .toList();
  }

  /** The place of a kind: what is applied earlier has a smaller one. */
  public static int rank(GroupKind kind) {
    return RANKS.getOrDefault(kind, FIRST.size());
  }

  private static Map<GroupKind, Integer> ranks() {
    Map<GroupKind, Integer> ranks = new HashMap<>();
    for (GroupKind kind : FIRST) {
      ranks.put(kind, ranks.size());
    }
    for (GroupKind kind : LAST) {
      ranks.put(kind, ranks.size() + 1);
    }
    return Map.copyOf(ranks);
  }

  private static GroupKind kind(String group, String kind) {
    return new GroupKind(group, kind);
  }
}
