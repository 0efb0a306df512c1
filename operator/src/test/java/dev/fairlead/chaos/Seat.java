package dev.fairlead.chaos;

import dev.fairlead.daemon.OperatorProcess;
import dev.fairlead.testbed.ApiProxy;
import dev.fairlead.testbed.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A place for a daemon: its directory, its way to the API server, and the process that has it now.
 * The processes that had it before are dead; their logs are kept.
 *
 * <p>One thread.
 */
final class Seat implements AutoCloseable {
  /** How all their names begin. */
  static final String PREFIX = "seat-";

  /** The daemons' own, where their lease is. */
  static final String NAMESPACE = "fairlead-system";

  private static final List<String> FLAGS =
      List.of("--watch-silence", "10s", "--log-level", "debug", "--namespace", NAMESPACE);

  private final String name;
  private final Path directory;
  private final List<String> flags;
  private final Storm storm;
  private final ApiProxy proxy;
  private final List<Path> logs = new ArrayList<>();
  private final List<Instant> resumptions = new ArrayList<>();
  private @Nullable OperatorProcess process;
  private boolean paused;

  /**
   * @param elects whether there are others, of whom one leads
   */
  Seat(ControlPlane cluster, int number, Path directory, Storm storm, boolean elects) {
    this.name = PREFIX + number;
    this.directory = directory.resolve(name);
    this.flags = new ArrayList<>(FLAGS);
    this.flags.add("--leader-elect=" + elects);
    this.storm = storm;
    this.proxy = ApiProxy.start(cluster);
    proxy.hook(storm);
    proxy.nameClient(name);
  }

  String name() {
    return name;
  }

  Storm storm() {
    return storm;
  }

  void start() {
    if (process == null) {
      OperatorProcess started =
          OperatorProcess.launch(proxy.kubeconfig(), directory, "", List.copyOf(flags));
      logs.add(started.logFile());
      process = started;
    }
  }

  /** The daemon, unless it is dead. */
  Optional<OperatorProcess> daemon() {
    return Optional.ofNullable(process);
  }

  boolean isPaused() {
    return paused;
  }

  void kill() {
    if (process != null) {
      process.kill();
      process = null;
      paused = false;
    }
  }

  void stop() {
    resume();
    if (process != null) {
      process.stop();
      process = null;
    }
  }

  void pause() {
    if (process != null) {
      process.pause();
      paused = true;
    }
  }

  void resume() {
    if (process != null && paused) {
      process.resume();
      resumptions.add(Instant.now());
    }
    paused = false;
  }

  /** Whether a daemon that had been paused went on within so long before that time. */
  boolean hadResumed(Instant at, Duration within) {
    return resumptions.stream().anyMatch(r -> r.isBefore(at) && r.plus(within).isAfter(at));
  }

  /** Whether its daemon leads, and so knows of the syncs. */
  boolean leads() {
    return process != null && process.metric("fairlead_leader", "") == 1;
  }

  /** What a dead daemon leaves behind is lost too. */
  void loseCache() {
    Path cache = directory.resolve("cache");
    if (Files.exists(cache)) {
      try (Stream<Path> files = Files.walk(cache)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Of all its daemons, dead or alive. */
  List<Path> logs() {
    return List.copyOf(logs);
  }

  @Override
  public void close() {
    kill();
    proxy.close();
  }
}
