package dev.fairlead.manifest;

import dev.fairlead.model.Json;

/** The words in which messages speak of what a file holds. */
public final class Wording {
  private static final int SHOWN = 60;

  private Wording() {}

  /** A name out of the file, fit for one line of a message. */
  public static String shown(String name) {
    return cut(name.replaceAll("\\p{Cntrl}", " "));
  }

  /** At most 60 characters of a text. */
  public static String cut(String text) {
    if (text.length() <= SHOWN) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
    return text.substring(0, end) + "…";
  }

  /** What sort of value it is. */
  public static String of(Json value) {
    return switch (value) {
      case Json.Obj _ -> "a mapping";
      case Json.Arr _ -> "a list";
      case Json.Str _ -> "a string";
      case Json.Num _ -> "a number";
      case Json.Bool _ -> "a boolean";
      case Json.Null _ -> "null";
    };
  }

  /** The same for a place that takes only strings, with what to do about it. */
  static String withRemedy(Json value) {
    return switch (value) {
      case Json.Num _, Json.Bool _ -> of(value) + "; quote it";
      case Json.Obj _, Json.Arr _, Json.Str _, Json.Null _ -> of(value);
    };
  }
}
