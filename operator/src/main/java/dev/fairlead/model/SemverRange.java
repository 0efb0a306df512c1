package dev.fairlead.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of semantic versions, read as Masterminds/semver v3 reads it, which Flux and Helm use:
 * {@code >=1.0.0 <2.0.0}, {@code 1.x}, {@code ~1.2}, {@code ^1.2.3}, {@code 1.2 - 2.3}, {@code ||}.
 *
 * <p>Stricter than that library only where it rewrites text: between {@code 1 - 2} and what follows
 * there has to be a space, a comma or {@code ||}, and before it a comma or {@code ||}.
 *
 * <p>A pre-release is in the range only where that part between {@code ||} names one.
 */
public final class SemverRange {
  public static final int MAX_LENGTH = 255;

  private static final String X = "(?:[0-9]+|[xX*])";
  private static final String VERSION =
      "v?"
          + X
          + "(?:[.]"
          + X
          + "){0,2}(?:-"
          + SemVersion.PRE_RELEASE
          + ")?(?:[+]"
          + SemVersion.BUILD
          + ")?";
  private static final String OPERATOR = "(?:=[><]?|!=|>=?|<=?|~>?|\\^)";
  private static final String TERM = "(?:" + OPERATOR + "\\s*)?" + VERSION;
  private static final String SPAN = VERSION + "\\s+-\\s+" + VERSION;

  /** One part between {@code ||}. After a mere space there is no span. */
  private static final String ALTERNATIVE =
      "\\s*(?:"
          + SPAN
          + "|"
          + TERM
          + ")(?:\\s*,\\s*(?:"
          + SPAN
          + "|"
          + TERM
          + ")|\\s+"
          + TERM
          + ")*\\s*";

  /**
   * What a range looks like; understood alike by RE2 and {@link Pattern}, which reads it in linear
   * time. Numbers of more than 18 digits are refused beyond that.
   */
  public static final String SYNTAX = "^" + ALTERNATIVE + "(?:[|][|]" + ALTERNATIVE + ")*$";

  private static final Pattern WHOLE = Pattern.compile(SYNTAX);
  private static final Pattern PART =
      Pattern.compile("(?<low>" + VERSION + ")\\s+-\\s+(?<high>" + VERSION + ")|" + TERM);
  private static final Pattern PIECES =
      Pattern.compile(
          "(?<operator>"
              + OPERATOR
              + "?)\\s*v?(?<major>[0-9]+|[xX*])(?:[.](?<minor>[0-9]+|[xX*]))?"
              + "(?:[.](?<patch>[0-9]+|[xX*]))?(?:-(?<pre>[^+]*))?(?:[+].*)?");

  private final String text;
  private final List<List<Bound>> alternatives;

  private SemverRange(String text, List<List<Bound>> alternatives) {
    this.text = text;
    this.alternatives = alternatives;
  }

  /** Reads a range; an {@link IllegalArgumentException} when it is none. */
  public static SemverRange parse(String text) {
    if (text.length() > MAX_LENGTH || !WHOLE.matcher(text).matches()) {
      throw new IllegalArgumentException("not a range of semantic versions: " + text);
    }
    List<List<Bound>> alternatives = new ArrayList<>();
    for (String alternative : text.split("[|][|]", -1)) {
      List<Bound> bounds = new ArrayList<>();
      Matcher part = PART.matcher(alternative);
      while (part.find()) {
        if (part.group("low") == null) {
          bounds.add(Bound.parse(part.group()));
        } else {
          bounds.add(Bound.parse(">=" + part.group("low")));
          bounds.add(Bound.parse("<=" + part.group("high")));
        }
      }
      alternatives.add(List.copyOf(bounds));
    }
    return new SemverRange(text, List.copyOf(alternatives));
  }

  public boolean contains(SemVersion version) {
    return alternatives.stream()
        .filter(bounds -> !version.isPreRelease() || bounds.stream().anyMatch(Bound::namesPre))
        .anyMatch(bounds -> bounds.stream().allMatch(bound -> bound.test(version)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SemverRange range && text.equals(range.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  /** What a bound leaves open: {@code *}, {@code 1.x}, {@code 1.2.x}, or nothing. */
  private enum Open {
    ALL,
    MINOR,
    PATCH,
    NOTHING
  }

  private record Bound(String operator, SemVersion named, Open open)
      implements Predicate<SemVersion> {
    static Bound parse(String text) {
      Matcher matcher = PIECES.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("not a bound: " + text);
      }
      Open open =
          isOpen(matcher.group("major"))
              ? Open.ALL
              : isOpen(matcher.group("minor"))
                  ? Open.MINOR
                  : isOpen(matcher.group("patch")) ? Open.PATCH : Open.NOTHING;
      long major = open == Open.ALL ? 0 : Long.parseLong(matcher.group("major"));
      long minor =
          open == Open.PATCH || open == Open.NOTHING ? Long.parseLong(matcher.group("minor")) : 0;
      long patch = open == Open.NOTHING ? Long.parseLong(matcher.group("patch")) : 0;
      return new Bound(
          matcher.group("operator"),
          new SemVersion(
              major, minor, patch, SemVersion.identifiers(matcher.group("pre")), List.of()),
          open);
    }

    private static boolean isOpen(@Nullable String number) {
      return number == null || number.equals("x") || number.equals("X") || number.equals("*");
    }

    boolean namesPre() {
      return named.isPreRelease();
    }

    @Override
    public boolean test(SemVersion version) {
      int compared = SemVersion.PRECEDENCE.compare(version, named);
      return switch (operator) {
        case "", "=" -> open == Open.NOTHING ? compared == 0 : isNear(version, compared);
        case "~", "~>" -> isNear(version, compared);
        case "!=" -> isOther(version, compared);
        case ">" ->
            switch (open) {
              case ALL, NOTHING -> compared > 0;
              case MINOR -> version.major() > named.major();
              case PATCH -> leading(version) > 0;
            };
        case ">=", "=>" -> compared >= 0;
        case "<" -> compared < 0;
        case "<=", "=<" ->
            switch (open) {
              case ALL, PATCH -> leading(version) <= 0;
              case MINOR -> version.major() <= named.major();
              case NOTHING -> compared <= 0;
            };
        case "^" -> isCompatible(version, compared);
        default -> throw new IllegalStateException("no operator: " + operator);
      };
    }

    /** Of major and minor version alone. */
    private int leading(SemVersion version) {
      int major = Long.compare(version.major(), named.major());
      return major != 0 ? major : Long.compare(version.minor(), named.minor());
    }

    private boolean isZero() {
      return named.major() == 0 && named.minor() == 0 && named.patch() == 0;
    }

    /**
     * The same minor version, or major one where that is open. {@code ~0.0.0} holds back nothing.
     */
    private boolean isNear(SemVersion version, int compared) {
      boolean unbounded = isZero() && (open == Open.ALL || open == Open.NOTHING);
      return compared >= 0
          && (unbounded
              || (open == Open.MINOR ? version.major() == named.major() : leading(version) == 0));
    }

    private boolean isOther(SemVersion version, int compared) {
      return switch (open) {
        case ALL, NOTHING -> compared != 0;
        case MINOR -> version.major() != named.major();
        case PATCH -> leading(version) != 0 || SemVersion.compare(version.pre(), named.pre()) != 0;
      };
    }

    /** Up to the next change of the leftmost number that is not zero. */
    private boolean isCompatible(SemVersion version, int compared) {
      if (compared < 0 || version.major() != named.major()) {
        return false;
      }
      if (named.major() > 0 || open == Open.MINOR) {
        return true;
      }
      if (version.minor() != named.minor()) {
        return false;
      }
      return named.minor() > 0 || open == Open.PATCH || version.patch() == named.patch();
    }
  }
}
