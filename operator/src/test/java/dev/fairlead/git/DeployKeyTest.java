package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.testbed.TestProxy;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are made for a repository, and keys that hosts show. */
final class DeployKeyTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path directory;

  @Test
  void a_new_key_opens_the_repository_whose_host_was_asked_for_its_key() throws Exception {
    DeployKey key = DeployKey.generate("fairlead/portfolio");
    try (MirrorFixture git = new MirrorFixture(directory);
        GitSsh server = new GitSsh(git.origin)) {
      String first = git.origin.commit("main", "First", Map.of("a", "1"));
      server.allow(
          PublicKeyEntry.parsePublicKeyEntry(key.publicHalf())
              .resolvePublicKey(null, null, PublicKeyEntryResolver.FAILING));
      HostKey host = HostKey.ask(server.url(), Optional.empty(), LIMIT);

      Mirror mirror =
          git.mirrors.acquire(
              new Remote(
                  server.url(),
                  Credentials.fromSecret(
                      Map.of(
                          "identity", key.identity().getBytes(StandardCharsets.UTF_8),
                          "known_hosts", host.knownHosts().getBytes(StandardCharsets.UTF_8)))));

      assertThat(look(mirror, MAIN).revision().commit()).isEqualTo(first);
      assertThat(server.visits()).as("asking for the key runs nothing").hasSize(1);
    }
  }

  @Test
  void the_real_ssh_keygen_reads_it_and_finds_the_same_public_half() throws Exception {
    DeployKey key = DeployKey.generate("fairlead");
    Path file = Files.writeString(directory.resolve("identity"), key.identity());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    assertThat(said("ssh-keygen", "-y", "-f", file.toString())).isEqualTo(key.publicHalf());
    Path half = Files.writeString(directory.resolve("identity.pub"), key.publicHalf() + "\n");
    assertThat(said("ssh-keygen", "-l", "-f", half.toString()))
        .contains(" " + key.fingerprint().replace("ssh-ed25519 ", "") + " fairlead (ED25519)");
  }

  private static String said(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  @Test
  void a_key_that_is_there_has_the_same_public_half_again() throws GitException {
    DeployKey key = DeployKey.generate("fairlead");

    assertThat(DeployKey.read(key.identity(), Optional.empty(), "fairlead")).isEqualTo(key);
    assertThat(DeployKey.generate("fairlead").publicHalf()).isNotEqualTo(key.publicHalf());
    assertThat(key.toString()).doesNotContain("PRIVATE").contains(key.fingerprint());
  }

  @Test
  void a_host_is_known_by_the_key_that_it_showed_and_by_no_other() throws Exception {
    try (MirrorFixture git = new MirrorFixture(directory);
        GitSsh server = new GitSsh(git.origin);
        GitSsh other = new GitSsh(git.origin)) {
      HostKey shown = HostKey.ask(server.url(), Optional.empty(), LIMIT);

      assertThat(shown.host()).isEqualTo("127.0.0.1:" + server.port());
      assertThat(shown.knownHosts()).isEqualTo(server.knownHosts());
      assertThat(shown.fingerprint()).startsWith("ssh-ed25519 SHA256:");
      assertThat(shown.isIn(server.knownHosts())).isTrue();
      assertThat(shown.isIn(other.knownHosts())).isFalse();
      assertThatThrownBy(() -> shown.isIn("nonsense"))
          .isInstanceOf(GitException.class)
          .hasMessageContaining("known_hosts");
    }
  }

  @Test
  void a_host_that_only_a_proxy_knows_is_asked_through_it() throws Exception {
    try (MirrorFixture git = new MirrorFixture(directory);
        GitSsh server = new GitSsh(git.origin);
        TestProxy proxy = TestProxy.http()) {
      String url = server.url().replace("127.0.0.1", "git.invalid");

      HostKey shown = HostKey.ask(url, Optional.of(ProxyTest.proxy(proxy)), LIMIT);

      assertThat(shown.host()).isEqualTo("git.invalid:" + server.port());
      assertThat(shown.fingerprint())
          .isEqualTo(HostKey.ask(server.url(), Optional.empty(), LIMIT).fingerprint());
    }
  }

  @Test
  void of_several_keys_the_one_is_asked_for_that_is_published_most() throws Exception {
    KeyPair wanted = GitSsh.key("Ed25519");
    try (MirrorFixture git = new MirrorFixture(directory);
        GitSsh server = new GitSsh(git.origin, GitSsh.key("EC"), GitSsh.key("RSA"), wanted)) {
      assertThat(HostKey.ask(server.url(), Optional.empty(), LIMIT).fingerprint())
          .isEqualTo(SshKeys.shown(wanted.getPublic()));
    }
  }

  @Test
  void a_host_that_shows_no_key_is_told_of_in_a_sentence() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String url = "ssh://git@127.0.0.1:" + port + "/r";

    assertThatThrownBy(() -> HostKey.ask(url, Optional.empty(), LIMIT))
        .isInstanceOf(GitException.class)
        .hasMessageStartingWith("cannot connect to " + url);
    assertThatThrownBy(() -> HostKey.ask("git@host.invalid:r", Optional.empty(), LIMIT))
        .hasMessageContaining("is not known to DNS");
  }
}
