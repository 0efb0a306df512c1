package dev.fairlead.plan;

import dev.fairlead.manifest.ApplyOrder;
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
 * @param rest the other objects in up to four tiers, each list written side by side
 */
public record Stages(List<DesiredObject> definitions, List<List<DesiredObject>> rest) {
  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");
  private static final GroupKind CRD =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");
  private static final GroupKind CLAIM = new GroupKind("", "PersistentVolumeClaim");
  private static final GroupKind UNNAMED = new GroupKind("example.org", "Custom");
  private static final int LAST_TIER = 3;

  public Stages {
    definitions = List.copyOf(definitions);
    rest = rest.stream().map(List::copyOf).toList();
  }

  public static Stages of(List<DesiredObject> apply) {
    List<DesiredObject> definitions = new ArrayList<>();
    List<List<DesiredObject>> ranks = new ArrayList<>();
    for (int i = 0; i <= LAST_TIER; i++) {
      ranks.add(new ArrayList<>());
    }
    for (DesiredObject object : apply) {
      if (isDefinition(object.key().groupKind())) {
        definitions.add(object);
      } else {
        ranks.get(tier(object.key().groupKind())).add(object);
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

  /**
   * The coarse form of {@link ApplyOrder}, whose neighbours need not wait for each other: accounts,
   * rights, settings and volumes; then services and workloads; then custom resources; then what
   * intercepts requests.
   */
  private static int tier(GroupKind kind) {
    int rank = ApplyOrder.rank(kind);
    if (rank <= ApplyOrder.rank(CLAIM)) {
      return 0;
    }
    int unnamed = ApplyOrder.rank(UNNAMED);
    return rank < unnamed ? 1 : rank == unnamed ? 2 : LAST_TIER;
  }
}
