package dev.fairlead.cli;

/**
 * How much room text takes on a screen, and how it is made to fit. Text of others (a commit's
 * subject, a file's name) never moves the cursor: control characters become spaces. Pure.
 */
final class Screen {
  private Screen() {}

  /** The columns that a text takes. */
  static int width(String text) {
    int width = 0;
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      // A colour takes no room.
      if (c == 0x1b) {
        int end = text.indexOf('m', i);
        i = end < 0 ? text.length() : end + 1;
      } else {
        width += width(c);
      }
    }
    return width;
  }

  private static int width(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
      default -> isWide(c) ? 2 : 1;
    };
  }

  /** East Asian characters and pictures, as terminals draw them. */
  private static boolean isWide(int c) {
    return (c >= 0x1100 && c <= 0x115f)
        || (c >= 0x2e80 && c <= 0x303e)
        || (c >= 0x3041 && c <= 0x33ff)
        || (c >= 0x3400 && c <= 0x4dbf)
        || (c >= 0x4e00 && c <= 0x9fff)
        || (c >= 0xa000 && c <= 0xa4cf)
        || (c >= 0xac00 && c <= 0xd7a3)
        || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0xfe30 && c <= 0xfe6f)
        || (c >= 0xff00 && c <= 0xff60)
        || (c >= 0xffe0 && c <= 0xffe6)
        || (c >= 0x1f300 && c <= 0x1f64f)
        || (c >= 0x1f680 && c <= 0x1f6ff)
        || (c >= 0x1f900 && c <= 0x1f9ff)
        || (c >= 0x20000 && c <= 0x3fffd);
  }

  /** The text with spaces at its end, so that it takes at least so many columns. */
  static String pad(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - width(text)));
  }

  /** The text, or its beginning and an ellipsis, in at most so many columns. */
  static String cut(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    int used = 1;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      used += width(c);
      if (used > columns) {
        break;
      }
      out.appendCodePoint(c);
      i += Character.charCount(c);
    }
    return columns < 1 ? "" : out.toString().stripTrailing() + "…";
  }

  /** One line of text of others, made harmless. */
  static String line(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> out.appendCodePoint(Character.isISOControl(c) || isDirection(c) ? ' ' : c));
    return out.toString().strip();
  }

  /** What makes a terminal show text in another order than it has. */
  private static boolean isDirection(int c) {
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
  }
}
