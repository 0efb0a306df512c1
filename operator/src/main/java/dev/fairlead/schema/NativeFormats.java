package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Base64;

/** How built-in kinds read the texts of their fields. Stateless. */
final class NativeFormats {
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

  /** RFC 3339. */
  static boolean isTime(Json value) {
    if (!(value instanceof Json.Str text)) {
      return false;
    }
    try {
      OffsetDateTime.parse(text.value());
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
