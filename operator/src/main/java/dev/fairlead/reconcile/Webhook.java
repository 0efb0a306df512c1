package dev.fairlead.reconcile;

import dev.fairlead.model.Origin;
import dev.fairlead.model.Warning;
import java.util.Optional;

/**
 * What is told of a sync's webhook.
 *
 * @param path where the Git host tells of pushes
 * @param trouble why there is none, or none with the present token
 */
record Webhook(Optional<String> path, Optional<Warning> trouble) {
  static final Webhook NONE = new Webhook(Optional.empty(), Optional.empty());

  private static final String FIELD = "spec.webhook: ";

  static Webhook at(String path) {
    return new Webhook(Optional.of(path), Optional.empty());
  }

  static Webhook troubled(Optional<String> path, String why) {
    return new Webhook(
        path, Optional.of(new Warning(Optional.empty(), Origin.ofFile(""), FIELD + why)));
  }

  /** Whether a warning in status is of a webhook. */
  static boolean covers(String warning) {
    return warning.startsWith(FIELD);
  }
}
