package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.plan.Live;
import java.util.Optional;

/**
 * One thing that a watch saw.
 *
 * @param live the object's metadata; of a delete its last, or, when the watch was blind at the
 *     time, only key, uid and a resource version that is newer than all that came before
 * @param content the whole object without {@code managedFields}, if the watch asks for it
 */
public record WatchEvent(Type type, Live live, Optional<Json.Obj> content) {
  /** What happened to the object, or to its match with the selector. */
  public enum Type {
    ADDED,
    MODIFIED,
    DELETED
  }

  public WatchEvent {
    requireNonNull(type);
    requireNonNull(live);
    requireNonNull(content);
  }
}
