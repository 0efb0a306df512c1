package dev.fairlead.cluster;

import dev.fairlead.model.Json;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.FieldSet;
import dev.fairlead.plan.Live;
import dev.fairlead.plan.Owner;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Picks out of an object's metadata what Fairlead needs to know. Total: odd fields are left out.
 */
final class LiveReader {
  private static final String RESOURCE_POLICY = "helm.sh/resource-policy";

  private LiveReader() {}

  /** From a whole object or a PartialObjectMetadata of this resource. */
  static Live read(Resource resource, Json.Obj object) {
    Json.Obj metadata = object.object("metadata").orElse(Json.Obj.empty());
    boolean deleting = metadata.string("deletionTimestamp").isPresent();
    return new Live(
        resource.key(metadata.string("namespace").orElse(""), metadata.string("name").orElse("")),
        metadata.string("uid").orElse(""),
        metadata.string("resourceVersion").orElse(""),
        metadata.integer("generation").map(OptionalLong::of).orElse(OptionalLong.empty()),
        deleting,
        deleting ? finalizers(metadata) : List.of(),
        pick(metadata, "labels", LiveReader::ours),
        pick(metadata, "annotations", k -> ours(k) || k.equals(RESOURCE_POLICY)),
        metadata.items("managedFields").stream().flatMap(e -> owner(e).stream()).toList());
  }

  /** The object without its {@code managedFields}, with the kind that items of a list lack. */
  static Json.Obj content(Resource resource, Json.Obj object) {
    Json.Obj typed =
        object
            .with("apiVersion", Json.of(resource.gvk().apiVersion()))
            .with("kind", Json.of(resource.kind()));
    return object
        .object("metadata")
        .map(m -> typed.with("metadata", m.without("managedFields")))
        .orElse(typed);
  }

  private static List<String> finalizers(Json.Obj metadata) {
    return metadata.items("finalizers").stream()
        .filter(Json.Str.class::isInstance)
        .map(f -> ((Json.Str) f).value())
        .toList();
  }

  private static boolean ours(String key) {
    int slash = key.indexOf('/');
    if (slash < 0) {
      return false;
    }
    String domain = key.substring(0, slash);
    return domain.equals("applyset.kubernetes.io") || domain.equals("fairlead.dev");
  }

  private static Map<String, String> pick(Json.Obj metadata, String map, Predicate<String> wanted) {
    Map<String, String> picked = new LinkedHashMap<>();
    metadata
        .object(map)
        .ifPresent(all ->
            all.members()
                .forEach((key, value) -> {
                  if (value instanceof Json.Str text && wanted.test(key)) {
                    picked.put(key, text.value());
                  }
                }));
    return picked;
  }

  private static List<Owner> owner(Json entry) {
    if (!(entry instanceof Json.Obj o)) {
      return List.of();
    }
    return List.of(
        new Owner(
            o.string("manager").orElse(""),
            o.string("operation").orElse("").equals("Apply"),
            o.string("subresource").orElse(""),
            o.string("time").flatMap(LiveReader::time),
            FieldSet.of(
                o.string("apiVersion").orElse(""), o.object("fieldsV1").orElse(Json.Obj.empty()))));
  }

  static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
