package dev.fairlead.daemon;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.ObjectKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a commit of {@link KillIT}'s repository wants: a sync with every kind of write in its life.
 *
 * @param files of each object its manifest
 */
record Wanted(Map<ObjectKey, String> files) {
  static final String CRD_GROUP = "apiextensions.k8s.io";
  private static final String RBAC = "rbac.authorization.k8s.io";

  Wanted {
    files = Map.copyOf(files);
  }

  Set<ObjectKey> keys() {
    return files.keySet();
  }

  /** How many objects are new, or other ones, compared with another commit. */
  long differing(Wanted before) {
    return files.entrySet().stream()
        .filter(e -> !e.getValue().equals(before.files().get(e.getKey())))
        .count();
  }

  List<ObjectKey> jobs() {
    return keys().stream().filter(key -> key.kind().equals("Job")).toList();
  }

  /** Where the objects of a kind lie; the version is v1 for all of them. */
  static Map<GroupKind, String> kinds(String group) {
    Map<GroupKind, String> kinds = new LinkedHashMap<>();
    kinds.put(new GroupKind("", "ConfigMap"), "/api/v1/configmaps");
    kinds.put(new GroupKind("", "Secret"), "/api/v1/secrets");
    kinds.put(new GroupKind("", "ServiceAccount"), "/api/v1/serviceaccounts");
    kinds.put(new GroupKind("", "Namespace"), "/api/v1/namespaces");
    kinds.put(new GroupKind("batch", "Job"), "/apis/batch/v1/jobs");
    kinds.put(new GroupKind(RBAC, "Role"), "/apis/" + RBAC + "/v1/roles");
    kinds.put(
        new GroupKind(CRD_GROUP, "CustomResourceDefinition"),
        "/apis/" + CRD_GROUP + "/v1/customresourcedefinitions");
    kinds.put(new GroupKind(group, "Thing"), "/apis/" + group + "/v1/things");
    return kinds;
  }

  /**
   * The first commit.
   *
   * @param namespace where most of it is, and which is there
   * @param other the namespace that it brings
   * @param group of the kind that it brings
   */
  static Wanted first(String namespace, String other, String group) {
    Map<ObjectKey, String> files = new TreeMap<>();
    add(files, new ObjectKey("", "Namespace", "", other), "v1", "");
    add(files, new ObjectKey("", "ConfigMap", other, "far"), "v1", "data: {key: one}");
    for (String name : new String[] {"a", "b", "c"}) {
      add(files, new ObjectKey("", "ConfigMap", namespace, name), "v1", "data: {key: one}");
    }
    add(files, new ObjectKey("", "Secret", namespace, "s"), "v1", "stringData: {key: one}");
    add(files, new ObjectKey("", "ServiceAccount", namespace, "robot"), "v1", "");
    add(
        files,
        new ObjectKey("batch", "Job", namespace, "migrate"),
        "batch/v1",
        """
        spec:
          template:
            spec:
              restartPolicy: Never
              containers: [{name: c, image: "example.org/c:1"}]
        """);
    add(
        files,
        new ObjectKey(CRD_GROUP, "CustomResourceDefinition", "", "things." + group),
        CRD_GROUP + "/v1",
        """
        spec:
          group: %s
          scope: Namespaced
          names: {kind: Thing, plural: things}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}
        """
            .formatted(group));
    add(files, new ObjectKey(group, "Thing", namespace, "t"), group + "/v1", "size: 3");
    return new Wanted(files);
  }

  /**
   * The commit after it: changes an object, adds one of a new kind, takes away the last one of a
   * kind and the last one of a namespace.
   */
  Wanted second(String namespace, String other) {
    Map<ObjectKey, String> next = new TreeMap<>(files);
    add(next, new ObjectKey("", "ConfigMap", namespace, "a"), "v1", "data: {key: two}");
    add(next, new ObjectKey(RBAC, "Role", namespace, "reader"), RBAC + "/v1", "rules: []");
    next.remove(new ObjectKey("", "Secret", namespace, "s"));
    next.remove(new ObjectKey("", "ConfigMap", other, "far"));
    return new Wanted(next);
  }

  /** Without an object, and without what cannot be without it. */
  Wanted without(ObjectKey key) {
    Map<ObjectKey, String> next = new TreeMap<>(files);
    next.keySet()
        .removeIf(other ->
            other.equals(key)
                || (key.kind().equals("Namespace") && other.namespace().equals(key.name()))
                || (key.kind().equals("CustomResourceDefinition")
                    && key.name().endsWith("." + other.group())));
    return new Wanted(next);
  }

  private static void add(
      Map<ObjectKey, String> files, ObjectKey key, String apiVersion, String rest) {
    String place = key.namespace().isEmpty() ? "" : ", namespace: " + key.namespace();
    files.put(
        key,
        "apiVersion: %s\nkind: %s\nmetadata: {name: %s%s}\n%s\n"
            .formatted(apiVersion, key.kind(), key.name(), place, rest));
  }
}
