package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import java.util.Objects;

/** A signature does not count. The message goes on after the name of what carries it. */
final class Rejected extends Exception {
  Rejected(String message) {
    super(requireNonNull(message));
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
