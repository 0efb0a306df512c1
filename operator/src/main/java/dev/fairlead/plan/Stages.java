package dev.fairlead.plan;

import dev.fairlead.manifest.ApplyOrder;
import dev.fairlead.model.GroupKind;
import java.util.ArrayList;
import java.util.List;

/**
 * In which order a change is written: what others depend on comes first.
 *
 * @param definitions Namespaces and CustomResourceDefinitions, awaited before the rest
 * @param rest the other objects in up to five tiers, each list written side by side
 */
public record Stages(List<DesiredObject> definitions, List<List<DesiredObject>> rest) {
  private static final GroupKind NAMESPACE = new GroupKind("", "Namespace");
  private static final GroupKind CRD =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");
  private static final GroupKind ACCOUNT = new GroupKind("", "ServiceAccount");
  private static final GroupKind CLAIM = new GroupKind("", "PersistentVolumeClaim");
  private static final GroupKind UNNAMED = new GroupKind("example.org", "Custom");
  private static final int LAST_TIER = 4;

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
   * The coarse form of {@link ApplyOrder}, whose neighbours need not wait for each other: quotas
   * and accounts, without which the API server deletes a token's Secret at once; then rights,
   * settings and volumes; then services and workloads; then custom resources; then what intercepts
   * requests.
   */
  private static int tier(GroupKind kind) {
    int rank = ApplyOrder.rank(kind);
    if (rank <= ApplyOrder.rank(CLAIM)) {
      return rank <= ApplyOrder.rank(ACCOUNT) ? 0 : 1;
    }
    int unnamed = ApplyOrder.rank(UNNAMED);
    return rank < unnamed ? 2 : rank == unnamed ? 3 : LAST_TIER;
  }
}
