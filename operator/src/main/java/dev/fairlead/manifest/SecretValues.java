package dev.fairlead.manifest;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a Secret's {@code stringData} into {@code data}, as the server would: the server never
 * shows {@code stringData} in managedFields, so an edit of what came from it would not be seen as
 * drift.
 *
 * <p>Checks the values as well, because the server's own message about a wrong one quotes it.
 */
final class SecretValues {
  private static final GroupVersionKind SECRET = new GroupVersionKind("", "v1", "Secret");
  private static final String STRING_DATA = "stringData";
  private static final String DATA = "data";

  private SecretValues() {}

  /** The manifest itself unless it is a Secret with {@code stringData}. */
  static Manifest intoData(Manifest manifest, List<Finding> findings) {
    if (!manifest.gvk().equals(SECRET)) {
      return manifest;
    }
    Json.Obj body = manifest.body();
    List<Finding> wrong = new ArrayList<>();
    check(manifest, DATA, wrong);
    check(manifest, STRING_DATA, wrong);
    findings.addAll(wrong);
    Json stringData = body.members().get(STRING_DATA);
    if (stringData == null || !wrong.isEmpty()) {
      return manifest;
    }
    Json.Obj cleaned = body.without(STRING_DATA);
    if (!(stringData instanceof Json.Obj values) || values.members().isEmpty()) {
      return manifest.withBody(cleaned);
    }
    Map<String, Json> data =
        new LinkedHashMap<>(body.object(DATA).orElse(Json.Obj.empty()).members());
    for (Map.Entry<String, Json> entry : values.members().entrySet()) {
      if (entry.getValue() instanceof Json.Str text) {
        byte[] bytes = text.value().getBytes(StandardCharsets.UTF_8);
        data.put(
            entry.getKey(),
            new Json.Str(Base64.getEncoder().encodeToString(bytes), text.line(), text.column()));
      }
    }
    Json place = body.get(DATA).orElse(values);
    return manifest.withBody(cleaned.with(DATA, new Json.Obj(data, place.line(), place.column())));
  }

  /** All values, as whoever uses the Secret sees them; none of another kind. */
  static List<String> of(Manifest manifest) {
    if (!manifest.gvk().equals(SECRET)) {
      return List.of();
    }
    List<String> values = new ArrayList<>();
    for (Json item : manifest.body().object(DATA).orElse(Json.Obj.empty()).members().values()) {
      if (item instanceof Json.Str text) {
        GoBase64.decode(text.value())
            .ifPresent(bytes -> values.add(new String(bytes, StandardCharsets.UTF_8)));
      }
    }
    return values;
  }

  /** Whether a text has a value of a Secret in it, encoded or not. */
  static boolean areQuoted(Manifest manifest, String text) {
    if (!manifest.gvk().equals(SECRET)) {
      return false;
    }
    for (String field : List.of(DATA, STRING_DATA)) {
      for (Json item : manifest.body().object(field).orElse(Json.Obj.empty()).members().values()) {
        if (item instanceof Json.Str value && isQuoted(value.value(), text)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isQuoted(String value, String text) {
    return !value.isEmpty()
        && (text.contains(value)
            || GoBase64.decode(value)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .filter(plain -> !plain.isEmpty() && text.contains(plain))
                .isPresent());
  }

  private static void check(Manifest manifest, String field, List<Finding> findings) {
    Json value = manifest.body().members().get(field);
    if (value == null || value instanceof Json.Null) {
      return;
    }
    if (!(value instanceof Json.Obj map)) {
      findings.add(
          finding(manifest, value, field + " must be a mapping, not " + Wording.of(value)));
      return;
    }
    for (Map.Entry<String, Json> entry : map.members().entrySet()) {
      String path = field + "." + Wording.shown(entry.getKey());
      Json item = entry.getValue();
      if (!(item instanceof Json.Str text)) {
        // An empty value of data is how kubectl itself prints an empty key.
        if (!(item instanceof Json.Null && field.equals(DATA))) {
          findings.add(
              finding(manifest, item, path + " must be a string, not " + Wording.withRemedy(item)));
        }
      } else if (field.equals(DATA) && GoBase64.decode(text.value()).isEmpty()) {
        findings.add(
            finding(
                manifest, item, path + " is not base64; encode it, or write it below stringData"));
      }
    }
  }

  private static Finding finding(Manifest manifest, Json at, String message) {
    return new Finding(manifest.origin().atLine(at.line()), manifest.key() + ": " + message);
  }
}
