package dev.fairlead.schema;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The way to a value, as kubectl writes it: {@code spec.containers[0].env[1].name}. */
final class Path {
  static final Path ROOT = new Path(null, "");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$-]*");

  private final @Nullable Path parent;
  private final String step;

  private Path(@Nullable Path parent, String step) {
    this.parent = parent;
    this.step = step;
  }

  /** A field that the schema names, or should. */
  Path field(String name) {
    return PLAIN.matcher(name).matches()
        ? new Path(this, parent == null ? name : "." + name)
        : key(name);
  }

  /** A key that the author is free to choose. */
  Path key(String name) {
    return new Path(this, "[" + Words.name(name) + "]");
  }

  Path item(int index) {
    return new Path(this, "[" + index + "]");
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(64);
    write(out);
    return out.toString();
  }

  private void write(StringBuilder out) {
    if (parent != null) {
      parent.write(out);
    }
    out.append(step);
  }
}
