package dev.fairlead.api;

import dev.fairlead.model.IgnoreRule;
import dev.fairlead.model.Json;
import dev.fairlead.model.JsonPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code spec.ignoreFields} by the same rules as the CRD, and adds what is wrong to a list of
 * problems. For one use, by one thread.
 */
final class IgnoreReader {
  private static final String FIELD = "spec.ignoreFields";

  private final List<String> problems;

  IgnoreReader(List<String> problems) {
    this.problems = problems;
  }

  List<IgnoreRule> read(Json.Obj spec) {
    List<Json> items = list(spec, "ignoreFields", FIELD, SpecRules.MAX_IGNORE_RULES);
    List<IgnoreRule> rules = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String field = FIELD + "[" + i + "]";
      if (items.get(i) instanceof Json.Obj item) {
        rule(item, field).ifPresent(rules::add);
      } else {
        problems.add(field + ": must be an object");
      }
    }
    return rules;
  }

  private Optional<IgnoreRule> rule(Json.Obj item, String field) {
    Optional<Json> given = item.get("target").filter(v -> !(v instanceof Json.Null));
    if (given.isPresent() && !(given.get() instanceof Json.Obj)) {
      problems.add(field + ".target: must be an object");
    }
    Json.Obj target = item.object("target").orElse(Json.Obj.empty());
    String of = field + ".target.";
    Optional<String> group = part(target, of, "group", SpecRules.MAX_GROUP);
    Optional<String> kind = part(target, of, "kind", SpecRules.MAX_KIND);
    Optional<String> name = part(target, of, "name", SpecRules.MAX_OBJECT_NAME);
    Optional<String> namespace = part(target, of, "namespace", SpecRules.MAX_NAMESPACE);
    List<JsonPointer> paths = paths(item, field + ".paths");
    return paths.isEmpty()
        ? Optional.empty()
        : Optional.of(new IgnoreRule(group, kind, name, namespace, paths));
  }

  private List<JsonPointer> paths(Json.Obj item, String field) {
    List<Json> given = list(item, "paths", field, SpecRules.MAX_IGNORED_PATHS);
    if (given.isEmpty()) {
      problems.add(field + ": must name at least one field");
    }
    List<JsonPointer> paths = new ArrayList<>();
    for (Json value : given) {
      if (!(value instanceof Json.Str text)) {
        problems.add(field + ": must be a list of strings");
        continue;
      }
      Optional<JsonPointer> pointer = JsonPointer.parse(text.value());
      if (pointer.isEmpty()) {
        problems.add(field + ": " + SpecRules.POINTER_MESSAGE + SpecReader.got(text.value()));
      } else if (IgnoreRule.isReserved(pointer.get())) {
        problems.add(field + ": " + SpecRules.FREE_POINTER_MESSAGE + SpecReader.got(text.value()));
      } else {
        paths.add(pointer.get());
      }
    }
    return paths;
  }

  private Optional<String> part(Json.Obj target, String of, String name, int maxLength) {
    Optional<Json> given = target.get(name).filter(v -> !(v instanceof Json.Null));
    if (given.isEmpty()) {
      return Optional.empty();
    }
    if (!(given.get() instanceof Json.Str text)) {
      problems.add(of + name + ": must be a string");
      return Optional.empty();
    }
    if (text.value().length() > maxLength) {
      problems.add(of + name + ": must have at most " + maxLength + " characters");
    }
    return Optional.of(text.value());
  }

  private List<Json> list(Json.Obj parent, String name, String field, int max) {
    Optional<Json> given = parent.get(name).filter(v -> !(v instanceof Json.Null));
    if (given.isPresent() && !(given.get() instanceof Json.Arr)) {
      problems.add(field + ": must be a list");
    }
    List<Json> items = parent.items(name);
    if (items.size() > max) {
      problems.add(field + ": must have at most " + max + " items");
      return List.of();
    }
    return items;
  }
}
