package dev.fairlead.cli;

/** A command cannot do what it was asked; the message is for people: what is wrong, what to do. */
final class CliException extends Exception {
  /** A problem was found. */
  static final int PROBLEM = 1;

  /** It was called in a way that makes no sense. */
  static final int USAGE = 2;

  private final int code;

  CliException(String message) {
    this(PROBLEM, message);
  }

  CliException(int code, String message) {
    super(message);
    this.code = code;
  }

  /** What the process ends with. */
  int code() {
    return code;
  }
}
