package dev.fairlead.schema;

import dev.fairlead.model.Json;

/**
 * What the validation of built-in kinds asks of values, as far as their schemas tell. The server
 * does not enforce everything that it publishes, so only what it was seen to enforce counts: see
 * {@link Enforced}.
 */
final class NativeRules {
  private final Findings findings;

  NativeRules(Findings findings) {
    this.findings = findings;
  }

  /** Which fields a mapping must have. */
  void object(Json.Obj object, Node node, String component, Path path) {
    for (String name : node.required) {
      Json value = object.members().get(name);
      boolean missing = value == null || value instanceof Json.Null;
      if (missing && Enforced.requires(component, name)) {
        findings.invalid(path.field(name), value == null ? object : value, "Required value");
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
