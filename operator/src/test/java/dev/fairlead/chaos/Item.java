package dev.fairlead.chaos;

import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One object as Git has it.
 *
 * @param serial which version of it; no two versions of a run have the same
 */
record Item(Kind kind, String namespace, String name, int serial, Set<Trait> traits) {
  static final String SERIAL = "chaos.example.org/serial";

  /** What a version may have about it. */
  enum Trait {
    /** It says {@code fairlead.dev/replace: allowed}. */
    REPLACE,
    /** Its pods never become ready. */
    BAD,
    /** Its pods take a while. */
    SLOW,
    /** It is of an early wave. */
    EARLY,
    /** It is of a late wave. */
    LATE
  }

  Item {
    traits = Set.copyOf(traits);
  }

  ObjectKey key() {
    return kind.key(namespace, name);
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** The wave that it is applied in. */
  int wave() {
    return has(Trait.EARLY) ? -1 : has(Trait.LATE) ? 1 : 0;
  }

  /** The same object in another version. */
  Item next(int newSerial) {
    EnumSet<Trait> kept = EnumSet.noneOf(Trait.class);
    kept.addAll(traits);
    kept.remove(Trait.BAD);
    return new Item(kind, namespace, name, newSerial, kept);
  }

  Item with(Trait trait) {
    EnumSet<Trait> more = EnumSet.of(trait);
    more.addAll(traits);
    return new Item(kind, namespace, name, serial, more);
  }

  /** What only a Secret has, and what must be nowhere else. */
  String marker() {
    return Hush.PLAIN + name + "-" + serial;
  }

  /** The tag of its image, which says what becomes of its pods. */
  String image() {
    return has(Trait.BAD) ? "never-ready" : has(Trait.SLOW) ? "slow" : "v" + serial;
  }

  /** Its manifest. */
  Json.Obj manifest() {
    return manifest(Map.of());
  }

  /** What the API server is to be asked for: {@code data} for {@code stringData}, labels added. */
  Json.Obj desired(Map<String, String> labels) {
    Json.Obj object = manifest(labels);
    return object
        .object("stringData")
        .map(strings -> object.without("stringData").with("data", encoded(strings)))
        .orElse(object);
  }

  private static Json.Obj encoded(Json.Obj strings) {
    Json.Obj data = Json.Obj.empty();
    for (Map.Entry<String, Json> entry : strings.members().entrySet()) {
      String value = ((Json.Str) entry.getValue()).value();
      data = data.with(entry.getKey(), text(base64(value)));
    }
    return data;
  }

  static String base64(String value) {
    return Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
  }

  private Json.Obj manifest(Map<String, String> labels) {
    Json.Obj annotations = Json.Obj.empty().with(SERIAL, text(Integer.toString(serial)));
    if (has(Trait.REPLACE)) {
      annotations = annotations.with("fairlead.dev/replace", text("allowed"));
    }
    if (wave() != 0) {
      annotations = annotations.with("fairlead.dev/wave", text(Integer.toString(wave())));
    }
    Map<String, String> all = new LinkedHashMap<>();
    all.put("app", name);
    all.putAll(labels);
    Json.Obj labelled = Json.Obj.empty();
    for (Map.Entry<String, String> label : all.entrySet()) {
      labelled = labelled.with(label.getKey(), text(label.getValue()));
    }
    Json.Obj object =
        Json.Obj.empty()
            .with("apiVersion", text(kind.apiVersion()))
            .with("kind", text(kind.kind()))
            .with(
                "metadata",
                Json.Obj.empty()
                    .with("name", text(name))
                    .with("namespace", text(namespace))
                    .with("labels", labelled)
                    .with("annotations", annotations));
    for (Map.Entry<String, Json> part : kind.parsedBody(this).members().entrySet()) {
      object = object.with(part.getKey(), part.getValue());
    }
    return object;
  }

  static Json.Str text(String value) {
    return new Json.Str(value, 0, 0);
  }

  @Override
  public String toString() {
    return key() + " v" + serial + (traits.isEmpty() ? "" : " " + traits);
  }
}
