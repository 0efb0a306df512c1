package dev.fairlead.git;

import java.util.Arrays;

/**
 * Git's {@code wildmatch}: whether a glob matches a whole name, both as bytes of UTF-8. It follows
 * all possibilities at once, byte by byte, so that its time is at most the product of the lengths
 * whatever the pattern is; a matcher that tries one after the other takes exponential time.
 */
final class Wildmatch {
  /** At stars that have taken something. */
  private static final byte STAYED = 1;

  private static final byte ARRIVED = 2;

  private final byte[] pattern;
  private final int start;
  private final int end;
  private final boolean pathname;
  private final IgnoreBudget budget;

  /**
   * @param pathname whether only {@code **} between slashes matches a slash
   */
  private Wildmatch(byte[] pattern, int start, int end, boolean pathname, IgnoreBudget budget) {
    this.pattern = pattern;
    this.start = start;
    this.end = end;
    this.pathname = pathname;
    this.budget = budget;
  }

  static boolean matches(
      byte[] pattern,
      int start,
      int end,
      byte[] text,
      int from,
      int to,
      boolean pathname,
      IgnoreBudget budget)
      throws GitException {
    return new Wildmatch(pattern, start, end, pathname, budget).matches(text, from, to);
  }

  private boolean matches(byte[] text, int from, int to) throws GitException {
    int length = end - start;
    byte[] here = new byte[length + 1];
    arrive(here, start);
    for (int at = from; at < to; at++) {
      budget.add(length + 1L);
      byte[] next = new byte[length + 1];
      boolean any = false;
      for (int i = 0; i < length; i++) {
        if (here[i] != 0) {
          any |= take(next, start + i, text[at]);
        }
      }
      if (!any) {
        return false;
      }
      here = next;
    }
    return here[length] != 0;
  }

  /** Marks a place in the pattern, and those that are reached from it without a byte. */
  private void arrive(byte[] places, int place) {
    int at = place;
    while (places[at - start] != ARRIVED) {
      places[at - start] = ARRIVED;
      if (at == end || pattern[at] != '*') {
        return;
      }
      int behind = behindStars(at);
      // foo/**/bar matches foo/bar, too; but foo/xbar only where something was taken.
      if (pathname && behind < end && pattern[behind] == '/' && crossesSlashes(at, behind)) {
        places[behind - start] = ARRIVED;
        behind++;
      }
      at = behind;
    }
  }

  /** Marks where the pattern goes on after a byte; false when it does not match it. */
  private boolean take(byte[] places, int at, byte b) throws GitException {
    int follows = step(at, b);
    if (follows == at) {
      if (places[at - start] == 0) {
        places[at - start] = STAYED;
      }
      arrive(places, behindStars(at));
    } else if (follows > at) {
      arrive(places, follows);
    }
    return follows >= 0;
  }

  /** Where the pattern goes on after it took a byte, its stars stay; -1: it does not match it. */
  private int step(int at, byte b) throws GitException {
    return switch (pattern[at]) {
      case '*' -> b != '/' || crossesSlashes(at, behindStars(at)) ? at : -1;
      case '?' -> b != '/' || !pathname ? at + 1 : -1;
      case '[' -> set(at, b);
      case '\\' -> at + 1 < end && pattern[at + 1] == b ? at + 2 : -1;
      default -> pattern[at] == b ? at + 1 : -1;
    };
  }

  private int behindStars(int at) {
    int behind = at;
    while (behind < end && pattern[behind] == '*') {
      behind++;
    }
    return behind;
  }

  private boolean crossesSlashes(int at, int behind) {
    if (!pathname) {
      return true;
    }
    boolean begins = at == start || pattern[at - 1] == '/';
    boolean ends =
        behind == end
            || pattern[behind] == '/'
            || (pattern[behind] == '\\' && behind + 1 < end && pattern[behind + 1] == '/');
    return behind - at > 1 && begins && ends;
  }

  /** Like {@link #step} for {@code [...]}; one that has no end matches nothing. */
  private int set(int open, byte b) throws GitException {
    int at = open + 1;
    boolean negated = at < end && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) {
      at++;
    }
    int c = b & 0xff;
    int before = 0;
    boolean found = false;
    boolean first = true;
    while (first || peek(at) != ']') {
      first = false;
      int p = peek(at);
      if (p < 0) {
        return -1;
      }
      if (p == '\\') {
        p = peek(++at);
        if (p < 0) {
          return -1;
        }
        found |= c == p;
      } else if (p == '-' && before > 0 && peek(at + 1) >= 0 && peek(at + 1) != ']') {
        p = peek(++at);
        if (p == '\\') {
          p = peek(++at);
          if (p < 0) {
            return -1;
          }
        }
        found |= before <= c && c <= p;
        p = 0;
      } else if (p == '[' && peek(at + 1) == ':') {
        int close = at + 2;
        while (peek(close) >= 0 && peek(close) != ']') {
          close++;
        }
        // Looked for by each of many, it would be the square of the length.
        budget.add(close - at);
        if (peek(close) < 0) {
          return -1;
        }
        if (close - 1 < at + 2 || pattern[close - 1] != ':') {
          found |= c == '[';
        } else {
          byte[] name = Arrays.copyOfRange(pattern, at + 2, close - 1);
          if (!CharacterClass.exists(name)) {
            return -1;
          }
          found |= CharacterClass.has(name, c);
          at = close;
          p = 0;
        }
      } else {
        found |= c == p;
      }
      before = p;
      at++;
    }
    return found == negated || (pathname && c == '/') ? -1 : at + 1;
  }

  private int peek(int at) {
    return at < end ? pattern[at] & 0xff : -1;
  }
}
