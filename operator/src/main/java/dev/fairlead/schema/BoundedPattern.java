package dev.fairlead.schema;

import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern of a definition, written for Go's regular expressions, which always end in time. Ours
 * may not, and definitions come from anybody: an attempt that takes too many steps counts as a
 * match. Any thread may call it.
 */
final class BoundedPattern {
  private static final int MAX_STEPS = 100_000;

  /** Deep recursion on long texts would exhaust the stack. */
  private static final int MAX_TEXT = 500;

  private final Pattern pattern;

  private BoundedPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /** Nothing when Java does not understand what Go does. */
  static Optional<BoundedPattern> of(String pattern) {
    try {
      return Optional.of(new BoundedPattern(Pattern.compile(pattern, Pattern.UNIX_LINES)));
    } catch (PatternSyntaxException e) {
      return Optional.empty();
    }
  }

  /** Whether the pattern occurs in the text, or nobody can tell. */
  boolean mayMatch(String text) {
    if (text.length() > MAX_TEXT) {
      return true;
    }
    try {
      return pattern.matcher(new Counted(text)).find();
    } catch (TooManySteps | StackOverflowError e) {
      return true;
    }
  }

  private static final class TooManySteps extends RuntimeException {
    TooManySteps() {
      super("too many steps", null, false, false);
    }
  }

  /** Counts how often the matcher looks at the text. */
  private static final class Counted implements CharSequence {
    private final String text;
    private int steps;

    Counted(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw new TooManySteps();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
