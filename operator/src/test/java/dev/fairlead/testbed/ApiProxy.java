package dev.fairlead.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Stands between a client and the API server and does what a {@link Hook} says of each request:
 * forwards it, answers itself, stalls, breaks off, or tells the moment between the server's answer
 * and the client's.
 *
 * <p>It listens in plain HTTP on a free port of the loopback address; the {@link #kubeconfig()}
 * that it writes leads there with the same user's token, which it adds itself where a client sends
 * none. Answers go through as they come, piece by piece, so that watches work. A virtual thread a
 * request, any number at once; any thread may call any method. {@link #close} breaks everything
 * off.
 */
public final class ApiProxy implements AutoCloseable {

  /** Decides about a request, on the request's own thread, before any of it is forwarded. */
  @FunctionalInterface
  public interface Hook {
    ApiCourse on(ApiRequest request);
  }

  /** The API server itself takes no larger one. */
  private static final int MAX_BODY = 4 << 20;

  /** Nobody opens it; closing the proxy interrupts who waits. */
  private static final CountDownLatch NEVER = new CountDownLatch(1);

  /** What belongs to one connection, not to the message. */
  private static final Set<String> HOP =
      Set.of("connection", "content-length", "expect", "host", "keep-alive", "transfer-encoding");

  private final String server;
  private final String token;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Server jetty;
  private final ServerConnector connector;
  private final Path kubeconfig;
  private volatile Hook hook = request -> ApiCourse.FORWARD;
  private volatile String clientName = "";

  private ApiProxy(Path of) throws IOException {
    Kubeconfig original = Kubeconfig.read(of);
    server = original.server();
    token = original.token();
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(original.tls())
            .executor(threads)
            .build();
    QueuedThreadPool pool = new QueuedThreadPool();
    pool.setVirtualThreadsExecutor(threads);
    jetty = new Server(pool);
    connector = new ServerConnector(jetty);
    connector.setHost("127.0.0.1");
    // A watch may have nothing to say for minutes.
    connector.setIdleTimeout(-1);
    jetty.addConnector(connector);
    jetty.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            ApiProxy.this.handle(request, response, callback);
            return true;
          }
        });
    jetty.setStopTimeout(0);
    start();
    kubeconfig =
        Files.writeString(
            Files.createTempFile(of.toAbsolutePath().getParent(), "proxy-", ".kubeconfig"),
            Kubeconfig.at(url(), of));
  }

  private void start() {
    try {
      jetty.start();
    } catch (Exception e) { // as Jetty declares it
      throw new IllegalStateException("the proxy does not start", e);
    }
  }

  /** Forwards to the server of a kubeconfig, as its user. */
  public static ApiProxy start(Path kubeconfig) {
    try {
      return new ApiProxy(kubeconfig);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forwards to a control plane, as its administrator. */
  public static ApiProxy start(ControlPlane cluster) {
    return start(cluster.kubeconfig());
  }

  public String url() {
    return "http://127.0.0.1:" + connector.getLocalPort();
  }

  /** What leads a client through the proxy. */
  public Path kubeconfig() {
    return kubeconfig;
  }

  /** From now on this decides. */
  public void hook(Hook decides) {
    hook = decides;
  }

  /** From now on every User-Agent ends with this, so that the audit log tells clients apart. */
  public void nameClient(String name) {
    clientName = " (" + name + ")";
  }

  private void handle(Request request, Response response, Callback callback) {
    try {
      ApiRequest asked = read(request);
      switch (hook.on(asked)) {
        case ApiCourse.Forward forward -> forward(request, asked, forward, NEVER, response);
        case ApiCourse.Answer answer -> answer(answer, response);
        case ApiCourse.Stall stall -> {
          stall.until().await();
          forward(request, asked, ApiCourse.FORWARD, NEVER, response);
        }
        case ApiCourse.Mute mute ->
            forward(request, asked, ApiCourse.FORWARD, mute.from(), response);
        case ApiCourse.Drop _ -> throw new IOException("dropped by the test");
      }
      callback.succeeded();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      drop(request, callback, e);
    } catch (IOException | RuntimeException e) {
      // Either side broke off, so the other side is to see a broken connection too.
      drop(request, callback, e);
    }
  }

  private static void drop(Request request, Callback callback, Exception why) {
    request.getConnectionMetaData().getConnection().getEndPoint().close();
    callback.failed(new QuietException.Exception(why));
  }

  private static ApiRequest read(Request request) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] body = in.readNBytes(MAX_BODY + 1);
      if (body.length > MAX_BODY) {
        throw new IOException("a request of more than " + MAX_BODY + " bytes");
      }
      return new ApiRequest(
          request.getMethod(),
          request.getHttpURI().getPath(),
          Objects.requireNonNullElse(request.getHttpURI().getQuery(), ""),
          Objects.requireNonNullElse(request.getHeaders().get("Content-Type"), ""),
          new String(body, UTF_8));
    }
  }

  private void forward(
      Request request,
      ApiRequest asked,
      ApiCourse.Forward how,
      CountDownLatch silence,
      Response response)
      throws IOException, InterruptedException {
    String same = asked.path() + (asked.query().isEmpty() ? "" : "?" + asked.query());
    HttpRequest.Builder onward =
        HttpRequest.newBuilder(URI.create(server + (how.target().isEmpty() ? same : how.target())))
            .method(
                asked.method(),
                asked.body().isEmpty()
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(asked.body()));
    if (!request.getHeaders().contains("Authorization")) {
      // As kubectl does, which gives its token to nobody in plain HTTP.
      onward.header("Authorization", "Bearer " + token);
    }
    for (HttpField field : request.getHeaders()) {
      if (isEndToEnd(field.getName())) {
        String more = field.is("User-Agent") ? clientName : "";
        onward.header(field.getName(), field.getValue() + more);
      }
    }
    HttpResponse<InputStream> answer = client.send(onward.build(), BodyHandlers.ofInputStream());
    // Closed only in good order: a client must see that an answer was broken off.
    OutputStream out = Content.Sink.asOutputStream(response);
    try (InputStream in = answer.body()) {
      how.answered().run();
      response.setStatus(answer.statusCode());
      answer
          .headers()
          .map()
          .forEach((name, values) -> {
            if (isEndToEnd(name)) {
              values.forEach(value -> response.getHeaders().add(name, value));
            }
          });
      // That a watch has begun is news, also while nothing happens.
      out.flush();
      byte[] piece = new byte[16 << 10];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (silence.getCount() > 0) {
          out.write(piece, 0, count);
          out.flush();
        }
      }
      if (silence.getCount() == 0) {
        // A peer that fell silent does not say goodbye either.
        NEVER.await();
      }
    }
    out.close();
  }

  private static boolean isEndToEnd(String header) {
    return !HOP.contains(header.toLowerCase(Locale.ROOT));
  }

  private static void answer(ApiCourse.Answer answer, Response response) throws IOException {
    response.setStatus(answer.status());
    answer.headers().forEach((name, value) -> response.getHeaders().put(name, value));
    try (OutputStream out = Content.Sink.asOutputStream(response)) {
      out.write(answer.body().getBytes(UTF_8));
    }
  }

  @Override
  public void close() {
    try {
      connector.getConnectedEndPoints().forEach(EndPoint::close);
      jetty.stop();
      client.shutdownNow();
      threads.shutdownNow();
      Files.deleteIfExists(kubeconfig);
    } catch (Exception e) { // as Jetty declares it
      throw new IllegalStateException("the proxy does not stop", e);
    }
  }
}
