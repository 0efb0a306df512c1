package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A real node beside a control plane, by {@code testbed/node/node}: kubelet, kube-proxy, containerd
 * and runc run its pods, and kube-router enforces NetworkPolicies. Only one on a machine at a time;
 * needs root.
 *
 * <p>It is Ready when {@link #start} returns; it ends with {@link #close}, and at the latest with
 * this JVM unless that is killed. Any thread may call any method.
 */
public final class RealNode implements AutoCloseable {
  /** Where pods reach this machine. */
  private static final String MACHINE = "198.18.77.1";

  private static final String NAME = "fairlead-node";

  /** The first start on a machine builds it. */
  private static final Duration START_LIMIT = Duration.ofMinutes(40);

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Path TESTBED = Path.of("..", "testbed", "node").toAbsolutePath().normalize();

  private final ControlPlane cluster;
  private final Path directory;
  private final Thread last;

  private RealNode(ControlPlane cluster, Path directory) {
    this.cluster = cluster;
    this.directory = directory;
    this.last = new Thread(this::down);
    Runtime.getRuntime().addShutdownHook(last);
  }

  /** A control plane that pretends nothing, and knows its way to a node. */
  public static ControlPlane controlPlane() {
    List<String> options = new ArrayList<>(List.of("--nodes=0"));
    options.addAll(
        ProgramRun.of(List.of(launcher(), "apiserver-args"), Map.of(), "", LIMIT)
            .orFail()
            .lines()
            .toList());
    return ControlPlane.start(options.toArray(String[]::new));
  }

  /**
   * Starts it.
   *
   * @param cluster a {@link #controlPlane}
   * @param image a file with an image that its pods may have
   * @param servers urls on this machine's loopback address that pods may reach by {@link #reached}
   */
  public static RealNode start(
      ControlPlane cluster, Path directory, Path image, List<String> servers) {
    RealNode node = new RealNode(cluster, directory);
    List<String> command =
        new ArrayList<>(
            List.of(
                launcher(),
                "up",
                directory.toString(),
                cluster.directory().toString(),
                "--image",
                image.toString()));
    for (String server : servers) {
      command.addAll(List.of("--reach", Integer.toString(URI.create(server).getPort())));
    }
    try {
      ProgramRun.of(command, Map.of(), "", START_LIMIT).orFail();
    } catch (AssertionError e) {
      node.close();
      throw e;
    }
    return node;
  }

  private static String launcher() {
    return TESTBED.resolve("node").toString();
  }

  /** The same url for a pod. */
  public static String reached(String url) {
    return url.replace("//127.0.0.1:", "//" + MACHINE + ":");
  }

  /** Gives an image that is there another name too. */
  public void tag(String image, String name) {
    ProgramRun.of(
            List.of(
                launcher(), "ctr", directory.toString(), "images", "tag", "--force", image, name),
            Map.of(),
            "",
            LIMIT)
        .orFail();
  }

  /** The processes of a pod, by their numbers on this machine. */
  public List<Long> processes(String namespace, String pod) {
    String uid =
        cluster.kubectl("get", "pod", pod, "-n", namespace, "-o", "jsonpath={.metadata.uid}");
    Path first = Path.of("/sys/fs/cgroup/memory", NAME);
    Path root = Files.isDirectory(first) ? first : Path.of("/sys/fs/cgroup", NAME);
    try (Stream<Path> groups = Files.walk(root)) {
      List<Long> found = new ArrayList<>();
      for (Path group : groups.filter(g -> g.toString().contains("pod" + uid + "/")).toList()) {
        if (group.endsWith("cgroup.procs")) {
          Files.readAllLines(group).forEach(line -> found.add(Long.valueOf(line)));
        }
      }
      return List.copyOf(found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String web() {
    Path programs =
        Path.of(
            ProgramRun.of(List.of(TESTBED.resolve("build").toString()), Map.of(), "", START_LIMIT)
                .orFail()
                .strip());
    return programs.resolve("web").toString();
  }

  /** A command of {@code testbed/node/cmd/web} in the network of a pod that runs. */
  private List<String> inNetworkOf(String namespace, String pod, String... arguments) {
    long process = processes(namespace, pod).getFirst();
    List<String> command =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + process + "/ns/net", web()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** What {@code web reach} and {@code web hook} say, asked by a pod, in lines. */
  public List<String> ask(String namespace, String pod, String... arguments) {
    return ProgramRun.of(inNetworkOf(namespace, pod, arguments), Map.of(), "", LIMIT)
        .orFail()
        .lines()
        .toList();
  }

  /** Listens at a further port of a pod's, until it is closed. */
  public AutoCloseable listen(String namespace, String pod, int port) {
    try {
      Process process =
          new ProcessBuilder(inNetworkOf(namespace, pod, "listen", Integer.toString(port)))
              .inheritIO()
              .start();
      return process::destroyForcibly;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins to send requests to an address of a Service, each over a connection of its own. */
  public Load load(String url, int aSecond) {
    try {
      return new Load(
          new ProcessBuilder(
                  launcher(),
                  "run",
                  directory.toString(),
                  web(),
                  "load",
                  url,
                  Integer.toString(aSecond))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Requests that are being sent. It ends with {@link #end}, and at the latest with this JVM. */
  public static final class Load {
    private final Process process;

    private Load(Process process) {
      this.process = process;
    }

    /**
     * Stops, and tells how many requests were answered with what; {@code lost: } and why for those
     * without an answer.
     */
    public Map<String, Integer> end() {
      try {
        process.getOutputStream().close();
        Map<String, Integer> counts = new LinkedHashMap<>();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        for (String line : said.lines().toList()) {
          int space = line.indexOf(' ');
          counts.put(line.substring(space + 1), Integer.valueOf(line.substring(0, space)));
        }
        return counts;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void down() {
    ProgramRun.of(List.of(launcher(), "down", directory.toString()), Map.of(), "", LIMIT).orFail();
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(last);
    down();
  }
}
