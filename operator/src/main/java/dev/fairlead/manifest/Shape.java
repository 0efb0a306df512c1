package dev.fairlead.manifest;

import dev.fairlead.model.Json;

/** What sort of value it is, in words for messages. */
final class Shape {
  private Shape() {}

  static String of(Json value) {
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
