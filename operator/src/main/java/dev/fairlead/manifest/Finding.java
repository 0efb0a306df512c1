package dev.fairlead.manifest;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Origin;

/**
 * Something wrong in a file, in words for the person who wrote it.
 *
 * @param origin where
 * @param message what is wrong and, where it helps, what to do; without the place and never with a
 *     Secret's value
 */
public record Finding(Origin origin, String message) {
  public Finding {
    requireNonNull(origin);
    requireNonNull(message);
  }

  /** {@code deploy/web.yaml:21: what is wrong}. */
  @Override
  public String toString() {
    return origin + ": " + message;
  }
}
