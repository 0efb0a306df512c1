package dev.fairlead.manifest;

/**
 * Ends the reading of one document inside this package; readers turn it into a {@link Finding}.
 * Carries words for people and the line that they are about.
 */
final class Unreadable extends Exception {
  private static final long serialVersionUID = 1L;

  private final int line;

  Unreadable(int line, String because) {
    super(because, null, false, false);
    this.line = line;
  }

  int line() {
    return line;
  }

  String because() {
    return String.valueOf(getMessage());
  }
}
