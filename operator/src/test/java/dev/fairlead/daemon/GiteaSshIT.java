package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.Gitea;
import dev.fairlead.testbed.GiteaRepository;
import dev.fairlead.testbed.OpenSsh;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real Gitea over its own ssh server, with deploy keys. */
final class GiteaSshIT extends GiteaDaemon {
  private static final String SECRET = "secretRef: {name: git}";

  private final Path directory;

  GiteaSshIT(ControlPlane cluster, @TempDir Path directory) {
    super("gitea-ssh", cluster, directory);
    this.directory = directory;
  }

  private Path key(String kind, int bits) throws IOException, InterruptedException {
    Path file = Files.createTempDirectory(directory, "key-").resolve("identity");
    int status =
        new ProcessBuilder(
                "ssh-keygen",
                "-q",
                "-t",
                kind,
                "-b",
                "" + bits,
                "-N",
                "",
                "-C",
                "",
                "-f",
                "" + file)
            .start()
            .waitFor();
    assertThat(status).isZero();
    return file;
  }

  private static Path pub(Path key) {
    return key.resolveSibling("identity.pub");
  }

  private void secret(Path key, String knownHosts) throws IOException {
    Path hosts = Files.writeString(key.resolveSibling("known_hosts"), knownHosts);
    secret("git", "--from-file=identity=" + key, "--from-file=known_hosts=" + hosts);
  }

  @ParameterizedTest
  @CsvSource({"ed25519, 256", "rsa, 3072", "ecdsa, 256", "ecdsa, 521"})
  void a_deploy_key_of_any_kind_reads_its_repository(String kind, int bits) throws Exception {
    GiteaRepository app = gitea.createRepository(kind + bits, true);
    String first = push(app, "1");
    Path key = key(kind, bits);
    app.addDeployKey(Files.readString(pub(key)));

    secret(key, gitea.scan());
    sync("app", app.sshUrl(), SECRET);

    syncs.awaitReady("app", first);
    String second = push(app, "2");
    syncs.awaitReady("app", second);
  }

  @Test
  void a_key_that_nobody_knows_is_named_until_it_is_added() throws Exception {
    GiteaRepository app = gitea.createRepository("unknown-key", true);
    String first = push(app, "1");
    Path key = key("ed25519", 256);
    secret(key, gitea.scan());
    sync("app", app.sshUrl(), SECRET);

    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" does not let git in with the key of the Secret, ssh-ed25519 ")
        .contains(OpenSsh.fingerprint(pub(key)))
        .contains("the ways to log in there: publickey");

    app.addDeployKey(Files.readString(pub(key)));
    syncs.awaitReady("app", first);
  }

  @Test
  void a_key_of_another_repository_is_told_with_what_the_host_says() throws Exception {
    GiteaRepository app = gitea.createRepository("mine", true);
    GiteaRepository other = gitea.createRepository("not-mine", true);
    push(app, "1");
    String first = push(other, "1");
    Path key = key("ed25519", 256);
    app.addDeployKey(Files.readString(pub(key)));
    secret(key, gitea.scan());

    sync("app", other.sshUrl(), SECRET);

    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" does not let the key of the Secret read " + other.sshUrl())
        .contains(" is not authorized to read team/not-mine.)");
    other.addDeployKey(Files.readString(pub(key)));
    syncs.awaitReady("app", first);
  }

  @Test
  void a_renamed_repository_is_found_and_a_deleted_one_is_told() throws Exception {
    GiteaRepository app = gitea.createRepository("old-name", true);
    String first = push(app, "1");
    Path key = key("ed25519", 256);
    app.addDeployKey(Files.readString(pub(key)));
    secret(key, gitea.scan());
    sync("app", app.sshUrl(), SECRET);
    syncs.awaitReady("app", first);

    gitea.api("PATCH", app.path(), "{\"name\":\"new-name\"}");
    String second = push(app.renamed("new-name"), "2");
    syncs.awaitReady("app", second);

    gitea.api("DELETE", "/repos/" + Gitea.OWNER + "/new-name", "");
    // With its repository the key goes, which is nobody's then.
    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" does not let git in with the key of the Secret, ssh-ed25519 ");
    assertThat(valueOf("a")).isEqualTo("2");
  }

  @Test
  void a_repository_that_is_not_there_is_told_with_what_the_host_says() throws Exception {
    GiteaRepository app = gitea.createRepository("there", true);
    push(app, "1");
    Path key = key("ed25519", 256);
    app.addDeployKey(Files.readString(pub(key)));
    secret(key, gitea.scan());
    String url = app.renamed("not-there").sshUrl();

    sync("app", url, SECRET);

    assertThat(syncs.awaitReason("app", "FetchFailed"))
        .contains("there is no repository at " + url + ", or the key may not read it")
        .contains("(Cannot find repository: team/not-there)");
  }

  @Test
  void another_host_key_than_the_known_one_is_told_with_both_fingerprints() throws Exception {
    GiteaRepository app = gitea.createRepository("host-key", true);
    String first = push(app, "1");
    Path key = key("ed25519", 256);
    Path stranger = key("rsa", 3072);
    app.addDeployKey(Files.readString(pub(key)));
    String known = "[127.0.0.1]:" + gitea.sshAddress().getPort() + " ";
    secret(key, known + Files.readString(pub(stranger)));

    sync("app", app.sshUrl(), SECRET);

    assertThat(syncs.awaitReason("app", "AuthenticationFailed"))
        .contains(" shows the host key ssh-rsa " + gitea.fingerprint())
        .contains(
            "and known_hosts of the Secret has ssh-rsa " + OpenSsh.fingerprint(pub(stranger)));
    secret(key, gitea.scan());
    syncs.awaitReady("app", first);
  }

  /** Such an address has no port, so it leads to 22. */
  @Test
  void the_address_as_scp_has_it_leads_to_the_same_repository() throws Exception {
    GiteaRepository app = gitea.createRepository("scp", true);
    String first = push(app, "1");
    Path key = key("ed25519", 256);
    app.addDeployKey(Files.readString(pub(key)));
    String host = "127.%d.%d.2".formatted(byteByChance(), byteByChance());
    try (var entry = new ServerSocket()) {
      listen(entry, host);
      secret(key, gitea.scan().replaceAll("\\[127\\.0\\.0\\.1]:\\d+", host));

      sync("app", app.scpUrl(host), SECRET);

      syncs.awaitReady("app", first);
      syncs.delete("app");
    }
  }

  private static int byteByChance() {
    return ThreadLocalRandom.current().nextInt(1, 255);
  }

  private void listen(ServerSocket entry, String host) {
    try {
      entry.bind(new InetSocketAddress(InetAddress.getByName(host), 22));
    } catch (IOException e) {
      abort("nothing may listen at port 22 here: " + e.getMessage());
    }
    Thread.ofVirtual()
        .start(() -> {
          while (!entry.isClosed()) {
            try {
              lead(entry.accept());
            } catch (IOException e) {
              return;
            }
          }
        });
  }

  private void lead(Socket near) throws IOException {
    Socket far = new Socket();
    far.connect(gitea.sshAddress());
    Thread.ofVirtual().start(() -> copy(near, far));
    Thread.ofVirtual().start(() -> copy(far, near));
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // The other direction has ended first.
      Thread.onSpinWait();
    }
  }
}
