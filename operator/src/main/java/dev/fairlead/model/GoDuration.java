package dev.fairlead.model;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go and so all of Kubernetes writes them: {@code 1m30s}, {@code 4.1s}. */
public final class GoDuration {
  private static final Pattern PART = Pattern.compile("([0-9]+\\.?[0-9]*|\\.[0-9]+)([a-zµμ]+)");
  private static final int MAX_LENGTH = 64;
  private static final BigInteger MAX_NANOS = BigInteger.valueOf(Long.MAX_VALUE);
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /**
   * Reads what Go's {@code time.ParseDuration} reads; an {@link IllegalArgumentException} says what
   * is wrong. Like Go it knows no days, wants a unit for all but {@code 0}, and ends at 292 years.
   */
  public static Duration parse(String text) {
    boolean negative = text.startsWith("-");
    String rest = negative || text.startsWith("+") ? text.substring(1) : text;
    if (rest.equals("0")) {
      return Duration.ZERO;
    }
    if (rest.isEmpty() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("not a duration");
    }
    BigInteger nanos = BigInteger.ZERO;
    Matcher part = PART.matcher(rest);
    int done = 0;
    while (done < rest.length()) {
      if (!part.find(done) || part.start() != done) {
        throw new IllegalArgumentException("not a duration: " + text);
      }
      Long unit = NANOS.get(part.group(2));
      if (unit == null) {
        throw new IllegalArgumentException("unknown unit " + part.group(2) + " in " + text);
      }
      BigDecimal value = new BigDecimal(part.group(1));
      nanos = nanos.add(value.multiply(BigDecimal.valueOf(unit)).toBigInteger());
      done = part.end();
    }
    if (nanos.compareTo(MAX_NANOS) > 0) {
      throw new IllegalArgumentException("too long a duration: " + text);
    }
    return Duration.ofNanos(negative ? -nanos.longValueExact() : nanos.longValueExact());
  }

  /** As Go's {@code Duration.String}: {@code 0s}, {@code 250ms}, {@code 4.1s}, {@code 1h0m0s}. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    if (duration.isNegative()) {
      return "-" + format(duration.negated());
    }
    long seconds = duration.getSeconds();
    int nanos = duration.getNano();
    if (seconds == 0) {
      return nanos < 1_000
          ? nanos + "ns"
          : nanos < 1_000_000 ? decimal(nanos, 3) + "µs" : decimal(nanos, 6) + "ms";
    }
    BigDecimal rest = BigDecimal.valueOf(seconds % 60).add(BigDecimal.valueOf(nanos, 9));
    String text = plain(rest) + "s";
    if (seconds >= 60) {
      text = seconds / 60 % 60 + "m" + text;
    }
    return seconds >= 3600 ? seconds / 3600 + "h" + text : text;
  }

  private static String decimal(int nanos, int scale) {
    return plain(BigDecimal.valueOf(nanos, scale));
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }
}
