package dev.fairlead.manifest;

import java.util.Random;

/** Makes YAML of all the sorts that people and tools write, and some that nobody should. */
final class RandomYaml {
  private static final String[] WORDS = {
    "yes",
    "no",
    "on",
    "Off",
    "y",
    "N",
    "true",
    "False",
    "null",
    "~",
    "Null",
    "NULL",
    "nil",
    "nO",
    "0",
    "-0",
    "+0",
    "00",
    "017",
    "0o17",
    "0O17",
    "08",
    "0x1f",
    "0X1F",
    "0b11",
    "0B11",
    "-0b11",
    "+0b1",
    "0b",
    "0x",
    "0b2",
    "0b-1",
    "1_000",
    "_1",
    "1_",
    "1__0",
    "0_7",
    "0x_1",
    "+1",
    "-1",
    "1.0",
    "1.",
    ".1",
    "-.1",
    "+.1",
    "1.5e3",
    "1e3",
    "1E3",
    "1e+3",
    "1e-3",
    "e3",
    "1e",
    "1e400",
    "-1e400",
    "1e-400",
    "1_0.5",
    ".5_0",
    ".",
    "..",
    "...x",
    "--",
    "+",
    "-a",
    "1.2.3",
    "1:30",
    "12:30:45",
    "2024-01-01",
    "2024-1-1",
    "2024-01-01T00:00:00Z",
    "2024-13-45",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "0x7fffffffffffffff",
    "0xffffffffffffffff",
    "0x10000000000000000",
    "0777777777777777777777",
    "1e20",
    "1e21",
    "1e-6",
    "1e-7",
    "123456789.5",
    "0.1",
    "3.14159265358979",
    "1e15",
    "1e16",
    "100m",
    "1Gi",
    "a",
    "a b",
    "a:b",
    "a #c",
    "a#c",
    "#c",
    "'q'",
    "\"q\"",
    "'it''s'",
    "\"\\u00e9\\n\"",
    "\"a\\\n  b\"",
    "'a\n\n  b'",
    "''",
    "\"\"",
    "!a",
    "!!str",
    "!!str 1",
    "!!int 1",
    "!!int '1'",
    "!!float 1",
    "!!bool on",
    "!!null ''",
    "!!binary aGk=",
    "!!timestamp 2024-01-01",
    "!x 1",
    "! 1",
    "&a 1",
    "&b",
    "&c c",
    "{}",
    "[]",
    "{a}",
    "{a: }",
    "{a, b: 1}",
    "[a, b]",
    "[a, ]",
    "{a: 1, }",
    "{\"a\":1}",
    "[[1], {x: [2]}]",
    ":a",
    "=",
    "é",
    "🚢",
    "\u00a0",
    "10.0.0.1",
    "::1",
    "http://a/b?c=d#e",
    "a&b",
    "1 2",
    "0.",
    "-.5",
    "0e0",
    "0x1p3",
    "Infinity",
    "NaN"
  };

  /** What is refused, at least in most places. */
  private static final String[] ODD_WORDS = {
    "-",
    "a: b",
    "@a",
    "`a",
    "%a",
    "!",
    "!!int x",
    "!!float x",
    "!!float 9223372036854775808",
    "!!bool 1",
    "!!null x",
    "!!binary a",
    "!!timestamp 1",
    "!!merge <<",
    "<<",
    "*a",
    "*b",
    "*c",
    "[a: b]",
    "[,]",
    "{a:1}",
    "?",
    "? a",
    ":",
    "a:",
    "|",
    ">",
    "{{ a }}",
    "a\tb",
    "\ta",
    "a\t",
    "a,b",
    "a]",
    "a}",
    "[a]b",
    "\"a\"b",
    "*",
    "&",
    "-.inf",
    ".inf",
    ".NaN",
    "+.INF"
  };

  private static final String[] KEYS = {
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "o", "p", "q", "r", "s",
    "\"t\"", "'u'", "7", "1.5", "yes"
  };

  private final Random random;

  RandomYaml(Random random) {
    this.random = random;
  }

  /** The members of one spec, indented by two. */
  String spec() {
    StringBuilder out = new StringBuilder("  top: &top {a: 1, c: " + word() + ", d: {a: 2}}\n");
    mapping(out, 2, 0);
    return out.toString();
  }

  private void mapping(StringBuilder out, int indent, int depth) {
    int members = 1 + random.nextInt(4);
    int first = random.nextInt(KEYS.length);
    for (int i = 0; i < members; i++) {
      String key =
          random.nextInt(25) == 0
              ? word()
              : random.nextInt(40) == 0 ? "<<" : KEYS[(first + i) % KEYS.length];
      out.repeat(' ', indent).append(key).append(':');
      value(out, indent, depth);
    }
  }

  private void value(StringBuilder out, int indent, int depth) {
    switch (random.nextInt(depth > 3 ? 8 : 14)) {
      case 0 -> out.append(" {").append(flow(depth)).append("}\n");
      case 1 -> out.append(" [").append(word()).append(", ").append(word()).append("]\n");
      case 2 -> block(out, indent);
      case 3 -> out.append(" &").append(anchor()).append(' ').append(word()).append('\n');
      case 8, 9, 10 -> {
        out.append(random.nextInt(4) == 0 ? " &" + anchor() + "\n" : "\n");
        mapping(out, indent + 1 + random.nextInt(4), depth + 1);
      }
      case 11, 12 -> {
        out.append('\n');
        list(out, indent + random.nextInt(3), depth + 1);
      }
      default -> out.append(' ').append(word()).append('\n');
    }
  }

  private void list(StringBuilder out, int indent, int depth) {
    int items = 1 + random.nextInt(3);
    for (int i = 0; i < items; i++) {
      out.repeat(' ', indent).append('-');
      value(out, indent, depth);
    }
  }

  private void block(StringBuilder out, int indent) {
    out.append(' ').append(pick("|", ">", "|-", ">-", "|+", ">+", "|2", "|1-")).append('\n');
    int lines = random.nextInt(4);
    for (int i = 0; i < lines; i++) {
      out.repeat(' ', indent + 2 + (random.nextInt(5) == 0 ? 2 : 0))
          .append(random.nextInt(6) == 0 ? "" : line())
          .append('\n');
    }
  }

  private String flow(int depth) {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> "a: " + word();
      case 2 -> "a: " + word() + ", b: " + word();
      default -> alias() + "d: " + (depth > 3 ? "1" : "{" + flow(depth + 1) + "}");
    };
  }

  private String alias() {
    return switch (random.nextInt(4)) {
      case 0 -> "<<: *top, ";
      case 1 -> "c: *top, ";
      case 2 -> "<<: [*top, {c: 1}], ";
      default -> "";
    };
  }

  private String word() {
    return pick(random.nextInt(40) == 0 ? ODD_WORDS : WORDS);
  }

  /** Kubectl refuses a block whose first line begins with a tab; YAML, and we, do not. */
  private String line() {
    return word().replace("\n", "").replaceFirst("^\t", "");
  }

  private String anchor() {
    return pick("a", "b", "c");
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
