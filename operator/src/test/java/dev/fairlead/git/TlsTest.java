package dev.fairlead.git;

import static dev.fairlead.git.MirrorFixture.MAIN;
import static dev.fairlead.git.MirrorFixture.look;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
