package dev.fairlead.schema;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles schemas. What is equal in documents of one compiler is shared by them. Any thread may
 * call it.
 */
public final class SchemaCompiler {
  private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
  private static final Json.Obj TEXT = Json.of(Map.of("type", Json.of("string")));
  private static final Json.Obj METADATA =
      Json.of(Map.of("$ref", Json.of("#/components/schemas/" + META)));

  private final NodeReader nodes = new NodeReader(new Nodes());

  /** Begins with a document of the server's OpenAPI v3. */
  public SchemaDocument.Reader document() {
    return new SchemaDocument.Reader(nodes);
  }

  /**
   * The kinds that a CustomResourceDefinition brings, one for each version that it serves.
   *
   * @param definition the whole object; what it does not say well is left out
   * @param meta a document that knows ObjectMeta, as all of the server's do
   */
  public List<KindSchema> definition(Json.Obj definition, SchemaDocument meta) {
    List<KindSchema> kinds = new ArrayList<>();
    Json.Obj spec = definition.object("spec").orElse(Json.Obj.empty());
    Optional<String> kind = spec.object("names").flatMap(n -> n.string("kind"));
    boolean open = spec.bool("preserveUnknownFields").orElse(false);
    for (Json item : spec.items("versions")) {
      if (item instanceof Json.Obj version
          && kind.isPresent()
          && version.bool("served").orElse(false)) {
        Optional<Json.Obj> schema =
            version.object("schema").flatMap(s -> s.object("openAPIV3Schema")).filter(s -> !open);
        GroupVersionKind gvk =
            new GroupVersionKind(
                spec.string("group").orElse(""), version.string("name").orElse(""), kind.get());
        Node root = schema.map(s -> nodes.read(completed(s, true))).orElse(Node.ANY);
        kinds.add(new KindSchema(gvk, "", root, meta, true));
      }
    }
    return kinds;
  }

  /** With the fields that every object has, here and where objects are embedded. */
  private static Json.Obj completed(Json.Obj schema, boolean root) {
    Map<String, Json> members = new LinkedHashMap<>();
    schema.members().forEach((name, value) -> members.put(name, completed(name, value)));
    boolean embedded = schema.bool("x-kubernetes-embedded-resource").orElse(false);
    if (root || embedded) {
      Json.Obj properties = members.get("properties") instanceof Json.Obj o ? o : Json.Obj.empty();
      members.put(
          "properties",
          properties.with("apiVersion", TEXT).with("kind", TEXT).with("metadata", METADATA));
    }
    return Json.of(members);
  }

  private static Json completed(String keyword, Json value) {
    return switch (keyword) {
      case "properties" -> {
        if (!(value instanceof Json.Obj properties)) {
          yield value;
        }
        Map<String, Json> completed = new LinkedHashMap<>();
        properties
            .members()
            .forEach((name, member) ->
                completed.put(name, member instanceof Json.Obj o ? completed(o, false) : member));
        yield Json.of(completed);
      }
      case "items", "additionalProperties" ->
          value instanceof Json.Obj o ? completed(o, false) : value;
      default -> value;
    };
  }
}
