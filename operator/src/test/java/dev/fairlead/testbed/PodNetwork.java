package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The network of one pod, by {@code testbed/bin/podnet}: a namespace in which the API server
 * answers at the address of the Service {@code kubernetes}, and Git servers at the addresses that
 * they have on this machine. Nothing else is reached from it.
 *
 * <p>It ends with {@link #close}, and at the latest with this JVM. Any thread may call any method.
 */
public final class PodNetwork implements AutoCloseable {
  /** Where a pod finds the API server. */
  static final String SERVICE = "10.96.0.1";

  private final Process process;
  private final String path;
  private final Map<Integer, String> ports;

  private PodNetwork(Process process, String path, Map<Integer, String> ports) {
    this.process = process;
    this.path = path;
    this.ports = Map.copyOf(ports);
  }

  /**
   * @param servers urls on the loopback address that are reached from inside, too
   * @param exposed ports of the pod that are reached from outside
   */
  static PodNetwork start(ControlPlane cluster, List<String> servers, int... exposed) {
    try {
      List<String> command = new ArrayList<>();
      command.add(Path.of("..", "testbed", "bin", "podnet").toString());
      command.addAll(List.of("--address", SERVICE));
      command.addAll(List.of("--reach", SERVICE + ":443=" + authority(cluster.server())));
      for (String server : servers) {
        command.addAll(List.of("--reach", authority(server) + "=" + authority(server)));
      }
      for (int port : exposed) {
        command.addAll(List.of("--expose", Integer.toString(port)));
      }
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      return started(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static PodNetwork started(Process process) throws IOException {
    var said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String path = "";
    Map<Integer, String> ports = new HashMap<>();
    for (String line = said.readLine(); !"ready".equals(line); line = said.readLine()) {
      List<String> words = List.of(Objects.requireNonNull(line, "podnet failed").split(" ", -1));
      if (words.get(0).equals("netns")) {
        path = words.get(1);
      } else {
        ports.put(Integer.valueOf(words.get(1)), words.get(2));
      }
    }
    return new PodNetwork(process, path, ports);
  }

  private static String authority(String url) {
    return URI.create(url).getAuthority();
  }

  /** What names the namespace to a container runtime. */
  String path() {
    return path;
  }

  /** Where a port of the pod is reached from outside, {@code host:port}. */
  public String address(int port) {
    return Objects.requireNonNull(ports.get(port));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
