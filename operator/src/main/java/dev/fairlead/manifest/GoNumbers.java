package dev.fairlead.manifest;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;

/**
 * Numbers as Go's {@code strconv} and {@code encoding/json} read and write them, because kubectl's
 * reading of a file is what people know. Stateless.
 */
final class GoNumbers {
  private static final BigInteger MIN_INT64 = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_INT64 = BigInteger.valueOf(Long.MAX_VALUE);
  private static final int MAX_DIGITS = 400;
  private static final int SAFE_DIGITS = 18;

  private GoNumbers() {}

  /**
   * A number of a JSON text as kubectl would send it: whole numbers of 64 bits as they are, others
   * as doubles.
   *
   * @return nothing when a double cannot hold it
   */
  static Optional<String> canonical(String literal) {
    boolean plain =
        literal.indexOf('.') < 0 && literal.indexOf('e') < 0 && literal.indexOf('E') < 0;
    if (plain && literal.length() <= SAFE_DIGITS) {
      return Optional.of(literal.equals("-0") ? "0" : literal);
    }
    if (plain && literal.length() <= SAFE_DIGITS + 2 && fits(new BigInteger(literal))) {
      return Optional.of(literal);
    }
    double value = Double.parseDouble(literal);
    return Double.isFinite(value) ? Optional.of(json(value)) : Optional.empty();
  }

  /** A finite double as {@code encoding/json} writes it. */
  static String json(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    return size < 1e-6 || size >= 1e21 ? scientific(digits, 1) : digits.toPlainString();
  }

  /** A double as a mapping's key: sigs.k8s.io/yaml writes it with 32 bits of precision. */
  static String key(double value) {
    float rounded = (float) value;
    if (Float.isNaN(rounded)) {
      return ".nan";
    }
    if (Float.isInfinite(rounded)) {
      return rounded > 0 ? ".inf" : "-.inf";
    }
    if (rounded == 0) {
      return 1 / rounded < 0 ? "-0" : "0";
    }
    BigDecimal digits = new BigDecimal(Float.toString(rounded)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    return exponent < -4 || exponent >= 6 ? scientific(digits, 2) : digits.toPlainString();
  }

  /**
   * {@code strconv.ParseInt(text, 0, 64)}, then {@code strconv.ParseUint(text, 0, 64)}.
   *
   * @return nothing when neither would succeed; the value may need all 64 bits, unsigned
   */
  static Optional<BigInteger> integer(String text) {
    boolean signed = text.startsWith("+") || text.startsWith("-");
    String digits = signed ? text.substring(1) : text;
    int base = 10;
    if (digits.startsWith("0") && digits.length() > 1) {
      base =
          switch (digits.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'b', 'B' -> 2;
            default -> 8;
          };
      boolean marked = base != 8 || digits.charAt(1) == 'o' || digits.charAt(1) == 'O';
      digits = digits.substring(marked ? 2 : 1);
    }
    Optional<BigInteger> size = unsigned(digits, base);
    if (size.isEmpty()) {
      return size;
    }
    BigInteger value = text.startsWith("-") ? size.get().negate() : size.get();
    return fits(value) || (!signed && value.bitLength() <= 64)
        ? Optional.of(value)
        : Optional.empty();
  }

  /** {@code strconv.ParseInt(text, 2, 64)}, then {@code ParseUint}: a sign may follow the mark. */
  static Optional<BigInteger> binary(String text) {
    boolean signed = text.startsWith("+") || text.startsWith("-");
    Optional<BigInteger> size = unsigned(signed ? text.substring(1) : text, 2);
    if (size.isEmpty()) {
      return size;
    }
    BigInteger value = text.startsWith("-") ? size.get().negate() : size.get();
    return fits(value) || (!signed && value.bitLength() <= 64)
        ? Optional.of(value)
        : Optional.empty();
  }

  /** Whether it is an {@code int64}. */
  static boolean fits(BigInteger value) {
    return value.compareTo(MIN_INT64) >= 0 && value.compareTo(MAX_INT64) <= 0;
  }

  private static Optional<BigInteger> unsigned(String digits, int base) {
    if (digits.isEmpty() || digits.length() > MAX_DIGITS) {
      return Optional.empty();
    }
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c > 'z' || Character.digit(c, base) < 0) {
        return Optional.empty();
      }
    }
    return Optional.of(
        digits.length() < 12 && base <= 10
            ? BigInteger.valueOf(Long.parseLong(digits, base))
            : new BigInteger(digits, base));
  }

  private static String scientific(BigDecimal digits, int exponentDigits) {
    String all = digits.unscaledValue().abs().toString();
    int exponent = digits.precision() - digits.scale() - 1;
    StringBuilder out = new StringBuilder();
    if (digits.signum() < 0) {
      out.append('-');
    }
    out.append(all.charAt(0));
    if (all.length() > 1) {
      out.append('.').append(all, 1, all.length());
    }
    out.append('e').append(exponent < 0 ? '-' : '+');
    String size = Integer.toString(Math.abs(exponent));
    return out.append("0".repeat(Math.max(0, exponentDigits - size.length())))
        .append(size)
        .toString();
  }
}
