package dev.fairlead.schema;

import dev.fairlead.model.Json;

/**
 * What the validation of built-in kinds asks of values, as far as their schemas tell. The server
 * does not enforce everything that it publishes, so only what it was seen to enforce counts: see
 * {@link Enforced}.
 */
final class NativeRules {
  /** How far into what is not there it looks; types of other servers may hold themselves. */
  private static final int DEEPEST = 4;

  private final KindSchema schema;
  private final Findings findings;

  NativeRules(KindSchema schema, Findings findings) {
    this.schema = schema;
    this.findings = findings;
  }

  /** Which fields a mapping must have. */
  void object(Json.Obj object, Node node, String component, Path path) {
    required(object, node, component, path, 0);
  }

  private void required(Json.Obj object, Node node, String component, Path path, int missingAbove) {
    for (String name : node.required) {
      Json value = object.members().get(name);
      if (value != null && !(value instanceof Json.Null)) {
        continue;
      }
      Node member = node.member(name);
      if (Enforced.requires(component, name)) {
        findings.invalid(path.field(name), value == null ? object : value, "Required value");
      } else if (member != null && !member.reference.isEmpty() && missingAbove < DEEPEST) {
        // To the server it is there and empty, and so it tells what is missing in it.
        Json.Obj empty = Json.Obj.empty().at(object.line(), object.column());
        required(
            empty, schema.resolve(member), member.reference, path.field(name), missingAbove + 1);
      }
    }
  }

  /** What values a field may have. */
  void value(Json value, Node written, String component, String name, Path path) {
    Rules rules = written.rules;
    if (rules == null
        || rules.values().isEmpty()
        || !(value instanceof Json.Str text)
        || text.value().isEmpty()
        || rules.values().contains(value)
        || !Enforced.limits(component, name)) {
      return;
    }
    findings.invalid(
        path,
        value,
        "Unsupported value: "
            + findings.shown(value)
            + ": supported values: "
            + Words.list(rules.values()));
  }
}
