package dev.fairlead.api;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Labels;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncStatus.Inventory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the operator writes into a GitSync's metadata: its finalizer, and what makes the GitSync the
 * parent of an ApplySet (KEP-3659). Pure.
 *
 * <p>All are JSON merge patches of the GitSync itself and name its uid, so that the server refuses
 * them for a later GitSync of the same name. Those that touch the finalizers, which a merge patch
 * can only replace as a whole, also name the resourceVersion: the server answers 409 when anyone
 * wrote in between, and no finalizer of others is lost.
 */
public final class MetadataPatch {
  private MetadataPatch() {}

  /**
   * The patch after which the GitSync has our finalizer and is the parent of exactly this
   * inventory; empty when it is so already. To a GitSync that is being deleted no finalizer is
   * added: the server would refuse it.
   */
  public static Optional<Json.Obj> adopt(SyncMetadata now, Inventory inventory) {
    Map<String, Json> patch = new LinkedHashMap<>();
    if (!now.hasFinalizer() && !now.deleting()) {
      patch.put("resourceVersion", Json.of(now.resourceVersion()));
      patch.put(
          "finalizers",
          finalizers(Stream.concat(now.finalizers().stream(), Stream.of(Labels.FINALIZER))));
    }
    String id = Labels.applySetId(now.key());
    if (!id.equals(now.labels().get(Labels.APPLYSET_ID))) {
      patch.put("labels", Json.of(Map.of(Labels.APPLYSET_ID, Json.of(id))));
    }
    Json.Obj annotations = annotations(now, inventory);
    if (!annotations.members().isEmpty()) {
      patch.put("annotations", annotations);
    }
    return patch.isEmpty() ? Optional.empty() : Optional.of(metadata(now, patch));
  }

  /** The patch that lets a GitSync go: without our finalizer. Empty when it is not there. */
  public static Optional<Json.Obj> release(SyncMetadata now) {
    if (!now.hasFinalizer()) {
      return Optional.empty();
    }
    Map<String, Json> patch = new LinkedHashMap<>();
    patch.put("resourceVersion", Json.of(now.resourceVersion()));
    patch.put(
        "finalizers",
        finalizers(now.finalizers().stream().filter(f -> !f.equals(Labels.FINALIZER))));
    return Optional.of(metadata(now, patch));
  }

  /**
   * Where members of the sync may be: all that the annotations or the status name. The annotations
   * always mean the GitSync's own namespace too.
   */
  public static Inventory inventory(SyncMetadata now, Inventory status) {
    List<GroupKind> kinds =
        split(now.annotations().getOrDefault(Labels.CONTAINS_GROUP_KINDS, ""))
            .flatMap(kind -> StatusReader.groupKind(kind).stream())
            .toList();
    List<String> others =
        split(now.annotations().getOrDefault(Labels.ADDITIONAL_NAMESPACES, "")).toList();
    if (kinds.isEmpty() && others.isEmpty()) {
      return status;
    }
    List<String> namespaces =
        Stream.concat(others.stream(), Stream.of(now.key().namespace())).toList();
    return new Inventory(kinds, namespaces).union(status);
  }

  /** Those of the three annotations that have to change; null removes one. */
  private static Json.Obj annotations(SyncMetadata now, Inventory inventory) {
    Map<String, String> wanted = new LinkedHashMap<>();
    wanted.put(Labels.TOOLING, Labels.TOOLING_VALUE);
    wanted.put(
        Labels.CONTAINS_GROUP_KINDS,
        join(inventory.groupKinds().stream().map(GroupKind::toString)));
    String namespaces = additionalNamespaces(now.key(), inventory);
    // The KEP reserves the empty value of this one; an empty list of kinds means an empty set.
    if (!namespaces.isEmpty()) {
      wanted.put(Labels.ADDITIONAL_NAMESPACES, namespaces);
    }
    Map<String, Json> changes = new LinkedHashMap<>();
    for (String key :
        List.of(Labels.TOOLING, Labels.CONTAINS_GROUP_KINDS, Labels.ADDITIONAL_NAMESPACES)) {
      Optional<String> value = Optional.ofNullable(wanted.get(key));
      if (!value.equals(Optional.ofNullable(now.annotations().get(key)))) {
        changes.put(key, value.<Json>map(Json::of).orElse(Json.Null.NULL));
      }
    }
    return Json.of(changes);
  }

  private static String additionalNamespaces(SyncKey key, Inventory inventory) {
    return join(inventory.namespaces().stream().filter(n -> !n.equals(key.namespace())));
  }

  /** Sorted as text, as the KEP wants both lists. */
  private static String join(Stream<String> items) {
    return String.join(",", items.sorted().toList());
  }

  private static Stream<String> split(String list) {
    return Arrays.stream(list.split(",", -1)).map(String::strip).filter(s -> !s.isEmpty());
  }

  private static Json.Arr finalizers(Stream<String> names) {
    return Json.of(names.<Json>map(Json::of).toList());
  }

  private static Json.Obj metadata(SyncMetadata now, Map<String, Json> patch) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("uid", Json.of(now.uid()));
    members.putAll(patch);
    return Json.of(Map.of("metadata", Json.of(members)));
  }
}
