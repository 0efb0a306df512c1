package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fairlead.manifest.JsonReader;
import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real Gitea with its own ssh server, on free ports of the loopback address and with a database,
 * repositories and settings of its own. It has one administrator, {@link #OWNER}, whose the
 * repositories are.
 *
 * <p>Guarantees: it answers, over http and ssh, when {@link #start} returns; it ends with {@link
 * #close}. Its methods that change something wait for its answer. For one thread.
 */
public final class Gitea implements AutoCloseable {
  public static final String OWNER = "team";

  /** Of every account here. */
  public static final String PASSWORD = "correct-horse-battery";

  /** The first start on a machine builds it. */
  private static final Duration BUILD_LIMIT = Duration.ofMinutes(45);

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String LAUNCHER =
      Path.of("..", "testbed", "gitea", "build").toAbsolutePath().normalize().toString();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path programs;
  private final Path directory;
  private final int port;
  private final int sshPort;
  private final Process process;
  private final Thread last;

  private Gitea(Path programs, Path directory) throws IOException {
    this.programs = programs;
    this.directory = directory;
    this.port = freePort();
    this.sshPort = freePort();
    Files.createDirectories(directory);
    Files.writeString(settings(), ini());
    this.process =
        new ProcessBuilder(gitea("web"))
            .redirectErrorStream(true)
            .redirectOutput(log().toFile())
            .start();
    this.last = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(last);
  }

  /**
   * Starts one.
   *
   * @param directory for all that it writes; made when it is not there
   */
  public static Gitea start(Path directory) {
    try {
      Path programs =
          Path.of(ProgramRun.of(List.of(LAUNCHER), Map.of(), "", BUILD_LIMIT).orFail().strip());
      Gitea started = new Gitea(programs, directory.toAbsolutePath());
      started.awaitReady();
      started.createAccount(OWNER, "--admin");
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private Path settings() {
    return directory.resolve("app.ini");
  }

  private Path log() {
    return directory.resolve("gitea.log");
  }

  private String ini() {
    return """
    RUN_MODE = prod
    WORK_PATH = %1$s
    I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
    [server]
    HTTP_ADDR = 127.0.0.1
    HTTP_PORT = %2$d
    DOMAIN = 127.0.0.1
    ROOT_URL = http://127.0.0.1:%2$d/
    OFFLINE_MODE = true
    STATIC_ROOT_PATH = %3$s
    START_SSH_SERVER = true
    BUILTIN_SSH_SERVER_USER = git
    SSH_DOMAIN = 127.0.0.1
    SSH_LISTEN_HOST = 127.0.0.1
    SSH_LISTEN_PORT = %4$d
    SSH_PORT = %4$d
    SSH_ROOT_PATH = %1$s/ssh
    [database]
    DB_TYPE = sqlite3
    PATH = %1$s/gitea.db
    [security]
    INSTALL_LOCK = true
    SECRET_KEY = only-for-tests
    INTERNAL_TOKEN = only-for-tests
    [oauth2]
    JWT_SECRET = 0123456789012345678901234567890123456789012
    [webhook]
    ALLOWED_HOST_LIST = loopback
    [repository]
    DEFAULT_BRANCH = main
    [actions]
    ENABLED = false
    [cron]
    ENABLED = false
    [picture]
    DISABLE_GRAVATAR = true
    [log]
    MODE = console
    LEVEL = Info
    """
        .formatted(directory, port, programs, sshPort);
  }

  private List<String> gitea(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(programs.resolve("gitea").toString());
    command.addAll(List.of("--config", settings().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private void awaitReady() throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline && process.isAlive()) {
      try (var _ = new Socket(InetAddress.getLoopbackAddress(), sshPort)) {
        if (send("GET", "/api/healthz", Optional.empty(), "").statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      pause();
    }
    String said = Files.readString(log());
    close();
    throw new IllegalStateException("Gitea does not start; it says: " + said);
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void createAccount(String name, String... flags) {
    List<String> command =
        gitea(
            "admin",
            "user",
            "create",
            "--username=" + name,
            "--password=" + PASSWORD,
            "--email=" + name + "@example.org",
            "--must-change-password=false");
    command.addAll(List.of(flags));
    ProgramRun.of(command, Map.of(), "", LIMIT).orFail();
  }

  /** An account that may do nothing yet but read what is public. */
  public void createAccount(String name) {
    createAccount(name, new String[0]);
  }

  /**
   * A personal access token of an account.
   *
   * @param scopes as Gitea calls them, such as {@code read:repository}
   */
  public String createToken(String account, String name, String... scopes) {
    return apiAs(
            account,
            "POST",
            "/users/" + account + "/tokens",
            "{\"name\":\"%s\",\"scopes\":[\"%s\"]}".formatted(name, String.join("\",\"", scopes)))
        .string("sha1")
        .orElseThrow();
  }

  /** It counts no longer. */
  public void deleteToken(String account, String name) {
    apiAs(account, "DELETE", "/users/" + account + "/tokens/" + name, "");
  }

  /** An empty repository of {@link #OWNER}. */
  public GiteaRepository createRepository(String name, boolean isPrivate) {
    api(
        "POST",
        "/user/repos",
        "{\"name\":\"%s\",\"private\":%b,\"default_branch\":\"main\"}".formatted(name, isPrivate));
    var made = new GiteaRepository(this, OWNER, name, directory.resolve("work").resolve(name));
    made.init();
    return made;
  }

  /** A call of its API as its administrator; the answer, empty where it has none. */
  public Json.Obj api(String method, String path, String body) {
    return apiAs(OWNER, method, path, body);
  }

  private Json.Obj apiAs(String account, String method, String path, String body) {
    try {
      HttpResponse<String> answer = send(method, "/api/v1" + path, Optional.of(account), body);
      if (answer.statusCode() >= 300) {
        throw new AssertionError(
            "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
      }
      return answer.body().startsWith("{")
          ? (Json.Obj) JsonReader.parse(answer.body().getBytes(UTF_8))
          : Json.Obj.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<String> send(
      String method, String path, Optional<String> account, String body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(LIMIT)
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    account.ifPresent(name -> request.header("Authorization", "Basic " + basic(name)));
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** What a request of {@link #OWNER}'s carries. */
  static String authorization() {
    return "Basic " + basic(OWNER);
  }

  private static String basic(String account) {
    return Base64.getEncoder().encodeToString((account + ":" + PASSWORD).getBytes(UTF_8));
  }

  /** Where its pages, its API and Git over http are. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Host and port, as messages have them. */
  public String host() {
    return "127.0.0.1:" + port;
  }

  int sshPort() {
    return sshPort;
  }

  /** Where its ssh server is, for who leads there from elsewhere. */
  public InetSocketAddress sshAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), sshPort);
  }

  /** What {@code ssh-keyscan} prints of it. */
  public String scan() {
    return ProgramRun.of(
            List.of("ssh-keyscan", "-p", "" + sshPort, "127.0.0.1"), Map.of(), "", LIMIT)
        .orFail();
  }

  /** {@code SHA256:...} of the key that it made for itself. */
  public String fingerprint() {
    return OpenSsh.fingerprint(directory.resolve("data").resolve("ssh").resolve("gitea.rsa.pub"));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Runtime.getRuntime().removeShutdownHook(last);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
