package dev.fairlead.daemon;

import dev.fairlead.testbed.ApiRequest;
import java.util.List;

/** What a write of the daemon is for. */
enum WriteKind {
  CREATE,
  UPDATE,
  PRUNE,
  RELEASE,
  INVENTORY,
  FINALIZER,
  STATUS,
  EVENT;

  /**
   * Of the last of these writes.
   *
   * @param writes all since before the sync was there
   */
  static WriteKind ofLast(List<ApiRequest> writes) {
    ApiRequest write = writes.getLast();
    String path = write.path();
    if (write.method().equals("DELETE")) {
      return PRUNE;
    }
    if (path.endsWith("/events") && write.method().equals("POST")) {
      return EVENT;
    }
    if (path.contains("/gitsyncs/")) {
      return path.endsWith("/status")
          ? STATUS
          : write.body().contains("\"annotations\"") ? INVENTORY : FINALIZER;
    }
    if (write.contentType().startsWith("application/json-patch")) {
      return RELEASE;
    }
    if (write.isApply()) {
      boolean before =
          writes.subList(0, writes.size() - 1).stream()
              .anyMatch(w -> w.isApply() && w.path().equals(path));
      return before ? UPDATE : CREATE;
    }
    throw new AssertionError("a write that nobody expects: " + write + "\n" + write.body());
  }
}
