package dev.fairlead.testbed;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.ObjectId;

/**
 * A Git server (protocol v2 over http) that answers each fetch with the pack that it was given,
 * whatever that is.
 */
public final class PackServer implements AutoCloseable {
  private static final int PACKET = 65_515;

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Repository> repositories = new ConcurrentHashMap<>();

  private record Repository(String refs, ByteBuffer pack, AtomicInteger fetches) {}

  public PackServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::answer);
    http.start();
  }

  /** Serves a repository whose default branch, {@code main}, is at this object; returns its url. */
  public String serve(String name, ObjectId main, byte[] pack) {
    return serve(name, Map.of("HEAD", main.name(), "refs/heads/main", main.name()), pack);
  }

  /**
   * @param refs each with its id and, for a tag, {@code " peeled:"} and that of its commit
   */
  public String serve(String name, Map<String, String> refs, byte[] pack) {
    var lines = new StringBuilder();
    refs.forEach((ref, id) -> {
      String[] parts = id.split(" ", 2);
      String line = parts[0] + " " + ref + (parts.length > 1 ? " " + parts[1] : "");
      lines.append(packet(line + "\n"));
    });
    repositories.put(
        name, new Repository(lines + "0000", ByteBuffer.wrap(pack.clone()), new AtomicInteger()));
    return url(name);
  }

  public String url(String name) {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/" + name;
  }

  /** How often its pack was asked for. */
  public int fetches(String name) {
    return Objects.requireNonNull(repositories.get(name)).fetches().get();
  }

  private static String packet(String line) {
    return "%04x%s".formatted(line.length() + 4, line);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Repository repository = repositories.get(path.split("/", 3)[1]);
      if (repository == null) {
        exchange.sendResponseHeaders(404, -1);
      } else if (path.endsWith("/info/refs")) {
        send(
            exchange,
            "advertisement",
            (packet("# service=git-upload-pack\n")
                    + "0000"
                    + packet("version 2\n")
                    + packet("ls-refs\n")
                    + packet("fetch=shallow\n")
                    + "0000")
                .getBytes(StandardCharsets.US_ASCII));
      } else {
        String request = request(exchange);
        send(
            exchange,
            "result",
            request.contains("command=ls-refs")
                ? repository.refs().getBytes(StandardCharsets.US_ASCII)
                : fetch(repository, request));
      }
    }
  }

  private static byte[] fetch(Repository repository, String request) {
    repository.fetches().incrementAndGet();
    var out = new ByteArrayOutputStream();
    if (!request.contains("done")) {
      String ready = packet("acknowledgments\n") + packet("ready\n") + "0001";
      out.writeBytes(ready.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(packet("packfile\n").getBytes(StandardCharsets.US_ASCII));
    byte[] pack = repository.pack().array();
    for (int at = 0; at < pack.length; at += PACKET) {
      int length = Math.min(PACKET, pack.length - at);
      out.writeBytes("%04x".formatted(length + 5).getBytes(StandardCharsets.US_ASCII));
      out.write(1);
      out.write(pack, at, length);
    }
    out.writeBytes("0000".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static String request(HttpExchange exchange) throws IOException {
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream body =
        zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
      return new String(body.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static void send(HttpExchange exchange, String what, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-" + what);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.close();
  }
}
