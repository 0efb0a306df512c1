package dev.fairlead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One of the controllers that run within a server of K3s, as a process of its own beside the
 * control plane. {@code testbed/k3s/build} builds them.
 *
 * <p>It ends with {@link #close}, and at the latest with this JVM. Any thread may call any method.
 */
public final class K3s implements AutoCloseable {
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(30);

  private final Process process;
  private final Path log;
  private final Thread last;

  private K3s(Path log, List<String> command) throws IOException {
    this.log = log;
    this.process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    this.last = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(last);
  }

  /**
   * What applies the files of a directory, which is {@code server/manifests} on a server, at its
   * start and when they change.
   *
   * @param directory for its log, which goes on where there is one
   */
  public static K3s deploy(ControlPlane cluster, Path manifests, Path directory) {
    return start(
        directory.resolve("deploy.log"),
        "deploy",
        "--kubeconfig",
        cluster.kubeconfig().toString(),
        "--manifests",
        manifests.toString());
  }

  /** What makes Jobs of HelmCharts. */
  public static K3s helmController(ControlPlane cluster, Path directory) {
    return start(
        directory.resolve("helm-controller.log"),
        "helm-controller",
        "--kubeconfig",
        cluster.kubeconfig().toString(),
        "--node-name",
        "server",
        "--default-job-image",
        "example.org/klipper-helm:1");
  }

  private static K3s start(Path log, String program, String... arguments) {
    String build = Path.of("..", "testbed", "k3s", "build").toString();
    Path programs =
        Path.of(ProgramRun.of(List.of(build), Map.of(), "", BUILD_LIMIT).orFail().strip());
    List<String> command = new ArrayList<>(List.of(programs.resolve(program).toString()));
    command.addAll(List.of(arguments));
    try {
      return new K3s(log, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it has said so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().removeShutdownHook(last);
  }
}
