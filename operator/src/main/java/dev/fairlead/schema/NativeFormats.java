package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How built-in kinds read the texts of their fields. Stateless. */
final class NativeFormats {
  private static final String SECONDS = "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)";
  private static final String ZONE = "(?:Z|[+-]\\d\\d:\\d\\d)";
  private static final Pattern TIME = Pattern.compile(SECONDS + "(?:[.,]\\d+)?" + ZONE);
  private static final Pattern MICRO_TIME = Pattern.compile(SECONDS + "[.,]\\d{6}" + ZONE);

  private NativeFormats() {}

  static boolean isBase64(String text) {
    String packed = text.replace("\n", "").replace("\r", "");
    if (packed.length() % 4 != 0) {
      return false;
    }
    try {
      Base64.getDecoder().decode(packed);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  static boolean isQuantity(Json value) {
    return switch (value) {
      case Json.Str text -> Quantities.isQuantity(text.value());
      case Json.Num number -> Quantities.isQuantity(number.literal());
      case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> false;
    };
  }

  /** RFC 3339, as Go reads it. */
  static boolean isTime(Json value) {
    return isTime(value, TIME);
  }

  /** The same with exactly six digits of a second's fraction. */
  static boolean isMicroTime(Json value) {
    return isTime(value, MICRO_TIME);
  }

  private static boolean isTime(Json value, Pattern form) {
    if (!(value instanceof Json.Str text)) {
      return false;
    }
    Matcher parts = form.matcher(text.value());
    if (!parts.matches()) {
      return false;
    }
    try {
      LocalDateTime.parse(parts.group(1));
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
