package dev.fairlead.manifest;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Says in people's words why a text is no YAML. Never quotes more of it than one character. */
final class YamlProblem {
  private YamlProblem() {}

  /**
   * The finding's message.
   *
   * @param text what was being read
   */
  static String describe(MarkedYAMLException e, String text) {
    return advised("invalid YAML: " + because(e.getProblem(), e.getContext()), text);
  }

  /** The same finding with what else may be wrong with the text as a whole. */
  static String advised(String finding, String text) {
    // Charts and their kin are the commonest files that only look like YAML.
    return finding + (text.contains("{{") ? "; if this is a template, render it first" : "");
  }

  private static String because(@Nullable String problem, @Nullable String context) {
    String what = problem == null ? "" : problem;
    String where = context == null ? "" : context;
    if (what.contains("\\t")) {
      return "a tab where only spaces may indent";
    }
    if (what.startsWith("mapping values are not allowed")) {
      return "a second \": \" in one line, or wrong indentation; quote a value that holds \": \"";
    }
    if (what.startsWith("could not find expected ':'")) {
      return "a key without its \":\"";
    }
    if (what.startsWith("expected <block end>")) {
      return "wrong indentation, or a missing \":\" or \"- \"";
    }
    if (what.startsWith("expected '<document start>'")) {
      return what.contains("stream end")
          ? "a directive (%) is of no use to kubectl; remove the line"
          : "text after the end of a document; put --- between two";
    }
    if (what.startsWith("sequence entries are not allowed")) {
      return "a list may not begin here";
    }
    if (what.startsWith("expected the node content")) {
      return "a value is missing or begins with a character that must be quoted";
    }
    if (what.startsWith("found unexpected end of stream") && where.contains("quoted scalar")) {
      return "a quote is never closed";
    }
    if (what.startsWith("expected ',' or '}'")) {
      return "a \",\" or \"}\" is missing";
    }
    if (what.startsWith("expected ',' or ']'")) {
      return "a \",\" or \"]\" is missing";
    }
    if (what.startsWith("found undefined tag handle")) {
      return "an unknown kind of tag";
    }
    String plain = what.replaceAll("\\s+", " ").replaceAll("[<>]", "");
    String task = where.replaceAll("\\s+", " ");
    return (task.isEmpty() ? plain : plain + " (" + task + ")").strip();
  }
}
