package dev.fairlead.api;

import dev.fairlead.model.Json;
import dev.fairlead.model.SyncKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code spec.dependsOn} by the same rules as the CRD, and adds what is wrong to a list of
 * problems. For one use, by one thread.
 */
final class DependencyReader {
  private static final String FIELD = "spec.dependsOn";
  private static final Pattern NAME = Pattern.compile(SpecRules.SYNC_NAME);
  private static final Pattern NAMESPACE = Pattern.compile(SpecRules.NAMESPACE);

  private final List<String> problems;

  DependencyReader(List<String> problems) {
    this.problems = problems;
  }

  /** Each once, in the order of the spec. */
  List<SyncKey> read(Json.Obj spec, String ownNamespace) {
    Optional<Json> given = spec.get("dependsOn").filter(v -> !(v instanceof Json.Null));
    if (given.isPresent() && !(given.get() instanceof Json.Arr)) {
      problems.add(FIELD + ": must be a list");
    }
    List<Json> items = spec.items("dependsOn");
    if (items.size() > SpecRules.MAX_DEPENDENCIES) {
      problems.add(FIELD + ": must have at most " + SpecRules.MAX_DEPENDENCIES + " items");
      return List.of();
    }
    List<SyncKey> keys = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String field = FIELD + "[" + i + "]";
      if (items.get(i) instanceof Json.Obj item) {
        Optional<String> name =
            text(item, field, "name", SpecRules.MAX_NAME, NAME, SpecRules.SYNC_NAME_MESSAGE);
        Optional<String> namespace =
            text(
                item,
                field,
                "namespace",
                SpecRules.MAX_NAMESPACE,
                NAMESPACE,
                SpecRules.NAMESPACE_MESSAGE);
        if (name.isEmpty() && item.get("name").isEmpty()) {
          problems.add(field + ".name: is required");
        }
        name.ifPresent(n -> keys.add(new SyncKey(namespace.orElse(ownNamespace), n)));
      } else {
        problems.add(field + ": must be an object");
      }
    }
    return keys.stream().distinct().toList();
  }

  private Optional<String> text(
      Json.Obj item, String field, String name, int maxLength, Pattern pattern, String message) {
    Optional<Json> given = item.get(name).filter(v -> !(v instanceof Json.Null));
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (!(given.get() instanceof Json.Str text)) {
      problems.add(field + "." + name + ": must be a string");
      return Optional.empty();
    }
    String value = text.value();
    if (value.length() > maxLength) {
      problems.add(field + "." + name + ": must have at most " + maxLength + " characters");
      return Optional.empty();
    }
    if (!pattern.matcher(value).matches()) {
      problems.add(field + "." + name + ": " + message + SpecReader.got(value));
      return Optional.empty();
    }
    return Optional.of(value);
  }
}
