package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.Json;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The daemon as people run it: {@code ./fairlead operator} as a process of its own, from the jar
 * that the build has just made.
 *
 * <p>Guarantees: it listens when {@link #start} returns; it ends with {@link #close}. Any thread
 * may call any method.
 */
public final class OperatorProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Pattern SERVING = address("Serving the JSON API");
  private static final Pattern LISTENING = address("Listening");
  private static final Pattern HOOKS = address("Listening for webhooks");
  private static final Pattern PROBES = address("Listening for probes");

  private final Process process;
  private final Path log;

  /** In either format of the log. */
  private static Pattern address(String message) {
    return Pattern.compile(message + "(?: address=|\".*\"address\":\")([^\\s\"]+)");
  }

  private OperatorProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts the daemon.
   *
   * @param directory for its log and its cache; a daemon that was killed leaves its cache to the
   *     next
   * @param flags further flags of {@code fairlead operator}
   */
  static OperatorProcess start(Path kubeconfig, Path directory, String... flags) {
    return start(kubeconfig, directory, "", List.of(flags));
  }

  /** Starts the daemon with further flags of its JVM. */
  static OperatorProcess start(
      Path kubeconfig, Path directory, String javaFlags, List<String> flags) {
    OperatorProcess started = launch(kubeconfig, directory, javaFlags, flags);
    started.awaitAddress();
    return started;
  }

  /** Starts the daemon, and does not wait until it listens. */
  public static OperatorProcess launch(
      Path kubeconfig, Path directory, String javaFlags, List<String> flags) {
    try {
      Files.createDirectories(directory);
      Path log = Files.createTempFile(directory, "operator-", ".log");
      List<String> command = new ArrayList<>();
      command.addAll(
          List.of(
              launcher().toString(),
              "operator",
              "--kubeconfig",
              kubeconfig.toString(),
              "--cache-dir",
              directory.resolve("cache").toString()));
      if (!flags.contains("--listen")) {
        command.addAll(List.of("--listen", "127.0.0.1:0"));
      }
      if (!flags.contains("--ui-listen")) {
        command.addAll(List.of("--ui-listen", "127.0.0.1:0"));
      }
      if (flags.stream().noneMatch(f -> f.startsWith("--hook-listen"))) {
        command.addAll(List.of("--hook-listen", "127.0.0.1:0"));
      }
      if (!flags.contains("--probe-listen")) {
        command.addAll(List.of("--probe-listen", "127.0.0.1:0"));
      }
      if (flags.stream().noneMatch(f -> f.startsWith("--leader-elect"))) {
        // One that was killed would make the next one wait.
        command.add("--leader-elect=false");
      }
      command.addAll(flags);
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder
          .environment()
          .put(
              "FAIRLEAD_JAVA",
              System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
      if (!javaFlags.isEmpty()) {
        builder.environment().put("FAIRLEAD_JAVA_FLAGS", javaFlags);
      }
      return new OperatorProcess(builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String awaitAddress() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      Matcher matcher = LISTENING.matcher(log());
      if (matcher.find()) {
        return matcher.group(1);
      }
      if (!process.isAlive()) {
        break;
      }
      sleep(Duration.ofMillis(20));
    }
    process.destroyForcibly();
    throw new AssertionError("The daemon does not listen. Its log:\n" + log());
  }

  static void sleep(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static Path launcher() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path launcher = at.resolve("fairlead");
      if (Files.isExecutable(launcher) && Files.isRegularFile(launcher)) {
        return launcher;
      }
    }
    throw new AssertionError("No launcher above " + Path.of("").toAbsolutePath());
  }

  /** Where it writes {@link #log()}. */
  public Path logFile() {
    return log;
  }

  /** What it has written so far. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the daemon tells of a GitSync at {@code /api/v1}. */
  public Json.Obj view(String namespace, String name) {
    Matcher matcher = SERVING.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError("It does not serve the JSON API. Its log:\n" + log());
    }
    return SyncClient.parse(get(matcher.group(1), "/api/v1/gitsyncs/" + namespace + "/" + name));
  }

  /** The answer of {@code /api/v1} to a path below it, whatever its status. */
  String api(String path) {
    Matcher matcher = SERVING.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError("It does not serve the JSON API. Its log:\n" + log());
    }
    return answer(matcher.group(1), "/api/v1" + path).body();
  }

  /** Where it listens for webhooks. */
  String hookAddress() {
    Matcher matcher = HOOKS.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError("It does not listen for webhooks. Its log:\n" + log());
    }
    return matcher.group(1);
  }

  /** Where it listens for probes alone. */
  String probeAddress() {
    Matcher matcher = PROBES.matcher(log());
    if (!matcher.find()) {
      throw new AssertionError("It does not listen for probes. Its log:\n" + log());
    }
    return matcher.group(1);
  }

  /** What {@code /readyz} says, ready or not. */
  String readyz() {
    HttpResponse<String> answer = answer(awaitAddress(), "/readyz");
    return answer.statusCode() + " " + answer.body().strip();
  }

  /** Host and port of {@code /metrics}. */
  String metricsAddress() {
    return awaitAddress();
  }

  /** The body of a GET; an {@link AssertionError} unless the status is 200. */
  public String get(String path) {
    return get(awaitAddress(), path);
  }

  private static String get(String address, String path) {
    HttpResponse<String> response = answer(address, path);
    if (response.statusCode() != 200) {
      throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  private static HttpResponse<String> answer(String address, String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://" + address + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /**
   * The sum of all series of a metric whose labels contain a text.
   *
   * @param labels for example {@code verb="apply"}; empty for all
   */
  public double metric(String name, String labels) {
    return get("/metrics")
        .lines()
        .filter(l -> l.startsWith(name + "{") || l.startsWith(name + " "))
        .filter(l -> l.contains(labels))
        .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
        .sum();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM; how long it took to end, an {@link AssertionError} after 10 s. */
  public Duration stop() {
    long began = System.nanoTime();
    process.destroy();
    awaitEnd();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** The classes that its JVM has loaded, one a line. */
  String classes() {
    try {
      Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
      Process asked =
          new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "VM.classes")
              .redirectErrorStream(true)
              .start();
      String classes = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(classes).contains("dev.fairlead.app.Main");
      return classes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGSTOP: it does nothing more and does not know it. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("kill -" + name + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  private void awaitEnd() {
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("The daemon does not end. Its log:\n" + log());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    kill();
  }
}
