package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells where a manifest cannot be read as its kind, by the rules of the server's structured merge:
 * unknown fields, values of the wrong sort, list items with equal keys. For one manifest.
 *
 * <p>A null passes everywhere but as an item of a list that is merged by keys: the server takes it
 * for nothing.
 */
final class TypeCheck {
  private static final String TEXT = "a string";

  private final KindSchema schema;
  private final Findings findings;
  private final NativeRules rules;

  /** How deep the check is in what the server reads without regard to unknown fields. */
  private int careless;

  private final Whereabouts whereabouts;

  TypeCheck(KindSchema schema, Findings findings) {
    this.schema = schema;
    this.findings = findings;
    this.rules = new NativeRules(schema, findings);
    this.whereabouts = new Whereabouts(schema);
  }

  void check(Json.Obj body) {
    visit(body, schema.root(), Path.ROOT, false);
  }

  /**
   * @param open whether unknown fields are kept, from further above
   */
  private void visit(Json value, Node written, Path path, boolean open) {
    Node node = schema.resolve(written);
    String component = path == Path.ROOT ? schema.component() : written.reference;
    boolean unlimited = node.open || (open && written.reference.isEmpty());
    if (value instanceof Json.Null) {
      return;
    }
    switch (node.type) {
      case OBJECT -> {
        if (value instanceof Json.Obj object) {
          object(object, node, component, path, unlimited);
        } else {
          expected("a mapping", value, path);
        }
      }
      case ARRAY -> {
        if (value instanceof Json.Arr list) {
          list(list, node, path, unlimited);
        } else {
          expected("a list", value, path);
        }
      }
      case STRING -> text(value, node, path);
      case INTEGER, NUMBER -> number(value, node, path);
      case BOOLEAN -> {
        if (!(value instanceof Json.Bool)) {
          expected("a boolean", value, path);
        }
      }
      case ANY -> any(value, node, component, path, unlimited);
    }
  }

  private void object(Json.Obj object, Node node, String component, Path path, boolean open) {
    if (!schema.custom() && careless == 0) {
      rules.object(object, node, component, path);
    }
    whereabouts.enter(node, path);
    for (Map.Entry<String, Json> member : object.members().entrySet()) {
      String name = member.getKey();
      Json value = member.getValue();
      Node known = node.member(name);
      Node values = node.values;
      if (known != null) {
        Path field = path.field(name);
        visit(value, known, field, open);
        if (!schema.custom() && careless == 0) {
          rules.value(value, known, component, name, field);
        }
      } else if (values != null) {
        visit(value, values, path.key(name), open);
      } else if (!node.anyMembers && !open && careless == 0) {
        findings.unknown(path.field(name), value, meant(name, node, object));
      }
    }
    whereabouts.leave();
  }

  /** A name like it that is not there already, as nobody writes a field twice; or its place. */
  private String meant(String name, Node node, Json.Obj object) {
    TreeSet<String> free = new TreeSet<>(node.names);
    free.removeAll(object.members().keySet());
    return Nearest.of(name, free)
        .or(() -> whereabouts.of(name).map(Path::toString))
        .map(n -> "; did you mean \"" + n + "\"?")
        .orElse("");
  }

  private void list(Json.Arr list, Node node, Path path, boolean open) {
    Node items = node.items == null ? Node.ANY : node.items;
    Map<Object, Integer> seen = node.unique == Node.Uniqueness.NONE ? Map.of() : new HashMap<>();
    for (int i = 0; i < list.items().size(); i++) {
      Json item = list.items().get(i);
      Path at = path.item(i);
      boolean mergeable =
          switch (careless > 0 ? Node.Uniqueness.NONE : node.unique) {
            case NONE -> true;
            case ITEMS -> setItem(item, seen, i, at);
            case KEYS -> keyedItem(item, node, schema.resolve(items), seen, i, at);
          };
      if (mergeable) {
        visit(item, items, at, open);
      }
    }
  }

  private boolean setItem(Json item, Map<Object, Integer> seen, int index, Path path) {
    if (item instanceof Json.Obj || item instanceof Json.Arr || item instanceof Json.Null) {
      expected("a string, a number or a boolean", item, path);
      return false;
    }
    Integer first = seen.putIfAbsent(item, index);
    if (first != null) {
      findings.malformed(path, item, "Duplicate value: " + findings.shown(item));
    }
    return true;
  }

  private boolean keyedItem(
      Json item, Node list, Node items, Map<Object, Integer> seen, int index, Path path) {
    if (!(item instanceof Json.Obj object)) {
      expected("a mapping", item, path);
      return false;
    }
    Map<String, Json> key = new HashMap<>();
    for (String name : list.keys) {
      Node member = items.member(name);
      Json value = object.members().get(name);
      if (value == null && member != null) {
        value = member.byDefault;
      }
      if (value != null) {
        key.put(name, value);
      }
    }
    if (key.isEmpty()) {
      findings.malformed(
          path,
          item,
          "Required value: one of " + String.join(", ", list.keys) + " tells the items apart");
      return true;
    }
    Integer first = seen.putIfAbsent(key, index);
    if (first != null) {
      duplicate(object, list.keys, path);
    }
    return true;
  }

  private void duplicate(Json.Obj item, List<String> keys, Path path) {
    if (keys.size() == 1) {
      String name = keys.getFirst();
      Json value = item.members().get(name);
      if (value != null) {
        findings.malformed(path.field(name), value, "Duplicate value: " + findings.shown(value));
        return;
      }
    }
    List<String> shown = new ArrayList<>();
    for (String name : keys) {
      Json value = item.members().get(name);
      if (value != null) {
        shown.add(name + " " + findings.shown(value));
      }
    }
    findings.malformed(path, item, "Duplicate value: " + String.join(", ", shown));
  }

  private void text(Json value, Node node, Path path) {
    switch (node.format) {
      case NONE -> {
        if (!(value instanceof Json.Str)) {
          expected(TEXT, value, path);
        }
      }
      case BYTE -> {
        if (!(value instanceof Json.Str text)) {
          expected(TEXT, value, path);
        } else if (!schema.custom() && !NativeFormats.isBase64(text.value())) {
          findings.malformed(path, value, "is not base64");
        }
      }
      case QUANTITY, TIME, MICRO_TIME, INT_OR_STRING, INT32, DEFINITION, OTHER -> {
        if (value instanceof Json.Obj || value instanceof Json.Arr) {
          expected(TEXT, value, path);
        } else if (!schema.custom()) {
          nativeText(value, node, path);
        }
      }
    }
  }

  private void nativeText(Json value, Node node, Path path) {
    switch (node.format) {
      case QUANTITY -> {
        if (!NativeFormats.isQuantity(value)) {
          findings.malformed(
              path, value, "expected a quantity such as 500m or 1Gi, got " + findings.shown(value));
        }
      }
      case TIME -> {
        if (!NativeFormats.isTime(value)) {
          findings.malformed(
              path,
              value,
              "expected a time such as 2006-01-02T15:04:05Z, got " + findings.shown(value));
        }
      }
      case MICRO_TIME -> {
        if (!NativeFormats.isMicroTime(value)) {
          findings.malformed(
              path,
              value,
              "expected a time such as 2006-01-02T15:04:05.000000Z, got " + findings.shown(value));
        }
      }
      case INT_OR_STRING -> intOrString(value, path);
      case NONE, BYTE, INT32, DEFINITION, OTHER -> {
        if (!(value instanceof Json.Str)) {
          expected(TEXT, value, path);
        }
      }
    }
  }

  private void number(Json value, Node node, Path path) {
    String wanted = node.type == Node.Type.INTEGER ? "an integer" : "a number";
    if (!(value instanceof Json.Num number)) {
      expected(wanted, value, path);
    } else if (!schema.custom() && node.type == Node.Type.INTEGER && !Numbers.isWhole(number)) {
      expected(wanted, value, path);
    }
  }

  private void any(Json value, Node node, String component, Path path, boolean open) {
    if (!schema.custom() && node.format == Node.Format.INT_OR_STRING) {
      intOrString(value, path);
    } else if (node.format == Node.Format.DEFINITION) {
      careless++;
      definition(value, path);
      careless--;
    } else if (value instanceof Json.Obj object) {
      object(object, node, component, path, open);
    } else if (value instanceof Json.Arr list) {
      list(list, node, path, open);
    }
  }

  /** A schema, a list of them, or what stands in their place and cannot be wrong. */
  private void definition(Json value, Path path) {
    if (value instanceof Json.Obj object) {
      object(object, schema.definition(), "", path, false);
    } else if (value instanceof Json.Arr list) {
      for (int i = 0; i < list.items().size(); i++) {
        if (list.items().get(i) instanceof Json.Obj item) {
          object(item, schema.definition(), "", path.item(i), false);
        }
      }
    }
  }

  private void intOrString(Json value, Path path) {
    boolean fits =
        switch (value) {
          case Json.Str _ -> true;
          case Json.Num number -> Numbers.isInt32(number);
          case Json.Obj _, Json.Arr _, Json.Bool _, Json.Null _ -> false;
        };
    if (!fits) {
      expected("an integer or a string", value, path);
    }
  }

  private void expected(String wanted, Json value, Path path) {
    @Nullable String remedy =
        wanted.equals(TEXT) && (value instanceof Json.Num || value instanceof Json.Bool)
            ? "; quote it"
            : "";
    findings.malformed(
        path, value, "expected " + wanted + ", got " + findings.shown(value) + remedy);
  }
}
