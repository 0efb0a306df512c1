package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.util.Objects;
import org.eclipse.jgit.errors.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * An ssh server does not let us in, or is not the one that it should be; the message is for people.
 */
final class SshRefusal extends TransportException {
  private final Reason reason;

  SshRefusal(Reason reason, String message, @Nullable Throwable cause) {
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
