package dev.fairlead.schema;

import dev.fairlead.manifest.Wording;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The way to a value, as kubectl writes it: {@code spec.containers[0].env[1].name}. Made at every
 * step of a check and written only for findings, so steps keep what they are made of.
 */
final class Path {
  static final Path ROOT = new Path(null, "", -1, false);

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$-]*");

  private final @Nullable Path parent;
  private final String name;
  private final int index;
  private final boolean key;

  private Path(@Nullable Path parent, String name, int index, boolean key) {
    this.parent = parent;
    this.name = name;
    this.index = index;
    this.key = key;
  }

  /** A field that the schema names, or should. */
  Path field(String field) {
    return new Path(this, field, -1, false);
  }

  /** A key that the author is free to choose. */
  Path key(String chosen) {
    return new Path(this, chosen, -1, true);
  }

  Path item(int item) {
    return new Path(this, "", item, false);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(64);
    write(out);
    return out.toString();
  }

  private void write(StringBuilder out) {
    if (parent == null) {
      return;
    }
    parent.write(out);
    if (index >= 0) {
      out.append('[').append(index).append(']');
    } else if (key || !PLAIN.matcher(name).matches()) {
      out.append('[').append(Wording.shown(name)).append(']');
    } else {
      out.append(out.isEmpty() ? "" : ".").append(name);
    }
  }
}
