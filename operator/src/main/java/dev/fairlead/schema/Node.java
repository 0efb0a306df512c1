package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in one place of a manifest; immutable. Parts are shared between all places where
 * they are equal, so equality of the parts is their identity: see {@link Nodes}.
 */
final class Node {
  /** Anything goes. */
  static final Node ANY = new Node(Shape.any());

  /** The type that is declared. */
  enum Type {
    /** None: a scalar, a list or a mapping. */
    ANY,
    OBJECT,
    ARRAY,
    STRING,
    INTEGER,
    NUMBER,
    BOOLEAN
  }

  /** How the text of a scalar is read. */
  enum Format {
    NONE,
    BYTE,
    TIME,
    MICRO_TIME,
    INT_OR_STRING,
    QUANTITY,
    INT32,
    /** A schema of a definition, or something beside it, read without regard to unknown fields. */
    DEFINITION,
    /** One that only the server knows. */
    OTHER
  }

  /** Which items of a list may not be there twice. */
  enum Uniqueness {
    NONE,
    /** Each item is its own key. */
    ITEMS,
    /** Some members of each item are its key. */
    KEYS
  }

  final Type type;
  final Format format;

  /** The component that is meant instead; empty when this is a schema itself. */
  final String reference;

  /** Sorted names of the members, and their schemas in the same order. */
  final List<String> names;

  private final List<Node> members;
  final List<String> required;

  /** What values of unnamed members are; null when nothing is said about them. */
  final @Nullable Node values;

  /** Whether unnamed members are allowed in so many words. */
  final boolean anyMembers;

  final @Nullable Node items;
  final Uniqueness unique;
  final List<String> keys;
  final boolean nullable;

  /** Whether unknown fields are kept here and below. */
  final boolean open;

  /** Whether a whole object is embedded here. */
  final boolean embedded;

  final @Nullable Json byDefault;
  final @Nullable Rules rules;
  private final int hash;

  /** The parts of a node that is being read. */
  static final class Shape {
    Type type = Type.ANY;
    Format format = Format.NONE;
    String reference = "";
    List<String> names = List.of();
    List<Node> members = List.of();
    List<String> required = List.of();
    @Nullable Node values;
    boolean anyMembers;
    @Nullable Node items;
    Uniqueness unique = Uniqueness.NONE;
    List<String> keys = List.of();
    boolean nullable;
    boolean open;
    boolean embedded;
    @Nullable Json byDefault;
    @Nullable Rules rules;

    static Shape any() {
      Shape shape = new Shape();
      shape.anyMembers = true;
      return shape;
    }
  }

  Node(Shape shape) {
    type = shape.type;
    format = shape.format;
    reference = shape.reference;
    names = List.copyOf(shape.names);
    members = List.copyOf(shape.members);
    required = List.copyOf(shape.required);
    values = shape.values;
    anyMembers = shape.anyMembers;
    items = shape.items;
    unique = shape.unique;
    keys = List.copyOf(shape.keys);
    nullable = shape.nullable;
    open = shape.open;
    embedded = shape.embedded;
    byDefault = shape.byDefault;
    rules = shape.rules;
    hash =
        Objects.hash(
            type,
            format,
            reference,
            names,
            identities(members),
            required,
            System.identityHashCode(values),
            anyMembers,
            System.identityHashCode(items),
            unique,
            keys,
            nullable,
            open,
            embedded,
            byDefault,
            rules);
  }

  /** The nodes that are part of this one. */
  List<Node> children() {
    List<Node> children = new ArrayList<>(members);
    if (values != null) {
      children.add(values);
    }
    if (items != null) {
      children.add(items);
    }
    return children;
  }

  private static int identities(List<Node> nodes) {
    int sum = 1;
    for (Node node : nodes) {
      sum = 31 * sum + System.identityHashCode(node);
    }
    return sum;
  }

  /** The schema of a member that is named; null for any other. */
  @Nullable Node member(String name) {
    int low = 0;
    int high = names.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = names.get(middle).compareTo(name);
      if (order == 0) {
        return members.get(middle);
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return null;
  }

  @SuppressWarnings("ReferenceEquality") // Parts are shared: equal ones are the same.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Node n
            && hash == n.hash
            && type == n.type
            && format == n.format
            && reference.equals(n.reference)
            && names.equals(n.names)
            && same(members, n.members)
            && required.equals(n.required)
            && values == n.values
            && anyMembers == n.anyMembers
            && items == n.items
            && unique == n.unique
            && keys.equals(n.keys)
            && nullable == n.nullable
            && open == n.open
            && embedded == n.embedded
            && Objects.equals(byDefault, n.byDefault)
            && Objects.equals(rules, n.rules));
  }

  @SuppressWarnings("ReferenceEquality") // Parts are shared: equal ones are the same.
  private static boolean same(List<Node> some, List<Node> others) {
    if (some.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < some.size(); i++) {
      if (some.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
