package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is rolled back to is read only where it is signed, too. */
final class VerifyRollbackIT extends RolledBack {
  private final SignedCommits signed;
  private final Path alice;
  private final Path bob;

  VerifyRollbackIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
    super("verify-rollback", cluster, directory);
    signed = new SignedCommits(cluster, directory);
    alice = signed.key("alice");
    bob = signed.key("bob");
  }

  private String push(Path key, String tag) throws Exception {
    GitChange site = write("web.yaml", deployment("web", tag));
    return signed.commit(repository, key, List.of(site));
  }

  @Test
  void the_last_good_commit_comes_back_over_a_restart_too_while_its_signer_counts()
      throws Exception {
    // Given
    signed.secret(namespace, alice, bob);
    String good = push(alice, "one");
    follow("sync", ROLLBACK, "verify: {secretRef: {name: signers}}");
    syncs.awaitReady("sync", good);

    // When, Then
    String bad = push(bob, BAD);
    awaitRolledBack(bad, good);
    assertThat(image("web")).isEqualTo("example.org/c:one");

    restart();
    cluster.kubectl("set", "image", "-n", namespace, "deployment/web", "c=example.org/c:by-hand");
    SyncClient.await(
        Duration.ofSeconds(30),
        "the last good image, from the commit that was read again",
        () -> image("web").equals("example.org/c:one"),
        () -> image("web") + " " + operator.log());
    assertThat(isRolledBack(syncs.status("sync"), bad, good)).isTrue();

    // An unsigned commit is no way out, and takes nothing from what runs.
    push("two");
    assertThat(syncs.awaitReason("sync", "SignatureInvalid")).contains("is not signed");
    assertThat(image("web")).isEqualTo("example.org/c:one");

    syncs.awaitReady("sync", push(bob, "three"));
    assertThat(image("web")).isEqualTo("example.org/c:three");
  }
}
