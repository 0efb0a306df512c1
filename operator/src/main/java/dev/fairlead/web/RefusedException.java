package dev.fairlead.web;

/** Why a request gets no other answer. */
final class RefusedException extends Exception {
  private final int status;
  private final String reason;

  /**
   * @param reason one word
   * @param message for people: what is wrong and what there is instead
   */
  RefusedException(int status, String reason, String message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  int status() {
    return status;
  }

  String reason() {
    return reason;
  }
}
