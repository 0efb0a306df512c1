package dev.fairlead.reconcile;

import dev.fairlead.manifest.Manifest;
import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What the last good commit makes of the cluster when it takes the place of one that failed. Pure.
 *
 * <p>Definitions, Namespaces, volumes and claims are wanted as the failed commit left them: data
 * hang on them that Git does not have. What the failed commit let go of and another sync has by now
 * is that one's.
 *
 * @param build what is to be applied, and kept so
 * @param added what the failed commit brought and is to go again
 * @param kept what it brought and stays: it is none of the last good commit's, and so nothing is
 *     said of its health
 * @param notes what is not as the last good commit says
 */
record RollbackBuild(Build build, Set<ObjectKey> added, Set<ObjectKey> kept, List<Warning> notes) {
  private static final Set<GroupKind> LASTING =
      Set.of(
          new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"),
          new GroupKind("", "Namespace"),
          new GroupKind("", "PersistentVolume"),
          new GroupKind("", "PersistentVolumeClaim"));

  RollbackBuild {
    added = Set.copyOf(added);
    kept = Set.copyOf(kept);
    notes = List.copyOf(notes);
  }

  /** Whether an object is never rolled back. */
  static boolean isLasting(ObjectKey key) {
    return LASTING.contains(key.groupKind());
  }

  /**
   * @param written whether an object is in the cluster as the failed commit wants it: it may have
   *     been given up before all of it was written
   * @param others whether an object is another sync's
   */
  static RollbackBuild of(
      Build good, Build failed, Predicate<DesiredObject> written, Predicate<ObjectKey> others) {
    Map<ObjectKey, DesiredObject> left = new LinkedHashMap<>();
    failed.desired().stream()
        .filter(o -> isLasting(o.key()) && written.test(o))
        .forEach(o -> left.put(o.key(), o));
    Set<ObjectKey> wantedByFailed = failed.keys();
    List<DesiredObject> desired = new ArrayList<>();
    List<Warning> notes = new ArrayList<>();
    String from = failed.target().commit().substring(0, 7);
    for (DesiredObject object : good.desired()) {
      DesiredObject as = left.remove(object.key());
      if (as != null) {
        desired.add(as);
        if (!as.sameContentAs(object)) {
          notes.add(note(as, "stays as " + from + " left it, and is not rolled back"));
        }
      } else if (!wantedByFailed.contains(object.key()) && others.test(object.key())) {
        notes.add(note(object, "is another GitSync's since " + from + ", and stays so"));
      } else {
        desired.add(object);
      }
    }
    desired.addAll(left.values());
    left.values().forEach(o -> notes.add(note(o, "stays although " + from + " is rolled back")));
    Set<ObjectKey> goodKeys = good.keys();
    Set<ObjectKey> added =
        wantedByFailed.stream()
            .filter(k -> !goodKeys.contains(k) && !isLasting(k))
            .collect(Collectors.toSet());
    return new RollbackBuild(merged(good, failed, desired), added, left.keySet(), notes);
  }

  private static Warning note(DesiredObject object, String message) {
    return Warning.of(object.key(), object.origin(), message);
  }

  private static Build merged(Build good, Build failed, List<DesiredObject> desired) {
    Set<GroupKind> defined = new HashSet<>(good.definedKinds());
    defined.addAll(failed.definedKinds());
    Map<ObjectKey, Manifest> manifests = new HashMap<>(failed.manifests());
    manifests.putAll(good.manifests());
    // No tree gives this build: a commit that has the good one's tree wants something else.
    return new Build(
        good.target(),
        "",
        good.fingerprint(),
        desired,
        good.files(),
        defined,
        good.warnings(),
        manifests);
  }
}
