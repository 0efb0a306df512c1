package dev.fairlead.testbed;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * The real Prometheus, from Debian's package, on a port of the loopback address: it asks one target
 * every second and has the rules of the chart. Any thread may call any method.
 */
public final class Prometheus implements AutoCloseable {
  private static final Path SCRIPT = Path.of("..", "testbed", "prometheus");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** The rules that the chart brings. */
  public static final Path RULES = Path.of("..", "charts", "fairlead", "rules.yaml");

  private final Process process;
  private final URI address;
  private final HttpClient http = HttpClient.newHttpClient();

  private Prometheus(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * @param target host and port of {@code /metrics}
   * @param directory of its own
   */
  public static Prometheus start(String target, Path directory) {
    try {
      int port = freePort();
      Path settings =
          Files.writeString(
              Files.createDirectories(directory).resolve("prometheus.yaml"),
              """
              global: {scrape_interval: 1s, evaluation_interval: 1s}
              rule_files: ["%s"]
              scrape_configs:
                - job_name: fairlead
                  honor_labels: true
                  static_configs: [{targets: ["%s"]}]
              """
                  .formatted(RULES.toAbsolutePath().normalize(), target));
      Process process =
          new ProcessBuilder(
                  programs().resolve("prometheus").toString(),
                  "--config.file=" + settings,
                  "--storage.tsdb.path=" + directory.resolve("data"),
                  "--web.listen-address=127.0.0.1:" + port)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("prometheus.log").toFile())
              .start();
      return new Prometheus(process, URI.create("http://127.0.0.1:" + port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What promtool says. */
  public static ProgramRun promtool(String... arguments) {
    List<String> command = new ArrayList<>(List.of(programs().resolve("promtool").toString()));
    command.addAll(List.of(arguments));
    return ProgramRun.of(command, Map.of(), "", LIMIT);
  }

  /**
   * @throws TestAbortedException it cannot be had on this machine
   */
  private static Path programs() {
    ProgramRun run = ProgramRun.of(List.of(SCRIPT.toString()), Map.of(), "", LIMIT);
    if (run.exitCode() == 3) {
      throw new TestAbortedException("Prometheus cannot be had on this machine");
    }
    return Path.of(run.orFail().strip());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * An answer of its API, with {@code data} in it.
   *
   * @param path such as {@code rules}
   * @throws AssertionError it says that the request is wrong, or is not there yet
   */
  public Json.Obj ask(String path) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(address.resolve("/api/v1/" + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      Json.Obj body = (Json.Obj) JsonReader.parse(answer.body().getBytes(StandardCharsets.UTF_8));
      if (!body.string("status").orElse("").equals("success")) {
        throw new AssertionError(path + ": " + answer.body());
      }
      return body;
    } catch (IOException e) {
      throw new AssertionError(path + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** What an expression is at this moment. */
  public Json.Obj query(String expression) {
    return ask("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
  }

  /** How many series an expression has at this moment. */
  public int series(String expression) {
    return query(expression).object("data").orElseThrow().items("result").size();
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
