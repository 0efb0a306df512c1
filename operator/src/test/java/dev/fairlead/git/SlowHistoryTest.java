package dev.fairlead.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.fairlead.model.Blame;
import dev.fairlead.testbed.GitFault;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Histories from servers that take their time. */
@Timeout(120)
final class SlowHistoryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration AT_ONCE = Duration.ZERO;

  @TempDir private Path directory;
  private GitServer slow;
  private GitServer quick;
  private Mirrors mirrors;

  @BeforeEach
  void start() throws IOException {
    slow = GitServer.start(Files.createDirectories(directory.resolve("slow")));
    quick = GitServer.start(Files.createDirectories(directory.resolve("quick")));
    mirrors =
        new Mirrors(
            directory.resolve("cache"), GitLimits.DEFAULT, InstantSource.system(), (_, _, _) -> {});
  }

  @AfterEach
  void stop() throws IOException {
    mirrors.close();
    slow.close();
    quick.close();
  }

  /** A file that is asked for. */
  private record Asked(Mirror mirror, String commit) {
    Optional<Blame> within(Duration wait) throws GitException, InterruptedException {
      return mirror.blame(commit, "a.yaml", wait, PATIENCE, Mirror.Gate.OPEN);
    }
  }

  private Asked file(GitServer server, String name) throws GitException {
    GitRepository repository = server.create(name);
    String commit = repository.commit(Map.of("a.yaml", "a: 1\n"), "First");
    return new Asked(mirrors.acquire(new Remote(repository.url(), Credentials.NONE)), commit);
  }

  @Test
  void a_server_that_says_nothing_holds_up_its_own_histories_alone() throws Exception {
    // Given
    Asked first = file(slow, "first.git");
    Asked second = file(slow, "second.git");
    Asked other = file(quick, "other.git");
    slow.fail(new GitFault.Stall());
    assertThat(first.within(AT_ONCE)).isEmpty();
    await().atMost(PATIENCE).until(() -> !slow.requests().isEmpty());
    assertThat(second.within(AT_ONCE)).isEmpty();

    // When
    Optional<Blame> answer = other.within(PATIENCE);

    // Then
    assertThat(answer).isPresent();
    assertThat(slow.requests())
        .as("one at a time")
        .allMatch(request -> request.toString().contains("first"));

    slow.heal();
    assertThat(first.within(PATIENCE)).isPresent();
    assertThat(second.within(PATIENCE)).isPresent();
  }
}
