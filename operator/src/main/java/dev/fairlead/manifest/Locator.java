package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the line of a field that the API server names in an error. Understands the paths of its
 * validation ({@code spec.containers[0].image}, {@code metadata.labels[a.b/c]}) and of structured
 * merge ({@code .spec.containers[name="a"].image}, {@code .args[="x"]}). Stateless.
 */
public final class Locator {
  private Locator() {}

  /**
   * The line of the deepest part of the path that the body has: of the field itself if it is
   * written there.
   *
   * @return 0 when no line is known at all
   */
  public static int locate(Json.Obj body, String path) {
    return walk(body, path).line();
  }

  /** The deepest part of the path that the body has: the body itself if it has none. */
  static Json find(Json.Obj body, String path) {
    return walk(body, path).at();
  }

  private record Place(Json at, int line) {}

  private static Place walk(Json body, String path) {
    Json at = body;
    int line = body.line();
    int i = 0;
    while (i < path.length()) {
      Step step = path.charAt(i) == '[' ? bracket(at, path, i) : field(at, path, i);
      if (step.to() == null) {
        break;
      }
      at = step.to();
      line = at.line() > 0 ? at.line() : line;
      i = step.next();
    }
    return new Place(at, line);
  }

  /** Where a part of the path leads; {@code to} is null when the body does not have it. */
  private record Step(@Nullable Json to, int next) {
    static final Step NOWHERE = new Step(null, 0);
  }

  /** Keys may hold dots themselves, so the longest one that fits is meant. */
  private static Step field(Json at, String path, int from) {
    int start = path.charAt(from) == '.' ? from + 1 : from;
    if (!(at instanceof Json.Obj object)) {
      return Step.NOWHERE;
    }
    Step best = Step.NOWHERE;
    for (Map.Entry<String, Json> member : object.members().entrySet()) {
      String name = member.getKey();
      int end = start + name.length();
      if (end > best.next()
          && path.startsWith(name, start)
          && (end == path.length() || path.charAt(end) == '.' || path.charAt(end) == '[')) {
        best = new Step(member.getValue(), end);
      }
    }
    return best;
  }

  private static Step bracket(Json at, String path, int from) {
    int end = closing(path, from);
    String inside = path.substring(from + 1, end);
    Optional<Json> found =
        switch (at) {
          case Json.Obj object -> object.get(unquoted(inside));
          case Json.Arr list -> item(list, inside);
          case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Optional.empty();
        };
    return new Step(found.orElse(null), Math.min(path.length(), end + 1));
  }

  private static Optional<Json> item(Json.Arr list, String selector) {
    if (!selector.isEmpty()
        && selector.length() < 8
        && selector.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = Integer.parseInt(selector);
      return index < list.items().size() ? Optional.of(list.items().get(index)) : Optional.empty();
    }
    List<String> wanted = split(selector);
    return list.items().stream()
        .filter(item -> wanted.stream().allMatch(w -> matches(item, w)))
        .findFirst();
  }

  /** {@code name="a"} of an item that is an object, {@code ="a"} of any other. */
  private static boolean matches(Json item, String condition) {
    int equals = condition.indexOf('=');
    if (equals < 0) {
      return false;
    }
    String name = condition.substring(0, equals);
    String value = condition.substring(equals + 1);
    if (name.isEmpty()) {
      return item.toJson().equals(value);
    }
    return item instanceof Json.Obj object
        && object.get(name).map(v -> v.toJson().equals(value)).orElse(isDefault(name, value));
  }

  /** The server names keys that it has filled in itself; a missing protocol is TCP. */
  private static boolean isDefault(String name, String value) {
    return name.equals("protocol") && value.equals("\"TCP\"");
  }

  private static List<String> split(String selector) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < selector.length(); i++) {
      char c = selector.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        parts.add(selector.substring(start, i).strip());
        start = i + 1;
      }
    }
    parts.add(selector.substring(start).strip());
    return parts;
  }

  private static int closing(String path, int from) {
    boolean quoted = false;
    for (int i = from + 1; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ']' && !quoted) {
        return i;
      }
    }
    return path.length();
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }
}
