package dev.fairlead.plan;

/** How the elements of {@code fieldsV1} read as the path of a field. */
final class FieldPaths {
  private FieldPaths() {}

  /**
   * Adds one element to a path.
   *
   * @param key {@code f:name}, {@code k:{"name":"web"}}, {@code v:"value"} or {@code i:0}
   */
  static String append(String path, String key) {
    String value = key.length() > 2 ? key.substring(2) : "";
    return switch (key.isEmpty() ? ' ' : key.charAt(0)) {
      case 'f' -> field(path, value);
      case 'k' -> path + "[" + keys(value) + "]";
      case 'v' -> path + "[=" + value + "]";
      case 'i' -> path + "[" + value + "]";
      default -> path + "[" + key + "]";
    };
  }

  private static String field(String path, String name) {
    boolean plain = !name.isEmpty();
    for (int i = 0; i < name.length() && plain; i++) {
      char c = name.charAt(i);
      plain = c != '.' && c != '/' && c != '[' && c != ']' && c > ' ';
    }
    if (!plain) {
      return path + "[" + name + "]";
    }
    return path.isEmpty() ? name : path + "." + name;
  }

  /** {@code {"containerPort":80,"protocol":"TCP"}} as {@code containerPort=80,protocol="TCP"}. */
  private static String keys(String json) {
    if (!json.startsWith("{") || !json.endsWith("}")) {
      return json;
    }
    StringBuilder out = new StringBuilder(json.length());
    boolean inString = false;
    boolean inName = true;
    for (int i = 1; i < json.length() - 1; i++) {
      char c = json.charAt(i);
      if (c == '\\' && inString) {
        out.append(c).append(json.charAt(++i));
        continue;
      }
      if (c == '"') {
        inString = !inString;
        if (inName) {
          continue;
        }
      } else if (c == ':' && !inString) {
        inName = false;
        out.append('=');
        continue;
      } else if (c == ',' && !inString) {
        inName = true;
      }
      out.append(c);
    }
    return out.toString();
  }
}
