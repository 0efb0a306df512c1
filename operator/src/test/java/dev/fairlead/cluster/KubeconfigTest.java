package dev.fairlead.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.testbed.ProgramRun;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KubeconfigTest {
  private static final String ONE =
      """
      apiVersion: v1
      kind: Config
      current-context: home
      contexts:
      - {name: home, context: {cluster: home, user: me, namespace: shop}}
      - {name: work, context: {cluster: work, user: me}}
      - {name: lost, context: {cluster: nowhere, user: me}}
      - {name: stranger, context: {cluster: home, user: nobody}}
      - {name: old, context: {cluster: home, user: old}}
      clusters:
      - {name: home, cluster: {server: "https://home.example:6443/"}}
      - {name: work, cluster: {server: "https://work.example"}}
      users:
      - {name: me, user: {token: secret}}
      - {name: old, user: {auth-provider: {name: gcp}}}
      """;

  @TempDir private Path directory = Path.of("");

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private ClusterAccess access(Optional<String> context, Path... files)
      throws IOException, KubeconfigException {
    String list =
        String.join(
            File.pathSeparator, java.util.Arrays.stream(files).map(Path::toString).toList());
    Map<String, String> environment = Map.of("KUBECONFIG", list);
    return Kubeconfig.load(Optional.empty(), environment, directory)
        .orElseThrow()
        .access(context, environment, false);
  }

  @Test
  void the_current_context_is_the_default() throws Exception {
    ClusterAccess access = access(Optional.empty(), write("one", ONE));

    assertThat(access.context()).isEqualTo("home");
    assertThat(access.server()).isEqualTo("https://home.example:6443");
    assertThat(access.namespace()).contains("shop");
  }

  @Test
  void another_context_can_be_named_and_need_not_name_a_namespace() throws Exception {
    ClusterAccess access = access(Optional.of("work"), write("one", ONE));

    assertThat(access.server()).isEqualTo("https://work.example");
    assertThat(access.namespace()).isEmpty();
  }

  @Test
  void of_several_files_the_first_that_says_something_counts_and_absent_ones_do_not()
      throws Exception {
    Path first =
        write(
            "first",
            """
            current-context: work
            clusters:
            - {name: work, cluster: {server: "https://other.example"}}
            """);

    ClusterAccess access =
        access(Optional.empty(), directory.resolve("absent"), first, write("one", ONE));

    assertThat(access.context()).isEqualTo("work");
    assertThat(access.server()).isEqualTo("https://other.example");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "nope | has no context nope; there are: home, work, lost, stranger, old",
        "lost | names the cluster nowhere, which has no server there",
        "stranger | names the user nobody, who is not there",
        "old | has an auth-provider",
      })
  void what_does_not_fit_is_said_and_no_other_cluster_is_taken(String context, String message)
      throws IOException {
    Path file = write("one", ONE);

    assertThatThrownBy(() -> access(Optional.of(context), file))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void a_file_that_is_not_there_or_broken_is_named() throws IOException {
    Path broken = write("broken", "a: b\nc: [\n");
    Path absent = directory.resolve("absent");

    assertThatThrownBy(() -> access(Optional.empty(), broken))
        .hasMessageContaining(broken + ":2: ");
    assertThatThrownBy(() -> access(Optional.empty(), absent))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> Kubeconfig.load(Optional.of(absent), Map.of(), directory))
        .hasMessageContaining(absent + " does not exist");
    assertThatThrownBy(() -> access(Optional.empty(), write("empty", "")))
        .hasMessageContaining("no current context")
        .hasMessageContaining("there is no context at all");
  }

  @Test
  void without_any_file_there_is_none() throws Exception {
    assertThat(Kubeconfig.load(Optional.empty(), Map.of(), directory)).isEmpty();
  }

  private Path plugin(String script) throws IOException {
    // Not by this process: another test's child could hold the file open, and nobody can run it
    // then.
    ProgramRun.of(
            List.of(
                "sh",
                "-c",
                "cat >\"$0\" && chmod +x \"$0\"",
                directory.resolve("plugin").toString()),
            Map.of(),
            "#!/bin/sh\n" + script,
            Duration.ofSeconds(30))
        .orFail();
    return write(
        "exec",
        """
        current-context: home
        contexts:
        - {name: home, context: {cluster: home, user: me}}
        clusters:
        - {name: home, cluster: {server: "https://home.example"}}
        users:
        - name: me
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: ./plugin
              args: [one]
              env: [{name: TWO, value: two}]
              provideClusterInfo: true
        """);
  }

  @Test
  void a_credential_plugin_is_told_what_kubectl_tells_it() throws Exception {
    Path file =
        plugin(
            """
            echo "$1 $TWO $KUBERNETES_EXEC_INFO" > "$(dirname "$0")/told"
            echo '{"kind":"ExecCredential","status":{"token":"t"}}'
            """);

    assertThat(access(Optional.empty(), file).server()).isEqualTo("https://home.example");
    assertThat(Files.readString(directory.resolve("told")))
        .isEqualTo(
            "one two {\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
                + "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://home.example\"}}}\n");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "exit 3 | failed with exit code 3: log in again",
        "echo hello | gave no credential",
        "echo '{\"status\":{}}' | gave no credential",
      })
  void a_credential_plugin_that_fails_is_named(String script, String message) throws IOException {
    Path file = plugin(script + "\n");

    assertThatThrownBy(() -> access(Optional.empty(), file))
        .hasMessageContaining("plugin ./plugin of context home " + message);
  }
}
