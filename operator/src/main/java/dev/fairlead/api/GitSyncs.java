package dev.fairlead.api;

import dev.fairlead.model.Json;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads GitSyncs. Total: whatever the JSON holds, there is an answer and no exception. Fields that
 * are not known are ignored, so that an older or newer CRD does no harm.
 */
public final class GitSyncs {
  public static final String API_VERSION = "fairlead.dev/v1alpha1";
  public static final String KIND = "GitSync";
  public static final String PLURAL = "gitsyncs";

  private GitSyncs() {}

  /** Reads a GitSync as the API server sends it, filling in every default. */
  public static SyncReading read(Json.Obj gitSync) {
    SyncMetadata metadata = metadata(gitSync.object("metadata").orElse(Json.Obj.empty()));
    SyncStatus status = StatusJson.read(gitSync.object("status").orElse(Json.Obj.empty()));
    List<String> problems = new ArrayList<>();
    if (metadata.key().name().length() > SpecRules.MAX_NAME) {
      problems.add(SpecRules.NAME_MESSAGE);
    }
    SpecReader reader = new SpecReader(problems);
    Optional<SyncSpec> spec =
        reader.read(gitSync.object("spec").orElse(Json.Obj.empty()), metadata.key().namespace());
    return spec.isPresent() && problems.isEmpty()
        ? new SyncReading.Valid(new Sync(metadata, spec.get(), status))
        : new SyncReading.Malformed(metadata, status, problems);
  }

  private static SyncMetadata metadata(Json.Obj metadata) {
    return new SyncMetadata(
        new SyncKey(metadata.string("namespace").orElse(""), metadata.string("name").orElse("")),
        metadata.string("uid").orElse(""),
        metadata.string("resourceVersion").orElse(""),
        metadata.integer("generation").orElse(0L),
        metadata.string("deletionTimestamp").isPresent(),
        metadata.items("finalizers").stream().flatMap(GitSyncs::text).toList(),
        ours(metadata.object("labels")),
        ours(metadata.object("annotations")));
  }

  private static Map<String, String> ours(Optional<Json.Obj> map) {
    Map<String, String> ours = new TreeMap<>();
    map.map(Json.Obj::members)
        .orElse(Map.of())
        .forEach((key, value) -> {
          boolean known =
              key.startsWith("fairlead.dev/") || key.startsWith("applyset.kubernetes.io/");
          if (known && value instanceof Json.Str text) {
            ours.put(key, text.value());
          }
        });
    return ours;
  }

  static Stream<String> text(Json item) {
    return item instanceof Json.Str s ? Stream.of(s.value()) : Stream.empty();
  }
}
