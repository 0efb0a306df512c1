package dev.fairlead.daemon;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.testbed.ControlPlane;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One control plane that the corpus is applied to.
 *
 * @param applier the field manager of what is applied
 */
record CorpusCluster(ControlPlane cluster, String applier) {
  /** Kinds whose names are given out at random, or that come by themselves. */
  private static final Set<String> BY_CHANCE = Set.of("Event", "IPAddress");

  /** All objects of all kinds. */
  List<Json.Obj> everything() {
    String kinds =
        String.join(
            ",",
            cluster.kubectl("api-resources", "--verbs=list", "-o", "name").strip().split("\\s+"));
    return SyncClient.parse(
            cluster.kubectl("get", kinds, "-A", "-o", "json", "--show-managed-fields"))
        .items("items")
        .stream()
        .map(o -> (Json.Obj) o)
        .toList();
  }

  /** The uid of each object that does not belong to another. */
  Map<ObjectKey, String> uids() {
    Map<ObjectKey, String> uids = new TreeMap<>();
    for (Json.Obj object : everything()) {
      ObjectKey key = AppliedObjects.key(object);
      Json.Obj metadata = object.object("metadata").orElseThrow();
      if (metadata.items("ownerReferences").isEmpty() && !BY_CHANCE.contains(key.kind())) {
        metadata.string("uid").ifPresent(uid -> uids.put(key, uid));
      }
    }
    return uids;
  }

  /** Which of some objects, by their uids, are not there any more, or are there anew. */
  Set<ObjectKey> gone(Map<ObjectKey, String> before) {
    Map<ObjectKey, String> now = uids();
    Set<ObjectKey> gone = new TreeSet<>(before.keySet());
    gone.removeIf(key -> Objects.equals(before.get(key), now.get(key)));
    return gone;
  }
}
