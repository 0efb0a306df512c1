package dev.fairlead.daemon;

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
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL at every write of a sync's life, before the write and after it: whoever starts next
 * finishes what was begun, and no trace of the accident is left.
 */
@ExtendWith(ControlPlaneExtension.class)
final class KillIT {
  private static final int LANES = 4;
  private static final int MAX_FAILURES = 5;
  private static final int CHAPTERS_WITH_STATUS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CALM = Duration.ofMillis(300);
  private static final Duration QUIET = Duration.ofMillis(1200);

  /** What happens around the kill. */
  private enum Column {
    BEFORE_FORWARDING(Moment.BEFORE_FORWARDING, false),
    BEFORE_THE_ANSWER(Moment.BEFORE_THE_ANSWER, false),
    /** And while nobody is there, a commit takes away what has just been created. */
    GIT_MOVES_ON(Moment.BEFORE_THE_ANSWER, true);

    private final Moment moment;
    private final boolean moves;

    Column(Moment moment, boolean moves) {
      this.moment = moment;
      this.moves = moves;
    }
  }

  /** Hands out the writes of one column until there are no more, and keeps what was killed. */
  private static final class Turn {
    private final Column column;
    private final AtomicInteger next = new AtomicInteger();
    private final Map<Integer, WriteKind> killed = new ConcurrentSkipListMap<>();
    private final Set<WriteKind> taken = EnumSet.noneOf(WriteKind.class);
    private volatile boolean over;

    Turn(Column column) {
      this.column = column;
    }

    /** A kind of write at which nobody was killed, for one who asks. */
    synchronized Optional<WriteKind> takeMissed() {
      return Stream.of(WriteKind.values())
          .filter(kind -> !killed.containsValue(kind))
          .filter(taken::add)
          .findFirst();
    }
  }

  private final ControlPlane cluster;
  private final ApiClient api;
  private final GitServer git;
  private final Path directory;
  private final AtomicInteger stories = new AtomicInteger();
  private final List<Turn> turns = Stream.of(Column.values()).map(Turn::new).toList();
  private final List<AssertionError> failures = new CopyOnWriteArrayList<>();
  private final List<WriteKind> plan = new ArrayList<>();

  KillIT(ControlPlane cluster, @TempDir Path directory) throws Exception {
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
  void a_kill_at_any_write_leaves_no_trace() throws Exception {
    try (Lane lane = new Lane()) {
      lane.record();
      lane.operator.stop();
    }
    try (ExecutorService lanes = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < LANES; i++) {
        running.add(lanes.submit(this::work));
      }
      for (Future<?> lane : running) {
        lane.get();
      }
    }
    report();
    assertThat(failures).isEmpty();
    for (Turn turn : turns) {
      List<Integer> planned =
          IntStream.rangeClosed(1, certain()).filter(n -> isIn(turn.column, n)).boxed().toList();
      assertThat(turn.killed.keySet()).as("killed %s", turn.column).containsAll(planned);
      assertThat(turn.killed.values())
          .as("killed %s", turn.column)
          .contains(turn.column.moves ? new WriteKind[] {WriteKind.CREATE} : WriteKind.values());
    }
  }

  @Test
  void what_a_killed_daemon_had_begun_is_healthy_before_anything_is_pruned() throws Exception {
    String namespace = cluster.createTrustedNamespace("kill-rollout");
    GitRepository repository = git.create(namespace);
    SyncClient syncs = new SyncClient(cluster, namespace);
    String maps = "/api/v1/namespaces/" + namespace + "/configmaps/old";
    try (MortalOperator operator =
        MortalOperator.start(cluster, directory.resolve(namespace), namespace)) {
      String good =
          repository.commit(Map.of("web.yaml", deployment("one"), "old.yaml", OLD), "good");
      syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
      syncs.awaitReady("sync", good);

      operator.dieAt(
          writes -> writes.getLast().path().endsWith("/deployments/web"), Moment.BEFORE_THE_ANSWER);
      repository.commit(
          GitRepository.MAIN,
          "bad",
          List.of(
              new GitChange.Write("web.yaml", deployment("never-ready")),
              new GitChange.Delete("old.yaml")));
      SyncClient.await(
          PATIENCE, "a kill", () -> operator.killedAt().isPresent(), syncs.status("sync")::toJson);
      operator.restart();

      syncs.await(
          "sync",
          "in a rollout",
          status -> SyncClient.condition(status, "Ready").contains("Progressing"));
      assertThat(api.get(maps))
          .as("what a commit takes away that never became healthy")
          .isPresent();

      String better = repository.commit(Map.of("web.yaml", deployment("two")), "better");
      syncs.awaitReady("sync", better);
      assertThat(api.get(maps)).isEmpty();
      syncs.delete("sync");
    }
  }

  @Test
  void a_rollout_that_ends_under_the_next_daemon_is_told_as_a_deployment() throws Exception {
    String namespace = cluster.createTrustedNamespace("kill-told");
    GitRepository repository = git.create(namespace);
    SyncClient syncs = new SyncClient(cluster, namespace);
    try (MortalOperator operator =
        MortalOperator.start(cluster, directory.resolve(namespace), namespace)) {
      String one = repository.commit(Map.of("web.yaml", deployment("one"), "old.yaml", OLD), "one");
      syncs.apply("sync", repository.url(), "defaultNamespace: " + namespace);
      syncs.awaitReady("sync", one);

      operator.dieAt(
          writes -> writes.getLast().path().endsWith("/status"), Moment.BEFORE_THE_ANSWER);
      String two = repository.commit(Map.of("web.yaml", deployment("slow")), "two");
      SyncClient.await(
          PATIENCE, "a kill", () -> operator.killedAt().isPresent(), syncs.status("sync")::toJson);
      assertThat(syncs.condition("sync", "Ready")).contains("Progressing");
      operator.restart();

      syncs.awaitReady("sync", two);
      assertThat(syncs.status("sync").items("history"))
          .extracting(h -> TrueStatus.deployment((Json.Obj) h))
          .containsExactly(
              new TrueStatus.Deployment(two, 1, 0), new TrueStatus.Deployment(one, 2, 0));
      SyncClient.await(
          PATIENCE,
          "an event",
          () -> events(namespace).contains("applied main@" + two.substring(0, 7)),
          () -> events(namespace));
      syncs.delete("sync");
    }
  }

  private String events(String namespace) {
    return cluster.kubectl("get", "events", "-n", namespace, "-o", "jsonpath={.items[*].message}");
  }

  private static final String OLD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n";

  private static String deployment(String tag) {
    return """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: c, image: "example.org/c:%s"}]}
    """
        .formatted(tag);
  }

  /** A slow machine has more to tell on the way; one status a commit is certain. */
  private int certain() {
    return plan.size() - Collections.frequency(plan, WriteKind.STATUS) + CHAPTERS_WITH_STATUS;
  }

  private void report() {
    System.out.printf("The plan has %d writes: %s%n", plan.size(), plan);
    for (Turn turn : turns) {
      Map<WriteKind, Integer> kinds = new EnumMap<>(WriteKind.class);
      turn.killed.values().forEach(kind -> kinds.merge(kind, 1, Integer::sum));
      System.out.printf(
          "%s: killed at %d writes: %s%n",
          turn.column, turn.killed.keySet().stream().filter(n -> n > 0).count(), kinds);
    }
  }

  /** Takes what the other lanes leave; after a failure in a new namespace with a new daemon. */
  private void work() {
    boolean more = true;
    while (more && failures.size() < MAX_FAILURES) {
      try (Lane lane = new Lane()) {
        lane.work();
        more = false;
      } catch (AssertionError e) {
        failures.add(e);
      }
    }
  }

  private boolean isIn(Column column, int n) {
    return !column.moves || (n <= plan.size() && plan.get(n - 1) == WriteKind.CREATE);
  }

  /** A namespace with a daemon of its own, and one story after the other in it. */
  private final class Lane implements AutoCloseable {
    private final String namespace = cluster.createTrustedNamespace("kill");
    private final MortalOperator operator =
        MortalOperator.start(cluster, directory.resolve(namespace), namespace);

    Lane() {
      KillStory.createBystanders(api, namespace);
    }

    private KillStory story(String name) {
      return new KillStory(api, git.create(namespace + "-" + name), namespace, name);
    }

    /** Nobody is killed: these are the writes of the plan. */
    void record() {
      KillStory story = story("plan");
      operator.live();
      story.begin();
      chapter(story);
      story.check();
      story.second();
      chapter(story);
      story.check();
      story.delete();
      chapter(story);
      story.check();
      story.clear();
      List<ApiRequest> writes = operator.writes();
      for (int i = 1; i <= writes.size(); i++) {
        plan.add(WriteKind.ofLast(writes.subList(0, i)));
      }
    }

    private void work() {
      for (Turn turn : turns) {
        while (!turn.over) {
          int n = turn.next.incrementAndGet();
          if (n > plan.size() + 20) {
            throw new AssertionError("there is no end of writes");
          }
          if (isIn(turn.column, n)) {
            turn.over |= !kill(turn, n, writes -> writes.size() == n);
          } else {
            turn.over |= n > plan.size();
          }
        }
        // Numbers move when there is more to tell, and the number of a rare write may be missed.
        while (!turn.column.moves) {
          Optional<WriteKind> missed = turn.takeMissed();
          if (missed.isEmpty()) {
            break;
          }
          int label = -1 - List.of(WriteKind.values()).indexOf(missed.get());
          assertThat(kill(turn, label, writes -> WriteKind.ofLast(writes) == missed.get()))
              .as("has a %s", missed.get())
              .isTrue();
        }
      }
    }

    /** One story; false when it had no such write. */
    private boolean kill(Turn turn, int n, Predicate<List<ApiRequest>> fatal) {
      Column column = turn.column;
      KillStory story = story(Integer.toString(stories.incrementAndGet()));
      operator.dieAt(fatal, column.moment);
      List<Runnable> chapters = List.of(story::begin, story::second, story::delete);
      boolean died = false;
      String about = "";
      try {
        for (Runnable chapter : chapters) {
          chapter.run();
          if (chapter(story)) {
            died = true;
            about = " at " + operator.killedAt().orElseThrow();
            if (!recover(turn, n, story)) {
              story.delete();
              chapter(story);
              story.check();
              break;
            }
          }
          story.check();
        }
        story.clear();
        return died;
      } catch (AssertionError e) {
        throw new AssertionError(
            "Killed %s write %d%s: %s\n%s\n%s"
                .formatted(column, n, about, e.getMessage(), story.statusText(), operator.log()),
            e);
      }
    }

    /** Waits for the end of a chapter or of the daemon; whether the daemon died. */
    private boolean chapter(KillStory story) {
      SyncClient.await(
          PATIENCE,
          "the end of the chapter",
          () ->
              operator.killedAt().isPresent()
                  || (story.done() && operator.quiet().compareTo(CALM) > 0),
          story::statusText);
      return operator.killedAt().isPresent();
    }

    /** From the kill to a sync that is settled; false when the story cannot go on as planned. */
    private boolean recover(Turn turn, int n, KillStory story) {
      ApiRequest fatal = operator.killedAt().orElseThrow();
      WriteKind kind = WriteKind.ofLast(operator.writes());
      operator.awaitDrained();
      story.checkWhileDead();
      boolean moves = turn.column.moves && kind == WriteKind.CREATE;
      if (moves) {
        story.without(story.keyOf(fatal.path()));
      }
      operator.restart();
      SyncClient.await(
          PATIENCE,
          "a settled sync after the kill",
          () ->
              (story.done() || (moves && story.approve() && story.done()))
                  && operator.quiet().compareTo(QUIET) > 0,
          () -> story.statusText() + "\nNo write for " + operator.quiet());
      turn.killed.put(n, kind);
      if (moves) {
        story.check();
      }
      return !moves;
    }

    @Override
    public void close() {
      operator.close();
    }
  }
}
