package dev.fairlead.model;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A semantic version (semver.org 2.0.0).
 *
 * @param pre the identifiers of a pre-release, none for a release
 * @param build the identifiers of the build metadata, which say nothing of the precedence
 */
public record SemVersion(long major, long minor, long patch, List<String> pre, List<String> build) {
  /** So that a number fits into a {@code long}; a tag with more digits is no version. */
  private static final String NUMBER = "(0|[1-9][0-9]{0,17})";

  static final String PRE_RELEASE =
      "(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|0|[1-9][0-9]*)"
          + "(?:[.](?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|0|[1-9][0-9]*))*";
  static final String BUILD = "[0-9A-Za-z-]+(?:[.][0-9A-Za-z-]+)*";

  private static final Pattern TAG =
      Pattern.compile(
          "v?"
              + NUMBER
              + "[.]"
              + NUMBER
              + "[.]"
              + NUMBER
              + "(?:-("
              + PRE_RELEASE
              + "))?(?:[+]("
              + BUILD
              + "))?");
  private static final int MAX_LENGTH = 256;

  private static final Comparator<SemVersion> NUMBERS =
      Comparator.comparingLong(SemVersion::major)
          .thenComparingLong(SemVersion::minor)
          .thenComparingLong(SemVersion::patch);

  /** What semver calls precedence: build metadata do not count. */
  public static final Comparator<SemVersion> PRECEDENCE =
      NUMBERS.thenComparing(SemVersion::comparePre);

  /** By precedence, and of equal ones by the identifiers of the build metadata, none first. */
  public static final Comparator<SemVersion> ORDER =
      PRECEDENCE.thenComparing((a, b) -> compare(a.build(), b.build()));

  public SemVersion {
    pre = List.copyOf(pre);
    build = List.copyOf(build);
  }

  /** A tag's version: all three numbers, with or without a {@code v} before them. */
  public static Optional<SemVersion> ofTag(String tag) {
    Matcher matcher = TAG.matcher(tag);
    return tag.length() <= MAX_LENGTH && matcher.matches()
        ? Optional.of(
            new SemVersion(
                Long.parseLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                identifiers(matcher.group(4)),
                identifiers(matcher.group(5))))
        : Optional.empty();
  }

  static List<String> identifiers(@Nullable String text) {
    return text == null ? List.of() : List.of(text.split("[.]", -1));
  }

  public boolean isPreRelease() {
    return !pre.isEmpty();
  }

  /** A release comes after its own pre-releases. */
  private static int comparePre(SemVersion one, SemVersion other) {
    if (one.pre().isEmpty() || other.pre().isEmpty()) {
      return Boolean.compare(one.pre().isEmpty(), other.pre().isEmpty());
    }
    return compare(one.pre(), other.pre());
  }

  static int compare(List<String> one, List<String> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int compared = compare(one.get(i), other.get(i));
      if (compared != 0) {
        return compared;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  /** Numbers by their value and before all others; they may be longer than any integer type. */
  private static int compare(String one, String other) {
    boolean number = isNumber(one);
    if (number != isNumber(other)) {
      return number ? -1 : 1;
    }
    if (!number) {
      return one.compareTo(other);
    }
    String a = withoutZeros(one);
    String b = withoutZeros(other);
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  private static boolean isNumber(String identifier) {
    return identifier.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static String withoutZeros(String number) {
    int start = 0;
    while (start < number.length() - 1 && number.charAt(start) == '0') {
      start++;
    }
    return number.substring(start);
  }
}
