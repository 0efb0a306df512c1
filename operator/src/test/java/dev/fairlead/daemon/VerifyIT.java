package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.git.SigningKeys;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only what is signed is read. */
final class VerifyIT extends OneDaemon {
  private final SigningKeys keys;
  private final Path alice;
  private final Path bob;

  VerifyIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
    super("verify", cluster, directory);
    keys = new SigningKeys(Files.createDirectory(directory.resolve("keys")));
    alice = keys.ssh("alice", "ed25519", 256);
    bob = keys.ssh("bob", "ed25519", 256);
  }

  private String unsigned(String value) {
    return repository.commit("draft", value, List.of(write(value)));
  }

  private static GitChange write(String value) {
    return new GitChange.Write("a.yaml", configMap("a", value));
  }

  private String signed(String value, Path key) throws Exception {
    String draft = unsigned(value);
    String commit =
        keys.git(
                repository.jgit().getDirectory().toPath(),
                SigningKeys.with(key),
                "commit-tree",
                "-S",
                "-m",
                value,
                draft + "^{tree}")
            .strip();
    repository.branch(GitRepository.MAIN, commit);
    return commit;
  }

  private String value() {
    return cluster.kubectl("get", "configmap", "a", "-n", namespace, "-o", "jsonpath={.data.key}");
  }

  private void secret(Path... who) throws Exception {
    StringBuilder lines = new StringBuilder();
    for (Path key : who) {
      lines.append(SigningKeys.publicHalf(key));
    }
    Path file = Files.createTempFile("signers", ".sshpub");
    Files.writeString(file, lines);
    String secret =
        cluster.kubectl(
            "create",
            "secret",
            "generic",
            "signers",
            "-n",
            namespace,
            "--from-file=team.sshpub=" + file,
            "--dry-run=client",
            "-o",
            "yaml");
    Files.writeString(file, secret);
    cluster.kubectl("apply", "-f", file.toString());
    Files.delete(file);
  }

  @Test
  void an_unsigned_commit_changes_nothing_and_a_signed_one_goes_on() throws Exception {
    // Given
    secret(alice);
    String first = signed("1", alice);
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1s",
        "defaultNamespace: " + namespace,
        "verify: {secretRef: {name: signers}}");
    syncs.awaitReady("app", first);

    // When, Then
    String unsigned = unsigned("2");
    repository.branch(GitRepository.MAIN, unsigned);
    assertThat(syncs.awaitReason("app", "SignatureInvalid"))
        .contains("commit " + unsigned.substring(0, 7) + " is not signed, and spec.verify wants");
    assertThat(syncs.condition("app", "Stalled")).startsWith("True SignatureInvalid");
    assertThat(value()).isEqualTo("1");

    // A change by hand is repaired from the commit that is applied, and was signed.
    cluster.kubectl(
        "patch", "configmap", "a", "-n", namespace, "-p", "{\"data\":{\"key\":\"by hand\"}}");
    syncs.await("app", "the repair", _ -> value().equals("1"));

    String byBob = signed("3", bob);
    syncs.await(
        "app",
        "the refusal of an unknown key",
        s ->
            SyncClient.condition(s, "Ready").contains("which is not in the Secret of spec.verify"));
    assertThat(value()).isEqualTo("1");

    // When the key is put into the Secret, nobody has to push again.
    secret(alice, bob);
    syncs.awaitReady("app", byBob);
    assertThat(value()).isEqualTo("3");
  }
}
