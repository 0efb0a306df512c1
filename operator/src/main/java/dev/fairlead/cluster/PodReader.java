package dev.fairlead.cluster;

import dev.fairlead.model.Identity;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads what tells why a workload does not run: its pods and what surrounds them.
 *
 * <p>Guarantees: each call is one request with a bounded answer; nothing is kept. Any thread may
 * call it.
 */
public final class PodReader {
  /** How many pods, or ReplicaSets, of one workload are looked at. */
  public static final int MOST = 100;

  /** How much of a log is read: three lines, and not more of them than this. */
  private static final int LOG_BYTES = 16 << 10;

  private static final int LOG_LINES = 3;
  private static final int MOST_EVENTS = 50;
  private static final Set<String> VERBS = Set.of("get", "list", "watch");
  private static final Resource PODS = new Resource("", "v1", "pods", "Pod", true, VERBS);
  private static final Resource EVENTS = new Resource("", "v1", "events", "Event", true, VERBS);
  private static final Resource CLAIMS =
      new Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, VERBS);
  private static final Resource REPLICA_SETS =
      new Resource("apps", "v1", "replicasets", "ReplicaSet", true, VERBS);

  private final ApiServer api;

  public PodReader(ApiServer api) {
    this.api = api;
  }

  /**
   * Pods of a namespace.
   *
   * @param more whether there are others
   */
  public record Pods(List<Json.Obj> items, boolean more) {
    public Pods {
      items = List.copyOf(items);
    }
  }

  /** A whole object; empty when it is not there. */
  public Optional<Json.Obj> object(Resource resource, ObjectKey key)
      throws ApiException, InterruptedException {
    return api.get(resource, key);
  }

  /** The first {@link #MOST} pods that a selector matches. */
  public Pods pods(String namespace, String selector) throws ApiException, InterruptedException {
    ApiServer.Excerpt some = api.some(PODS, namespace, selector, "", MOST);
    return new Pods(some.items(), some.more());
  }

  /** The first {@link #MOST} ReplicaSets that a selector matches. */
  public List<Json.Obj> replicaSets(String namespace, String selector)
      throws ApiException, InterruptedException {
    return api.some(REPLICA_SETS, namespace, selector, "", MOST).items();
  }

  /** Events about an object; at most 50, in no order. */
  public List<Json.Obj> events(String namespace, String uid)
      throws ApiException, InterruptedException {
    return api.some(EVENTS, namespace, "", "involvedObject.uid=" + uid, MOST_EVENTS).items();
  }

  /** A PersistentVolumeClaim; empty when it is not there. */
  public Optional<Json.Obj> claim(String namespace, String name)
      throws ApiException, InterruptedException {
    return api.get(CLAIMS, CLAIMS.key(namespace, name));
  }

  /**
   * The last lines of a container's log.
   *
   * @param who whose right to read logs counts
   * @param previous of its last run, not of the one that goes on
   * @return nothing when they are too long: what is cut off could be half of a secret
   */
  public Optional<String> log(
      Identity who, String namespace, String pod, String container, boolean previous)
      throws ApiException, InterruptedException {
    byte[] bytes =
        api.as(who).log(PODS, PODS.key(namespace, pod), container, previous, LOG_LINES, LOG_BYTES);
    return bytes.length < LOG_BYTES
        ? Optional.of(new String(bytes, StandardCharsets.UTF_8))
        : Optional.empty();
  }
}
