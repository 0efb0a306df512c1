package dev.fairlead.schema;

import dev.fairlead.schema.SchemaTable.Row;
import java.util.List;

/** Specs of the Gadget of {@code schema/gadgets.yaml} with mistakes, and what is said of them. */
final class DefinitionTable {
  private static Row row(String sentence, String spec, String expected) {
    return new Row(
        sentence,
        "apiVersion: schema.example.org/v1\nkind: Gadget\nmetadata: {name: a}\n" + spec,
        expected);
  }

  private static Row fields(String sentence, String fields, String expected) {
    return row(sentence, "spec: {size: 2, mode: Fast, " + fields + "}\n", expected);
  }

  static final List<Row> ROWS =
      List.of(
          row("all that is required is there", "spec: {size: 2, mode: Fast}\n", ""),
          row("a spec that is required", "", "1:1: ? spec: Required value\n"),
          row(
              "required fields, but for those with a default",
              "spec: {}\n",
              """
              4:1: ? spec.mode: Required value
              4:1: ? spec.size: Required value
              """),
          row(
              "a null is no value",
              "spec: {size: null, mode: Fast, filled: null}\n",
              "4:8: ? spec.size: Required value\n"),
          fields(
              "null where it is allowed, and where it is dropped", "maybe: null, flag: null", ""),
          fields(
              "unknown fields are refused, not pruned",
              "flagg: true, half: {other: 1, below: {x: 1}}, strict: {apiVersion: v1, kind: A, extra: 1}",
              """
              4:29: unknown field "spec.flagg"; did you mean "flag"?
              4:109: unknown field "spec.strict.extra"
              """),
          fields(
              "free-form fields take anything",
              "free: {a: [1, {b: c}]}, freer: 5, empty: {a: b}",
              ""),
          row(
              "bounds of numbers",
              "spec: {size: 101, mode: Fast, ratio: 0}\n",
              """
              4:8: ? spec.size: Invalid value: 101: should be a multiple of 2
              4:8: ? spec.size: Invalid value: 101: should be less than or equal to 100
              4:31: ? spec.ratio: Invalid value: 0: should be greater than 0
              """),
          row(
              "a fraction is read, and then refused",
              "spec: {size: 2.5, mode: Fast}\n",
              "4:8: ? spec.size: Invalid value: 2.5: must be an integer\n"),
          row(
              "an enum",
              "spec: {size: 2, mode: Medium}\n",
              "4:17: ? spec.mode: Unsupported value: \"Medium\": supported values: \"Fast\", \"Slow\"\n"),
          fields(
              "lengths and patterns of texts",
              "label: \"A far too long label\"",
              """
              4:29: ? spec.label: Invalid value: "A far too long label": should match '^[a-z]+(-[a-z]+)*$'
              4:29: ? spec.label: Too long: may not be more than 10 characters
              """),
          fields(
              "a text that is too short",
              "label: a",
              "4:29: ? spec.label: Invalid value: \"a\": should be at least 2 characters long\n"),
          fields("a number or a text", "port: 80, amount: 1Gi", ""),
          fields(
              "a number or a text, and neither",
              "port: true, amount: many",
              """
              4:29: ? spec.port: Invalid value: true: must be an integer or a string
              4:41: ? spec.amount: Invalid value: "many": should match '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMG…'
              """),
          fields(
              "sizes of lists and mappings",
              "tags: [a, b, c, d, e], numbers: [], values: {a: 1, b: 2, c: 3, d: -4}",
              """
              4:29: ? spec.tags: Too many: 5: must have at most 4 items
              4:52: ? spec.numbers: Invalid value: 0: should have at least 1 items
              4:65: ? spec.values: Too many: 4: must have at most 3 properties
              4:92: ? spec.values[d]: Invalid value: -4: should be greater than or equal to 0
              """),
          fields(
              "keys of lists",
              "tags: [a, a], ports: [{port: 1}, {port: 1, protocol: TCP}], parts: [{weight: 3}]",
              """
              4:39: spec.tags[1]: Duplicate value: "a"
              4:62: spec.ports[1]: Duplicate value: port 1, protocol "TCP"
              4:97: ? spec.parts[0].name: Required value
              4:97: spec.parts[0]: Required value: one of name tells the items apart
              """),
          fields(
              "an embedded object needs to say what it is",
              "template: {metadata: {nam: x}, data: {}}",
              """
              4:29: ? spec.template.apiVersion: Required value
              4:29: ? spec.template.kind: Required value
              4:51: unknown field "spec.template.metadata.nam"; did you mean "name"?
              """),
          fields(
              "one of several",
              "source: {git: a, image: b, tag: c}, either: {}",
              """
              4:29: ? spec.source: Invalid value: a mapping: must not validate the schema (not)
              4:29: ? spec.source: Invalid value: a mapping: must validate one and only one schema (oneOf)
              4:65: ? spec.either: Invalid value: a mapping: must validate at least one schema (anyOf)
              """),
          fields(
              "all of several",
              "either: {a: 11}",
              "4:38: ? spec.either.a: Invalid value: 11: should be less than or equal to 10\n"),
          row(
              "a status is not taken from an apply",
              "spec: {size: 2, mode: Fast}\nstatus: {}\n",
              ""),
          row(
              "but has to be readable",
              "spec: {size: 2, mode: Fast}\nstatus: {phase: 5}\n",
              "5:10: status.phase: expected a string, got 5; quote it\n"));

  private DefinitionTable() {}
}
