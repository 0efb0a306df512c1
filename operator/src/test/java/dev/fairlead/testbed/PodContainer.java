package dev.fairlead.testbed;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The container of a pod that the cluster has made, run by the real runc: a pod that kwok only
 * pretends to run runs here, with the account's token for this very pod.
 *
 * <p>It ends with {@link #close}, and at the latest with this JVM. Needs root and runc. Any thread
 * may call any method.
 */
public final class PodContainer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration EMULATED = Duration.ofMinutes(10);
  private static final int HTTP = 8080;
  private static final int HOOKS = 8082;

  private final PodNetwork network;
  private final Path directory;
  private final String name;
  private final String group;
  private final Process process;
  private final Duration limit;
  private final long started;
  private final Thread last;

  private PodContainer(
      PodNetwork network, Path directory, String name, String group, Duration limit)
      throws IOException {
    this.limit = limit;
    this.network = network;
    this.directory = directory;
    this.name = name;
    this.group = group;
    started = System.nanoTime();
    process =
        new ProcessBuilder(runc("run", "--bundle", directory.toString(), name))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    last = new Thread(this::destroy);
    Runtime.getRuntime().addShutdownHook(last);
  }

  /**
   * Starts the container of the only pod of a Deployment, and does not wait until it is ready.
   *
   * @param servers urls of Git servers on this machine that it can reach
   * @param directory of its own
   */
  public static PodContainer start(
      ControlPlane cluster,
      String namespace,
      OciImage image,
      List<String> servers,
      Path directory,
      ContainerTweaks tweaks) {
    Json.Obj pod = pod(cluster, namespace);
    String podName = pod.object("metadata").flatMap(m -> m.string("name")).orElseThrow();
    String account = pod.object("spec").flatMap(s -> s.string("serviceAccountName")).orElseThrow();
    String token =
        cluster.kubectl(
            "create",
            "token",
            account,
            "--namespace=" + namespace,
            "--bound-object-kind=Pod",
            "--bound-object-name=" + podName);
    String authority =
        cluster.kubectl(
            "get",
            "configmap",
            "kube-root-ca.crt",
            "--namespace=" + namespace,
            "--output=jsonpath={.data.ca\\.crt}");
    PodNetwork network = PodNetwork.start(cluster, servers, HTTP, HOOKS);
    try {
      Files.createDirectories(directory);
      String unique = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
      String name = "fairlead-" + unique;
      String group = "/fairlead-test/" + name;
      Json.Obj config =
          new PodBundle(pod, directory)
              .config(image, network, group, token.strip(), authority, tweaks);
      Files.write(directory.resolve("config.json"), config.toBytes());
      return new PodContainer(
          network, directory, name, group, image.isForeign() ? EMULATED : LIMIT);
    } catch (IOException e) {
      network.close();
      throw new UncheckedIOException(e);
    }
  }

  /** The pod that the cluster's own controllers and admission have made of the Deployment. */
  private static Json.Obj pod(ControlPlane cluster, String namespace) {
    cluster.kubectl(
        "rollout", "status", "deployment/fairlead", "--namespace=" + namespace, "--timeout=60s");
    Json.Obj pods =
        ApiClient.parse(
            cluster.kubectl(
                "get",
                "pods",
                "--namespace=" + namespace,
                "--selector=app.kubernetes.io/name=fairlead",
                "--field-selector=status.phase=Running",
                "--output=json"));
    return (Json.Obj) pods.items("items").get(0);
  }

  private List<String> runc(String verb, String... arguments) {
    String[] command = new String[arguments.length + 4];
    command[0] = "runc";
    command[1] = "--root";
    command[2] = directory.resolve("state").toString();
    command[3] = verb;
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    return List.of(command);
  }

  /** Waits until {@code /readyz} says so; how long that took since the runtime was started. */
  public Duration awaitReady() {
    return awaitReady(limit);
  }

  /** The same with another limit. */
  public Duration awaitReady(Duration limit) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (true) {
        if (status(client, "/readyz") == 200) {
          return Duration.ofNanos(System.nanoTime() - started);
        }
        if (!process.isAlive() || System.nanoTime() - started > limit.toNanos()) {
          throw new AssertionError("The container is not ready. Its log:\n" + log());
        }
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private int status(HttpClient client, String path) throws InterruptedException {
    try {
      return client.send(request(path), HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + network.address(HTTP) + path)).build();
  }

  /** The body of a GET at the pod's port 8080. */
  public String get(String path) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request(path), HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** All that it has written to its standard output and error. */
  public String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public ContainerMemory memory() {
    return ContainerMemory.of(group);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What the kernel says of its first process: {@code /proc/PID/status}. */
  public String processStatus() {
    return processFile("status");
  }

  /** Where its first process has file systems that are not read-only, but for the kernel's own. */
  public List<String> writableMounts() {
    // Fields: id, parent, device, root, mount point, options, and more.
    return processFile("mountinfo")
        .lines()
        .map(line -> List.of(line.split(" ", -1)))
        .filter(fields -> !List.of(fields.get(5).split(",", -1)).contains("ro"))
        .map(fields -> fields.get(4))
        .filter(place -> !place.matches("/(dev|proc|sys)(/.*)?"))
        .toList();
  }

  private String processFile(String file) {
    Json.Obj state =
        ApiClient.parse(ProgramRun.of(runc("state", name), Map.of(), "", LIMIT).orFail());
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(state.integer("pid").orElseThrow()), file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGTERM, as a kubelet sends it; how it ended, an {@link AssertionError} after 30 s. */
  public int stop() {
    ProgramRun.of(runc("kill", name, "TERM"), Map.of(), "", LIMIT).orFail();
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("The container does not end. Its log:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void destroy() {
    ProgramRun.of(runc("delete", "--force", name), Map.of(), "", LIMIT);
    process.destroyForcibly();
    network.close();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(last);
    destroy();
  }
}
