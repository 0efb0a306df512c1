package dev.fairlead.reconcile;

import dev.fairlead.git.TreeFile;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import dev.fairlead.reconcile.SyncDecision.Target;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a commit wants under one spec, read and resolved.
 *
 * @param tree the id of the tree at the sync's path: the same tree gives the same build
 * @param fingerprint of what else the build depends on; see {@link Builder} and {@link
 *     #NOT_REUSABLE}
 * @param desired the objects in the order of files and documents
 * @param files what each file gave, by version, so that an unchanged file is not read again
 * @param definedKinds the kinds that CustomResourceDefinitions of the commit define
 * @param warnings of the manifests, whatever the API server says of them
 * @param manifests the bodies that this build had to read; dropped once they are applied
 */
record Build(
    Target target,
    String tree,
    String fingerprint,
    List<DesiredObject> desired,
    Map<FileKey, List<DesiredObject>> files,
    Set<GroupKind> definedKinds,
    List<Warning> warnings,
    Map<ObjectKey, Manifest> manifests) {
  /** The fingerprint of a build that has objects of kinds that the server does not serve. */
  static final String NOT_REUSABLE = "";

  Build {
    desired = List.copyOf(desired);
    definedKinds = Set.copyOf(definedKinds);
    warnings = List.copyOf(warnings);
  }

  /** One version of one file, and the name that says how it is read. */
  record FileKey(String path, String readAs, String blob) {
    static FileKey of(TreeFile file) {
      return new FileKey(file.path(), file.readAs(), file.blobId());
    }
  }

  /** What it wants. */
  Set<ObjectKey> keys() {
    return desired.stream().map(DesiredObject::key).collect(Collectors.toSet());
  }

  boolean knowsAllKinds() {
    return !fingerprint.equals(NOT_REUSABLE);
  }

  Build withoutManifests() {
    return new Build(target, tree, fingerprint, desired, files, definedKinds, warnings, Map.of());
  }

  /** What is left of it without these objects; no tree gives it. */
  Build without(Predicate<ObjectKey> these) {
    return new Build(
        target,
        "",
        fingerprint,
        desired.stream().filter(o -> !these.test(o.key())).toList(),
        files,
        definedKinds,
        warnings,
        manifests);
  }

  /** The same objects at another commit whose tree is the same. */
  Build at(Target other) {
    return new Build(other, tree, fingerprint, desired, files, definedKinds, warnings, manifests);
  }
}
