package dev.fairlead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("a path out of the server's error leads to a line")
final class LocatorTest {
  private static final Json.Obj BODY =
      (Json.Obj)
          YamlReader.read(
                  "f.yaml",
                  """
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata:
                    name: web
                    labels:
                      app.kubernetes.io/name: web
                      app: x
                  spec:
                    replcas: 2
                    template:
                      spec:
                        containers:
                        - name: a
                          image: b
                          args: ["-x", "-y"]
                          ports:
                          - containerPort: 80
                            name: http
                          - containerPort: 80
                            protocol: UDP
                        - name: "q]\\"s"
                          image: c
                  data:
                    key: 1
                    key.with.dots: 2
                    key.with: 3
                  """
                      .getBytes(UTF_8),
                  Limits.DEFAULT)
              .documents()
              .getFirst()
              .value();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        ".spec.replcas | 9",
        "spec.replcas | 9",
        "spec | 8",
        ".spec.template.spec.containers[name=\"a\"].image | 14",
        "spec.template.spec.containers[0].image | 14",
        "spec.template.spec.containers[1].image | 22",
        "spec.template.spec.containers[1].imagePullPolicy | 21",
        "spec.template.spec.containers[7].image | 12",
        ".spec.template.spec.containers[name=\"none\"].image | 12",
        ".spec.template.spec.containers[name=\"q]\\\"s\"].image | 22",
        ".spec.template.spec.containers[name=\"a\"].ports[containerPort=80,protocol=\"TCP\"].name | 18",
        ".spec.template.spec.containers[name=\"a\"].ports[containerPort=80,protocol=\"UDP\"] | 19",
        ".spec.template.spec.containers[name=\"a\"].args[=\"-y\"] | 15",
        "spec.template.spec.containers[name | 12",
        "metadata.labels | 5",
        "metadata.labels[app.kubernetes.io/name] | 6",
        "metadata.labels.app.kubernetes.io/name | 6",
        ".metadata.labels.app | 7",
        "metadata.name.deeper | 4",
        "data[key.with.dots] | 25",
        "data.key.with.dots | 25",
        "data.key.with | 26",
        "data.key | 24",
        "data.keyring | 23",
        "status.nothing | 1",
        "... | 1",
        "[ | 1",
        "~~ | 1"
      })
  void everyPathLeadsToTheDeepestLineThatIsThere(String path, int line) {
    assertThat(Locator.locate(BODY, path)).isEqualTo(line);
  }
}
