package dev.fairlead.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;

/** Serves one {@link Origin} over smart HTTP, counts what it is asked, and misbehaves on demand. */
final class GitHttp implements AutoCloseable {
  /** Answers a request in Git's place; returns whether it did. */
  interface Fault {
    boolean answer(HttpExchange exchange) throws IOException;
  }

  private final @Nullable Repository byJGit;
  private final Path directory;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile @Nullable String required;
  private volatile @Nullable Fault fault;

  GitHttp(Origin origin) throws IOException {
    this(origin, false);
  }

  /** {@code original}: the requests are answered by {@code git http-backend}, if not by JGit. */
  GitHttp(Origin origin, boolean original) throws IOException {
    this(original ? null : origin.repository(), origin.repository().getDirectory().toPath());
  }

  /** Any repository, by {@code git http-backend}. */
  GitHttp(Path repository) throws IOException {
    this(null, repository);
  }

  private GitHttp(@Nullable Repository byJGit, Path directory) throws IOException {
    this.byJGit = byJGit;
    this.directory = directory;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  String url() {
    return "http://127.0.0.1:" + port() + "/team/repo.git";
  }

  /** Method and path of each request since the last {@link #forget}. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  void forget() {
    requests.clear();
    authorizations.clear();
  }

  void require(String authorization) {
    required = authorization;
  }

  void fault(@Nullable Fault misbehaviour) {
    fault = misbehaviour;
  }

  /** A fault that answers everything with this status and header. */
  static Fault status(int status, String... header) {
    return exchange -> {
      for (int i = 0; i + 1 < header.length; i += 2) {
        exchange.getResponseHeaders().add(header[i], header[i + 1]);
      }
      body(exchange, status, "<html>secret-of-the-server</html>");
      return true;
    };
  }

  static void body(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      authorizations.add(authorization == null ? "" : authorization);
      Fault misbehaviour = fault;
      if (misbehaviour != null && misbehaviour.answer(exchange)) {
        return;
      }
      if (required != null && !required.equals(authorization)) {
        exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
        body(exchange, 401, "no");
        return;
      }
      if (byJGit == null) {
        serveByGit(exchange);
      } else {
        serve(exchange, byJGit);
      }
    }
  }

  private void serveByGit(HttpExchange exchange) throws IOException {
    var builder = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", String.valueOf(directory.getParent()));
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_COUNT", "1");
    environment.put("GIT_CONFIG_KEY_0", "safe.directory");
    environment.put("GIT_CONFIG_VALUE_0", "*");
    environment.put(
        "PATH_INFO",
        exchange
            .getRequestURI()
            .getPath()
            .replace("/team/repo.git", "/" + directory.getFileName()));
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put(
        "QUERY_STRING", Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""));
    put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
    put(
        environment,
        "HTTP_CONTENT_ENCODING",
        exchange.getRequestHeaders().getFirst("Content-Encoding"));
    put(environment, "GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
    byte[] asked = exchange.getRequestBody().readAllBytes();
    environment.put("CONTENT_LENGTH", String.valueOf(asked.length));
    Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(asked);
    }
    byte[] answer = process.getInputStream().readAllBytes();
    String head = new String(answer, StandardCharsets.ISO_8859_1);
    int end = head.indexOf("\r\n\r\n");
    int status = 200;
    for (String line : head.substring(0, end).split("\r\n", -1)) {
      String value = line.substring(line.indexOf(':') + 1).strip();
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().add(line.substring(0, line.indexOf(':')), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(answer, end + 4, answer.length - end - 4);
    }
  }

  private static void put(Map<String, String> environment, String name, @Nullable String value) {
    if (value != null) {
      environment.put(name, value);
    }
  }

  private void serve(HttpExchange exchange, Repository repository) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (var upload = new UploadPack(repository)) {
      upload.setBiDirectionalPipe(false);
      upload.setRequestPolicy(UploadPack.RequestPolicy.REACHABLE_COMMIT);
      String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
      upload.setExtraParameters(protocol == null ? Set.of() : Set.of(protocol.split(":")));
      boolean refs = path.endsWith("/info/refs");
      exchange
          .getResponseHeaders()
          .add(
              "Content-Type",
              "application/x-git-upload-pack-" + (refs ? "advertisement" : "result"));
      if (refs) {
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
          upload.sendAdvertisedRefs(
              new PacketLineOutRefAdvertiser(new PacketLineOut(out)), "git-upload-pack");
        }
        return;
      }
      boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      InputStream in = exchange.getRequestBody();
      byte[] asked = (zipped ? new GZIPInputStream(in) : in).readAllBytes();
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        upload.upload(new ByteArrayInputStream(asked), out, null);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
