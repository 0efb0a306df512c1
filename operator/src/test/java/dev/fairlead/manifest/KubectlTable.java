package dev.fairlead.manifest;

import java.util.List;

/**
 * How kubectl reads YAML, written down row by row: the law for our reader. One test holds our
 * reader to it, another holds it to the real kubectl.
 */
final class KubectlTable {
  /** What a row expects. */
  sealed interface Expected {
    /** Both read it, as this JSON. */
    record Read(String json) implements Expected {}

    /** Both refuse it; the pattern is for our message. */
    record Refused(String message) implements Expected {}

    /** Kubectl loses something silently, so we refuse it. */
    record RefusedByUs(String message) implements Expected {}
  }

  /**
   * One row.
   *
   * @param yaml the members of {@code spec}, one a line; its first line is line 5 of the file
   */
  record Row(String title, String yaml, Expected expected) {
    /** The whole file. */
    String file() {
      return HEAD + yaml.indent(2);
    }

    @Override
    public String toString() {
      return title;
    }
  }

  static final String HEAD =
      """
      apiVersion: example.org/v1
      kind: Probe
      metadata: {name: probe}
      spec:
      """;

  private KubectlTable() {}

  static final List<Row> ROWS =
      List.of(
          scalar("yes is true", "yes", "true"),
          scalar("on is true", "on", "true"),
          scalar("y is true", "y", "true"),
          scalar("n is false", "n", "false"),
          scalar("NO is false", "NO", "false"),
          scalar("nO is a string", "nO", "\"nO\""),
          scalar("quoted yes is a string", "'yes'", "\"yes\""),
          scalar("0o17 is octal", "0o17", "15"),
          scalar("017 is octal", "017", "15"),
          scalar("08 is decimal after all", "08", "8"),
          scalar("0x1F is hexadecimal", "0x1F", "31"),
          scalar("0b101 is binary", "0b101", "5"),
          scalar("-0b101 is binary", "-0b101", "-5"),
          scalar("0b-11 is go-yaml's own", "0b-11", "-3"),
          scalar("0b2 is a string", "0b2", "\"0b2\""),
          scalar("00 is zero", "00", "0"),
          scalar("0a1 is a string", "0a1", "\"0a1\""),
          scalar("1_000 is a number", "1_000", "1000"),
          scalar("_1 is a string", "_1", "\"_1\""),
          scalar("a date is a string", "2024-01-01", "\"2024-01-01\""),
          scalar("a time is a string", "2024-01-01T10:00:00Z", "\"2024-01-01T10:00:00Z\""),
          scalar("1:30 is a string", "1:30", "\"1:30\""),
          scalar("a tilde is null", "~", "null"),
          scalar("Null is null", "Null", "null"),
          scalar("True is true", "True", "true"),
          scalar("nothing is null", "", "null"),
          scalar("empty quotes are an empty string", "''", "\"\""),
          scalar("+1 is a number", "+1", "1"),
          scalar("-0 is zero", "-0", "0"),
          scalar("-0.0 is zero", "-0.0", "0"),
          scalar("1.0 is whole", "1.0", "1"),
          scalar("1.10 loses its zero", "1.10", "1.1"),
          scalar(".5 is a number", ".5", "0.5"),
          scalar(".5_0 is a number", ".5_0", "0.5"),
          scalar(".5__0 is a string", ".5__0", "\".5__0\""),
          scalar("1. is a number", "1.", "1"),
          scalar("1e3 is a number", "1e3", "1000"),
          scalar("1e21 keeps its exponent", "1e21", "1e+21"),
          scalar("1e20 does not", "1e20", "100000000000000000000"),
          scalar("1e-7 keeps its exponent", "1e-7", "1e-7"),
          scalar("0.000001 does not", "0.000001", "0.000001"),
          scalar("1e400 is a string", "1e400", "\"1e400\""),
          scalar("the largest int64", "9223372036854775807", "9223372036854775807"),
          scalar("one more is a double", "9223372036854775808", "9223372036854776000"),
          scalar("the smallest int64", "-9223372036854775808", "-9223372036854775808"),
          scalar("the largest uint64", "18446744073709551615", "18446744073709552000"),
          scalar("a version is a string", "1.2.3", "\"1.2.3\""),
          scalar("an address is a string", "10.0.0.1", "\"10.0.0.1\""),
          scalar("a quantity is a string", "100m", "\"100m\""),
          refused("infinity", "v: .inf", "infinity and not-a-number"),
          refused("not a number", "v: [.nan]", "infinity and not-a-number"),
          scalar("!!binary is decoded", "!!binary aGVsbG8=", "\"hello\""),
          refused("!!binary that is none", "v: !!binary '%%%'", "not base64"),
          scalar("an unknown tag is ignored", "!foo bar", "\"bar\""),
          scalar("an unknown tag makes a string", "!foo 12", "\"12\""),
          scalar("an unknown tag on a mapping", "!foo {a: 1}", "{\"a\":1}"),
          scalar("a tag without a name", "! 12", "\"12\""),
          scalar("!!str makes a string", "!!str 12", "\"12\""),
          scalar("!!int reads quotes", "!!int '12'", "12"),
          scalar("!!float of an int", "!!float 3", "3"),
          scalar("!!bool reads quotes", "!!bool 'yes'", "true"),
          scalar("!!timestamp is a string", "!!timestamp 2024-01-01", "\"2024-01-01\""),
          refused("!!int of a word", "v: !!int x", "tagged !!int is a string"),
          refused("!!bool of a number", "v: !!bool 12", "tagged !!bool is a whole number"),
          refused("!!timestamp of a word", "v: !!timestamp x", "tagged !!timestamp is a string"),
          read(
              "keys that are no strings",
              "{1.5: a, 1e7: b, yes: c, 0x10: d, 2024-01-01: e, 100000.0: f}",
              """
              {"1.5":"a","1e+07":"b","true":"c","16":"d","2024-01-01":"e","100000":"f"}
              """),
          refused("a null key", "~: a", "a key must not be null"),
          refused("a list as a key", "[a]: b", "cannot be a key"),
          refused("a mapping as a key", "v: {{a: 1}: b}", "cannot be a key"),
          refused("a key over all bounds", "18446744073709551615: b", "too large a number"),
          read(
              "a merge fills in",
              "a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}",
              "{\"a\":{\"x\":1,\"z\":2},\"b\":{\"x\":1,\"z\":3}}"),
          read(
              "a merge overrides what stands before it",
              "a: &a {x: 1}\nb: {x: 0, <<: *a}",
              "{\"a\":{\"x\":1},\"b\":{\"x\":1}}"),
          read(
              "the first of several merges wins",
              "a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}",
              "{\"a\":{\"x\":1},\"b\":{\"x\":2,\"z\":2},\"c\":{\"x\":1,\"z\":2}}"),
          read("a merge of a mapping in place", "<<: {a: 1}\nb: 2", "{\"a\":1,\"b\":2}"),
          read("a quoted << is a key", "'<<': {a: 1}", "{\"<<\":{\"a\":1}}"),
          refused("a merge of a list alias", "a: &a [{x: 1}]\nb: {<<: *a}", "can be merged by <<"),
          refused("a merge of a string", "<<: word", "can be merged by <<"),
          read("an anchor on a key", "&k a: 1\nb: *k", "{\"a\":1,\"b\":\"a\"}"),
          read("an alias as a key", "a: &k x\n*k : 1", "{\"a\":\"x\",\"x\":1}"),
          read(
              "an anchor that is set again",
              "a: &k 1\nb: &k 2\nc: *k",
              "{\"a\":1,\"b\":2,\"c\":2}"),
          read(
              "an anchor that is set again inside its own value",
              "a: &k {x: 1, b: &k {z: 2}, c: *k}\nd: *k",
              "{\"a\":{\"x\":1,\"b\":{\"z\":2},\"c\":{\"z\":2}},\"d\":{\"z\":2}}"),
          read(
              "an anchor that is set again by a scalar inside its own value",
              "a: &k [&k 1, *k]\nb: *k",
              "{\"a\":[1,1],\"b\":1}"),
          refused("an alias of nothing", "a: *k", "no &k stands before"),
          refused("a recursive alias", "a: &k {b: *k}", "contains itself"),
          refused("an alias of itself when set again", "a: &k 1\nb: &k [*k]", "contains itself"),
          read("sixty aliases", sixtyAliases(), sixtyAliasesJson()),
          refused("billion laughs", billionLaughs(), "more than 300000 values"),
          new Row(
              "a key that is set twice",
              "a: 1\nb: 2\na: 3",
              new Expected.RefusedByUs("key \"a\" is already set in line 5")),
          new Row(
              "a colon that touches a comma",
              "a: [b:, c]",
              new Expected.RefusedByUs("needs a space after it")),
          refused("a colon that touches a bracket", "a: {b:[c]}", "needs a space after it"),
          refused("a tab that indents", "a:\n\tb: 1", "tab where only spaces"),
          refused("a colon in a value", "a: b: c", "second \": \""),
          refused("a quote that never ends", "a: 'b", "quote is never closed"),
          refused("wrong indentation", "a: 1\n b: 2", "wrong indentation"),
          refused("a list in a mapping", "a: 1\n- b", "wrong indentation"),
          refused("braces that never end", "a: {b: 1", "missing"),
          refused("an at sign", "a: @b", "must be quoted|cannot start"),
          refused("a template", "a: {{ .Values.x }}", "key"),
          read(
              "block scalars",
              "a: |\n  one\n  two\nb: >-\n  one\n  two\nc: |2+\n    x\n\n",
              "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\",\"c\":\"  x\\n\\n\"}"),
          read(
              "escapes",
              "a: \"\\u00e9\\n\\x41\\\\\"\nb: 'it''s'",
              "{\"a\":\"\\u00e9\\nA\\\\\",\"b\":\"it's\"}"),
          read("a list without indentation", "a:\n- 1\n- - 2\n  - 3", "{\"a\":[1,[2,3]]}"),
          read("emoji and comments", "a: 🚢 # ship\nb: x#y", "{\"a\":\"🚢\",\"b\":\"x#y\"}"),
          read("an explicit key", "? a\n: 1", "{\"a\":1}"),
          read("JSON inside", "{\"a\":[1,\"2\",null,true]}", "{\"a\":[1,\"2\",null,true]}"));

  private static Row scalar(String title, String scalar, String json) {
    return read(title, "v: " + scalar, "{\"v\":" + json + "}");
  }

  private static Row read(String title, String yaml, String json) {
    return new Row(title, yaml, new Expected.Read(json));
  }

  private static Row refused(String title, String yaml, String message) {
    return new Row(title, yaml, new Expected.Refused(message));
  }

  private static String sixtyAliases() {
    return "a: &a {x: 1}\nb: [" + "*a, ".repeat(59) + "*a]";
  }

  private static String sixtyAliasesJson() {
    return "{\"a\":{\"x\":1},\"b\":[" + "{\"x\":1},".repeat(59) + "{\"x\":1}]}";
  }

  private static String billionLaughs() {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a%d: &a%d [%s%s]\n".formatted(i, i, (alias + ", ").repeat(9), alias));
    }
    return yaml.toString();
  }
}
