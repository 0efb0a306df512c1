package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes Kubernetes Events ({@code events.k8s.io/v1}), each as a new object: whoever reports
 * decides what is worth one. Any number of threads.
 */
public final class EventSink {
  private static final Resource EVENTS =
      new Resource("events.k8s.io", "v1", "events", "Event", true, Set.of("create"));
  private static final String CONTROLLER = "fairlead.dev/operator";

  /** The server's limits. */
  private static final int MAX_NOTE = 1024;

  private static final int MAX_REASON = 128;
  private static final int MAX_NAME = 253;

  private final ApiServer server;
  private final String instance;
  private final AtomicLong count = new AtomicLong();

  /**
   * Writes in the name of one instance.
   *
   * @param instance for example the pod's name; not empty
   */
  public EventSink(ApiServer server, String instance) {
    this.server = server;
    this.instance = instance;
  }

  /**
   * What happened to an object.
   *
   * @param apiVersion of the object
   * @param warning whether it is worse than normal
   * @param reason one word, as in conditions
   * @param action what was done, one word
   * @param note for people; cut at the server's limit of 1024 bytes
   */
  public record ClusterEvent(
      ObjectKey regarding,
      String apiVersion,
      String uid,
      boolean warning,
      String reason,
      String action,
      String note,
      Instant at) {
    public ClusterEvent {
      requireNonNull(regarding);
      requireNonNull(apiVersion);
      requireNonNull(uid);
      requireNonNull(reason);
      requireNonNull(action);
      requireNonNull(note);
      requireNonNull(at);
    }
  }

  /** Writes one event; into the namespace {@code default} when the object has none. */
  public void emit(ClusterEvent event) throws ApiException, InterruptedException {
    String namespace =
        event.regarding().namespace().isEmpty() ? "default" : event.regarding().namespace();
    server.create(EVENTS, namespace, body(event, namespace), "fairlead-operator");
  }

  private Json.Obj body(ClusterEvent event, String namespace) {
    String suffix =
        "."
            + Long.toHexString(event.at().toEpochMilli())
            + "."
            + Long.toHexString(count.incrementAndGet());
    String name = cut(event.regarding().name(), MAX_NAME - suffix.length()) + suffix;
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("apiVersion", Json.of("events.k8s.io/v1"));
    body.put("kind", Json.of("Event"));
    body.put("metadata", Json.of(Map.of("name", Json.of(name), "namespace", Json.of(namespace))));
    body.put("eventTime", Json.of(MicroTime.of(event.at())));
    body.put("reportingController", Json.of(CONTROLLER));
    body.put("reportingInstance", Json.of(cut(instance, MAX_REASON)));
    body.put("action", Json.of(cut(event.action(), MAX_REASON)));
    body.put("reason", Json.of(cut(event.reason(), MAX_REASON)));
    body.put("type", Json.of(event.warning() ? "Warning" : "Normal"));
    body.put("note", Json.of(cut(event.note(), MAX_NOTE)));
    body.put("regarding", reference(event));
    return Json.of(body);
  }

  private static Json.Obj reference(ClusterEvent event) {
    Map<String, Json> reference = new LinkedHashMap<>();
    reference.put("apiVersion", Json.of(event.apiVersion()));
    reference.put("kind", Json.of(event.regarding().kind()));
    reference.put("name", Json.of(event.regarding().name()));
    reference.put("uid", Json.of(event.uid()));
    if (!event.regarding().namespace().isEmpty()) {
      reference.put("namespace", Json.of(event.regarding().namespace()));
    }
    return Json.of(reference);
  }

  /** Cuts at whole characters so that no more than this many bytes of UTF-8 are left. */
  private static String cut(String text, int bytes) {
    int used = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      used += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      if (used > bytes) {
        return text.substring(0, i);
      }
      i += Character.charCount(c);
    }
    return text;
  }
}
