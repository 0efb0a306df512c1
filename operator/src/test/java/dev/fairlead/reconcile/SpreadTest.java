package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.Mirrors;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.runtime.Priority;
import dev.fairlead.runtime.Result;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked at together at a start is not looked at together for ever. */
class SpreadTest implements Sources.Followers {
  private static final int SYNCS = 40;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void looks_that_began_together_are_spread_over_the_interval_and_stay_apart(
      @TempDir Path directory) throws Exception {
    // Given
    try (GitServer git = GitServer.start(directory.resolve("git"));
        Mirrors mirrors =
            new Mirrors(
                directory.resolve("cache"),
                GitLimits.DEFAULT,
                InstantSource.system(),
                (operation, result, took) -> {})) {
      Secrets none =
          new Secrets(
              ApiServer.connect(
                  Connection.fromEnvironment(), Duration.ofSeconds(1), RequestListener.NONE));
      Sources sources =
          new Sources(
              mirrors, none, new Dispatch(), 4, this, InstantSource.system(), new Random(1));
      TreeSet<Duration> first = new TreeSet<>();
      TreeSet<Duration> second = new TreeSet<>();
      for (int i = 0; i < SYNCS; i++) {
        GitRepository repository = git.create("r" + i);
        repository.commit(Map.of("a.yaml", "a"), "First");
        Sync sync = sync("s" + i, repository.url());

        // When
        sources.follow(sync);
        first.add(delay(sources.reconcile(Sources.keyOf(sync))));
        second.add(delay(sources.reconcile(Sources.keyOf(sync))));
      }

      // Then
      assertThat(first.getFirst()).isBetween(Duration.ofSeconds(6), Duration.ofSeconds(15));
      assertThat(first.getLast()).isBetween(Duration.ofSeconds(50), MINUTE);
      for (int tenth = 1; tenth < 10; tenth++) {
        Duration from = Duration.ofSeconds(6L * tenth);
        assertThat(first.subSet(from, from.plusSeconds(6))).hasSizeLessThan(SYNCS / 4);
      }
      assertThat(second.getFirst()).isGreaterThanOrEqualTo(Duration.ofSeconds(54));
      assertThat(second.getLast()).isLessThanOrEqualTo(Duration.ofSeconds(66));
    }
  }

  private static Duration delay(Result result) {
    return ((Result.After) result).delay();
  }

  private static Sync sync(String name, String url) {
    return LateFollowerTest.sync(new SyncKey("apps", name), url);
  }

  @Override
  public void looked(SyncKey sync, Priority priority) {}

  @Override
  public void fetched(SyncKey sync, Instant at) {}
}
