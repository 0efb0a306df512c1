package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.health.Health;
import dev.fairlead.model.ObjectKey;
import java.util.List;
import java.util.Map;

/**
 * What the watches know of one object that says it belongs to a GitSync; small, since there may be
 * tens of thousands.
 *
 * @param partOf the ApplySet that its label names
 * @param proven whether the sync of that ApplySet has indeed applied it: the second proof, without
 *     which nothing is ever deleted (Endpoints copy their Service's labels, for one)
 * @param deleting whether it is on its way out
 * @param finalizers what holds it while it is on its way out
 * @param annotations those that say what may be done with it; usually none
 * @param said those of the annotations that somebody else than the sync has set
 * @param finished whether it is a Job that completed
 * @param health by kstatus' rules; healthy at once for kinds without any
 * @param managers the field managers beside its sync's that own something other than the status,
 *     sorted; lists of equal content are one
 */
public record Observed(
    ObjectKey key,
    String partOf,
    boolean proven,
    String uid,
    String resourceVersion,
    boolean deleting,
    List<String> finalizers,
    Map<String, String> annotations,
    Map<String, String> said,
    boolean finished,
    Health health,
    List<String> managers) {
  public Observed {
    requireNonNull(key);
    requireNonNull(partOf);
    requireNonNull(uid);
    requireNonNull(resourceVersion);
    finalizers = List.copyOf(finalizers);
    annotations = Map.copyOf(annotations);
    said = Map.copyOf(said);
    requireNonNull(health);
    managers = List.copyOf(managers);
  }

  /** An object of which nobody but its sync says anything. */
  public Observed(
      ObjectKey key,
      String partOf,
      boolean proven,
      String uid,
      String resourceVersion,
      boolean deleting,
      List<String> finalizers,
      Map<String, String> annotations,
      boolean finished,
      Health health,
      List<String> managers) {
    this(
        key,
        partOf,
        proven,
        uid,
        resourceVersion,
        deleting,
        finalizers,
        annotations,
        Map.of(),
        finished,
        health,
        managers);
  }
}
