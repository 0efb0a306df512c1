package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Git operation that could not be done. The message is for people: what is wrong and what to do,
 * on one line, never with a credential, and with little of what the remote said.
 */
public final class GitException extends Exception {
  private final Reason reason;
  private final @Nullable Duration retryAfter;

  GitException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  GitException(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, null);
  }

  GitException(
      Reason reason, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(requireNonNull(message), cause);
    this.reason = requireNonNull(reason);
    this.retryAfter = retryAfter;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * {@code FETCH_FAILED}, {@code AUTHENTICATION_FAILED}, {@code REF_NOT_FOUND}, {@code
   * PATH_NOT_FOUND} or {@code BUILD_FAILED} (what is in the repository cannot be used).
   */
  public Reason reason() {
    return reason;
  }

  /** How long the server asked to be left alone; at most an hour. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
