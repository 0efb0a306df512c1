package dev.fairlead.daemon;

import static dev.fairlead.daemon.FaultRow.pushed;
import static dev.fairlead.model.Reason.BUILD_FAILED;
import static dev.fairlead.model.Reason.VALIDATION_FAILED;

import dev.fairlead.daemon.FaultRow.Outcome;
import dev.fairlead.testbed.GitChange;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Rows: what a commit may hold that cannot be applied. */
final class ManifestFaults {
  private static final String FILE = "deploy/broken.yaml";

  private ManifestFaults() {}

  static List<FaultRow> rows() {
    return java.util.stream.Stream.of(syntax(), schema(), identity(), entries(), immutable())
        .flatMap(List::stream)
        .toList();
  }

  private static List<FaultRow> syntax() {
    return List.of(
        pushed(
            "invalid YAML",
            "a brace is never closed",
            FILE,
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: broken
            data: {}
            """,
            BUILD_FAILED,
            "deploy/broken.yaml:4: invalid YAML: a \",\" or \"}\" is missing"),
        pushed(
            "invalid YAML",
            "a template was not rendered",
            FILE,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}-x\n",
            BUILD_FAILED,
            "deploy/broken.yaml:4: invalid YAML: *; if this is a template, render it first"),
        pushed(
            "tabs",
            "a line is indented with one",
            FILE,
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: broken\n",
            BUILD_FAILED,
            "deploy/broken.yaml:4: invalid YAML: a tab where only spaces may indent"),
        pushed(
            "duplicate keys",
            "both lines are named",
            FILE,
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: broken, namespace: <ns>}
            data:
              key: one
              key: two
            """,
            BUILD_FAILED,
            "deploy/broken.yaml:6: *\"key\"*line 5*"),
        pushed(
            "missing kind",
            "a file that is something else",
            FILE,
            "apiVersion: v1\nmetadata: {name: broken, namespace: <ns>}\n",
            BUILD_FAILED,
            "deploy/broken.yaml:1: is no Kubernetes object: it has no kind"));
  }

  private static List<FaultRow> schema() {
    return List.of(
        pushed(
            "unknown field",
            "a typing error",
            FILE,
            deployment("replcas: 0"),
            VALIDATION_FAILED,
            "deploy/broken.yaml:5:3: Deployment <ns>/broken: unknown field \"spec.replcas\"; did you"
                + " mean \"replicas\"?"),
        pushed(
            "wrong type",
            "a word where a number belongs",
            FILE,
            deployment("replicas: three"),
            VALIDATION_FAILED,
            "deploy/broken.yaml:5:3: Deployment <ns>/broken: spec.replicas: expected an integer, got"
                + " \"three\""),
        pushed(
            "wrong type",
            "in a Secret, whose values are not told",
            FILE,
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: broken, namespace: <ns>}
            data:
              password:
              - hunter2-is-secret
            """,
            BUILD_FAILED,
            "deploy/broken.yaml:5: Secret <ns>/broken: data.password must be a string, not a list"),
        pushed(
            "wrong type",
            "in a Secret, where the API server itself would tell the value",
            FILE,
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: broken, namespace: <ns>}
            type: [hunter2-is-secret]
            """,
            VALIDATION_FAILED,
            "deploy/broken.yaml:4:1: Secret <ns>/broken: type: expected a string, got a list"),
        pushed(
            "invalid enum",
            "a type of Service that there is not",
            FILE,
            """
            apiVersion: v1
            kind: Service
            metadata: {name: broken, namespace: <ns>}
            spec:
              ports: [{port: 80}]
              type: Internet
            """,
            VALIDATION_FAILED,
            "deploy/broken.yaml:6: Service <ns>/broken: spec.type: Unsupported value: \"Internet\":"
                + " supported values: *"),
        pushed(
            "unknown API kind",
            "its definition is not there",
            FILE,
            "apiVersion: example.org/v1\nkind: Whale\nmetadata: {name: moby, namespace: <ns>}\n",
            VALIDATION_FAILED,
            "deploy/broken.yaml:1: Whale <ns>/moby: the API server knows no kind Whale in"
                + " example.org/v1; is its CustomResourceDefinition missing?"),
        pushed(
            "missing namespace",
            "nobody made it",
            FILE,
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost, namespace: <ns>-nowhere}\n",
            VALIDATION_FAILED,
            "deploy/broken.yaml:3: ConfigMap <ns>-nowhere/lost: there is no namespace"
                + " <ns>-nowhere: add a Namespace of that name to the manifests, or correct the name"));
  }

  private static String deployment(String field) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: broken, namespace: <ns>}
    spec:
      %s
      selector: {matchLabels: {app: broken}}
      template:
        metadata: {labels: {app: broken}}
        spec: {containers: [{name: c, image: "example.org/c:1"}]}
    """
        .formatted(field);
  }

  private static List<FaultRow> identity() {
    return List.of(
        pushed(
            "an object without namespace",
            "and the sync has no default",
            FILE,
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken}\n",
            BUILD_FAILED,
            "deploy/broken.yaml:1: ConfigMap broken names no namespace; add metadata.namespace, or"
                + " set defaultNamespace on the GitSync"),
        pushed(
            "the same object twice (both places named)",
            "in two documents of one file",
            FILE,
            FaultSite.configMap("twin", "1") + "---\n" + FaultSite.configMap("twin", "2"),
            BUILD_FAILED,
            "deploy/broken.yaml:6: ConfigMap <ns>/twin is defined a second time, the first is in"
                + " deploy/broken.yaml:1"),
        pushed(
            "the same object twice (both places named)",
            "in a new file and in one that the commit leaves alone",
            FILE,
            """
            # a copy
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: <ns>}
            """,
            BUILD_FAILED,
            "deploy/web.yaml:1: Service <ns>/web is defined a second time, the first is in"
                + " deploy/broken.yaml:2"),
        pushed(
            "name too long",
            "longer than any object's may be",
            FILE,
            """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              namespace: <ns>
              name: %s
            """
                .formatted("x".repeat(254)),
            BUILD_FAILED,
            "deploy/broken.yaml:5: metadata.name has 254 characters, at most 253 are allowed"),
        pushed(
            "name too long",
            "longer than a Service's may be, which the API server says",
            FILE,
            """
            apiVersion: v1
            kind: Service
            metadata:
              namespace: <ns>
              name: %s
            spec: {ports: [{port: 80}]}
            """
                .formatted("x".repeat(64)),
            VALIDATION_FAILED,
            "deploy/broken.yaml:5: Service <ns>/xxx*: metadata.name: *63 *"));
  }

  private static List<FaultRow> entries() {
    byte[] noise = new byte[4096];
    new Random(20_26).nextBytes(noise);
    return List.of(
        FaultRow.of(
            "binary garbage",
            "a file of noise",
            site -> site.push(new GitChange.Write(FILE, ByteBuffer.wrap(noise))),
            new Outcome.Refused(BUILD_FAILED, "deploy/broken.yaml:1: *")),
        FaultRow.of(
            "a symlink that points outside",
            "a manifest that is a link to a file of the machine",
            site -> site.push(new GitChange.Symlink(FILE, "../../../../etc/passwd")),
            new Outcome.Refused(
                BUILD_FAILED,
                "deploy/broken.yaml: a symbolic link to ../../../../etc/passwd, which is outside of"
                    + " the repository: remove it, or name the link in spec.ignore if it is not"
                    + " needed")),
        FaultRow.of(
            "a submodule",
            "below the path",
            site -> site.push(new GitChange.Submodule("deploy/charts", "1".repeat(40))),
            new Outcome.Refused(
                BUILD_FAILED,
                "deploy/charts: a submodule: set spec.submodules to have it fetched, or spec.path to a"
                    + " directory without it")));
  }

  private static List<FaultRow> immutable() {
    String selector =
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: fixed, namespace: <ns>}
        spec:
          replicas: 0
          selector: {matchLabels: {app: LABEL}}
          template:
            metadata: {labels: {app: LABEL}}
            spec: {containers: [{name: c, image: "example.org/c:1"}]}
        """;
    return List.of(
        FaultRow.of(
                "an immutable field changed",
                "the selector of a Deployment",
                site -> site.push(Map.of("deploy/fixed.yaml", selector.replace("LABEL", "two"))),
                new Outcome.Refused(
                    VALIDATION_FAILED,
                    "deploy/fixed.yaml:6: Deployment <ns>/fixed: spec.selector: *field is"
                        + " immutable; give the object a new name, or remove it in one commit and bring"
                        + " it back in the next, or let Fairlead delete it and create it again, with"
                        + " the annotation fairlead.dev/replace: allowed"))
            .having("deploy/fixed.yaml", selector.replace("LABEL", "one")));
  }
}
