package dev.fairlead.cli;

import java.time.Duration;
import java.time.Instant;

/** How long ago something was, in words. What lies ahead, by a clock that differs, is now. Pure. */
final class Ages {
  private static final long MINUTE = 60;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;
  private static final long YEAR = 365 * DAY;

  private Ages() {}

  /** As kubectl prints ages: {@code 45s}, {@code 3m10s}, {@code 2h}, {@code 3d}. */
  static String brief(Instant then, Instant now) {
    long s = seconds(then, now);
    if (s < 2 * MINUTE) {
      return s + "s";
    }
    if (s < 10 * MINUTE) {
      return pair(s, MINUTE, "m", 1, "s");
    }
    if (s < 3 * HOUR) {
      return s / MINUTE + "m";
    }
    if (s < 8 * HOUR) {
      return pair(s, HOUR, "h", MINUTE, "m");
    }
    if (s < 2 * DAY) {
      return s / HOUR + "h";
    }
    if (s < 8 * DAY) {
      return pair(s, DAY, "d", HOUR, "h");
    }
    if (s < 2 * YEAR) {
      return s / DAY + "d";
    }
    return s < 8 * YEAR ? pair(s, YEAR, "y", DAY, "d") : s / YEAR + "y";
  }

  /** As in a sentence: {@code 4 minutes ago}, {@code 9 months ago}. */
  static String ago(Instant then, Instant now) {
    long s = seconds(then, now);
    if (s < 5) {
      return "just now";
    }
    if (s < 2 * MINUTE) {
      return s + " seconds ago";
    }
    if (s < 2 * HOUR) {
      return s / MINUTE + " minutes ago";
    }
    if (s < 2 * DAY) {
      return s / HOUR + " hours ago";
    }
    if (s < 60 * DAY) {
      return s / DAY + " days ago";
    }
    return s < 2 * YEAR ? s / (30 * DAY) + " months ago" : s / YEAR + " years ago";
  }

  private static long seconds(Instant then, Instant now) {
    return Math.max(0, Duration.between(then, now).toSeconds());
  }

  private static String pair(long s, long unit, String name, long smaller, String smallerName) {
    long rest = s % unit / smaller;
    return s / unit + name + (rest == 0 ? "" : rest + smallerName);
  }
}
