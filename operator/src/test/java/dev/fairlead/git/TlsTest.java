package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import dev.fairlead.testbed.KeepingServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TlsTest {
  @TempDir private Path directory;

  @Test
  void a_private_authority_is_trusted_when_the_secret_names_it_and_not_otherwise()
      throws Exception {
    try (var server = GitServer.startWithTls(Files.createDirectory(directory.resolve("server")));
        var mirrors =
            new Mirrors(
                directory.resolve("cache"),
                GitLimits.DEFAULT,
                InstantSource.system(),
                (_, _, _) -> {})) {
      GitRepository repository = server.create("r.git");
      repository.commit(Map.of("a", "1"), "First");
      server.requireBasic("robot", "pw");
      Map<String, byte[]> secret =
          Map.of(
              "username", bytes("robot"),
              "password", bytes("pw"),
              "ca.crt", bytes(server.caCertificate()));
      String url = server.url() + "/r.git";
      Mirror trusting = mirrors.acquire(new Remote(url, Credentials.fromSecret(secret)));

      assertThat(look(trusting, MAIN).subject()).isEqualTo("First");
      server.forgetRequests();
      look(trusting, MAIN);
      assertThat(server.requests()).hasSize(2);
      assertThatThrownBy(() -> look(mirrors.acquire(new Remote(url, Credentials.NONE)), MAIN))
          .hasMessageContaining("no trusted connection to " + url)
          .hasMessageContaining("belongs into ca.crt");
    }
  }

  @ParameterizedTest(name = "{0} bytes of an answer never come")
  @ValueSource(ints = {0, 1000})
  void a_connection_ends_with_its_conversation_however_long_the_server_wants_it(int missing)
      throws Exception {
    try (var server = new KeepingServer(directory);
        var mirrors =
            new Mirrors(
                directory.resolve("cache"),
                GitLimits.DEFAULT,
                InstantSource.system(),
                (_, _, _) -> {})) {
      server.missing(missing);
      Map<String, byte[]> secret =
          Map.of(
              "username", bytes("robot"),
              "password", bytes("pw"),
              "ca.crt", bytes(server.caCertificate()));
      Mirror mirror = mirrors.acquire(new Remote(server.url(), Credentials.fromSecret(secret)));

      assertThatThrownBy(() -> look(mirror, MAIN))
          .hasMessageContaining("branch main does not exist");

      assertThat(server.accepted()).isEqualTo(2);
      await("it is closed").atMost(Duration.ofSeconds(3)).until(() -> server.open() == 0);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
