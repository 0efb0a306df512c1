package dev.fairlead.health;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Json;
import java.time.Duration;
import java.time.Instant;

/**
 * How one live object is.
 *
 * <p>The state is what kstatus ({@code sigs.k8s.io/cli-utils}) says of the same object; the reason
 * and the message say more than kstatus where the object itself tells more.
 *
 * @param state what the rest of Fairlead acts on
 * @param reason one word in camel case that names the problem or what is awaited ({@code
 *     ImagePullBackOff}, {@code ProgressDeadlineExceeded}); empty when healthy or terminating
 * @param message a clause for people, without the object's name; never empty
 */
public record Health(State state, String reason, String message) {
  /**
   * How long a Pod may be unschedulable before it counts as failed. An autoscaler may bring a node
   * within it; no event tells when it has passed, so whoever judges Pods looks again after it.
   */
  public static final Duration SCHEDULE_WINDOW = Duration.ofSeconds(15);

  /** Of an object that is there and has no more to tell. */
  public static final Health HEALTHY = healthy("is there");

  public static final Health TERMINATING = new Health(State.TERMINATING, "", "is being deleted");

  /** The states that an object can be in; kstatus' name is in brackets. */
  public enum State {
    /** It is as its spec asks, as far as it tells (Current). */
    HEALTHY,
    /** It is on its way, or waits for something (InProgress). */
    PROGRESSING,
    /** It will not become healthy without a change (Failed). */
    FAILED,
    /** It is being deleted (Terminating). */
    TERMINATING,
    /**
     * It cannot be judged: a field has a type or value that no rule knows (an error of kstatus).
     */
    UNKNOWN
  }

  public Health {
    requireNonNull(state);
    requireNonNull(reason);
    if (message.isEmpty()) {
      throw new IllegalArgumentException("a health says in words what it means");
    }
  }

  /**
   * Judges a live object. Total: whatever the object holds, there is an answer.
   *
   * @param object with its metadata and, where {@link HealthRules#needsStatus} asks for it, its
   *     spec and status; metadata alone tells only whether it is being deleted
   * @param now used only for {@link #SCHEDULE_WINDOW}
   */
  public static Health of(Json.Obj object, Instant now) {
    return HealthRules.judge(new LiveObject(object), now);
  }

  public boolean isHealthy() {
    return state == State.HEALTHY;
  }

  public boolean isFailed() {
    return state == State.FAILED;
  }

  /** As it should be, as the message says. */
  public static Health healthy(String message) {
    return new Health(State.HEALTHY, "", message);
  }

  /** On its way; an empty message gets a general one. */
  public static Health progressing(String reason, String message) {
    return new Health(State.PROGRESSING, reason, orElse(message, "in progress"));
  }

  /** Failed; an empty message gets a general one. */
  public static Health failed(String reason, String message) {
    return new Health(State.FAILED, reason, orElse(message, "failed"));
  }

  static Health unknown(String reason, String message) {
    return new Health(State.UNKNOWN, reason, message);
  }

  private static String orElse(String message, String fallback) {
    return message.isEmpty() ? fallback : message;
  }
}
