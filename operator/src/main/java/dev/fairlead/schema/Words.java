package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.util.List;
import java.util.stream.Collectors;

/** How values read in messages. */
final class Words {
  private static final int SHOWN = 60;

  private Words() {}

  /** A name out of the file, fit for one line of a message. */
  static String name(String name) {
    return bounded(name.replaceAll("\\p{Cntrl}", " "));
  }

  /** A value that may be shown: short, scalars alone as they are. */
  static String shown(Json value) {
    return switch (value) {
      case Json.Str text -> Json.of(bounded(text.value())).toJson();
      case Json.Num _, Json.Bool _ -> bounded(value.toJson());
      case Json.Obj _, Json.Arr _, Json.Null _ -> sort(value);
    };
  }

  /** What sort of value it is, when what it is may not be told. */
  static String sort(Json value) {
    return switch (value) {
      case Json.Obj _ -> "a mapping";
      case Json.Arr _ -> "a list";
      case Json.Str _ -> "a string";
      case Json.Num _ -> "a number";
      case Json.Bool _ -> "a boolean";
      case Json.Null _ -> "null";
    };
  }

  /** {@code "a", "b", "c"}; numbers without quotes. */
  static String list(List<Json> values) {
    return values.stream().map(Words::shown).sorted().collect(Collectors.joining(", "));
  }

  private static String bounded(String text) {
    if (text.length() <= SHOWN) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
    return text.substring(0, end) + "…";
  }
}
