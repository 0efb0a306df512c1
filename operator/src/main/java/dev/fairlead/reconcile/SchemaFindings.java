package dev.fairlead.reconcile;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.Schemas;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.GroupVersionKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.Reason;
import dev.fairlead.model.SyncStatus.Problem;
import dev.fairlead.schema.FieldFinding;
import dev.fairlead.schema.KindSchema;
import dev.fairlead.schema.SchemaCheck;
import dev.fairlead.schema.SchemaDocument;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the schemas of their kinds do not allow in the manifests of one commit: the server's
 * schemas, and those of definitions among the manifests, which count instead of what the server
 * knows of these kinds so far. One thread.
 */
final class SchemaFindings {
  private static final GroupKind DEFINITION =
      new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition");

  private final Schemas schemas;
  private final Map<GroupVersionKind, KindSchema> coming = new HashMap<>();
  private final Map<GroupVersionKind, Optional<KindSchema>> served = new HashMap<>();
  private final Set<GroupKind> comingKinds = new HashSet<>();

  SchemaFindings(Schemas schemas) {
    this.schemas = requireNonNull(schemas);
  }

  /** The findings of each manifest, in the order of the manifests. */
  List<List<FieldFinding>> of(List<Manifest> manifests) throws InterruptedException {
    coming.clear();
    comingKinds.clear();
    served.clear();
    for (Manifest manifest : manifests) {
      if (manifest.gvk().groupKind().equals(DEFINITION)) {
        // A definition with mistakes would find more of them in every instance.
        define(manifest.body(), of(manifest).isEmpty());
      }
    }
    List<List<FieldFinding>> all = new ArrayList<>(manifests.size());
    for (Manifest manifest : manifests) {
      all.add(of(manifest));
    }
    return all;
  }

  private List<FieldFinding> of(Manifest manifest) throws InterruptedException {
    Optional<KindSchema> schema =
        comingKinds.contains(manifest.gvk().groupKind())
            ? Optional.ofNullable(coming.get(manifest.gvk()))
            : served(manifest.gvk());
    return schema.isEmpty() ? List.of() : SchemaCheck.check(manifest.body(), schema.get());
  }

  /** Asked once for each kind, so that a slow server is waited for once. */
  private Optional<KindSchema> served(GroupVersionKind gvk) throws InterruptedException {
    Optional<KindSchema> known = served.get(gvk);
    if (known == null) {
      known = schemas.find(gvk);
      served.put(gvk, known);
    }
    return known;
  }

  private void define(Json.Obj definition, boolean usable) throws InterruptedException {
    Json.Obj spec = definition.object("spec").orElse(Json.Obj.empty());
    spec.object("names")
        .flatMap(n -> n.string("kind"))
        .filter(kind -> !kind.isEmpty())
        .ifPresent(kind -> comingKinds.add(new GroupKind(spec.string("group").orElse(""), kind)));
    if (usable) {
      SchemaDocument meta = schemas.document("apiextensions.k8s.io/v1");
      for (KindSchema kind : schemas.compiler().definition(definition, meta)) {
        coming.put(kind.gvk(), kind);
      }
    }
  }

  /**
   * What is surely wrong in those manifests of a commit that can be read, when others cannot: the
   * server is not asked about such a commit.
   */
  List<Problem> certain(List<Manifest> manifests, Reason reason, Instant now)
      throws InterruptedException {
    List<List<FieldFinding>> found = of(manifests);
    boolean any = found.stream().flatMap(List::stream).anyMatch(FieldFinding::malformed);
    if (any && schemas.refresh()) {
      found = of(manifests);
    }
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < manifests.size(); i++) {
      Manifest manifest = manifests.get(i);
      for (FieldFinding finding : found.get(i)) {
        if (finding.malformed()) {
          problems.add(
              new Problem(
                  manifest.key().toString(),
                  manifest.origin().file(),
                  finding.line(),
                  finding.column(),
                  reason.toString(),
                  finding.message(),
                  now));
        }
      }
    }
    return problems;
  }
}
