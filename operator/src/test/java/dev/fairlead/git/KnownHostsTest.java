package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.git.KnownHosts.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a file known_hosts says of a host and its key. */
final class KnownHostsTest {
  private static final PublicKey RIGHT = GitSsh.key("Ed25519").getPublic();
  private static final PublicKey OTHER = GitSsh.key("EC").getPublic();

  private static String filled(String text) {
    return text.replace("/", "\n")
        .replace("RIGHT", PublicKeyEntry.toString(RIGHT))
        .replace("OTHER", PublicKeyEntry.toString(OTHER));
  }

  @ParameterizedTest(name = "{0} at {1}: {2}")
  @CsvSource(
      delimiter = ';',
      value = {
        "git.example.org RIGHT; git.example.org:22; Trusted",
        "git.example.org RIGHT a comment; git.example.org:22; Trusted",
        "# a comment//git.example.org RIGHT; git.example.org:22; Trusted",
        "a,git.example.org,10.0.0.1 RIGHT; git.example.org:22; Trusted",
        "GIT.example.org RIGHT; git.example.org:22; Trusted",
        "*.example.org RIGHT; git.example.org:22; Trusted",
        "gi?.example.org RIGHT; git.example.org:22; Trusted",
        "*.example.org,!git.example.org RIGHT; git.example.org:22; Unknown",
        "*.example.org RIGHT; example.org:22; Unknown",
        "git.example.org RIGHT; example.org:22; Unknown",
        "git.example.org RIGHT; git.example.org:2222; Unknown",
        "[git.example.org]:2222 RIGHT; git.example.org:2222; Trusted",
        "[git.example.org]:2222 RIGHT; git.example.org:22; Unknown",
        "[git.example.org]:22 RIGHT; git.example.org:22; Trusted",
        "git.example.org OTHER; git.example.org:22; Other",
        "git.example.org OTHER/git.example.org RIGHT; git.example.org:22; Trusted",
        "@revoked git.example.org RIGHT; git.example.org:22; Revoked",
        "git.example.org RIGHT/@revoked * RIGHT; git.example.org:22; Revoked",
        "@revoked * RIGHT/git.example.org RIGHT; git.example.org:22; Revoked",
        "@revoked git.example.org OTHER/git.example.org RIGHT; git.example.org:22; Trusted",
        "@cert-authority git.example.org RIGHT; git.example.org:22; Other",
      })
  void a_key_is_judged(String file, String hostAndPort, String verdict) throws Exception {
    String host = hostAndPort.replaceFirst(":.*", "");
    int port = Integer.parseInt(hostAndPort.replaceFirst(".*:", ""));

    Verdict judged = KnownHosts.parse(filled(file)).judge(host, port, RIGHT);

    assertThat(judged.getClass().getSimpleName()).isEqualTo(verdict);
    if (judged instanceof Verdict.Other(List<PublicKey> expected)) {
      assertThat(expected).isNotEmpty();
    }
  }

  /** Hashed by the real one. */
  @Test
  void names_that_ssh_keygen_hashed_are_found(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("known_hosts");
    Files.writeString(
        file,
        filled("git.example.org RIGHT/[git.example.org]:2222 OTHER/"),
        StandardCharsets.UTF_8);
    assertThat(
            new ProcessBuilder("ssh-keygen", "-q", "-H", "-f", file.toString()).start().waitFor())
        .isZero();
    String hashed = Files.readString(file);
    assertThat(hashed).contains("|1|").doesNotContain("example.org");

    KnownHosts hosts = KnownHosts.parse(hashed);

    assertThat(hosts.judge("git.example.org", 22, RIGHT)).isEqualTo(new Verdict.Trusted());
    assertThat(hosts.judge("git.example.org", 2222, OTHER)).isEqualTo(new Verdict.Trusted());
    assertThat(hosts.judge("git.example.org", 22, OTHER))
        .isEqualTo(new Verdict.Other(List.of(RIGHT)));
    assertThat(hosts.judge("other.example.org", 22, RIGHT)).isEqualTo(new Verdict.Unknown());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "git.example.org; has a known_hosts whose line 1 cannot be read",
        "# one//git.example.org RIGHT/git.example.org ssh-ed25519 AAAA; line 4 cannot be read",
        "git.example.org ssh-unheard AAAAC3NzaC1lZDI1NTE5AAAAIJ; line 1 cannot be read",
        "@unheard git.example.org RIGHT; line 1 cannot be read",
        "RIGHT; line 1 cannot be read",
        "# only a comment; has a known_hosts without a key",
      })
  void a_file_that_cannot_be_used_says_where(String file, String message) {
    assertThatThrownBy(() -> KnownHosts.parse(filled(file)))
        .isInstanceOf(GitException.class)
        .hasMessageStartingWith("the Secret of spec.secretRef has a known_hosts ")
        .hasMessageContaining(message);
  }
}
