package dev.fairlead.manifest;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;

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
}
