package dev.fairlead.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.testbed.ControlPlane;
import dev.fairlead.testbed.ControlPlaneExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the kubelet asks is answered, whoever else asks what. */
@ExtendWith(ControlPlaneExtension.class)
final class ProbesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CRD = Path.of("..", "manifests", "crd.yaml");

  /** More than a port has connections, as any pod can open them. */
  private static final int MANY = 80;

  private static final String HALF_A_REQUEST = "GET /metrics HTTP/1.1\r\nHost: fairlead\r\n";

  private final ControlPlane cluster;
  private final Path directory;

  ProbesIT(ControlPlane cluster, @TempDir Path directory) {
    this.cluster = cluster;
    this.directory = directory;
  }

  /** As the kubelet does by the Deployment: on a new connection, for 5 s. */
  private static String probe(String address, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .timeout(Duration.ofSeconds(5))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() + "";
    } catch (IOException e) {
      return "kept out";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static Socket halfSent(String address) throws IOException {
    URI at = URI.create("http://" + address);
    Socket socket = new Socket(at.getHost(), at.getPort());
    socket.getOutputStream().write(HALF_A_REQUEST.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Holds so many connections until it is interrupted; what is closed is opened anew. */
  private static ExecutorService hold(String address) {
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    for (int i = 0; i < MANY; i++) {
      threads.execute(() -> holdOne(address));
    }
    return threads;
  }

  private static void holdOne(String address) {
    try {
      while (true) {
        try (Socket socket = halfSent(address)) {
          // Nothing is answered: it returns, or fails, when the other side ends it.
          socket.getInputStream().read();
        } catch (IOException e) {
          // Turned away.
          Thread.sleep(50);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void half_sent_requests_at_the_port_of_the_metrics_keep_no_probe_out() {
    // Given
    cluster.kubectl("apply", "-f", CRD.toString());
    try (OperatorProcess daemon = OperatorProcess.start(cluster.kubeconfig(), directory)) {
      SyncClient.await(PATIENCE, "ready", () -> daemon.readyz().startsWith("200 "), daemon::readyz);
      ExecutorService held = hold(daemon.metricsAddress());
      try {
        SyncClient.await(
            PATIENCE,
            "all connections of that port held",
            () -> probe(daemon.metricsAddress(), "/healthz").equals("kept out"),
            () -> "a probe was answered there");

        // When
        List<String> answers = new ArrayList<>();
        // For longer than half a request may last.
        for (int i = 0; i < 30; i++) {
          answers.add(probe(daemon.probeAddress(), "/healthz"));
          answers.add(probe(daemon.probeAddress(), "/readyz"));
          OperatorProcess.sleep(Duration.ofMillis(500));
        }

        // Then
        assertThat(answers).containsOnly("200");
      } finally {
        held.shutdownNow();
      }
    }
  }

  @Test
  void a_request_that_is_not_finished_is_ended_at_either_port() throws IOException {
    try (OperatorProcess daemon = OperatorProcess.start(cluster.kubeconfig(), directory);
        Socket metrics = halfSent(daemon.metricsAddress());
        Socket probes = halfSent(daemon.probeAddress())) {
      for (Socket socket : List.of(metrics, probes)) {
        socket.setSoTimeout((int) PATIENCE.toMillis());

        assertThat(socket.getInputStream().read()).isEqualTo(-1);
      }
    }
  }

  @Test
  void a_daemon_whose_port_for_metrics_is_taken_ends_and_says_which_flag() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (OperatorProcess daemon =
          OperatorProcess.launch(
              cluster.kubeconfig(), directory, "", List.of("--listen", address))) {
        SyncClient.await(PATIENCE, "its end", () -> !daemon.isAlive(), daemon::log);

        assertThat(daemon.log())
            .endsWith(
                "fairlead: --listen: the address %s cannot be had (Address already in use); set it to another one\n"
                    .formatted(address));
      }
    }
  }

  @Test
  void a_daemon_whose_port_for_probes_is_taken_says_so_and_works_without_it() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        OperatorProcess daemon =
            OperatorProcess.start(
                cluster.kubeconfig(),
                directory,
                "--probe-listen",
                "127.0.0.1:" + taken.getLocalPort())) {
      assertThat(probe(daemon.metricsAddress(), "/healthz")).isEqualTo("200");
      assertThat(daemon.log())
          .contains("No port of the probes' own: its address cannot be had; set --probe-listen to")
          .contains("127.0.0.1:" + taken.getLocalPort());
    }
  }
}
