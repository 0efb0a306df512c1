package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.Map;

/** How long a value is as JSON, without writing it: aliases can make much of little. */
final class JsonSize {
  private final int limit;
  private long size;

  private JsonSize(int limit) {
    this.limit = limit;
  }

  static boolean isOver(int limit, Json value) {
    JsonSize counter = new JsonSize(limit);
    counter.add(value);
    return counter.isOver();
  }

  private boolean isOver() {
    return size > limit;
  }

  private void add(Json value) {
    size++;
    switch (value) {
      case Json.Obj object -> {
        for (Map.Entry<String, Json> member : object.members().entrySet()) {
          add(member.getKey());
          add(member.getValue());
          if (isOver()) {
            return;
          }
        }
      }
      case Json.Arr list -> {
        for (Json item : list.items()) {
          add(item);
          if (isOver()) {
            return;
          }
        }
      }
      case Json.Str text -> add(text.value());
      case Json.Num number -> size += number.literal().length();
      case Json.Bool _, Json.Null _ -> size += 4;
    }
  }

  /** At least as much as it takes with its escapes, as UTF-8; line ends are two characters. */
  private void add(String text) {
    size += text.length();
    for (int i = 0; i < text.length() && !isOver(); i++) {
      char c = text.charAt(i);
      size += c == '\n' || c == '"' || c == '\\' ? 1 : c < ' ' ? 5 : c > 0x7F ? 2 : 0;
    }
  }
}
