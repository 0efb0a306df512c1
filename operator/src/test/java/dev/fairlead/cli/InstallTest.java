package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.Typed;
import dev.fairlead.manifest.ConfigDocument;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.plan.ApiError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What install and uninstall do without a cluster, and what they decide. */
final class InstallTest {
  private static final Path FILE = Path.of("..", "manifests", "install.yaml");

  @Test
  void what_is_installed_is_install_yaml_with_the_definition_before_what_needs_it()
      throws IOException {
    List<InstallPart> parts = InstallPart.all("fairlead-system");

    assertThat(parts)
        .hasSize((int) Files.readString(FILE).lines().filter("---"::equals).count() + 1);
    assertThat(parts.stream().map(p -> p.resource().kind()).limit(2))
        .containsExactly("Namespace", "CustomResourceDefinition");
    assertThat(parts.getLast().resource().kind()).isEqualTo("Deployment");
    assertThat(parts).allMatch(p -> p.resource().namespaced() == !p.key().namespace().isEmpty());
  }

  @Test
  void in_another_namespace_nothing_is_left_of_the_usual_one() {
    for (InstallPart part : InstallPart.all("elsewhere")) {
      if (!part.resource().equals(InstallPart.DEFINITIONS)) {
        assertThat(part.body().toJson()).doesNotContain("fairlead-system");
      }
    }
    assertThat(InstallPart.all("elsewhere").getFirst().key().name()).isEqualTo("elsewhere");
  }

  @Test
  void o_yaml_prints_what_kubectl_can_apply_and_asks_no_cluster() throws IOException {
    Typed printed =
        Typed.type(Map.of(), "install", "-o", "yaml", "--image", "registry.example.org/fairlead:1");

    assertThat(printed.code()).as("%s", printed).isZero();
    assertThat(printed.err()).isEmpty();
    assertThat(printed.out())
        .contains("registry.example.org/fairlead:1")
        .contains("kind: CustomResourceDefinition");
    assertThat(printed.out().lines().filter("---"::equals).count())
        .isEqualTo(Files.readString(FILE).lines().filter("---"::equals).count());
  }

  @ParameterizedTest(name = "asked for {0}, running {1}: {2}")
  @CsvSource({
    ",, own.example/fairlead:2",
    "other/f:9,, other/f:9",
    ", own.example/fairlead:1, own.example/fairlead:2",
    ", own.example/fairlead@sha256:00, own.example/fairlead:2",
    ", registry:5000/fairlead:1, registry:5000/fairlead:1",
    ", registry:5000/fairlead, registry:5000/fairlead",
    "other/f:9, registry:5000/fairlead:1, other/f:9",
  })
  void the_image_that_somebody_chose_stays(String asked, String running, String chosen) {
    assertThat(
            InstallPart.chosen(
                Optional.ofNullable(asked), Optional.ofNullable(running), "own.example/fairlead:2"))
        .isEqualTo(chosen);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          install --path deploy                                    | --path is about a repository: name it with --url
          install --proxy-secret s                                 | --proxy-secret is about a repository: name it with --url
          install --secret s                                       | --secret is about a repository: name it with --url
          install --url git@example.org                            | --url must begin with https://, http:// or ssh://, or be like git@host:path
          install --url https://me:geheim@example.org/r            | --url has a user or a password in it: put them into a Secret (--secret)
          instal                                                   | there is no verb instal; 'fairlead help' lists them
          install --image=                                         | --image: not the name of an image: ''
          install --url file:///r                                  | --url is a file:// url
          install --url https://example.org/___                    | no name can be made of --url: give one with --name
          install --url https://example.org/r --known-hosts x      | --known-hosts is for ssh
          install --url git@e.org:r --known-hosts x --secret s     | --known-hosts is for a new deploy key
          install --timeout never                                  | --timeout:
          install --timeout 0s                                     | --timeout has to be positive
          install -o json                                          | invalid value for option '--output'
          uninstall --yes -n shop                                  | -n: the GitSyncs of all namespaces go
          help instal                                              | there is no verb instal
          uninstall                                                | nobody can be asked here: say --yes
          """)
  void wrong_usage_is_told_before_any_cluster_is_asked(String command, String sentence) {
    Typed typed = Typed.type(Map.of(), command.split(" ", -1));

    assertThat(typed.code()).as("%s", typed).isEqualTo(2);
    assertThat(typed.err()).startsWith("fairlead: " + sentence).doesNotContain("geheim");
  }

  @ParameterizedTest(name = "fields of {0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          kubectl              | kubectl has set spec.replicas of Deployment a/fairlead to something else: --force-conflicts sets it
          helm                 | helm has set spec.replicas of Deployment a/fairlead to something else: upgrade Fairlead with 'helm upgrade'
          fairlead/infra/self  | Deployment a/fairlead comes from Git: GitSync infra/self applies it.
          """)
  void who_else_sets_a_field_is_named_with_what_to_do(String manager, String sentence) {
    assertThat(
            Applying.conflict(
                new ObjectKey("apps", "Deployment", "a", "fairlead"),
                new ApiError.Conflict(
                    "", List.of(new ApiError.FieldConflict(manager, "spec.replicas")))))
        .startsWith(sentence);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {metadata: {generation: 1}, spec: {replicas: 1}}                                                                                                      | waiting for the operator's pod
          {metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1}}              | waiting for the operator's pod
          {metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1}}                                    | waiting for the operator's pod: 0 of 1 ready
          {metadata: {generation: 1}, spec: {replicas: 2}, status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 1}}              | waiting for the operator's pod: 1 of 2 ready
          {metadata: {generation: 2}, spec: {replicas: 1}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 2}}              | waiting for the operator's old pod to end
          {metadata: {generation: 1}, spec: {replicas: 1}, status: {observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1}}              |
          {metadata: {generation: 1}, spec: {replicas: 0}, status: {observedGeneration: 1}}                                                                     |
          """)
  void a_rollout_is_done_when_the_new_pods_run_and_the_old_are_gone(
      String deployment, String missing) {
    assertThat(Rollout.missing(parsed(deployment))).isEqualTo(Optional.ofNullable(missing));
  }

  @ParameterizedTest(name = "{0} is asked for, {1} is there: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --url git@e.org:r                  | {url: "git@e.org:r"}                                              |
          --url git@e.org:r                  | {url: "git@e.org:r", path: deploy, ref: {branch: x}, interval: 1h} |
          --url git@e.org:r --path deploy    | {url: "git@e.org:r", path: deploy}                                |
          --url git@e.org:r --path deploy    | {url: "git@e.org:r"}                                              | no spec.path
          --url git@e.org:r --path deploy    | {url: "git@e.org:r", path: prod}                                  | spec.path: prod
          --url git@e.org:r                  | {url: "git@e.org:other"}                                          | spec.url: git@e.org:other
          --url git@e.org:r --branch main    | {url: "git@e.org:r", ref: {tag: v1}}                              | no spec.ref.branch
          --url git@e.org:r --secret s       | {url: "git@e.org:r", secretRef: {name: t}}                        | spec.secretRef.name: t
          --url git@e.org:r --default-namespace a | {url: "git@e.org:r", defaultNamespace: b}                    | spec.defaultNamespace: b
          """)
  void a_gitsync_that_is_there_stays_if_it_is_what_was_asked_for(
      String asked, String spec, String difference) {
    FirstSyncOptions options = new FirstSyncOptions();
    var _ = new CommandLine(options).parseArgs(asked.split(" ", -1));

    assertThat(options.difference(parsed("{spec: " + spec + "}")))
        .isEqualTo(Optional.ofNullable(difference));
  }

  private static Json.Obj parsed(String yaml) {
    return ConfigDocument.read("test", yaml.getBytes(StandardCharsets.UTF_8), new ArrayList<>())
        .orElseThrow();
  }
}
