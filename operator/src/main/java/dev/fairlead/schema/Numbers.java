package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.math.BigDecimal;
import java.util.Optional;

/** Numbers of manifests and schemas, exactly. Stateless. */
final class Numbers {
  private static final int MAX_DIGITS = 400;
  private static final BigDecimal MAX_INT32 = BigDecimal.valueOf(Integer.MAX_VALUE);
  private static final BigDecimal MIN_INT32 = BigDecimal.valueOf(Integer.MIN_VALUE);

  private Numbers() {}

  /** The number; nothing when it is longer than any field can take. */
  static Optional<BigDecimal> decimal(Json.Num number) {
    if (number.literal().length() > MAX_DIGITS) {
      return Optional.empty();
    }
    BigDecimal value = new BigDecimal(number.literal());
    return Math.abs((long) value.scale()) > MAX_DIGITS ? Optional.empty() : Optional.of(value);
  }

  /** Whether it has no fraction; {@code 2.0} has none. */
  static boolean isWhole(Json.Num number) {
    return number.asLong().isPresent()
        || decimal(number).map(d -> d.stripTrailingZeros().scale() <= 0).orElse(true);
  }

  static boolean isInt32(Json.Num number) {
    return isWhole(number)
        && decimal(number)
            .filter(d -> d.compareTo(MIN_INT32) >= 0 && d.compareTo(MAX_INT32) <= 0)
            .isPresent();
  }
}
