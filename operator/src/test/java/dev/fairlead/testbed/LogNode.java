package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A node of a control plane whose pods have logs: kwok pretends to run them, and this answers the
 * API server in the kubelet's place when somebody asks for a log.
 *
 * <p>Guarantees: the node takes pods when {@link #start} returns. Any thread may call any method.
 */
public final class LogNode implements AutoCloseable {
  private final ControlPlane cluster;
  private final HttpsServer server;
  private final String name;
  private final Map<String, String> logs = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private LogNode(ControlPlane cluster, HttpsServer server, String name) {
    this.cluster = cluster;
    this.server = server;
    this.name = name;
    server.createContext("/containerLogs/", this::answer);
  }

  /** Adds the node. */
  public static LogNode start(ControlPlane cluster, Path directory) {
    try {
      TestCertificate certificate = TestCertificate.create(directory);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(certificate.keyStore(), TestCertificate.PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(context));
      String name = "logs-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
      LogNode node = new LogNode(cluster, server, name);
      server.start();
      node.register(server.getAddress().getPort());
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK cannot serve its own certificate", e);
    }
  }

  private void register(int port) {
    cluster.apply(
        """
        apiVersion: v1
        kind: Node
        metadata: {name: %1$s, labels: {logs: %1$s}, annotations: {kwok.x-k8s.io/node: fake}}
        """
            .formatted(name));
    cluster.kubectl("wait", "--for=condition=Ready", "--timeout=60s", "node/" + name);
    cluster.kubectl(
        "patch",
        "node",
        name,
        "--subresource=status",
        "-p",
        """
        {"status": {"addresses": [{"type": "Hostname", "address": "127.0.0.1"},
                                  {"type": "InternalIP", "address": "127.0.0.1"}],
                    "daemonEndpoints": {"kubeletEndpoint": {"Port": %d}}}}
        """
            .formatted(port));
  }

  /** The value of the label {@code logs} that selects this node. */
  public String name() {
    return name;
  }

  /** What the containers of that name say. */
  public void says(String container, String log) {
    logs.put(container, log);
  }

  /** The queries that were answered. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(exchange.getRequestURI().getQuery());
    byte[] body = logs.getOrDefault(path.substring(path.lastIndexOf('/') + 1), "").getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain");
    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    cluster.kubectl("delete", "node", name, "--ignore-not-found", "--wait=false");
    server.stop(0);
  }
}
