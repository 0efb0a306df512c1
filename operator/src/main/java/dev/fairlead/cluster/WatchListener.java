package dev.fairlead.cluster;

import dev.fairlead.plan.ApiError;

/**
 * Hears what one {@link ResourceWatch} sees, always on that watch's thread and in the server's
 * order. What it throws is logged and the watch goes on; while it works, nothing more is read.
 */
public interface WatchListener {
  void onEvent(WatchEvent event);

  /** Called when the state differs from the last one, and with {@link Synced} after each list. */
  void onState(State state);

  /** How a watch does. */
  sealed interface State {}

  /** All objects were delivered, and changes will be. */
  record Synced() implements State {}

  /** The server does not serve the kind, for example since its CRD is gone. */
  record NotServed() implements State {}

  /** The watch is blind and tries again by itself. */
  record Failing(ApiError error) implements State {}
}
