package dev.fairlead.daemon;

import static dev.fairlead.daemon.SampleManifests.configMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.daemon.MortalOperator.Moment;
import dev.fairlead.model.Json;
import dev.fairlead.testbed.ApiClient;
import dev.fairlead.testbed.ApiRequest;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitChange;
import dev.fairlead.testbed.GitRepository;
import dev.fairlead.testbed.GitServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at every write from a bad commit's arrival until the last good one runs again, before the
 * write and after it: whoever starts next goes on with it, and nothing is done twice.
 */
@ExtendWith(ControlPlaneExtension.class)
final class RollbackKillIT {
  private static final int LANES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration CALM = Duration.ofMillis(1500);

  /** The write at which a story's daemon dies, counted from the bad commit's arrival. */
  private record Death(int write, Moment moment) {}

  private final ControlPlane cluster;
  private final ApiClient api;
  private final GitServer git;
  private final Path directory;
  private final AtomicInteger stories = new AtomicInteger();
  private final List<AssertionError> failures = new CopyOnWriteArrayList<>();
  private final List<String> killed = new CopyOnWriteArrayList<>();

  RollbackKillIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
    this.cluster = cluster;
    this.directory = directory;
    this.git = GitServer.start(Files.createDirectory(directory.resolve("git")));
    this.api = ApiClient.of(cluster);
  }

  @BeforeEach
  void gitSyncs_are_known() {
    cluster.kubectl("apply", "-f", Path.of("..", "manifests", "crd.yaml").toString());
  }

  @AfterEach
  void stop() {
    git.close();
  }

  @Test
  void a_kill_at_any_write_of_a_rollback_leaves_no_trace() throws Exception {
    int writes;
    try (Lane lane = new Lane()) {
      writes = lane.record();
      lane.operator.stop();
    }
    ConcurrentLinkedQueue<Death> deaths = new ConcurrentLinkedQueue<>();
    for (int n = 1; n <= writes; n++) {
      for (Moment moment : Moment.values()) {
        deaths.add(new Death(n, moment));
      }
    }
    try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < LANES; i++) {
        running.add(lanes.submit(() -> work(deaths)));
      }
      for (Future<?> lane : running) {
        lane.get();
      }
    }
    System.out.printf("A rollback has %d writes; killed at:%n", writes);
    killed.stream().sorted().forEach(k -> System.out.println("  " + k));
    assertThat(failures).isEmpty();
    // One write more or less comes with the machine's pace.
    assertThat(killed).hasSizeGreaterThan(2 * writes - 5);
  }

  private void work(ConcurrentLinkedQueue<Death> deaths) {
    Death death = deaths.poll();
    while (death != null && failures.size() < 4) {
      try (Lane lane = new Lane()) {
        while (death != null) {
          int _ = lane.story(Optional.of(death));
          death = deaths.poll();
        }
      } catch (AssertionError e) {
        failures.add(e);
        death = deaths.poll();
      }
    }
  }

  /** A namespace with a daemon of its own, and one story after the other in it. */
  private final class Lane implements AutoCloseable {
    private final String namespace = cluster.createTrustedNamespace("rollback-kill");
    private final SyncClient syncs = new SyncClient(api, namespace);
    private final MortalOperator operator =
        MortalOperator.start(cluster, directory.resolve(namespace), namespace);

    /** Nobody is killed; how many writes there are. */
    int record() {
      return story(Optional.empty());
    }

    /** How many writes it took. */
    int story(Optional<Death> death) {
      GitRepository repository = git.create("story-" + stories.incrementAndGet());
      String good =
          repository.commit(
              Map.of(
                  "web.yaml", RolledBack.deployment("web", "one"),
                  "old.yaml", configMap("old", "1"),
                  "job.yaml", JOB),
              "Good");
      operator.live();
      syncs.apply("sync", repository.url(), RolledBack.ROLLBACK, "defaultNamespace: " + namespace);
      syncs.awaitReady("sync", good);
      syncs.await("sync", "with a finished Job", s -> s.items("finishedJobs").size() == 1);
      await("a quiet moment", () -> operator.quiet().compareTo(CALM) > 0);
      String old = uid("/api/v1/namespaces/" + namespace + "/configmaps/old");
      api.delete("/apis/batch/v1/namespaces/" + namespace + "/jobs/migrate");

      operator.dieAt(
          w -> death.filter(d -> w.size() == d.write()).isPresent(),
          death.map(Death::moment).orElse(Moment.BEFORE_FORWARDING));
      String bad =
          repository.commit(
              GitRepository.MAIN,
              "Bad",
              List.of(
                  new GitChange.Write("web.yaml", RolledBack.deployment("web", RolledBack.BAD)),
                  new GitChange.Write("new.yaml", configMap("new", "1")),
                  new GitChange.Write("claim.yaml", CLAIM),
                  new GitChange.Delete("old.yaml")));
      await(
          "the end of the rollback, or of the daemon",
          () -> operator.killedAt().isPresent() || isOver(bad, good));
      if (operator.killedAt().isPresent()) {
        ApiRequest at = operator.killedAt().orElseThrow();
        killed.add(
            "%02d %s %s %s"
                .formatted(
                    death.orElseThrow().write(),
                    death.orElseThrow().moment(),
                    WriteKind.ofLast(operator.writes()),
                    at.path()));
        operator.restart();
        await("the end of the rollback", () -> isOver(bad, good));
      }
      try {
        check(bad, good, old);
      } catch (AssertionError e) {
        throw new AssertionError(
            "Killed at "
                + death
                + ": "
                + e.getMessage()
                + "\n"
                + status().toJson()
                + "\n"
                + operator.log(),
            e);
      }
      int writes = operator.writes().size();
      // A story with fewer writes than the first one is not killed, and not in its next commit.
      operator.live();
      // What the bad commit brought is in this one too, and works.
      String better =
          repository.commit(Map.of("web.yaml", RolledBack.deployment("web", "two")), "Better");
      await("the next commit " + better, () -> SyncClient.applied(status()).equals(better));
      syncs.delete("sync");
      api.delete(claim());
      return writes;
    }

    private boolean isOver(String bad, String good) {
      return RolledBack.isRolledBack(status(), bad, good) && operator.quiet().compareTo(CALM) > 0;
    }

    private Json.Obj status() {
      return syncs.status("sync");
    }

    private void check(String bad, String good, String old) {
      Json.Obj web = api.get(apps("web")).orElseThrow();
      assertThat(web.object("metadata").flatMap(m -> m.integer("generation")))
          .as("there and back once")
          .contains(3L);
      assertThat(web.toJson()).contains("example.org/c:one");
      assertThat(uid("/api/v1/namespaces/" + namespace + "/configmaps/old")).isEqualTo(old);
      assertThat(api.get("/api/v1/namespaces/" + namespace + "/configmaps/new")).isEmpty();
      assertThat(api.get(claim())).as("the claim stays").isPresent();
      assertThat(api.get("/apis/batch/v1/namespaces/" + namespace + "/jobs/migrate"))
          .as("the Job had finished")
          .isEmpty();
      assertThat(RolledBack.results(status()))
          .containsExactly(
              RolledBack.brief(bad) + " RolledBack", RolledBack.brief(good) + " Succeeded");
      assertThat(status().items("finishedJobs")).hasSize(1);
      assertThat(SyncClient.condition(status(), "Healthy")).startsWith("True");
    }

    private String apps(String name) {
      return "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + name;
    }

    private String claim() {
      return "/api/v1/namespaces/" + namespace + "/persistentvolumeclaims/data";
    }

    private String uid(String path) {
      return api.get(path)
          .flatMap(o -> o.object("metadata"))
          .flatMap(m -> m.string("uid"))
          .orElse("");
    }

    private void await(String what, java.util.function.Supplier<Boolean> until) {
      SyncClient.await(PATIENCE, what, until, () -> status().toJson() + "\n" + operator.log());
    }

    @Override
    public void close() {
      operator.close();
    }
  }

  private static final String JOB =
      """
      apiVersion: batch/v1
      kind: Job
      metadata: {name: migrate}
      spec:
        template:
          spec:
            restartPolicy: Never
            containers: [{name: c, image: "example.org/c:1"}]
      """;

  private static final String CLAIM =
      """
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: none
        resources: {requests: {storage: 1Gi}}
      """;
}
