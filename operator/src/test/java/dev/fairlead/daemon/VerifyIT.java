package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only what is signed is read. */
final class VerifyIT extends OneDaemon {
  private final SignedCommits signed;
  private final Path alice;
  private final Path bob;

  VerifyIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
    super("verify", cluster, directory);
    signed = new SignedCommits(cluster, directory);
    alice = signed.key("alice");
    bob = signed.key("bob");
  }

  private String unsigned(String value) {
    return repository.commit("draft", value, List.of(write(value)));
  }

  private static GitChange write(String value) {
    return new GitChange.Write("a.yaml", configMap("a", value));
  }

  private String signed(String value, Path key) throws Exception {
    return signed.commit(repository, key, List.of(write(value)));
  }

  @Test
  void an_unsigned_commit_changes_nothing_and_a_signed_one_goes_on() throws Exception {
    // Given
    signed.secret(namespace, alice);
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
    assertThat(valueOf("a")).isEqualTo("1");

    // A change by hand is repaired from the commit that is applied, and was signed.
    byHand();
    syncs.await("app", "the repair", _ -> valueOf("a").equals("1"));

    String byBob = signed("3", bob);
    syncs.await(
        "app",
        "the refusal of an unknown key",
        s ->
            SyncClient.condition(s, "Ready").contains("which is not in the Secret of spec.verify"));
    assertThat(valueOf("a")).isEqualTo("1");

    // When the key is put into the Secret, nobody has to push again.
    signed.secret(namespace, alice, bob);
    syncs.awaitReady("app", byBob);
    assertThat(valueOf("a")).isEqualTo("3");
  }

  @Test
  void after_a_restart_the_applied_commit_is_read_while_its_signer_counts() throws Exception {
    // Given
    signed.secret(namespace, alice);
    String commit = signed("1", alice);
    syncs.apply(
        "app",
        repository.url(),
        "interval: 1s",
        "defaultNamespace: " + namespace,
        "verify: {secretRef: {name: signers}}");
    syncs.awaitReady("app", commit);

    // When, Then
    restart();
    byHand();
    syncs.await("app", "the repair", _ -> valueOf("a").equals("1"));
    syncs.awaitReady("app", commit);

    signed.secret(namespace, bob);
    restart();
    assertThat(syncs.awaitReason("app", "SignatureInvalid"))
        .contains("which is not in the Secret of spec.verify");
    assertThat(valueOf("a")).as("what runs").isEqualTo("1");

    byHand();
    signed.secret(namespace, alice, bob);
    syncs.await("app", "the repair", _ -> valueOf("a").equals("1"));
    syncs.awaitReady("app", commit);
  }

  @Test
  void where_lines_come_from_is_told_of_a_commit_whose_signature_counts() throws Exception {
    // Given
    String unsigned = unsigned("1");
    repository.branch(GitRepository.MAIN, unsigned);
    follow("app", "interval: 1s");
    syncs.awaitReady("app", unsigned);
    String blame = "/gitsyncs/" + namespace + "/app/blame?file=a.yaml";
    assertThat(operator.api(blame)).contains("\"subject\":\"" + "1\"");

    // When
    signed.secret(namespace, alice);
    follow("app", "interval: 1s", "verify: {secretRef: {name: signers}}");
    syncs.awaitReason("app", "SignatureInvalid");

    // Then
    assertThat(operator.api(blame))
        .contains(
            "\"status\":503",
            "commit " + unsigned.substring(0, 7) + " is not signed, and spec.verify")
        .doesNotContain("subject");
    restart();
    syncs.awaitReason("app", "SignatureInvalid");
    assertThat(operator.api(blame)).contains("\"status\":503").doesNotContain("subject");

    // The signed commit names those before it by their hashes.
    String second = signed("2", alice);
    syncs.awaitReady("app", second);
    assertThat(operator.api(blame)).contains(second, unsigned);
  }

  @Test
  void lines_of_a_submodule_are_told_of_a_commit_whose_signature_counts() throws Exception {
    // Given
    GitRepository library = another();
    String used = library.commit(Map.of("b.yaml", configMap("b", "1")), "Of the library");
    String name = library.url().replaceFirst(".*/", "");
    List<GitChange> changes =
        List.of(
            write("1"),
            new GitChange.Write(
                ".gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = ../" + name + "\n"),
            new GitChange.Submodule("lib", used));
    String unsigned = repository.commit(GitRepository.MAIN, "Draft", changes);
    follow("app", "interval: 1s", "submodules: true");
    syncs.awaitReady("app", unsigned);
    String blame = "/gitsyncs/" + namespace + "/app/blame?file=lib%2Fb.yaml";

    // When
    signed.secret(namespace, alice);
    follow("app", "interval: 1s", "submodules: true", "verify: {secretRef: {name: signers}}");
    syncs.awaitReason("app", "SignatureInvalid");

    // Then
    assertThat(operator.api(blame))
        .contains("\"status\":503", "is not signed")
        .doesNotContain(used, "Of the library");
    restart();
    syncs.awaitReason("app", "SignatureInvalid");
    assertThat(operator.api(blame)).contains("\"status\":503").doesNotContain(used);

    // The signed commit names that of the submodule by its hash.
    syncs.awaitReady("app", signed.commit(repository, alice, changes));
    assertThat(operator.api(blame)).contains("\"commit\":\"" + used, "Of the library");
  }

  private void byHand() {
    cluster.kubectl(
        "patch", "configmap", "a", "-n", namespace, "-p", "{\"data\":{\"key\":\"by hand\"}}");
  }
}
