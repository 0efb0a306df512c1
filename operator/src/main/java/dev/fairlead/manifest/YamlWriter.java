package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Writes YAML as people do, two spaces deep, which any parser of YAML 1.1 or 1.2 reads as exactly
 * this value: what one of them could take for something else is quoted. Pure.
 */
public final class YamlWriter {
  /** Without any character that means something to YAML there. */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z0-9_./$][A-Za-z0-9_./$@+=*%()~^&;<>|\\\\-]*");

  /** What some version of YAML takes for something else than text, beside what kubectl does. */
  private static final Pattern ODD =
      Pattern.compile(
          "[-+.]?[0-9][0-9_,.:xobXOBeE+a-fA-F-]*|[-+.]*(inf|nan)|=|<<|\\.+",
          Pattern.CASE_INSENSITIVE);

  /** The most that a key without {@code ?} before it may have in YAML is 1,024. */
  private static final int LONG_KEY = 500;

  private final StringBuilder out = new StringBuilder(1024);

  private YamlWriter() {}

  /** One document, with a line end and without {@code ---}. */
  public static String write(Json value) {
    YamlWriter writer = new YamlWriter();
    if (isBlock(value)) {
      writer.block(value, 0);
    } else {
      writer.flow(value, 0);
    }
    return writer.out.toString();
  }

  private static boolean isBlock(Json value) {
    return switch (value) {
      case Json.Obj object -> !object.members().isEmpty();
      case Json.Arr list -> !list.items().isEmpty();
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> false;
    };
  }

  /** What takes lines of its own; the cursor stands where its first line begins. */
  private void block(Json value, int indent) {
    boolean first = true;
    if (value instanceof Json.Obj object) {
      for (Map.Entry<String, Json> member : object.members().entrySet()) {
        indent(first ? 0 : indent);
        first = false;
        key(member.getKey(), indent);
        member(member.getValue(), indent);
      }
    } else if (value instanceof Json.Arr list) {
      items(list.items(), indent);
    }
  }

  private void member(Json value, int indent) {
    if (value instanceof Json.Arr && isBlock(value)) {
      // As kubectl writes them: items no deeper than the key.
      out.append('\n');
      indent(indent);
      block(value, indent);
    } else if (isBlock(value)) {
      out.append('\n');
      indent(indent + 2);
      block(value, indent + 2);
    } else {
      out.append(' ');
      flow(value, indent + 2);
    }
  }

  private void items(List<Json> items, int indent) {
    boolean first = true;
    for (Json item : items) {
      indent(first ? 0 : indent);
      first = false;
      out.append("- ");
      if (isBlock(item)) {
        block(item, indent + 2);
      } else {
        flow(item, indent + 2);
      }
    }
  }

  private void indent(int columns) {
    out.repeat(' ', columns);
  }

  private void key(String key, int indent) {
    if (key.length() > LONG_KEY) {
      out.append("? ").append(quoted(key)).append('\n');
      indent(indent);
      out.append(':');
    } else {
      out.append(isPlain(key) ? key : quoted(key)).append(':');
    }
  }

  /** What stands on one line, or begins there; with its line end. */
  private void flow(Json value, int indent) {
    switch (value) {
      case Json.Obj _ -> out.append("{}\n");
      case Json.Arr _ -> out.append("[]\n");
      case Json.Str text -> text(text.value(), indent);
      case Json.Num number -> out.append(number.literal()).append('\n');
      case Json.Bool bool -> out.append(bool.value()).append('\n');
      case Json.Null _ -> out.append("null\n");
    }
  }

  private void text(String text, int indent) {
    if (isPlain(text)) {
      out.append(text).append('\n');
    } else if (isLines(text)) {
      // What follows the last line that is not empty is kept, or there is none.
      out.append(text.endsWith("\n\n") ? "|+\n" : text.endsWith("\n") ? "|\n" : "|-\n");
      String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
      for (String line : body.split("\n", -1)) {
        indent(line.isEmpty() ? 0 : indent);
        out.append(line).append('\n');
      }
    } else {
      out.append(quoted(text)).append('\n');
    }
  }

  /** Whether it reads best, and can be read, as lines. */
  private static boolean isLines(String text) {
    int end = text.indexOf('\n');
    return end > 0
        && text.charAt(0) != ' '
        && text.charAt(0) != '\t'
        && !text.isBlank()
        && text.chars().allMatch(c -> c == '\n' || c == '\t' || isPrintable((char) c));
  }

  private static boolean isPlain(String text) {
    return PLAIN.matcher(withoutSpaces(text)).matches()
        && !text.startsWith(" ")
        && !text.endsWith(" ")
        && !ODD.matcher(text).matches()
        && YamlScalar.Resolver.resolve(null, true, text) instanceof YamlScalar.Text;
  }

  /** A space within is as good as a letter. */
  private static String withoutSpaces(String text) {
    return text.replace(' ', '_');
  }

  private static boolean isPrintable(char c) {
    return (c >= ' ' && c < 0x7f)
        || (c >= 0xa0 && c < 0xd800 && c != 0x2028 && c != 0x2029)
        || (c >= 0xe000 && c < 0xfffe && c != 0xfeff);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1))) {
            // YAML has no pairs of escapes as JSON has.
            quoted.append(c).append(text.charAt(++i));
          } else if (isPrintable(c)) {
            quoted.append(c);
          } else {
            quoted.append("\\u%04x".formatted((int) c));
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
