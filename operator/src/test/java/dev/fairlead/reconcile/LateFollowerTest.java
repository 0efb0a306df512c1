package dev.fairlead.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.cluster.ApiServer;
import dev.fairlead.cluster.Connection;
import dev.fairlead.cluster.Secrets;
import dev.fairlead.git.GitLimits;
import dev.fairlead.git.Mirrors;
import dev.fairlead.model.DeletionPolicy;
import dev.fairlead.model.MaxPrune;
import dev.fairlead.model.RefSelector;
import dev.fairlead.model.RequestListener;
import dev.fairlead.model.Sync;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncMetadata;
import dev.fairlead.model.SyncSpec;
import dev.fairlead.model.SyncStatus;
import dev.fairlead.runtime.Priority;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LateFollowerTest implements Sources.Followers {
  private static final SyncKey FIRST = new SyncKey("apps", "first");
  private static final SyncKey LATE = new SyncKey("apps", "late");

  private final List<SyncKey> told = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T12:00:00Z");
  private Runnable duringTheLook = () -> {};

  /** The look asks for the time when it begins. */
  private Instant now() {
    Runnable once = duringTheLook;
    duringTheLook = () -> {};
    Instant before = now;
    once.run();
    return before;
  }

  @Test
  void whoBeginsToFollowAmidALookThatFindsNothingNewIsToldOfItsEnd(@TempDir Path directory)
      throws Exception {
    // Given
    try (GitServer git = GitServer.start(directory.resolve("git"));
        GitRepository repository = git.create("shared");
        Mirrors mirrors =
            new Mirrors(
                directory.resolve("cache"),
                GitLimits.DEFAULT,
                java.time.InstantSource.system(),
                (operation, result, took) -> {})) {
      repository.commit(Map.of("a.yaml", "a"), "First");
      Sources sources =
          new Sources(mirrors, NO_SECRETS, new Dispatch(), 4, this, this::now, new Random(1));
      Sync first = sync(FIRST, repository.url());
      sources.follow(first);
      sources.reconcile(Sources.keyOf(first));
      now = now.plusSeconds(60);
      told.clear();
      duringTheLook =
          () -> {
            now = now.plusMillis(300);
            sources.follow(sync(LATE, repository.url()));
            assertThat(sources.outcome(LATE)).contains(new Source.Outcome.Pending());
          };

      // When
      sources.reconcile(Sources.keyOf(first));

      // Then
      assertThat(told).containsExactly(LATE);
      assertThat(sources.outcome(LATE)).containsInstanceOf(Source.Outcome.Seen.class);
    }
  }

  @Override
  public void looked(SyncKey sync, Priority priority) {
    told.add(sync);
  }

  @Override
  public void fetched(SyncKey sync, Instant at) {}

  private static final Secrets NO_SECRETS =
      new Secrets(
          ApiServer.connect(
              Connection.fromEnvironment(), Duration.ofSeconds(1), RequestListener.NONE));

  static Sync sync(SyncKey key, String url) {
    return new Sync(
        new SyncMetadata(key, "uid", "1", 1, false, List.of(), Map.of(), Map.of()),
        new SyncSpec(
            url,
            new RefSelector.Branch("main"),
            "",
            false,
            List.of(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            SyncSpec.Mode.APPLY,
            true,
            MaxPrune.parse("50%"),
            DeletionPolicy.MIRROR_PRUNE,
            false,
            List.of(),
            Duration.ofMinutes(5),
            SyncSpec.OnFailure.HOLD,
            java.util.List.of()),
        SyncStatus.EMPTY);
  }
}
