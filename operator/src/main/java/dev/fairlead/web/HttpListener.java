package dev.fairlead.web;

import com.sun.net.httpserver.HttpExchange;
import dev.fairlead.model.Probe;
import dev.fairlead.observe.Exposition;
import dev.fairlead.observe.Meters;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener that machines ask: {@code /metrics}, {@code /healthz} and {@code /readyz}, or the
 * latter two alone, so that nobody who asks for more can keep the kubelet out.
 *
 * <p>Guarantees: only GET and HEAD, only these paths; 16 requests at work at once at most, and the
 * bounds of {@link HttpPort}, each listener for itself.
 */
public final class HttpListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpListener.class);
  private static final int MOST_AT_WORK = 16;
  private static final List<String> ALL = List.of("/metrics", "/healthz", "/readyz");
  private static final List<String> PROBES = List.of("/healthz", "/readyz");

  private final HttpPort port;

  private HttpListener(HttpPort port) {
    this.port = port;
  }

  /**
   * Listens from now on.
   *
   * @param address port 0 takes a free one
   * @param alive asked for {@code /healthz}; must answer at once
   * @param ready asked for {@code /readyz}; must answer at once
   * @throws IOException when the address cannot be had
   */
  public static HttpListener start(
      InetSocketAddress address, Meters meters, Supplier<Probe> alive, Supplier<Probe> ready)
      throws IOException {
    return start(address, new Answers(Optional.of(meters), alive, ready));
  }

  /** The same without {@code /metrics}. */
  public static HttpListener start(
      InetSocketAddress address, Supplier<Probe> alive, Supplier<Probe> ready) throws IOException {
    return start(address, new Answers(Optional.empty(), alive, ready));
  }

  private static HttpListener start(InetSocketAddress address, Answers answers) throws IOException {
    return new HttpListener(HttpPort.start(address, MOST_AT_WORK, answers));
  }

  /** The port that it listens on. */
  public int port() {
    return port.number();
  }

  /** Drops all connections and stops listening. */
  @Override
  public void close() {
    port.close();
  }

  private record Answers(Optional<Meters> meters, Supplier<Probe> alive, Supplier<Probe> ready)
      implements HttpPort.Handler {
    @Override
    public void refuse(HttpExchange exchange) throws IOException {
      answer(exchange, 503, "too many requests at once");
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
      String path = Optional.ofNullable(exchange.getRequestURI().getPath()).orElse("");
      List<String> known = meters.isPresent() ? ALL : PROBES;
      if (!known.contains(path)) {
        answer(
            exchange,
            404,
            meters.isPresent()
                ? "there are /metrics, /healthz and /readyz"
                : "there are /healthz and /readyz");
        return;
      }
      if (!isGet(exchange) && !isHead(exchange)) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        answer(exchange, 405, "only GET and HEAD");
        return;
      }
      try {
        switch (path) {
          case "/metrics" -> metrics(exchange, meters.orElseThrow());
          case "/healthz" -> probe(exchange, alive.get());
          default -> probe(exchange, ready.get());
        }
      } catch (RuntimeException e) {
        log.atError().addKeyValue("path", path).setCause(e).log("A request failed unexpectedly");
        answer(exchange, 500, "an unexpected error, see the log");
      }
    }

    private static void probe(HttpExchange exchange, Probe probe) throws IOException {
      answer(exchange, probe.ok() ? 200 : 503, probe.sentence());
    }

    private static void metrics(HttpExchange exchange, Meters meters) throws IOException {
      String accept =
          String.join(",", exchange.getRequestHeaders().getOrDefault("Accept", List.of()));
      Exposition exposition = meters.scrape(accept);
      exchange.getResponseHeaders().set("Content-Type", exposition.contentType());
      if (isHead(exchange)) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      // Written as it is made: with hundreds of syncs it would be a megabyte.
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream body = new BufferedOutputStream(exchange.getResponseBody())) {
        exposition.writeTo(body);
      }
    }
  }

  private static void answer(HttpExchange exchange, int status, String sentence)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    byte[] body = (sentence + "\n").getBytes(StandardCharsets.UTF_8);
    if (isHead(exchange)) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  private static boolean isGet(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("GET");
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }
}
