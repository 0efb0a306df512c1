package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.Objects;
import org.eclipse.jgit.errors.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * Why a conversation with a server, or with a proxy before it, does not come about; the message is
 * for people.
 */
final class Refusal extends TransportException {
  private final Reason reason;

  Refusal(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  Reason reason() {
    return reason;
  }
}
