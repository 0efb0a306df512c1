package dev.fairlead.plan;

import dev.fairlead.model.Json;
import dev.fairlead.model.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a CustomResourceDefinition says of its kind. Pure. */
public final class CustomKind {
  /** Where the definitions themselves are. */
  public static final Resource DEFINITIONS =
      new Resource(
          "apiextensions.k8s.io",
          "v1",
          "customresourcedefinitions",
          "CustomResourceDefinition",
          false,
          Set.of("get"));

  private CustomKind() {}

  /**
   * The kind in each version that the definition has the server serve; none where it serves none.
   */
  public static List<Resource> served(Json.Obj definition) {
    Json.Obj spec = definition.object("spec").orElse(Json.Obj.empty());
    Json.Obj names = spec.object("names").orElse(Json.Obj.empty());
    List<Resource> served = new ArrayList<>();
    for (Json item : spec.items("versions")) {
      if (item instanceof Json.Obj version && version.bool("served").orElse(false)) {
        served.add(
            new Resource(
                spec.string("group").orElse(""),
                version.string("name").orElse(""),
                names.string("plural").orElse(""),
                names.string("kind").orElse(""),
                spec.string("scope").orElse("").equals("Namespaced"),
                Set.of("list")));
      }
    }
    return List.copyOf(served);
  }

  /** Whether the server serves, or soon will, what the definition says. */
  public static boolean isEstablished(Json.Obj definition) {
    return definition.object("status").map(s -> s.items("conditions")).orElse(List.of()).stream()
        .anyMatch(c ->
            c instanceof Json.Obj condition
                && condition.string("type").orElse("").equals("Established")
                && condition.string("status").orElse("").equals("True"));
  }
}
