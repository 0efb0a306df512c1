package dev.fairlead.manifest;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One Kubernetes object as Git has it.
 *
 * @param gvk its {@code apiVersion} and {@code kind}
 * @param namespace as written; empty when it names none
 * @param name as written; never empty
 * @param origin the file, the document and the line where the object begins
 * @param body the whole object; every value knows its line
 */
public record Manifest(
    GroupVersionKind gvk, String namespace, String name, Origin origin, Json.Obj body) {
  private static final String METADATA = "metadata";

  public Manifest {
    requireNonNull(gvk);
    requireNonNull(namespace);
    requireNonNull(origin);
    requireNonNull(body);
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a manifest needs a name");
    }
  }

  public ObjectKey key() {
    return new ObjectKey(gvk.group(), gvk.kind(), namespace, name);
  }

  /**
   * What the object says, as 32 hexadecimal digits: equal for equal bodies, whatever the order of
   * their members and wherever they are written.
   */
  public String digest() {
    return BodyDigest.of(body);
  }

  /** Like {@link #digest}, of the deepest part of the path that the object has. */
  public String digestAt(String path) {
    return BodyDigest.of(Json.of(Map.of("", Locator.find(body, path))));
  }

  /** The line of the deepest part of the path that the object has; 0 when none is known. */
  public int lineAt(String path) {
    return Locator.locate(body, path);
  }

  /** The values that a Secret holds, decoded, for whoever must not tell them; else none. */
  public List<String> secretValues() {
    return SecretValues.of(this);
  }

  /** Whether the object is a Secret that the text has a value of. */
  public boolean quotesSecret(String text) {
    return SecretValues.areQuoted(this, text);
  }

  /** The same object in that namespace, in its body too. */
  public Manifest withNamespace(String other) {
    Json.Obj metadata = metadata();
    Json value = Json.of(other).at(metadata.line(), metadata.column());
    return new Manifest(
        gvk, other, name, origin, body.with(METADATA, metadata.with("namespace", value)));
  }

  /** The same object without a namespace, as it stands for a cluster-scoped kind. */
  public Manifest withoutNamespace() {
    Json.Obj metadata = metadata();
    return metadata.members().containsKey("namespace")
        ? new Manifest(gvk, "", name, origin, body.with(METADATA, metadata.without("namespace")))
        : this;
  }

  /**
   * The same object with these labels added, or replaced; everything else keeps its line. Labels
   * that are new have the line of the others.
   */
  public Manifest withLabels(Map<String, String> labels) {
    Json.Obj metadata = metadata();
    Json.Obj present =
        metadata.object("labels").orElse(Json.Obj.empty().at(metadata.line(), metadata.column()));
    Map<String, Json> all = new LinkedHashMap<>(present.members());
    labels.forEach(
        (label, value) -> all.put(label, Json.of(value).at(present.line(), present.column())));
    Json.Obj merged = new Json.Obj(all, present.line(), present.column());
    return withBody(body.with(METADATA, metadata.with("labels", merged)));
  }

  /**
   * The same object without {@code annotations: {}}, which charts render: it says nothing, but
   * would make us the owner of the map, and whoever adds the first annotation a thief.
   */
  public Manifest withoutEmptyAnnotations() {
    Json.Obj metadata = metadata();
    return metadata.object("annotations").filter(a -> a.members().isEmpty()).isPresent()
        ? withBody(body.with(METADATA, metadata.without("annotations")))
        : this;
  }

  /** The same object with another body, which must name the same object. */
  Manifest withBody(Json.Obj other) {
    return new Manifest(gvk, namespace, name, origin, other);
  }

  private Json.Obj metadata() {
    return body.object(METADATA).orElse(Json.Obj.empty().at(body.line(), body.column()));
  }
}
