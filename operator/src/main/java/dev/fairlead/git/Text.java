package dev.fairlead.git;

import java.util.Locale;

/** What strangers wrote, made fit for one line of a message. */
final class Text {
  private static final int REPLACEMENT = 0xFFFD;

  private Text() {}

  /** Without control and invisible formatting characters, which become {@code ?}, and cut. */
  static String cut(String text, int length) {
    var out = new StringBuilder();
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (out.length() >= length) {
        return out.append("...").toString();
      }
      out.appendCodePoint(odd(c) ? '?' : c);
      i += Character.charCount(c);
    }
    return out.toString().strip();
  }

  /** Whether a character is not to be seen, moves others about, or stands for undecodable bytes. */
  static boolean odd(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> codePoint == REPLACEMENT;
    };
  }

  /** {@code 512 B}, {@code 12 KiB}, {@code 1.5 MiB}, {@code 2 GiB}. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    if (bytes < 1024 * 1024) {
      return amount(bytes / 1024.0) + " KiB";
    }
    if (bytes < 1024L * 1024 * 1024) {
      return amount(bytes / (1024.0 * 1024.0)) + " MiB";
    }
    return amount(bytes / (1024.0 * 1024.0 * 1024.0)) + " GiB";
  }

  private static String amount(double value) {
    return value == Math.rint(value) || value >= 100
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.1f", value);
  }
}
