package dev.fairlead.manifest;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All objects of one sync at one commit, in the form in which they are applied.
 *
 * <p>Every object of a namespaced kind names its namespace, none of a cluster-scoped kind does, no
 * two have the same key, and Secrets have {@code data} only. When there are findings nothing of it
 * may be applied.
 *
 * @param manifests in the order in which they were given
 * @param findings everything that is wrong across files
 */
public record ManifestSet(List<Manifest> manifests, List<Finding> findings) {
  private static final GroupKind DEFINITION =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  public ManifestSet {
    manifests = List.copyOf(manifests);
    findings = List.copyOf(findings);
  }

  /**
   * Puts the files' objects together.
   *
   * <p>A namespace on a cluster-scoped object is dropped without a word, as kubectl and the server
   * do: charts put it on everything. Kinds that {@code all} itself defines need not be known to the
   * lookup. Objects whose scope stays unknown are left as they are.
   *
   * @param all in the order in which they are to be kept
   * @param defaultNamespace for objects of namespaced kinds that name none
   * @param scopes the scope of a kind, as the server tells it
   */
  public static ManifestSet assemble(
      List<Manifest> all,
      Optional<String> defaultNamespace,
      Function<GroupKind, Scope> scopes,
      Limits limits) {
    List<Finding> findings = new ArrayList<>();
    if (all.size() > limits.maxObjects()) {
      Origin last = all.get(limits.maxObjects()).origin();
      findings.add(
          new Finding(
              last,
              "is one object too many: the sync has %d, more than the limit of %d"
                  .formatted(all.size(), limits.maxObjects())));
      return new ManifestSet(List.of(), findings);
    }
    Map<GroupKind, Scope> defined = definedScopes(all);
    List<Manifest> manifests = new ArrayList<>(all.size());
    Map<ObjectKey, Manifest> first = new HashMap<>();
    for (Manifest manifest : all) {
      GroupKind kind = manifest.gvk().groupKind();
      Scope scope = defined.getOrDefault(kind, Scope.UNKNOWN);
      scope = scope == Scope.UNKNOWN ? scopes.apply(kind) : scope;
      Manifest placed =
          switch (scope) {
            case NAMESPACED -> named(manifest, defaultNamespace, findings);
            case CLUSTER -> manifest.withoutNamespace();
            case UNKNOWN -> manifest;
          };
      Manifest earlier = first.putIfAbsent(placed.key(), placed);
      if (earlier == null) {
        manifests.add(SecretValues.intoData(placed, findings));
      } else {
        findings.add(
            new Finding(
                placed.origin(),
                placed.key() + " is defined a second time, the first is in " + earlier.origin()));
      }
    }
    return new ManifestSet(manifests, findings);
  }

  private static Manifest named(
      Manifest manifest, Optional<String> defaultNamespace, List<Finding> findings) {
    if (!manifest.namespace().isEmpty()) {
      return manifest;
    }
    if (defaultNamespace.isPresent()) {
      return manifest.withNamespace(defaultNamespace.get());
    }
    findings.add(
        new Finding(
            manifest.origin(),
            manifest.key()
                + " names no namespace; add metadata.namespace, or set defaultNamespace on the"
                + " GitSync"));
    return manifest;
  }

  private static Map<GroupKind, Scope> definedScopes(List<Manifest> all) {
    Map<GroupKind, Scope> scopes = new HashMap<>();
    for (Manifest manifest : all) {
      if (!manifest.gvk().groupKind().equals(DEFINITION)) {
        continue;
      }
      Json.Obj spec = manifest.body().object("spec").orElse(Json.Obj.empty());
      String group = spec.string("group").orElse("");
      String kind = spec.object("names").flatMap(n -> n.string("kind")).orElse("");
      String scope = spec.string("scope").orElse("");
      if (!kind.isEmpty() && (scope.equals("Namespaced") || scope.equals("Cluster"))) {
        scopes.put(
            new GroupKind(group, kind), scope.equals("Cluster") ? Scope.CLUSTER : Scope.NAMESPACED);
      }
    }
    return scopes;
  }
}
