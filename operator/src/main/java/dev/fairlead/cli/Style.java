package dev.fairlead.cli;

/** Whether text is coloured. Pure. */
public enum Style {
  PLAIN,
  COLOURED;

  private static final String RESET = "\u001b[0m";

  /** What is as it should be. */
  String good(String text) {
    return wrap("\u001b[32m", text);
  }

  /** What a person has to see to. */
  String bad(String text) {
    return wrap("\u001b[31m", text);
  }

  /** What is under way. */
  String busy(String text) {
    return wrap("\u001b[33m", text);
  }

  String bold(String text) {
    return wrap("\u001b[1m", text);
  }

  String faint(String text) {
    return wrap("\u001b[2m", text);
  }

  private String wrap(String code, String text) {
    return this == PLAIN || text.isEmpty() ? text : code + text + RESET;
  }
}
