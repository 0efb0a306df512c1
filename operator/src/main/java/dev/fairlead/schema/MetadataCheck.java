package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Tells which names, labels and annotations the server refuses, whatever the kind. Stateless. */
final class MetadataCheck {
  private static final int MAX_SUBDOMAIN = 253;
  private static final int MAX_LABEL = 63;
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*+");
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final String SUBDOMAIN_WORDS =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or"
          + " '.', and must start and end with an alphanumeric character";
  private static final String NAME_WORDS =
      "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an"
          + " alphanumeric character";

  private final Findings findings;

  MetadataCheck(Findings findings) {
    this.findings = findings;
  }

  void check(Json.Obj body, KindSchema schema) {
    Path path = Path.ROOT.field("metadata");
    Json.Obj metadata = body.object("metadata").orElse(Json.Obj.empty());
    if (metadata.members().get("name") instanceof Json.Str name && hasSubdomain(schema)) {
      subdomain(name, path.field("name"));
    }
    metadata
        .object("labels")
        .ifPresent(labels -> {
          for (Map.Entry<String, Json> label : labels.members().entrySet()) {
            Path at = path.field("labels");
            key(label.getKey(), label.getValue(), at);
            value(label.getKey(), label.getValue(), at);
          }
        });
    metadata
        .object("annotations")
        .ifPresent(annotations ->
            annotations
                .members()
                .forEach((key, value) -> key(key, value, path.field("annotations"))));
  }

  /** Some built-in kinds ask for less than a subdomain, and some for more. */
  private static boolean hasSubdomain(KindSchema schema) {
    return schema.custom() || Enforced.hasSubdomainNames(schema.component());
  }

  private void subdomain(Json.Str name, Path path) {
    if (name.value().length() > MAX_SUBDOMAIN) {
      findings.invalid(
          path, name, "Invalid value: must be no more than " + MAX_SUBDOMAIN + " characters");
    } else if (!name.value().isEmpty() && !SUBDOMAIN.matcher(name.value()).matches()) {
      findings.invalid(path, name, "Invalid value: " + Words.shown(name) + ": " + SUBDOMAIN_WORDS);
    }
  }

  private void key(String key, Json at, Path path) {
    String shown = "Invalid value: " + Words.shown(Json.of(key)) + ": ";
    int slash = key.indexOf('/');
    String prefix = slash < 0 ? "" : key.substring(0, slash);
    String name = key.substring(slash + 1);
    if (name.indexOf('/') >= 0) {
      findings.invalid(path, at, shown + "a qualified name has one '/' at most");
    } else if (slash >= 0 && (prefix.length() > MAX_SUBDOMAIN || !isPrefix(prefix, path))) {
      findings.invalid(path, at, shown + "prefix part " + SUBDOMAIN_WORDS);
    } else if (name.length() > MAX_LABEL) {
      findings.invalid(
          path, at, shown + "name part must be no more than " + MAX_LABEL + " characters");
    } else if (!NAME.matcher(name).matches()) {
      findings.invalid(path, at, shown + "name part " + NAME_WORDS);
    }
  }

  /** The prefixes of annotations alone may have upper case. */
  private static boolean isPrefix(String prefix, Path path) {
    boolean annotation = path.toString().endsWith("annotations");
    return SUBDOMAIN.matcher(annotation ? prefix.toLowerCase(Locale.ROOT) : prefix).matches();
  }

  private void value(String key, Json value, Path path) {
    if (!(value instanceof Json.Str text) || text.value().isEmpty()) {
      return;
    }
    if (text.value().length() > MAX_LABEL) {
      findings.invalid(
          path.key(key), value, "Invalid value: must be no more than " + MAX_LABEL + " characters");
    } else if (!NAME.matcher(text.value()).matches()) {
      findings.invalid(
          path.key(key),
          value,
          "Invalid value: "
              + Words.shown(text)
              + ": a valid label must be an empty string or "
              + NAME_WORDS.replace("must consist", "consist"));
    }
  }
}
