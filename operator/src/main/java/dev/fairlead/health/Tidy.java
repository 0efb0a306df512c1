package dev.fairlead.health;

import java.util.List;
import java.util.Optional;

/** Makes a text that somebody else has written fit for one line of a message. Pure. */
public final class Tidy {
  private Tidy() {}

  /** In one line without control characters, of so many characters at most. */
  public static String line(String text, int most) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), most + 1));
    boolean space = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == 0x1b && i < text.length() && text.charAt(i) == '[') {
        i = endOfEscape(text, i + 1);
        continue;
      }
      if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
        space = !out.isEmpty();
        continue;
      }
      if (isUnprintable(c)) {
        continue;
      }
      if (out.length() + Character.charCount(c) + (space ? 1 : 0) > most) {
        return out.append('…').toString();
      }
      if (space) {
        out.append(' ');
        space = false;
      }
      out.appendCodePoint(c);
    }
    return out.toString();
  }

  /** The last line that is not blank. */
  public static Optional<String> lastLine(String text) {
    List<String> lines = text.lines().filter(l -> !l.isBlank()).toList();
    return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast());
  }

  /** Also what turns the direction of a line around, or cannot be encoded. */
  private static boolean isUnprintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          true;
      default -> c == 0xfffd;
    };
  }

  /** Behind a colour or another order to a terminal. */
  private static int endOfEscape(String text, int from) {
    int i = from;
    while (i < text.length() && (text.charAt(i) < '@' || text.charAt(i) > '~')) {
      i++;
    }
    return Math.min(text.length(), i + 1);
  }
}
