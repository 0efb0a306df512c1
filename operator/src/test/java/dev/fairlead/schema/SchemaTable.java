package dev.fairlead.schema;

import java.util.List;

/** Manifests with mistakes, and what is said of them. */
final class SchemaTable {
  /**
   * @param expected one finding a line, with its place; {@code ?} before what the server's
   *     validation has the last word about
   */
  record Row(String sentence, String manifest, String expected) {
    @Override
    public String toString() {
      return sentence;
    }
  }

  private static final String POD =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
            - name: web
              image: nginx
      """;

  static final List<Row> ROWS =
      List.of(
          new Row("a whole Deployment", POD, ""),
          new Row(
              "a misspelled field, with the one that was meant",
              POD.replace("  selector:", "  replcas: 2\n  selector:"),
              "5:3: unknown field \"spec.replcas\"; did you mean \"replicas\"?\n"),
          new Row(
              "a field whose neighbour is there already is not meant",
              POD.replace("      image: nginx", "      image: nginx\n        imagee: nginx"),
              "12:9: unknown field \"spec.template.spec.containers[0].imagee\"\n"),
          new Row(
              "a field that resembles nothing",
              POD + "    quux: 1\n",
              "12:5: unknown field \"spec.template.quux\"\n"),
          new Row(
              "fields that slipped out of their place",
              """
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              replicas: 2
              spec:
                selector: {matchLabels: {app: web}}
                containers: []
                template:
                  spec:
                    containers: [{name: web, image: nginx, volumes: []}]
              """,
              """
              4:1: unknown field "replicas"; did you mean "spec.replicas"?
              7:3: unknown field "spec.containers"; did you mean "spec.template.spec.containers"?
              10:46: unknown field "spec.template.spec.containers[0].volumes"; did you mean "spec.template.spec.volumes"?
              """),
          new Row(
              "the case of a name counts",
              POD + "        imagepullpolicy: Always\n",
              "12:9: unknown field \"spec.template.spec.containers[0].imagepullpolicy\"; did you mean"
                  + " \"imagePullPolicy\"?\n"),
          new Row(
              "a word for a number",
              POD.replace("  selector:", "  replicas: three\n  selector:"),
              "5:3: spec.replicas: expected an integer, got \"three\"\n"),
          new Row(
              "a fraction of a replica",
              POD.replace("  selector:", "  replicas: 1.5\n  selector:"),
              "5:3: spec.replicas: expected an integer, got 1.5\n"),
          new Row(
              "a whole number may be written with a fraction of zero, or be too large for its field",
              POD.replace(
                  "  selector:",
                  "  replicas: 2.0\n  progressDeadlineSeconds: 4294967297\n  selector:"),
              ""),
          new Row(
              "a number for a text",
              POD.replace("image: nginx", "image: 5"),
              "11:9: spec.template.spec.containers[0].image: expected a string, got 5; quote it\n"),
          new Row(
              "a mapping for a list",
              POD + "        args: {a: b}\n",
              "12:9: spec.template.spec.containers[0].args: expected a list, got a mapping\n"),
          new Row(
              "a list for a mapping",
              POD.replace("selector: {matchLabels: {app: web}}", "selector: [app]"),
              """
              5:3: spec.selector: expected a mapping, got a list
              """),
          new Row(
              "a word for a boolean",
              POD + "        tty: \"yes\"\n",
              "12:9: spec.template.spec.containers[0].tty: expected a boolean, got \"yes\"\n"),
          new Row("null is as if it were not there", POD + "        command: null\n", ""),
          new Row(
              "required fields that are not there are told at what lacks them",
              """
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web}
              spec:
                template:
                  spec: {containers: [{image: nginx}]}
              """,
              """
              4:1: ? spec.selector: Required value
              6:25: ? spec.template.spec.containers[0].name: Required value
              """),
          new Row(
              "a spec that is not there is empty",
              "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n",
              "1:1: ? spec.selector: Required value\n"),
          new Row(
              "two containers of one name",
              POD + "      - {name: web, image: b}\n",
              "12:10: spec.template.spec.containers[1].name: Duplicate value: \"web\"\n"),
          new Row(
              "a port twice, where the protocol is left to its default",
              """
              apiVersion: v1
              kind: Service
              metadata: {name: web}
              spec:
                ports:
                - {name: a, port: 80}
                - {name: b, port: 80, protocol: TCP}
                - {name: c, port: 80, protocol: UDP}
              """,
              "7:5: spec.ports[1]: Duplicate value: port 80, protocol \"TCP\"\n"),
          new Row(
              "what a list is merged by cannot be null",
              POD + "      - null\n",
              "12:9: spec.template.spec.containers[1]: expected a mapping, got null\n"),
          new Row(
              "an item twice in a set",
              POD.replace(
                  "metadata: {name: web}", "metadata: {name: web, finalizers: [a.b/c, a.b/c]}"),
              "3:43: metadata.finalizers[1]: Duplicate value: \"a.b/c\"\n"),
          new Row(
              "a value that is none of those that there are",
              POD + "        imagePullPolicy: Sometimes\n",
              "12:9: ? spec.template.spec.containers[0].imagePullPolicy: Unsupported value: \"Sometimes\":"
                  + " supported values: \"Always\", \"IfNotPresent\", \"Never\"\n"),
          new Row("an empty value is filled in", POD + "        imagePullPolicy: \"\"\n", ""),
          new Row(
              "quantities",
              POD
                  + """
                          resources:
                            requests: {cpu: 100m, memory: 1.5Gi, a: 5, b: .5, c: 1e3, d: "1.", e: -1k}
                            limits: {cpu: 1 core, memory: 64MB, a: true, b: [], c: "", d: "0x5"}
                  """,
              """
              14:20: spec.template.spec.containers[0].resources.limits[cpu]: expected a quantity such as 500m or 1Gi, got "1 core"
              14:33: spec.template.spec.containers[0].resources.limits[memory]: expected a quantity such as 500m or 1Gi, got "64MB"
              14:47: spec.template.spec.containers[0].resources.limits[a]: expected a quantity such as 500m or 1Gi, got true
              14:56: spec.template.spec.containers[0].resources.limits[b]: expected a string, got a list
              14:63: spec.template.spec.containers[0].resources.limits[c]: expected a quantity such as 500m or 1Gi, got ""
              14:70: spec.template.spec.containers[0].resources.limits[d]: expected a quantity such as 500m or 1Gi, got "0x5"
              """),
          new Row(
              "a number or a text",
              POD
                  + """
                          livenessProbe: {httpGet: {port: 8080}}
                          readinessProbe: {httpGet: {port: http}}
                          startupProbe: {httpGet: {port: 80.5}}
                  """,
              "14:34: spec.template.spec.containers[0].startupProbe.httpGet.port: expected an integer or a"
                  + " string, got 80.5\n"),
          new Row(
              "a budget of another sort",
              """
              apiVersion: policy/v1
              kind: PodDisruptionBudget
              metadata: {name: web}
              spec: {minAvailable: true, maxUnavailable: [1]}
              """,
              """
              4:8: spec.minAvailable: expected an integer or a string, got true
              4:28: spec.maxUnavailable: expected an integer or a string, got a list
              """),
          new Row(
              "a time",
              POD.replace(
                  "{labels: {app: web}}", "{labels: {app: web}, creationTimestamp: yesterday}"),
              "7:36: spec.template.metadata.creationTimestamp: expected a time such as"
                  + " 2006-01-02T15:04:05Z, got \"yesterday\"\n"),
          new Row(
              "nothing of a Secret is told",
              """
              apiVersion: v1
              kind: Secret
              metadata: {name: keys}
              data: {a: hunter2, b: 5, c: aHVudGVyMg==, d: [hunter2]}
              stringData: {e: {f: hunter2}}
              immutable: hunter2
              typ: hunter2
              """,
              """
              4:8: data[a]: is not base64
              4:20: data[b]: expected a string, got a number; quote it
              4:43: data[d]: expected a string, got a list
              5:14: stringData[e]: expected a string, got a mapping
              6:1: immutable: expected a boolean, got a string
              7:1: unknown field "typ"; did you mean "type"?
              """),
          new Row(
              "names, labels and annotations",
              """
              apiVersion: v1
              kind: ConfigMap
              metadata:
                name: Web_1
                labels: {app: "a b", "-x": z, "Example.org/a": b, ok.org/a: B.c_d}
                annotations: {"Example.org/a": "a b", "a/b/c": d}
              """,
              """
              4:3: ? metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character
              5:12: ? metadata.labels[app]: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character
              5:24: ? metadata.labels: Invalid value: "-x": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character
              5:33: ? metadata.labels: Invalid value: "Example.org/a": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character
              6:41: ? metadata.annotations: Invalid value: "a/b/c": a qualified name has one '/' at most
              """),
          new Row(
              "long values are cut",
              POD.replace("  selector:", "  paused: \"" + "x".repeat(200) + "\"\n  selector:"),
              "5:3: spec.paused: expected a boolean, got \"" + "x".repeat(60) + "…\"\n"),
          new Row(
              "everything at once, in the order of the file",
              """
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: web, lables: {}}
              spec:
                replicas: "3"
                template:
                  spec:
                    restartPolicy: Maybe
                    containers:
                    - {name: a, image: 5, ports: [{containerPort: x}]}
                    - {name: a, imag: b}
              """,
              """
              3:23: unknown field "metadata.lables"; did you mean "labels"?
              4:1: ? spec.selector: Required value
              5:3: spec.replicas: expected an integer, got "3"
              8:7: ? spec.template.spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"
              10:19: spec.template.spec.containers[0].image: expected a string, got 5; quote it
              10:38: spec.template.spec.containers[0].ports[0].containerPort: expected an integer, got "x"
              11:10: spec.template.spec.containers[1].name: Duplicate value: "a"
              11:19: unknown field "spec.template.spec.containers[1].imag"; did you mean "image"?
              """));

  private SchemaTable() {}
}
