package dev.fairlead.schema;

import dev.fairlead.manifest.Wording;
import dev.fairlead.model.Json;
import java.util.List;
import java.util.stream.Collectors;

/** How values read in messages. */
final class Words {
  private Words() {}

  /** A value that may be shown: short, scalars alone as they are. */
  static String shown(Json value) {
    return switch (value) {
      case Json.Str text -> Json.of(Wording.cut(text.value())).toJson();
      case Json.Num _, Json.Bool _ -> Wording.cut(value.toJson());
      case Json.Obj _, Json.Arr _, Json.Null _ -> Wording.of(value);
    };
  }

  /** {@code "a", "b", "c"}; numbers without quotes. */
  static String list(List<Json> values) {
    return values.stream().map(Words::shown).sorted().collect(Collectors.joining(", "));
  }
}
