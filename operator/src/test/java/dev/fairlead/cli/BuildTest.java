package dev.fairlead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.Typed;
import dev.fairlead.testbed.ProgramRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuildTest {
  private static final String MAP =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {key: \"1\"}\n";
  private static final String SYNC =
      """
      apiVersion: fairlead.dev/v1alpha1
      kind: GitSync
      metadata: {name: portfolio}
      spec:
        url: https://git.example.org/me/portfolio.git
        path: deploy
        ignore: ["*.draft.yaml"]
        defaultNamespace: shop
      """;

  @TempDir private Path root = Path.of("");

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }

  private void git(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("git", "-C", root.toString()));
    command.addAll(List.of(arguments));
    String _ =
        ProgramRun.of(
                command,
                Map.of("GIT_CONFIG_GLOBAL", "/dev/null", "GIT_CONFIG_NOSYSTEM", "1"),
                "",
                Duration.ofMinutes(1))
            .orFail();
  }

  private Typed build(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of("build"));
    command.addAll(List.of(arguments));
    return Typed.type(Map.of(), command.toArray(String[]::new));
  }

  @Test
  void a_directory_outside_of_any_repository_is_printed_with_the_place_of_each_object()
      throws IOException {
    write("b.yaml", MAP.formatted("b"));
    write("sub/a.yaml", "\n" + MAP.formatted("a"));
    write("notes.txt", "no manifest");

    Typed built = build(root.toString(), "--default-namespace", "shop");

    assertThat(built.code()).as("%s", built).isZero();
    assertThat(built.out())
        .isEqualTo(
            """
            ---
            # b.yaml:1
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: b
              namespace: shop
            data:
              key: "1"
            ---
            # sub/a.yaml:2
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: a
              namespace: shop
            data:
              key: "1"
            """);
    assertThat(built.err()).isEmpty();
  }

  @Test
  void of_a_working_copy_what_git_add_would_take_is_built_as_the_git_sync_says()
      throws IOException {
    git("init", "-q");
    write(".gitignore", "secret.yaml\n");
    write("deploy/tracked.yaml", MAP.formatted("tracked"));
    write("deploy/gone.yaml", MAP.formatted("gone"));
    git("add", "-A");
    Files.delete(root.resolve("deploy/gone.yaml"));
    write("deploy/new.yaml", MAP.formatted("new"));
    write("deploy/secret.yaml", "not: [yaml");
    write("deploy/later.draft.yaml", "not: [yaml");
    write("deploy/old/.fairleadignore", "*\n");
    write("deploy/old/x.yaml", "not: [yaml");
    write("sync.yaml", SYNC);

    Typed built = build(root.toString(), "-f", root.resolve("sync.yaml").toString(), "-o", "name");
    Typed yaml =
        build(root.resolve("deploy").toString(), "-f", root.resolve("sync.yaml").toString());

    assertThat(built.code()).as("%s", built).isZero();
    assertThat(built.out())
        .isEqualTo(
            "ConfigMap shop/new  deploy/new.yaml:1\nConfigMap shop/tracked  deploy/tracked.yaml:1\n");
    assertThat(yaml.out())
        .contains("applyset.kubernetes.io/part-of: applyset-")
        .contains("fairlead.dev/name: portfolio")
        .contains("fairlead.dev/namespace: fairlead-system");
  }

  @Test
  void every_mistake_is_told_with_its_line_and_nothing_is_printed() throws IOException {
    git("init", "-q");
    write("deploy/a.yaml", "a: [\n");
    write("deploy/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n");

    Typed built = build(root.resolve("deploy").toString());

    assertThat(built.code()).isEqualTo(1);
    assertThat(built.out()).isEmpty();
    assertThat(built.err().lines().toList())
        .hasSize(3)
        .satisfies(lines -> assertThat(lines.get(0)).startsWith("deploy/a.yaml:1: invalid YAML"))
        .satisfies(lines -> assertThat(lines.get(1)).startsWith("deploy/b.yaml:"))
        .satisfies(lines ->
            assertThat(lines.get(2)).isEqualTo("fairlead: 2 mistakes; nothing would be applied"));
  }

  @Test
  void what_is_left_out_is_said() throws IOException {
    write("a.yaml", MAP.formatted("a, namespace: x, annotations: {helm.sh/hook: test}"));
    write(
        "b.yaml",
        MAP.formatted("b, namespace: x, annotations: {fairlead.dev/reconcile: disabled}"));
    write("c.yaml", MAP.formatted("c, namespace: x"));
    write("d.yaml", "apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: d}\n");

    Typed built = build(root.toString(), "-o", "name");

    assertThat(built.out()).isEqualTo("ConfigMap x/c  c.yaml:1\nThing d  d.yaml:1\n");
    assertThat(built.err())
        .contains("warning: a.yaml:1: ConfigMap x/a: is a Helm hook (test) and is not applied")
        .contains("warning: b.yaml:1: ConfigMap x/b: is left alone")
        .contains("warning: d.yaml:1: Thing d: where its kind lives only a cluster knows");
  }

  @Test
  void what_makes_no_sense_is_told_in_a_sentence() throws IOException {
    write("sync.yaml", SYNC.replace("deploy", "../up"));
    write("none.yaml", MAP.formatted("a, namespace: x"));
    String sync = root.resolve("sync.yaml").toString();

    assertThat(build(root.resolve("absent").toString()).err()).contains("is not a directory");
    assertThat(build("-f", sync).err()).contains("sync.yaml:1: spec.path: ");
    assertThat(build("-f", root.resolve("none.yaml").toString()).err())
        .contains("holds no GitSync");
    assertThat(build("-o", "wide").code()).isEqualTo(2);
    Files.writeString(root.resolve("sync.yaml"), SYNC);
    assertThat(build(root.toString(), "-f", sync).err()).contains("deploy does not exist");
  }
}
