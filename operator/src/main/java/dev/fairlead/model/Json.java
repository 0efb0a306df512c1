package dev.fairlead.model;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An immutable JSON value that remembers where it was written.
 *
 * <p>{@link #line()} and {@link #column()} count from 1 and name the place where a person looks: of
 * a member its key, of a list's item the item, of a document its first character. Both are 0 for
 * values that no file holds. Equality ignores places; objects are equal whatever their order.
 */
public sealed interface Json {
  int line();

  int column();

  /** This value with another place. */
  Json at(int line, int column);

  /** Appends this value as compact JSON. */
  void writeTo(StringBuilder out);

  /** This value as compact JSON, members in their order. */
  default String toJson() {
    StringBuilder out = new StringBuilder(256);
    writeTo(out);
    return out.toString();
  }

  default byte[] toBytes() {
    return toJson().getBytes(StandardCharsets.UTF_8);
  }

  static Str of(String value) {
    return new Str(value, 0, 0);
  }

  static Num of(long value) {
    return new Num(Long.toString(value), 0, 0);
  }

  static Bool of(boolean value) {
    return new Bool(value, 0, 0);
  }

  static Obj of(Map<String, ? extends Json> members) {
    return new Obj(members, 0, 0);
  }

  static Arr of(List<? extends Json> items) {
    return new Arr(items, 0, 0);
  }

  /** An object; its members keep the order in which they were given. */
  final class Obj implements Json {
    private static final Obj EMPTY = new Obj(Map.of(), 0, 0);

    private final Map<String, Json> members;
    private final int line;
    private final int column;

    public Obj(Map<String, ? extends Json> members, int line, int column) {
      this.members = Collections.unmodifiableMap(new LinkedHashMap<String, Json>(members));
      this.line = line;
      this.column = column;
    }

    /** Shares what is immutable. */
    private Obj(int line, int column, Map<String, Json> members) {
      this.members = members;
      this.line = line;
      this.column = column;
    }

    public static Obj empty() {
      return EMPTY;
    }

    public Map<String, Json> members() {
      return members;
    }

    public Optional<Json> get(String name) {
      return Optional.ofNullable(members.get(name));
    }

    /** The member of that name if it is an object. */
    public Optional<Obj> object(String name) {
      return members.get(name) instanceof Obj o ? Optional.of(o) : Optional.empty();
    }

    /** The items of the member of that name if it is a list, else none. */
    public List<Json> items(String name) {
      return members.get(name) instanceof Arr a ? a.items() : List.of();
    }

    /** The member of that name if it is a string. */
    public Optional<String> string(String name) {
      return members.get(name) instanceof Str s ? Optional.of(s.value()) : Optional.empty();
    }

    /** The member of that name if it is a whole number that fits. */
    public Optional<Long> integer(String name) {
      return members.get(name) instanceof Num n ? n.asLong() : Optional.empty();
    }

    /** The member of that name if it is a boolean. */
    public Optional<Boolean> bool(String name) {
      return members.get(name) instanceof Bool b ? Optional.of(b.value()) : Optional.empty();
    }

    /** This object with one member added or replaced, in its old place if it had one. */
    public Obj with(String name, Json value) {
      Map<String, Json> copy = new LinkedHashMap<>(members);
      copy.put(name, value);
      return new Obj(copy, line, column);
    }

    public Obj without(String name) {
      if (!members.containsKey(name)) {
        return this;
      }
      Map<String, Json> copy = new LinkedHashMap<>(members);
      copy.remove(name);
      return new Obj(copy, line, column);
    }

    @Override
    public int line() {
      return line;
    }

    @Override
    public int column() {
      return column;
    }

    @Override
    public Obj at(int newLine, int newColumn) {
      return new Obj(newLine, newColumn, members);
    }

    @Override
    public void writeTo(StringBuilder out) {
      out.append('{');
      boolean first = true;
      for (Map.Entry<String, Json> member : members.entrySet()) {
        if (!first) {
          out.append(',');
        }
        first = false;
        JsonText.quote(member.getKey(), out);
        out.append(':');
        member.getValue().writeTo(out);
      }
      out.append('}');
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Obj o && members.equals(o.members);
    }

    @Override
    public int hashCode() {
      return members.hashCode();
    }

    /** Says how large it is, never what is in it: a Secret's values must not reach a log. */
    @Override
    public String toString() {
      return "object of " + members.size();
    }
  }

  /** A list. */
  final class Arr implements Json {
    private final List<Json> items;
    private final int line;
    private final int column;

    public Arr(List<? extends Json> items, int line, int column) {
      this.items = Collections.unmodifiableList(new ArrayList<Json>(items));
      this.line = line;
      this.column = column;
    }

    /** Shares what is immutable. */
    private Arr(int line, int column, List<Json> items) {
      this.items = items;
      this.line = line;
      this.column = column;
    }

    public List<Json> items() {
      return items;
    }

    @Override
    public int line() {
      return line;
    }

    @Override
    public int column() {
      return column;
    }

    @Override
    public Arr at(int newLine, int newColumn) {
      return new Arr(newLine, newColumn, items);
    }

    @Override
    public void writeTo(StringBuilder out) {
      out.append('[');
      for (int i = 0; i < items.size(); i++) {
        if (i > 0) {
          out.append(',');
        }
        items.get(i).writeTo(out);
      }
      out.append(']');
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Arr a && items.equals(a.items);
    }

    @Override
    public int hashCode() {
      return items.hashCode();
    }

    @Override
    public String toString() {
      return "list of " + items.size();
    }
  }

  /** A string. */
  record Str(String value, int line, int column) implements Json {
    public Str {
      requireNonNull(value);
    }

    @Override
    public Str at(int newLine, int newColumn) {
      return new Str(value, newLine, newColumn);
    }

    @Override
    public void writeTo(StringBuilder out) {
      JsonText.quote(value, out);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Str s && value.equals(s.value);
    }

    @Override
    public int hashCode() {
      return value.hashCode();
    }

    /** Says how long it is, never what it is. */
    @Override
    public String toString() {
      return "string of " + value.length();
    }
  }

  /**
   * A number, kept as it was written.
   *
   * @param literal a number in JSON's grammar
   */
  record Num(String literal, int line, int column) implements Json {
    public Num {
      requireNonNull(literal);
    }

    /** The number if it is whole and fits. */
    public Optional<Long> asLong() {
      try {
        return Optional.of(Long.parseLong(literal));
      } catch (NumberFormatException e) {
        return Optional.empty();
      }
    }

    @Override
    public Num at(int newLine, int newColumn) {
      return new Num(literal, newLine, newColumn);
    }

    @Override
    public void writeTo(StringBuilder out) {
      out.append(literal);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Num n && literal.equals(n.literal);
    }

    @Override
    public int hashCode() {
      return literal.hashCode();
    }

    /** Says that it is one, never which. */
    @Override
    public String toString() {
      return "number";
    }
  }

  /** A boolean. */
  record Bool(boolean value, int line, int column) implements Json {
    @Override
    public Bool at(int newLine, int newColumn) {
      return new Bool(value, newLine, newColumn);
    }

    @Override
    public void writeTo(StringBuilder out) {
      out.append(value);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bool b && value == b.value;
    }

    @Override
    public int hashCode() {
      return Boolean.hashCode(value);
    }

    /** Says that it is one, never which. */
    @Override
    public String toString() {
      return "boolean";
    }
  }

  /** The null of JSON, which is a value to the API server. */
  record Null(int line, int column) implements Json {
    public static final Null NULL = new Null(0, 0);

    @Override
    public Null at(int newLine, int newColumn) {
      return new Null(newLine, newColumn);
    }

    @Override
    public void writeTo(StringBuilder out) {
      out.append("null");
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Null;
    }

    @Override
    public int hashCode() {
      return 0;
    }
  }
}
