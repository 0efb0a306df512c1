package dev.fairlead.health;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads an object as kstatus does: what a kind's rule compares has a default whenever it is missing
 * or of another type, while the fields that all kinds share are {@linkplain #misshapen refused}
 * when they have another type. A null counts as missing everywhere.
 */
record LiveObject(Json.Obj body) {
  private static final String DELETED = "deletionTimestamp";
  private static final String GENERATION = "generation";
  private static final String OBSERVED = "observedGeneration";

  /** The group and kind; an object without a kind has an unusual one that matches no rule. */
  GroupKind groupKind() {
    String apiVersion = body.string("apiVersion").orElse("");
    int slash = apiVersion.indexOf('/');
    return new GroupKind(
        slash < 0 ? "" : apiVersion.substring(0, slash),
        body.string("kind").filter(k -> !k.isEmpty()).orElse("?"));
  }

  Json.Obj metadata() {
    return body.object("metadata").orElseGet(Json.Obj::empty);
  }

  Json.Obj spec() {
    return body.object("spec").orElseGet(Json.Obj::empty);
  }

  Json.Obj status() {
    return body.object("status").orElseGet(Json.Obj::empty);
  }

  boolean deleting() {
    return metadata().string(DELETED).filter(t -> !t.isEmpty()).isPresent();
  }

  Optional<Long> generation() {
    return metadata().integer(GENERATION);
  }

  Optional<Long> observedGeneration() {
    return status().integer(OBSERVED);
  }

  /** The field without which the generations cannot be compared, when it has another type. */
  Optional<String> misshapen() {
    if (!objectOrMissing(body, "metadata")) {
      return Optional.of("metadata");
    }
    if (!stringOrMissing(metadata(), DELETED)) {
      return Optional.of("metadata." + DELETED);
    }
    if (present(metadata(), GENERATION)) {
      if (generation().isEmpty()) {
        return Optional.of("metadata." + GENERATION);
      }
      if (present(status(), OBSERVED) && observedGeneration().isEmpty()) {
        return Optional.of("status." + OBSERVED);
      }
    }
    return objectOrMissing(body, "status") ? Optional.empty() : Optional.of("status");
  }

  /** All conditions in their order, or nothing when the list is not one of conditions. */
  Optional<List<StatusCondition>> conditions() {
    Json list = status().get("conditions").orElse(Json.Null.NULL);
    if (list instanceof Json.Null) {
      return Optional.of(List.of());
    }
    if (!(list instanceof Json.Arr items)) {
      return Optional.empty();
    }
    List<StatusCondition> conditions = new ArrayList<>();
    for (Json item : items.items()) {
      if (item instanceof Json.Null) {
        continue;
      }
      if (!(item instanceof Json.Obj c)
          || !stringOrMissing(c, "type")
          || !stringOrMissing(c, "status")
          || !stringOrMissing(c, "reason")
          || !stringOrMissing(c, "message")) {
        return Optional.empty();
      }
      conditions.add(
          new StatusCondition(
              text(c, "type"), text(c, "status"), text(c, "reason"), text(c, "message")));
    }
    return Optional.of(List.copyOf(conditions));
  }

  /** The string of that name, empty when missing or of another type. */
  static String text(Json.Obj in, String name) {
    return in.string(name).orElse("");
  }

  /** The whole number of that name, or the default when missing or of another type. */
  static long number(Json.Obj in, String name, long otherwise) {
    return in.integer(name).orElse(otherwise);
  }

  private static boolean present(Json.Obj in, String name) {
    return !(in.get(name).orElse(Json.Null.NULL) instanceof Json.Null);
  }

  private static boolean objectOrMissing(Json.Obj in, String name) {
    return !present(in, name) || in.object(name).isPresent();
  }

  private static boolean stringOrMissing(Json.Obj in, String name) {
    return !present(in, name) || in.string(name).isPresent();
  }
}
