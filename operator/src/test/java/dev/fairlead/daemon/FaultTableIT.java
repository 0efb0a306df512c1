package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ApiCourse;
import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import dev.fairlead.testbed.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input and faults, each through the whole daemon: a clear message in status and event, nothing
 * lost, nothing deleted, and well again by itself.
 *
 * <p>The rows run side by side from the start, and a test waits for its own.
 */
@ExtendWith(ControlPlaneExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FaultTableIT {
  private static final int AT_ONCE = 16;
  private static final long LIMIT_SECONDS = 240;

  private final ControlPlane cluster;
  private final Path directory;
  private final Map<String, CompletableFuture<FaultRow>> runs = new HashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places = new Semaphore(AT_ONCE);
  private CompletableFuture<FaultGround> shared = new CompletableFuture<>();
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

  FaultTableIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
  }

  static List<FaultRow> rows() {
    return FaultTable.rows();
  }

  @BeforeAll
  void run_all_rows() {
    shared = CompletableFuture.supplyAsync(this::shared, threads);
    CompletableFuture<FaultGround> alone = CompletableFuture.supplyAsync(this::alone, threads);
    CompletableFuture<?> previous = alone;
    for (FaultRow row : rows()) {
      CompletableFuture<FaultRow> run;
      if (row.ground() == FaultRow.Ground.OWN_CONTROL_PLANE) {
        run =
            previous
                .handle((before, failure) -> row)
                .thenCombineAsync(alone, (next, ground) -> run(next, ground), threads);
        previous = run;
      } else {
        run = shared.thenApplyAsync(ground -> besideOthers(row, ground), threads);
      }
      runs.put(row.toString(), run);
    }
  }

  private FaultGround shared() {
    Stream<String> small =
        LimitFaults.FLAGS.entrySet().stream().flatMap(f -> Stream.of(f.getKey(), f.getValue()));
    Stream<String> impatient = Stream.of("--watch-silence", "8s");
    return opened(
        new FaultGround(
            cluster, directory.resolve("shared"), Stream.concat(small, impatient).toList()));
  }

  private FaultGround alone() {
    ControlPlane own = opened(ControlPlane.start());
    return opened(new FaultGround(own, directory.resolve("alone"), List.of()));
  }

  private <T extends AutoCloseable> T opened(T closeable) {
    open.addFirst(closeable);
    return closeable;
  }

  private FaultRow besideOthers(FaultRow row, FaultGround ground) {
    places.acquireUninterruptibly();
    try {
      return run(row, ground);
    } finally {
      places.release();
    }
  }

  private FaultRow run(FaultRow row, FaultGround ground) {
    String namespace = ground.createNamespace();
    try (GitServer git = GitServer.start(Files.createDirectory(directory.resolve(namespace)))) {
      FaultSite site = new FaultSite(ground, git, namespace, row.files());
      new FaultRun(row, site).run();
      site.syncs().delete(FaultSite.SYNC);
      return row;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void people_are_told_and_nothing_is_lost(FaultRow row) throws Throwable {
    try {
      Objects.requireNonNull(runs.get(row.toString())).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  @Test
  void whoever_edits_a_gitsync_while_it_is_adopted_is_heeded_and_nobody_is_alarmed()
      throws Exception {
    FaultGround ground = shared.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    String namespace = ground.createNamespace();
    String gitSync = "/apis/fairlead.dev/v1alpha1/namespaces/" + namespace + "/gitsyncs/sync";
    AtomicInteger edits = new AtomicInteger();
    ground.hook(
        namespace,
        request -> {
          if (request.isWrite() && request.path().equals(gitSync) && edits.getAndIncrement() == 0) {
            ground.api().mergePatch(gitSync, "{\"metadata\":{\"annotations\":{\"by\":\"hand\"}}}");
          }
          return ApiCourse.FORWARD;
        });
    try (GitServer git = GitServer.start(Files.createDirectory(directory.resolve(namespace)))) {
      FaultSite site = new FaultSite(ground, git, namespace, Map.of());

      site.begin(List.of("path: deploy"));

      assertThat(edits).hasValueGreaterThan(1);
      assertThat(site.events("ApplyFailed")).isEmpty();
      assertThat(ground.api().get(gitSync).orElseThrow().toJson())
          .contains("\"by\":\"hand\"", "fairlead.dev/finalizer");
      site.syncs().delete(FaultSite.SYNC);
    }
  }

  @AfterAll
  void stop() throws Exception {
    threads.shutdownNow();
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }
}
