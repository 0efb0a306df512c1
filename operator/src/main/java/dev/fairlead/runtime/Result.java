package dev.fairlead.runtime;

import java.time.Duration;

/** What a reconciler wants next for the key that it worked on. */
public sealed interface Result {
  /** Nothing, until someone asks for it. */
  record Done() implements Result {}

  /** Another run after the delay at the latest; as good as done, so back-off starts anew. */
  record After(Duration delay, Priority priority) implements Result {}

  /** It failed in a way that may pass: another run, later each time. */
  record Retry() implements Result {}

  /** Nothing, until someone asks for it. */
  static Result done() {
    return new Done();
  }

  /** Another run after the delay, in the background. */
  static Result after(Duration delay) {
    return new After(delay, Priority.LOW);
  }

  /** Another run, later each time, as urgent as this one was. */
  static Result retry() {
    return new Retry();
  }

  /** This, but coming again after that time at the latest. */
  default Result noLaterThan(Duration delay, Priority priority) {
    Duration latest = delay.isNegative() ? Duration.ZERO : delay;
    return switch (this) {
      case After after ->
          after.delay().compareTo(latest) <= 0 ? after : new After(latest, priority);
      case Done _ -> new After(latest, priority);
      case Retry retry -> retry;
    };
  }
}
