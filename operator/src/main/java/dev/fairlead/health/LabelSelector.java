package dev.fairlead.health;

import static dev.fairlead.health.LiveObject.text;

import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The selector of a workload, as a query writes it. Pure. */
public final class LabelSelector {
  private LabelSelector() {}

  /**
   * The selector of a workload.
   *
   * @return nothing when it has none, or one that selects everything
   */
  public static Optional<String> of(Json.Obj workload) {
    Json.Obj selector =
        new LiveObject(workload).spec().object("selector").orElseGet(Json.Obj::empty);
    List<String> terms = new ArrayList<>();
    selector
        .object("matchLabels")
        .ifPresent(labels ->
            labels
                .members()
                .forEach((key, value) -> {
                  if (value instanceof Json.Str s) {
                    terms.add(key + "=" + s.value());
                  }
                }));
    for (Json.Obj expression : Pod.objects(selector, "matchExpressions")) {
      String key = text(expression, "key");
      String values =
          String.join(
              ",",
              expression.items("values").stream()
                  .flatMap(v ->
                      v instanceof Json.Str s
                          ? java.util.stream.Stream.of(s.value())
                          : java.util.stream.Stream.empty())
                  .toList());
      switch (text(expression, "operator")) {
        case "In" -> terms.add(key + " in (" + values + ")");
        case "NotIn" -> terms.add(key + " notin (" + values + ")");
        case "Exists" -> terms.add(key);
        case "DoesNotExist" -> terms.add("!" + key);
        default -> {
          return Optional.empty();
        }
      }
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(String.join(",", terms));
  }
}
