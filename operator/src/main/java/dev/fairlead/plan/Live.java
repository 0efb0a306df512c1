package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Labels;
import dev.fairlead.model.ObjectKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the API server says about an object, without its content: a Secret's values are not in it.
 *
 * @param resourceVersion compare it with {@link ResourceVersions} only
 * @param generation counts changes of what is desired; many kinds have none
 * @param deleting whether it has a {@code deletionTimestamp}
 * @param finalizers what holds it while it is being deleted; otherwise not kept
 * @param labels those of ApplySet and Fairlead only
 * @param annotations those of ApplySet and Fairlead and {@code helm.sh/resource-policy} only
 * @param managers the entries of {@code managedFields}
 */
public record Live(
    ObjectKey key,
    String uid,
    String resourceVersion,
    OptionalLong generation,
    boolean deleting,
    List<String> finalizers,
    Map<String, String> labels,
    Map<String, String> annotations,
    List<Owner> managers) {
  /** An object that no finalizer holds. */
  public Live(
      ObjectKey key,
      String uid,
      String resourceVersion,
      OptionalLong generation,
      boolean deleting,
      Map<String, String> labels,
      Map<String, String> annotations,
      List<Owner> managers) {
    this(key, uid, resourceVersion, generation, deleting, List.of(), labels, annotations, managers);
  }

  public Live {
    requireNonNull(key);
    requireNonNull(uid);
    requireNonNull(resourceVersion);
    requireNonNull(generation);
    finalizers = List.copyOf(finalizers);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    managers = List.copyOf(managers);
  }

  /** The id of the ApplySet that the object says it belongs to. */
  public Optional<String> partOf() {
    return Optional.ofNullable(labels.get(Labels.PART_OF));
  }

  /**
   * The entry that a server-side apply under this manager leaves. There is exactly one after our
   * own apply; none when there is none, or more than one (in several API versions).
   */
  public Optional<Owner> applied(String manager) {
    List<Owner> entries =
        managers.stream()
            .filter(o -> o.applied() && o.subresource().isEmpty() && o.manager().equals(manager))
            .toList();
    return entries.size() == 1 ? Optional.of(entries.getFirst()) : Optional.empty();
  }

  /** The fields that the manager owns by apply: <em>our set</em>. */
  public Optional<FieldSet> owned(String manager) {
    return applied(manager).map(Owner::fields);
  }

  /**
   * The annotations that a sync did not set: what people and tools say in the cluster.
   *
   * @param manager of the sync
   */
  public Map<String, String> saidByOthers(String manager) {
    if (annotations.isEmpty()) {
      return annotations;
    }
    Map<String, String> said = new HashMap<>(annotations);
    for (Owner owner : managers) {
      if (owner.manager().equals(manager)) {
        said.keySet()
            .removeIf(
                key -> owner.fields().contains(List.of("f:metadata", "f:annotations", "f:" + key)));
      }
    }
    return said;
  }

  /** Who else has any of these fields now: after a drift, who took them. */
  public List<Owner> holders(FieldSet fields, String except) {
    return managers.stream()
        .filter(o -> !o.manager().equals(except) && !o.fields().intersect(fields).isEmpty())
        .toList();
  }
}
