package dev.fairlead.plan;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * In which order a change is written: what others depend on comes first.
 *
 * @param definitions Namespaces and CustomResourceDefinitions, awaited before the rest
 * @param rest the other objects by {@link Rank}, each list written side by side
 */
public record Stages(List<DesiredObject> definitions, List<List<DesiredObject>> rest) {
  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");
  private static final GroupKind CRD =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  public Stages {
    definitions = List.copyOf(definitions);
    rest = rest.stream().map(List::copyOf).toList();
  }

  /** What has to be there before, coarsely: within a rank nothing depends on its neighbours. */
  enum Rank {
    /** Accounts, rights, settings, volumes, classes: what workloads refer to. */
    FOUNDATION,
    /** Services, custom resources and whatever else has no rank of its own. */
    MIDDLE,
    /** What starts pods. */
    WORKLOAD,
    /** What intercepts requests, our own among them. */
    GATE
  }

  public static Stages of(List<DesiredObject> apply) {
    List<DesiredObject> definitions = new ArrayList<>();
    List<List<DesiredObject>> ranks = new ArrayList<>();
    for (int i = 0; i < Rank.values().length; i++) {
      ranks.add(new ArrayList<>());
    }
    for (DesiredObject object : apply) {
      if (isDefinition(object.key().groupKind())) {
        definitions.add(object);
      } else {
        ranks.get(rank(object.key().groupKind()).ordinal()).add(object);
      }
    }
    ranks.removeIf(List::isEmpty);
    return new Stages(definitions, ranks);
  }

  public static boolean isDefinition(GroupKind kind) {
    return kind.equals(NAMESPACE) || kind.equals(CRD);
  }

  /**
   * The objects whose dry run has to wait until the definitions of the same change are there: those
   * of a kind that the server does not know or that a changed definition may alter, and those of a
   * Namespace that does not exist yet.
   *
   * @param definedKinds the kinds that the change's CustomResourceDefinitions define
   * @param missingNamespaces the change's Namespaces that are not in the cluster yet
   */
  public static Set<ObjectKey> deferred(
      List<DesiredObject> apply, Set<GroupKind> definedKinds, Set<String> missingNamespaces) {
    Set<ObjectKey> deferred = new HashSet<>();
    for (DesiredObject object : apply) {
      if (definedKinds.contains(object.key().groupKind())
          || missingNamespaces.contains(object.key().namespace())) {
        deferred.add(object.key());
      }
    }
    return deferred;
  }

  private static Rank rank(GroupKind kind) {
    return switch (kind.kind()) {
      case "ServiceAccount",
          "Role",
          "RoleBinding",
          "ClusterRole",
          "ClusterRoleBinding",
          "ConfigMap",
          "Secret",
          "ResourceQuota",
          "LimitRange",
          "PriorityClass",
          "StorageClass",
          "RuntimeClass",
          "IngressClass",
          "PersistentVolume",
          "PersistentVolumeClaim" ->
          Rank.FOUNDATION;
      case "Pod",
          "ReplicationController",
          "ReplicaSet",
          "Deployment",
          "StatefulSet",
          "DaemonSet",
          "Job",
          "CronJob",
          "HorizontalPodAutoscaler" ->
          Rank.WORKLOAD;
      case "ValidatingWebhookConfiguration",
          "MutatingWebhookConfiguration",
          "ValidatingAdmissionPolicy",
          "ValidatingAdmissionPolicyBinding",
          "MutatingAdmissionPolicy",
          "MutatingAdmissionPolicyBinding",
          "APIService" ->
          Rank.GATE;
      default -> Rank.MIDDLE;
    };
  }
}
