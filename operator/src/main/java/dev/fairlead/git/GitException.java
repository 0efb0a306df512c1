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
  private final @Nullable String hostTrouble;
  private final boolean limit;

  GitException(Reason reason, String message) {
    this(reason, message, null, null);
  }

  GitException(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, null);
  }

  GitException(
      Reason reason, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    this(reason, message, cause, retryAfter, null);
  }

  /**
   * @param hostTrouble as {@link #hostTrouble()} says
   */
  GitException(
      Reason reason,
      String message,
      @Nullable Throwable cause,
      @Nullable Duration retryAfter,
      @Nullable String hostTrouble) {
    this(reason, message, cause, retryAfter, hostTrouble, false);
  }

  /**
   * @param limit as {@link #isLimit()} says
   */
  GitException(
      Reason reason,
      String message,
      @Nullable Throwable cause,
      @Nullable Duration retryAfter,
      @Nullable String hostTrouble,
      boolean limit) {
    super(requireNonNull(message), cause);
    this.reason = requireNonNull(reason);
    this.retryAfter = retryAfter;
    this.hostTrouble = hostTrouble;
    this.limit = limit;
  }

  /** The same, for one more who waited for it. */
  static GitException again(GitException one) {
    return new GitException(
        one.reason, one.getMessage(), one, one.retryAfter, one.hostTrouble, one.limit);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /**
   * {@code FETCH_FAILED}, {@code AUTHENTICATION_FAILED}, {@code REF_NOT_FOUND}, {@code
   * PATH_NOT_FOUND}, {@code SIGNATURE_INVALID} or {@code BUILD_FAILED} (what is in the repository
   * cannot be used).
   */
  public Reason reason() {
    return reason;
  }

  /**
   * What the host did, when it is in trouble as a whole and so for all its repositories, as in
   * {@code answers 503}; names no repository.
   */
  public Optional<String> hostTrouble() {
    return Optional.ofNullable(hostTrouble);
  }

  /**
   * Whether the trouble is that the host has had too many requests of those who come with these
   * credentials, or of those who come without; it says nothing to others.
   */
  public boolean isLimit() {
    return limit;
  }

  /** How long the server asked to be left alone; at most an hour. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
