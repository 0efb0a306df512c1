package dev.fairlead.daemon;

/** Manifests that tests of the daemon commit. */
final class SampleManifests {
  private SampleManifests() {}

  /** A ConfigMap with {@code value} under {@code key}. */
  static String configMap(String name, String value) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {key: \"%s\"}\n"
        .formatted(name, value);
  }

  /**
   * The definition of {@code Thing}, namespaced. The first version is served and stored; the others
   * are only known.
   */
  static String definition(String group, String... versions) {
    StringBuilder yaml =
        new StringBuilder(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: things.%1$s}
            spec:
              group: %1$s
              scope: Namespaced
              names: {kind: Thing, plural: things}
              versions:
            """
                .formatted(group));
    for (int i = 0; i < versions.length; i++) {
      yaml.append(
          """
            - name: %s
              served: %s
              storage: %s
              schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
          """
              .formatted(versions[i], i == 0, i == 0));
    }
    return yaml.toString();
  }

  /** The {@code Thing} t. */
  static String thing(String group, String version, int size) {
    return "apiVersion: %s/%s\nkind: Thing\nmetadata: {name: t}\nspec: {size: %d}\n"
        .formatted(group, version, size);
  }
}
