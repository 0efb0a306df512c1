package dev.fairlead.daemon;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The checked-in list of fields that the comparison with kubectl leaves out.
 *
 * <p>Remembers which of its lines has ever matched, so that a line that ignores nothing is found.
 * For one thread.
 */
final class IgnoredFields {
  private static final Pattern LINE =
      Pattern.compile("(\\S+)\\s+(\\??)(/\\S+?)((?:\\{})?)\\s+(\\S.*)");

  /**
   * One line of the list.
   *
   * @param kind {@code Kind.group}, or {@code *}
   * @param unlessSet whether it holds only where the manifest does not set the field
   * @param ifEmpty whether it holds only where the value is an empty map
   * @param path the pointer's segments, unescaped; {@code *} is any
   */
  private record Entry(
      String text, String kind, boolean unlessSet, boolean ifEmpty, List<String> path) {
    boolean appliesTo(GroupKind groupKind) {
      return kind.equals("*") || kind.equals(groupKind.toString());
    }
  }

  private final List<Entry> entries;
  private final Set<String> unused = new TreeSet<>();

  private IgnoredFields(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    entries.forEach(e -> unused.add(e.text()));
  }

  /**
   * Reads the list.
   *
   * @throws IllegalArgumentException for a line without kind, pointer or reason, or for two lines
   *     about the same
   */
  static IgnoredFields parse(String text) {
    List<Entry> entries = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IllegalArgumentException("not KIND POINTER REASON: " + line);
      }
      String what = matcher.group(1) + " " + matcher.group(2) + matcher.group(3) + matcher.group(4);
      if (!seen.add(matcher.group(1) + " " + matcher.group(3))) {
        throw new IllegalArgumentException("twice in the list: " + what);
      }
      entries.add(
          new Entry(
              what,
              matcher.group(1),
              !matcher.group(2).isEmpty(),
              !matcher.group(4).isEmpty(),
              Pointers.segments(matcher.group(3))));
    }
    return new IgnoredFields(entries);
  }

  /**
   * A live object without what the list names. A map that this leaves empty goes as well; an item
   * of a list stays, if need be empty, so that the others keep their index.
   *
   * @param manifest the same object as the file has it
   */
  Json.Obj strip(ObjectKey key, Json.Obj live, Json.Obj manifest) {
    Json.Obj left = live;
    for (Entry entry : entries) {
      if (entry.appliesTo(key.groupKind())) {
        left = (Json.Obj) strip(entry, 0, left, Optional.of(manifest)).orElse(Json.Obj.empty());
      }
    }
    return left;
  }

  /** The lines that have matched nothing so far, as {@code KIND POINTER}. */
  List<String> unused() {
    return List.copyOf(unused);
  }

  private Optional<Json> strip(Entry entry, int depth, Json value, Optional<Json> manifest) {
    if (depth == entry.path().size()) {
      if (entry.unlessSet() && manifest.filter(m -> !(m instanceof Json.Null)).isPresent()) {
        return Optional.of(value);
      }
      if (entry.ifEmpty() && !value.equals(Json.Obj.empty())) {
        return Optional.of(value);
      }
      unused.remove(entry.text());
      return Optional.empty();
    }
    return switch (value) {
      case Json.Obj object -> stripMembers(entry, depth, object, manifest);
      case Json.Arr list -> Optional.of(stripItems(entry, depth, list, manifest));
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> Optional.of(value);
    };
  }

  private Optional<Json> stripMembers(
      Entry entry, int depth, Json.Obj object, Optional<Json> manifest) {
    String segment = entry.path().get(depth);
    Map<String, Json> left = new LinkedHashMap<>();
    for (Map.Entry<String, Json> member : object.members().entrySet()) {
      if (segment.equals("*") || segment.equals(member.getKey())) {
        Optional<Json> written =
            manifest.flatMap(
                m -> m instanceof Json.Obj o ? o.get(member.getKey()) : Optional.empty());
        strip(entry, depth + 1, member.getValue(), written)
            .ifPresent(v -> left.put(member.getKey(), v));
      } else {
        left.put(member.getKey(), member.getValue());
      }
    }
    boolean emptied = left.isEmpty() && !object.members().isEmpty();
    return emptied ? Optional.empty() : Optional.of(Json.of(left));
  }

  private Json stripItems(Entry entry, int depth, Json.Arr list, Optional<Json> manifest) {
    String segment = entry.path().get(depth);
    List<Json> items = new ArrayList<>();
    for (int i = 0; i < list.items().size(); i++) {
      Json item = list.items().get(i);
      int index = i;
      if (segment.equals("*") || segment.equals(Integer.toString(i))) {
        Optional<Json> written =
            manifest.flatMap(m ->
                m instanceof Json.Arr a && index < a.items().size()
                    ? Optional.of(a.items().get(index))
                    : Optional.empty());
        item = strip(entry, depth + 1, item, written).orElse(Json.Obj.empty());
      }
      items.add(item);
    }
    return Json.of(items);
  }
}
