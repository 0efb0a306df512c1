package dev.fairlead.git;

import java.nio.charset.StandardCharsets;

/** What {@code [[:alpha:]]} and the like mean in Git, whatever the locale: ASCII alone. */
final class CharacterClass {
  private CharacterClass() {}

  static boolean exists(byte[] name) {
    return switch (text(name)) {
      case "alnum",
          "alpha",
          "blank",
          "cntrl",
          "digit",
          "graph",
          "lower",
          "print",
          "punct",
          "space",
          "upper",
          "xdigit" ->
          true;
      default -> false;
    };
  }

  static boolean has(byte[] name, int c) {
    return switch (text(name)) {
      case "alnum" -> letter(c) || digit(c);
      case "alpha" -> letter(c);
      case "blank" -> c == ' ' || c == '\t';
      case "cntrl" -> c < 0x20 || c == 0x7f;
      case "digit" -> digit(c);
      case "graph" -> c > 0x20 && c < 0x7f;
      case "lower" -> c >= 'a' && c <= 'z';
      case "print" -> c >= 0x20 && c < 0x7f;
      case "punct" -> c > 0x20 && c < 0x7f && !letter(c) && !digit(c);
      case "space" -> c == ' ' || c == '\t' || c == '\n' || c == '\r';
      case "upper" -> c >= 'A' && c <= 'Z';
      case "xdigit" -> digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      default -> false;
    };
  }

  private static boolean letter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.ISO_8859_1);
  }
}
