package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.OpenSsh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository behind the real OpenSSH, with deploy keys made by the real ssh-keygen. */
final class SshIT extends OneDaemon {
  private static final String PASSPHRASE = "correct horse";

  private final Path directory;
  private final OpenSsh ssh;

  SshIT(ControlPlane cluster, @TempDir Path directory) {
    super("ssh", cluster, available(directory));
    this.directory = directory;
    this.ssh = OpenSsh.start(directory.resolve("ssh"));
  }

  /** Before anything is started that would have to be ended. */
  private static Path available(Path directory) {
    OpenSsh.requireAvailable();
    return directory;
  }

  @AfterAll
  void end() {
    ssh.close();
  }

  private Path key(String name) throws IOException, InterruptedException {
    Path file = directory.resolve(name);
    int status =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-C", "", "-f", "" + file)
            .start()
            .waitFor();
    assertThat(status).isZero();
    return file;
  }

  private static Path pub(Path key) {
    return key.resolveSibling(key.getFileName() + ".pub");
  }

  /** As docs/gitsync.md says. */
  private void secret(Path key, String knownHosts) throws IOException {
    Path hosts = directory.resolve("known_hosts");
    Files.writeString(hosts, knownHosts);
    cluster.apply(
        cluster.kubectl(
            "create",
            "secret",
            "generic",
            "git",
            "-n",
            namespace,
            "--from-file=identity=" + key,
            "--from-file=known_hosts=" + hosts,
            "--from-literal=password=" + PASSPHRASE,
            "--dry-run=client",
            "-o",
            "yaml"));
  }

  @Test
  void a_push_deploys_and_what_is_wrong_is_told_until_the_secret_is_right() throws Exception {
    Path right = key("right");
    Path wrong = key("wrong");
    ssh.authorize(Files.readString(pub(right)));
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "First");
    restart();
    follow("over-http");
    syncs.awaitReady("over-http", first);
    assertThat(operator.classes())
        .as("nothing of it takes room before it is needed")
        .doesNotContain("org.apache.sshd");
    syncs.delete("over-http");

    secret(wrong, ssh.scan());
    syncs.apply(
        "app", ssh.url(repository), "secretRef: {name: git}", "defaultNamespace: " + namespace);

    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" does not let git in with the key of the Secret, ssh-ed25519 ")
        .contains(OpenSsh.fingerprint(pub(wrong)))
        .contains("the ways to log in there: publickey");

    secret(right, ssh.scan());
    syncs.awaitReady("app", first);

    String second = repository.commit(Map.of("a.yaml", configMap("a", "2")), "Second");
    syncs.awaitReady("app", second);
    awaitValue("a", "2");

    String expected = ssh.fingerprint();
    ssh.changeHostKey();
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" shows the host key ssh-ed25519 " + ssh.fingerprint())
        .contains("and known_hosts of the Secret has ssh-ed25519 " + expected);
    String third = repository.commit(Map.of("a.yaml", configMap("a", "3")), "Third");

    secret(right, ssh.scan());
    syncs.awaitReady("app", third);
    awaitValue("a", "3");
    assertThat(operator.classes()).contains("org.apache.sshd");
    assertThat(operator.log())
        .doesNotContain(PASSPHRASE)
        .doesNotContain(Files.readAllLines(right).get(1))
        .doesNotContain("org.apache.sshd");
  }

  @Test
  void a_push_deploys_with_the_modules_of_the_image_alone() throws Exception {
    // Who reads a kubeconfig needs that one too; a pod does not.
    String modules = "java.xml,";
    try (Stream<String> lines = Files.lines(Path.of("..", "image", "modules.txt"))) {
      modules +=
          lines
              .map(line -> line.replaceFirst(" *#.*", ""))
              .filter(line -> !line.isEmpty())
              .collect(Collectors.joining(","));
    }
    Path key = key("image");
    ssh.authorize(Files.readString(pub(key)));
    secret(key, ssh.scan());
    assertThat(operator.stop()).isLessThan(Duration.ofSeconds(20));
    operator =
        OperatorProcess.start(
            cluster.kubeconfig(), directory, "--limit-modules=" + modules, List.of());
    String first = repository.commit(Map.of("a.yaml", configMap("a", "1")), "First");

    syncs.apply(
        "app", ssh.url(repository), "secretRef: {name: git}", "defaultNamespace: " + namespace);

    syncs.awaitReady("app", first);
    restart();
  }

  /** With the same key, by a url that is relative to one that ssh has. */
  @Test
  void a_submodule_is_fetched_where_the_spec_says_so() throws Exception {
    Path key = key("both");
    ssh.authorize(Files.readString(pub(key)));
    secret(key, ssh.scan());
    GitRepository library = another();
    String shared = library.commit(Map.of("shared.yaml", configMap("shared", "1")), "Shared");
    String name = library.jgit().getDirectory().getName();
    List<GitChange> changes =
        List.of(
            new GitChange.Write(
                ".gitmodules", "[submodule \"l\"]\n\tpath = deploy/l\n\turl = ../" + name + "\n"),
            new GitChange.Write("deploy/a.yaml", configMap("a", "1")),
            new GitChange.Submodule("deploy/l", shared));
    String first = repository.commit(GitRepository.MAIN, "First", changes);
    String[] spec = {"secretRef: {name: git}", "path: deploy", "defaultNamespace: " + namespace};
    syncs.apply("app", ssh.url(repository), spec);
    assertThat(syncs.awaitReason("app", "BuildFailed"))
        .contains("deploy/l: a submodule: set spec.submodules to have it fetched");

    String[] with = Arrays.copyOf(spec, spec.length + 1);
    with[spec.length] = "submodules: true";
    syncs.apply("app", ssh.url(repository), with);
    syncs.awaitReady("app", first);
    awaitValue("shared", "1");

    String newer = library.commit(Map.of("shared.yaml", configMap("shared", "2")), "Newer");
    String second =
        repository.commit(
            GitRepository.MAIN, "Second", List.of(new GitChange.Submodule("deploy/l", newer)));
    syncs.awaitReady("app", second);
    awaitValue("shared", "2");
    cluster.kubectl("delete", "configmap", "-n", namespace, "shared");
    awaitValue("shared", "2");
  }
}
