package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.git.SigningKeys;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in Secrets and ends is told before it does. */
final class ExpiryIT extends OneDaemon {
  private final Path files;

  ExpiryIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
    super("expiry", cluster, directory);
    files = Files.createDirectory(directory.resolve("files"));
  }

  private static String inDays(int days) {
    return DateTimeFormatter.ofPattern("yyyyMMdd")
        .withZone(ZoneOffset.UTC)
        .format(Instant.now().plus(Duration.ofDays(days)));
  }

  private String warnings(String sync) {
    return cluster.kubectl(
        "get", "gitsync", sync, "-n", namespace, "-o", "jsonpath={.status.warnings}");
  }

  private List<String> series(String kind) {
    return operator
        .get("/metrics")
        .lines()
        .filter(l -> l.startsWith("fairlead_expiry_timestamp_seconds{kind=\"" + kind))
        .filter(l -> l.contains("namespace=\"" + namespace + "\""))
        .toList();
  }

  @Test
  void what_ends_within_a_month_is_a_warning_and_a_metric_until_it_is_renewed() throws Exception {
    // Given
    var keys = new SigningKeys(Files.createDirectory(files.resolve("keys")));
    Path alice = keys.ssh("alice", "ed25519", 256);
    String line = SigningKeys.publicHalf(alice);
    try (GitServer tls = GitServer.startWithTls(files)) {
      tls.create("private.git").commit(Map.of("a.yaml", configMap("a", "1")), "First");
      // The server's certificate, its own authority, is for ten days.
      secret("git", "--from-literal=ca.crt=" + tls.caCertificate());
      secret("signers", "--from-literal=team.sshpub=* valid-before=\"" + inDays(5) + "\" " + line);
      String url = tls.url() + "/private.git";

      // When
      for (String sync : List.of("one", "two")) {
        syncs.apply(
            sync,
            url,
            "interval: 1s",
            "mode: Plan",
            "defaultNamespace: " + namespace,
            "secretRef: {name: git}");
      }

      // Then
      for (String sync : List.of("one", "two")) {
        syncs.await(
            sync,
            "the warning",
            _ ->
                warnings(sync)
                    .contains(
                        "spec.secretRef: the certificate of the authority CN=fairlead-tests in ca.crt"
                            + " of the Secret "
                            + namespace
                            + "/git expires on "));
      }
      assertThat(series("ca-certificate")).hasSize(1);
      assertThat(series("signing-key")).isEmpty();

      // When keys are asked for that end too, in a sync that applies.
      repository.commit(Map.of("a.yaml", configMap("a", "1")), "Unsigned");
      syncs.apply(
          "three",
          repository.url(),
          "interval: 1s",
          "defaultNamespace: " + namespace,
          "verify: {secretRef: {name: signers}}");
      assertThat(syncs.awaitReason("three", "SignatureInvalid")).contains("is not signed");
      syncs.await(
          "three",
          "the warning",
          _ -> warnings("three").contains("in team.sshpub of the Secret " + namespace));
      assertThat(series("signing-key")).hasSize(1);

      // When they are renewed, it is over, without a new commit.
      secret("signers", "--from-literal=team.sshpub=" + line);
      syncs.await("three", "no warning", _ -> warnings("three").isEmpty());
      SyncClient.await(
          Duration.ofSeconds(30),
          "no series",
          () -> series("signing-key").isEmpty(),
          () -> operator.get("/metrics"));

      // When one sync goes, the other still has its series.
      cluster.kubectl("delete", "gitsync", "one", "-n", namespace, "--timeout=60s");
      assertThat(series("ca-certificate")).hasSize(1);
      cluster.kubectl("delete", "gitsync", "two", "-n", namespace, "--timeout=60s");
      SyncClient.await(
          Duration.ofSeconds(30),
          "no series",
          () -> series("ca-certificate").isEmpty(),
          () -> operator.get("/metrics"));
    }
  }
}
