package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jgit.errors.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Why a conversation with a server, or with a proxy before it, does not come about; the message is
 * for people.
 */
final class Refusal extends TransportException {
  private final Reason reason;
  private final Optional<String> hostTrouble;

  Refusal(Reason reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, Optional.empty());
  }

  /**
   * @param hostTrouble as {@link GitException#hostTrouble()} says
   */
  Refusal(Reason reason, String message, @Nullable Throwable cause, Optional<String> hostTrouble) {
    super(message, cause);
    this.reason = reason;
    this.hostTrouble = hostTrouble;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  Reason reason() {
    return reason;
  }

  Optional<String> hostTrouble() {
    return hostTrouble;
  }

  GitException told() {
    return told("");
  }

  /**
   * @param more to add to the message
   */
  GitException told(String more) {
    return new GitException(reason, getMessage() + more, this, null, hostTrouble.orElse(null));
  }
}
