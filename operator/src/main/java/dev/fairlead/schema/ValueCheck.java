package dev.fairlead.schema;

import dev.fairlead.manifest.Wording;
import dev.fairlead.model.Json;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells which values of a custom resource its definition refuses, as the server judges them after
 * it has filled in defaults and dropped nulls. For one manifest.
 */
final class ValueCheck {
  private final KindSchema schema;
  private final Findings findings;
  private final Map<String, Optional<BoundedPattern>> patterns = new HashMap<>();

  ValueCheck(KindSchema schema, Findings findings) {
    this.schema = schema;
    this.findings = findings;
  }

  void check(Json.Obj body) {
    // What is written below status is not taken from an apply, as a rule.
    visit(body.without("status"), schema.root(), Path.ROOT, findings::invalid);
  }

  /** Takes what is wrong. */
  private interface Sink {
    void add(Path path, Json at, String because);
  }

  private void visit(Json value, Node written, Path path, Sink sink) {
    Node node = schema.resolve(written);
    // Types of the server's own, of which metadata alone can occur here, are judged elsewhere.
    if (!written.reference.isEmpty()) {
      return;
    }
    if (value instanceof Json.Null) {
      if (!node.nullable && node.type != Node.Type.ANY) {
        sink.add(path, value, "Invalid value: null: must be " + wanted(node));
      }
      return;
    }
    if (!fits(value, node)) {
      sink.add(path, value, findings.invalidValue(value) + "must be " + wanted(node));
      return;
    }
    Rules rules = node.rules;
    if (rules != null) {
      rules(value, rules, path, sink);
    }
    switch (value) {
      case Json.Obj object -> object(object, node, path, sink);
      case Json.Arr list -> {
        Node items = node.items;
        if (items != null) {
          for (int i = 0; i < list.items().size(); i++) {
            visit(list.items().get(i), items, path.item(i), sink);
          }
        }
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> {}
    }
  }

  private void object(Json.Obj object, Node node, Path path, Sink sink) {
    for (String name : node.required) {
      required(object, name, node.member(name), path, sink);
    }
    if (node.embedded) {
      for (String name : List.of("apiVersion", "kind")) {
        if (!node.required.contains(name)) {
          required(object, name, node.member(name), path, sink);
        }
      }
    }
    Node values = node.values;
    for (Map.Entry<String, Json> member : object.members().entrySet()) {
      Node known = node.member(member.getKey());
      Json value = member.getValue();
      if (known != null) {
        // A null that is not allowed is as if it were not written.
        if (!(value instanceof Json.Null)) {
          visit(value, known, path.field(member.getKey()), sink);
        }
      } else if (values != null && !(value instanceof Json.Null)) {
        visit(value, values, path.key(member.getKey()), sink);
      }
    }
  }

  private void required(Json.Obj object, String name, @Nullable Node member, Path path, Sink sink) {
    Json value = object.members().get(name);
    boolean nullable = member != null && member.nullable;
    boolean missing = value == null || (value instanceof Json.Null && !nullable);
    if (missing && (member == null || member.byDefault == null)) {
      sink.add(path.field(name), value == null ? object : value, "Required value");
    }
  }

  private static boolean fits(Json value, Node node) {
    if (node.format == Node.Format.INT_OR_STRING && node.type == Node.Type.ANY) {
      return value instanceof Json.Str || (value instanceof Json.Num n && Numbers.isWhole(n));
    }
    return switch (node.type) {
      case ANY -> true;
      case OBJECT -> value instanceof Json.Obj;
      case ARRAY -> value instanceof Json.Arr;
      case STRING -> value instanceof Json.Str;
      case INTEGER -> value instanceof Json.Num n && Numbers.isWhole(n);
      case NUMBER -> value instanceof Json.Num;
      case BOOLEAN -> value instanceof Json.Bool;
    };
  }

  private static String wanted(Node node) {
    return switch (node.type) {
      case ANY -> "an integer or a string";
      case OBJECT -> "a mapping";
      case ARRAY -> "a list";
      case STRING -> "a string";
      case INTEGER -> "an integer";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
    };
  }

  private void rules(Json value, Rules rules, Path path, Sink sink) {
    if (!rules.values().isEmpty() && !rules.values().contains(value)) {
      sink.add(
          path,
          value,
          "Unsupported value: "
              + findings.shown(value)
              + ": supported values: "
              + Words.list(rules.values()));
    }
    switch (value) {
      case Json.Str text -> text(text, rules, path, sink);
      case Json.Num number -> number(number, rules, path, sink);
      case Json.Arr list ->
          size(list, list.items().size(), rules.minItems(), rules.maxItems(), "items", path, sink);
      case Json.Obj object ->
          size(
              object,
              object.members().size(),
              rules.minMembers(),
              rules.maxMembers(),
              "properties",
              path,
              sink);
      case Json.Bool _, Json.Null _ -> {}
    }
    combined(value, rules, path, sink);
  }

  private void text(Json.Str text, Rules rules, Path path, Sink sink) {
    int length = text.value().codePointCount(0, text.value().length());
    Long min = rules.minLength();
    if (min != null && length < min) {
      sink.add(
          path,
          text,
          findings.invalidValue(text) + "should be at least " + min + " characters long");
    }
    Long max = rules.maxLength();
    if (max != null && length > max) {
      sink.add(path, text, "Too long: may not be more than " + max + " characters");
    }
    String pattern = rules.pattern();
    if (pattern != null
        && patterns
            .computeIfAbsent(pattern, BoundedPattern::of)
            .filter(p -> !p.mayMatch(text.value()))
            .isPresent()) {
      sink.add(
          path,
          text,
          findings.invalidValue(text) + "should match '" + Wording.shown(pattern) + "'");
    }
  }

  private void number(Json.Num number, Rules rules, Path path, Sink sink) {
    Optional<BigDecimal> decimal = Numbers.decimal(number);
    if (decimal.isEmpty()) {
      return;
    }
    BigDecimal value = decimal.get();
    BigDecimal min = rules.minimum();
    if (min != null && value.compareTo(min) < (rules.aboveMinimum() ? 1 : 0)) {
      String than = rules.aboveMinimum() ? "greater than " : "greater than or equal to ";
      sink.add(path, number, findings.invalidValue(number) + "should be " + than + min);
    }
    BigDecimal max = rules.maximum();
    if (max != null && value.compareTo(max) > (rules.belowMaximum() ? -1 : 0)) {
      String than = rules.belowMaximum() ? "less than " : "less than or equal to ";
      sink.add(path, number, findings.invalidValue(number) + "should be " + than + max);
    }
    BigDecimal step = rules.multipleOf();
    if (step != null && step.signum() > 0 && value.remainder(step).signum() != 0) {
      sink.add(path, number, findings.invalidValue(number) + "should be a multiple of " + step);
    }
  }

  private static void size(
      Json value,
      int size,
      @Nullable Long min,
      @Nullable Long max,
      String what,
      Path path,
      Sink sink) {
    if (min != null && size < min) {
      sink.add(
          path, value, "Invalid value: " + size + ": should have at least " + min + " " + what);
    }
    if (max != null && size > max) {
      sink.add(path, value, "Too many: " + size + ": must have at most " + max + " " + what);
    }
  }

  private void combined(Json value, Rules rules, Path path, Sink sink) {
    for (Node node : rules.allOf()) {
      visit(value, node, path, sink);
    }
    if (!rules.anyOf().isEmpty() && rules.anyOf().stream().noneMatch(n -> passes(value, n, path))) {
      sink.add(
          path, value, findings.invalidValue(value) + "must validate at least one schema (anyOf)");
    }
    if (!rules.oneOf().isEmpty()
        && rules.oneOf().stream().filter(n -> passes(value, n, path)).count() != 1) {
      sink.add(
          path,
          value,
          findings.invalidValue(value) + "must validate one and only one schema (oneOf)");
    }
    Node not = rules.not();
    if (not != null && passes(value, not, path)) {
      sink.add(path, value, findings.invalidValue(value) + "must not validate the schema (not)");
    }
  }

  private boolean passes(Json value, Node node, Path path) {
    boolean[] passes = {true};
    visit(value, node, path, (at, what, because) -> passes[0] = false);
    return passes[0];
  }
}
