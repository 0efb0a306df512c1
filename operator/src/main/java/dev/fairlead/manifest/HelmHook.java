package dev.fairlead.manifest;

import dev.fairlead.model.Json;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What becomes of an object that a chart marks as a hook. What Helm would run while it installs or
 * upgrades is part of the application, and is applied like everything else; what it would run at
 * other times only, to test, to delete or to go back, must not run because the file is there.
 *
 * <p>Pure: any thread may call.
 */
public final class HelmHook {
  private static final String ANNOTATION = "helm.sh/hook";
  private static final Set<String> OTHER_TIMES =
      Set.of(
          "test",
          "test-success",
          "test-failure",
          "pre-delete",
          "post-delete",
          "pre-rollback",
          "post-rollback");

  private HelmHook() {}

  /** The hooks of an object that is not to be applied; empty when it is. */
  public static Optional<String> ofOtherTimes(Json.Obj object) {
    Optional<String> value =
        object
            .object("metadata")
            .flatMap(m -> m.object("annotations"))
            .flatMap(a -> a.string(ANNOTATION));
    List<String> hooks =
        Arrays.stream(value.orElse("").split(",", -1))
            .map(String::strip)
            .filter(h -> !h.isEmpty())
            .toList();
    return !hooks.isEmpty() && OTHER_TIMES.containsAll(hooks)
        ? Optional.of(String.join(", ", hooks))
        : Optional.empty();
  }
}
