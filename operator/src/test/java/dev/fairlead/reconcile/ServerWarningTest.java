package dev.fairlead.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Origin;
import dev.fairlead.model.Warning;
import dev.fairlead.plan.DesiredObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerWarningTest {
  private static final String PORTS =
      "spec.template.spec.containers[0].ports[1]: duplicate port definition with"
          + " spec.template.spec.containers[0].ports[0]";
  private static final String VERSION = "apps/v1 Deployment is deprecated in v9.99+";
  private static final String WEB =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
        annotations:
          kubernetes.io/ingress.class: nginx
          old.example.org/colour: red
        finalizers: [tidy]
      spec:
        template:
          spec:
            containers:
              - name: c
                ports:
                  - containerPort: 80
                  - containerPort: 80
      """;

  @ParameterizedTest(name = "{0}: line {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "spec.template.spec.containers[0].ports[1]: duplicate port definition | 16",
        "spec.template.spec.containers[0].ports[1].hostIP: no such thing      | 16",
        "spec.template.spec.nodeSelector[a/b]: deprecated                     | 11",
        "annotation \"kubernetes.io/ingress.class\" is deprecated             | 6",
        "metadata.annotations[old.example.org/colour]: non-functional         | 7",
        "metadata.finalizers: \"tidy\": prefer a domain-qualified name        | 8",
        "apps/v1 Deployment is deprecated in v9.99+                           | 1",
        "unknown.field: of nothing that is written here                       | 1",
        "spec                                                                 | 1",
      })
  void the_line_is_that_of_the_field(String message, int line) {
    assertThat(ServerWarning.of(List.of(), manifest(WEB), List.of(message)))
        .singleElement()
        .satisfies(w -> assertThat(w.message()).isEqualTo(message))
        .satisfies(w -> assertThat(w.line()).isEqualTo(line));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing changes                        | web          | web          | ports finalizers version",
        "a label of the object is added         | name: web    | name: web, labels: {a: b} | ports finalizers",
        "the spec changes elsewhere             | name: c      | name: other  | finalizers",
        "the finalizer changes                  | [tidy]       | [tidier]     | ports",
        "an annotation changes                  | colour: red  | colour: blue | ports finalizers",
      })
  void silence_says_nothing_about_what_has_not_changed(
      String sentence, String from, String to, String kept) {
    String finalizer = "metadata.finalizers: \"tidy\": prefer a domain-qualified name";
    List<ServerWarning> before =
        ServerWarning.of(List.of(), manifest(WEB), List.of(PORTS, finalizer, VERSION));
    String changed =
        to.startsWith("name: web,")
            ? WEB.replace("  name: web\n", "  name: web\n  labels: {a: b}\n")
            : WEB.replace(from, to);

    List<ServerWarning> after = ServerWarning.of(before, manifest(changed), List.of());

    assertThat(after.stream().map(ServerWarning::message).toList())
        .containsExactlyInAnyOrderElementsOf(
            List.of(kept.split(" ")).stream()
                .map(word ->
                    switch (word) {
                      case "ports" -> PORTS;
                      case "finalizers" -> finalizer;
                      default -> VERSION;
                    })
                .toList());
  }

  @Test
  void what_the_server_repeats_is_there_once() {
    List<ServerWarning> before = ServerWarning.of(List.of(), manifest(WEB), List.of(PORTS));

    assertThat(ServerWarning.of(before, manifest(WEB), List.of(PORTS, VERSION)))
        .extracting(ServerWarning::message)
        .containsExactly(VERSION, PORTS);
  }

  @Test
  void a_warning_follows_its_line() {
    List<ServerWarning> before = ServerWarning.of(List.of(), manifest(WEB), List.of(PORTS));
    Manifest moved =
        manifest("# one\n# two\n" + WEB.replace("        - name", "        # new\n        - name"));

    assertThat(ServerWarning.of(before, moved, List.of()))
        .singleElement()
        .satisfies(w -> assertThat(w.line()).isEqualTo(19));
  }

  @Test
  void the_number_is_bounded() {
    List<String> many =
        java.util.stream.IntStream.range(0, 100).mapToObj(i -> "warning " + i).toList();

    assertThat(ServerWarning.of(List.of(), manifest(WEB), many)).hasSize(ServerWarning.MOST);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "the value                        | data.a: hunter2 is weak",
        "the encoded value                | data.a: aHVudGVyMg== is weak",
        "a policy, whatever it says       | Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': h*****2 is weak",
      })
  void nothing_of_a_secret_is_told(String sentence, String message) {
    Manifest secret =
        manifest("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: aHVudGVyMg==}\n");

    assertThat(ServerWarning.of(List.of(), secret, List.of(message)))
        .singleElement()
        .satisfies(w ->
            assertThat(w.message())
                .doesNotContain("hunter2")
                .doesNotContain("aHVudGVyMg")
                .doesNotContain("h*"));
    assertThat(ServerWarning.of(List.of(), secret, List.of("v1 Secret is deprecated")))
        .extracting(ServerWarning::message)
        .containsExactly("v1 Secret is deprecated");
  }

  @Test
  void after_a_restart_status_tells_what_was_warned_of() {
    DesiredObject web =
        new DesiredObject(
            manifest(WEB).key(),
            manifest(WEB).gvk(),
            dev.fairlead.model.Digest.parse(manifest(WEB).digest()),
            manifest(WEB).origin(),
            "blob");
    List<ServerWarning> before =
        ServerWarning.of(List.of(), manifest(WEB), List.of(PORTS, VERSION));
    List<String> told = before.stream().map(w -> w.of(web).toString()).toList();

    Map<ObjectKey, List<ServerWarning>> recorded =
        ServerWarning.recorded(
            java.util.stream.Stream.concat(told.stream(), java.util.stream.Stream.of("x: y", ""))
                .toList(),
            List.of(web, Examples.desired("ConfigMap", "other")),
            Map.of(web.key(), manifest(WEB)));

    assertThat(recorded).isEqualTo(Map.of(web.key(), before));
  }

  @Test
  void warnings_are_told_by_place_and_once() {
    DesiredObject web = Examples.desired("Deployment.apps", "web");
    DesiredObject api = Examples.desired("Deployment.apps", "api");
    Warning skipped =
        new Warning(Optional.empty(), Origin.ofFile("deploy/hook.yaml"), "is skipped");

    List<Warning> told =
        ServerWarning.told(
            List.of(
                Held.unverified(web)
                    .withWarnings(
                        List.of(
                            new ServerWarning("later", 9, ""), new ServerWarning("first", 4, ""))),
                Held.unverified(api).withWarnings(List.of(new ServerWarning("whole", 0, "")))),
            List.of(skipped, skipped));

    assertThat(told)
        .extracting(Warning::toString)
        .containsExactly(
            "deploy/api.yaml:3: Deployment apps/api: whole",
            "deploy/hook.yaml: is skipped",
            "deploy/web.yaml:4: Deployment apps/web: first",
            "deploy/web.yaml:9: Deployment apps/web: later");
  }

  private static Manifest manifest(String text) {
    return new ManifestReader(Limits.DEFAULT)
        .read("deploy/web.yaml", text.getBytes(UTF_8))
        .manifests()
        .getFirst();
  }
}
