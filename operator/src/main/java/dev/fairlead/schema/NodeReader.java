package dev.fairlead.schema;

import dev.fairlead.model.Json;
import dev.fairlead.schema.Node.Format;
import dev.fairlead.schema.Node.Shape;
import dev.fairlead.schema.Node.Uniqueness;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiles schemas as OpenAPI v3 and custom resource definitions write them. Takes what it does not
 * understand for "anything goes". Any thread may call it.
 */
final class NodeReader {
  private static final String COMPONENTS = "#/components/schemas/";
  private static final int MAX_DEPTH = 200;

  private final Nodes nodes;

  NodeReader(Nodes nodes) {
    this.nodes = nodes;
  }

  /** The component of that name. */
  Node component(String name, Json.Obj schema) {
    return switch (name) {
      case "io.k8s.apimachinery.pkg.api.resource.Quantity" -> text(Format.QUANTITY);
      case "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime" -> text(Format.MICRO_TIME);
      case "io.k8s.apimachinery.pkg.runtime.RawExtension" -> Node.ANY;
      case KindSchema.DEFINITION + "OrArray",
          KindSchema.DEFINITION + "OrBool",
          KindSchema.DEFINITION + "OrStringArray" -> {
        Shape shape = Shape.any();
        shape.format = Format.DEFINITION;
        yield nodes.shared(shape);
      }
      default -> read(schema);
    };
  }

  private Node text(Format format) {
    Shape shape = new Shape();
    shape.type = Node.Type.STRING;
    shape.format = format;
    return nodes.shared(shape);
  }

  Node read(Json.Obj schema) {
    return read(schema, 0);
  }

  private Node read(Json.@Nullable Obj schema, int depth) {
    if (schema == null || schema.members().isEmpty() || depth > MAX_DEPTH) {
      return Node.ANY;
    }
    Shape shape = new Shape();
    shape.reference = reference(schema).orElse("");
    // What stands beside a reference cannot change what is referred to, but for its default.
    shape.byDefault = schema.members().get("default");
    shape.nullable = flag(schema, "nullable");
    if (shape.reference.isEmpty()) {
      shape.type = type(schema.string("type").orElse(""));
      shape.format = format(schema);
      shape.open = flag(schema, "x-kubernetes-preserve-unknown-fields");
      shape.embedded = flag(schema, "x-kubernetes-embedded-resource");
      object(schema, shape, depth);
      list(schema, shape, depth);
      shape.rules = rules(schema, depth);
    }
    return nodes.shared(shape);
  }

  private void object(Json.Obj schema, Shape shape, int depth) {
    Map<String, Node> members = new TreeMap<>();
    schema
        .object("properties")
        .orElse(Json.Obj.empty())
        .members()
        .forEach((name, member) -> members.put(name.intern(), read(objectOf(member), depth + 1)));
    shape.names = List.copyOf(members.keySet());
    shape.members = List.copyOf(members.values());
    shape.required = strings(schema, "required");
    Json additional = schema.members().get("additionalProperties");
    if (additional instanceof Json.Obj values) {
      shape.values = read(values, depth + 1);
    } else if (additional instanceof Json.Bool allowed) {
      shape.anyMembers = allowed.value();
    } else {
      // Free-form, unless members are named.
      shape.anyMembers = members.isEmpty();
    }
  }

  private void list(Json.Obj schema, Shape shape, int depth) {
    if (schema.members().get("items") instanceof Json.Obj items) {
      shape.items = read(items, depth + 1);
    }
    String listType = schema.string("x-kubernetes-list-type").orElse("");
    List<String> keys = strings(schema, "x-kubernetes-list-map-keys");
    if (listType.isEmpty()) {
      // As long as it is not declared otherwise, the older patch strategy says how lists merge.
      boolean merge =
          schema
              .string("x-kubernetes-patch-strategy")
              .filter(s -> s.startsWith("merge"))
              .isPresent();
      Optional<String> key = schema.string("x-kubernetes-patch-merge-key");
      listType = !merge ? "" : key.isPresent() ? "map" : "set";
      keys = key.map(k -> List.of(k.intern())).orElse(List.of());
    }
    if (listType.equals("set")) {
      shape.unique = Uniqueness.ITEMS;
    } else if (listType.equals("map") && !keys.isEmpty()) {
      shape.unique = Uniqueness.KEYS;
      shape.keys = keys;
    }
  }

  private @Nullable Rules rules(Json.Obj schema, int depth) {
    Rules rules =
        new Rules(
            schema.items("enum"),
            schema.string("pattern").orElse(null),
            number(schema, "minimum"),
            flag(schema, "exclusiveMinimum"),
            number(schema, "maximum"),
            flag(schema, "exclusiveMaximum"),
            number(schema, "multipleOf"),
            schema.integer("minLength").orElse(null),
            schema.integer("maxLength").orElse(null),
            schema.integer("minItems").orElse(null),
            schema.integer("maxItems").orElse(null),
            schema.integer("minProperties").orElse(null),
            schema.integer("maxProperties").orElse(null),
            several(schema, "allOf", depth),
            several(schema, "anyOf", depth),
            several(schema, "oneOf", depth),
            schema.members().get("not") instanceof Json.Obj not ? read(not, depth + 1) : null);
    return rules.equals(Rules.NONE) ? null : rules;
  }

  private List<Node> several(Json.Obj schema, String name, int depth) {
    List<Node> several = new ArrayList<>();
    for (Json item : schema.items(name)) {
      several.add(read(objectOf(item), depth + 1));
    }
    return several;
  }

  /** References stand alone, or as the only part of an {@code allOf}. */
  private static Optional<String> reference(Json.Obj schema) {
    Optional<String> direct = schema.string("$ref");
    List<Json> all = schema.items("allOf");
    if (direct.isEmpty() && all.size() == 1 && all.getFirst() instanceof Json.Obj only) {
      direct = only.string("$ref");
    }
    return direct
        .filter(r -> r.startsWith(COMPONENTS))
        .map(r -> r.substring(COMPONENTS.length()).intern());
  }

  private static Node.Type type(String name) {
    return switch (name) {
      case "object" -> Node.Type.OBJECT;
      case "array" -> Node.Type.ARRAY;
      case "string" -> Node.Type.STRING;
      case "integer" -> Node.Type.INTEGER;
      case "number" -> Node.Type.NUMBER;
      case "boolean" -> Node.Type.BOOLEAN;
      default -> Node.Type.ANY;
    };
  }

  private static Format format(Json.Obj schema) {
    if (flag(schema, "x-kubernetes-int-or-string")) {
      return Format.INT_OR_STRING;
    }
    return switch (schema.string("format").orElse("")) {
      case "" -> Format.NONE;
      case "byte" -> Format.BYTE;
      case "date-time" -> Format.TIME;
      case "int-or-string" -> Format.INT_OR_STRING;
      case "int32" -> Format.INT32;
      default -> Format.OTHER;
    };
  }

  private static boolean flag(Json.Obj schema, String name) {
    return schema.bool(name).orElse(false);
  }

  private static @Nullable BigDecimal number(Json.Obj schema, String name) {
    return schema.members().get(name) instanceof Json.Num number
        ? Numbers.decimal(number).orElse(null)
        : null;
  }

  private static List<String> strings(Json.Obj schema, String name) {
    return schema.items(name).stream()
        .filter(Json.Str.class::isInstance)
        .map(s -> ((Json.Str) s).value().intern())
        .toList();
  }

  private static Json.@Nullable Obj objectOf(Json json) {
    return json instanceof Json.Obj object ? object : null;
  }
}
