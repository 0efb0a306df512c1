package dev.fairlead.cluster;

import static java.util.Objects.requireNonNull;

import dev.fairlead.plan.ApiError;

/** The API server did not do what it was asked; {@link #error} says why, and is the whole truth. */
public final class ApiException extends Exception {
  private final transient ApiError error;

  public ApiException(ApiError error) {
    super(error.message());
    this.error = requireNonNull(error);
  }

  ApiException(ApiError error, Throwable cause) {
    super(error.message(), cause);
    this.error = requireNonNull(error);
  }

  @Override
  public String getMessage() {
    return error.message();
  }

  public ApiError error() {
    return error;
  }
}
