package dev.fairlead.model;

/** The one word that says why a condition is what it is; the same in events and metrics. */
public enum Reason {
  SUCCEEDED("Succeeded"),
  PROGRESSING("Progressing"),
  FETCH_FAILED("FetchFailed"),
  AUTHENTICATION_FAILED("AuthenticationFailed"),
  REF_NOT_FOUND("RefNotFound"),
  PATH_NOT_FOUND("PathNotFound"),
  SIGNATURE_INVALID("SignatureInvalid"),
  BUILD_FAILED("BuildFailed"),
  VALIDATION_FAILED("ValidationFailed"),
  OWNED_ELSEWHERE("OwnedElsewhere"),
  PRUNE_BLOCKED("PruneBlocked"),
  DEPENDENCY_NOT_READY("DependencyNotReady"),
  ACCESS_DENIED("AccessDenied"),
  APPLY_FAILED("ApplyFailed"),
  HEALTH_CHECK_FAILED("HealthCheckFailed"),
  ROLLED_BACK("RolledBack"),
  CONTESTED("Contested"),
  OUT_OF_SYNC("OutOfSync");

  private final String text;

  Reason(String text) {
    this.text = text;
  }

  /** The word as conditions, events and metrics carry it. */
  @Override
  public String toString() {
    return text;
  }
}
