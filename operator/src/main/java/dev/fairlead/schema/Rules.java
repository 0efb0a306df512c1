package dev.fairlead.schema;

import dev.fairlead.model.Json;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a value must be beyond its type. Bounds that are not set are null.
 *
 * @param values the only ones that are allowed; empty when any is
 */
record Rules(
    List<Json> values,
    @Nullable String pattern,
    @Nullable BigDecimal minimum,
    boolean aboveMinimum,
    @Nullable BigDecimal maximum,
    boolean belowMaximum,
    @Nullable BigDecimal multipleOf,
    @Nullable Long minLength,
    @Nullable Long maxLength,
    @Nullable Long minItems,
    @Nullable Long maxItems,
    @Nullable Long minMembers,
    @Nullable Long maxMembers,
    List<Node> allOf,
    List<Node> anyOf,
    List<Node> oneOf,
    @Nullable Node not) {
  static final Rules NONE =
      new Rules(
          List.of(), null, null, false, null, false, null, null, null, null, null, null, null,
          List.of(), List.of(), List.of(), null);

  Rules {
    values = List.copyOf(values);
    allOf = List.copyOf(allOf);
    anyOf = List.copyOf(anyOf);
    oneOf = List.copyOf(oneOf);
  }
}
