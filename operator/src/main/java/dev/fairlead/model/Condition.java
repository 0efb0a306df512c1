package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * One condition of a GitSync, in kstatus' sense.
 *
 * @param reason one word in camel case, of {@link Reason} wherever one fits
 * @param lastTransition when {@code state} last changed, to the second
 */
public record Condition(
    Type type,
    State state,
    String reason,
    String message,
    long observedGeneration,
    Instant lastTransition) {
  /** In the order in which they are written. */
  public enum Type {
    READY("Ready"),
    RECONCILING("Reconciling"),
    STALLED("Stalled"),
    FETCHED("Fetched"),
    APPLIED("Applied"),
    HEALTHY("Healthy");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Kubernetes' three values. */
  public enum State {
    TRUE("True"),
    FALSE("False"),
    UNKNOWN("Unknown");

    private final String text;

    State(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  public Condition {
    requireNonNull(type);
    requireNonNull(state);
    requireNonNull(reason);
    requireNonNull(message);
    requireNonNull(lastTransition);
  }

  /** Whether the two say the same, whenever each began to. */
  public boolean saysTheSameAs(Condition other) {
    return type == other.type
        && state == other.state
        && reason.equals(other.reason)
        && message.equals(other.message)
        && observedGeneration == other.observedGeneration;
  }
}
