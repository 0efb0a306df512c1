package dev.fairlead.cluster;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.Live;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which objects a watch has told about, so that a new list can be told as the changes since then:
 * key, uid and resource version of each, nothing more. For one thread.
 */
final class KnownObjects {
  private record Known(String uid, String resourceVersion) {}

  private final Map<ObjectKey, Known> known = new HashMap<>();
  private final Set<ObjectKey> listed = new HashSet<>();

  /** A list begins; one that was not finished is forgotten. */
  void beginList() {
    listed.clear();
  }

  /** An object is in the list: nothing when it is known in this version. */
  List<WatchEvent> inList(Live live, Optional<Json.Obj> content) {
    listed.add(live.key());
    Known before = known.get(live.key());
    if (before != null
        && before.uid().equals(live.uid())
        && before.resourceVersion().equals(live.resourceVersion())) {
      return List.of();
    }
    return changed(live, content);
  }

  /** The list is complete in this version: what is known but not in it was deleted. */
  List<WatchEvent> endList(String resourceVersion) {
    List<WatchEvent> events = new ArrayList<>();
    for (Iterator<Map.Entry<ObjectKey, Known>> i = known.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<ObjectKey, Known> entry = i.next();
      if (!listed.contains(entry.getKey())) {
        events.add(deleted(entry.getKey(), entry.getValue().uid(), resourceVersion));
        i.remove();
      }
    }
    listed.clear();
    return events;
  }

  /** The object was added or modified; an object in the place of another ends that one first. */
  List<WatchEvent> changed(Live live, Optional<Json.Obj> content) {
    Known before = known.put(live.key(), new Known(live.uid(), live.resourceVersion()));
    if (before == null) {
      return List.of(new WatchEvent(WatchEvent.Type.ADDED, live, content));
    }
    if (before.uid().equals(live.uid())) {
      return List.of(new WatchEvent(WatchEvent.Type.MODIFIED, live, content));
    }
    return List.of(
        deleted(live.key(), before.uid(), live.resourceVersion()),
        new WatchEvent(WatchEvent.Type.ADDED, live, content));
  }

  List<WatchEvent> deleted(Live live, Optional<Json.Obj> content) {
    known.remove(live.key());
    return List.of(new WatchEvent(WatchEvent.Type.DELETED, live, content));
  }

  int size() {
    return known.size();
  }

  private static WatchEvent deleted(ObjectKey key, String uid, String resourceVersion) {
    Live last =
        new Live(
            key, uid, resourceVersion, OptionalLong.empty(), false, Map.of(), Map.of(), List.of());
    return new WatchEvent(WatchEvent.Type.DELETED, last, Optional.empty());
  }
}
