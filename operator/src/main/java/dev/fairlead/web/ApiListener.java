package dev.fairlead.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.fairlead.model.Blame;
import dev.fairlead.model.Blames;
import dev.fairlead.model.Probe;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener that people and their tools ask: {@code /api/v1}, documented in docs/api.md.
 *
 * <p>Guarantees: only GET and HEAD, which change nothing and cost no request to the API server, and
 * none to a Git server but for the history of a file, which is fetched for who asks for it; JSON,
 * errors too; answers are written as they are made; a browser is no way in for other sites ({@link
 * BrowserGuard}); 8 requests at work at once at most, and the bounds of {@link HttpPort}.
 */
public final class ApiListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ApiListener.class);
  private static final int MOST_AT_WORK = 8;
  private static final int BUFFER = 16 << 10;

  private final HttpPort port;

  private ApiListener(HttpPort port) {
    this.port = port;
  }

  /**
   * Listens from now on.
   *
   * @param address port 0 takes a free one
   * @throws IOException when the address cannot be had
   */
  public static ApiListener start(InetSocketAddress address, SyncViews views, Blames blames)
      throws IOException {
    return new ApiListener(HttpPort.start(address, MOST_AT_WORK, new Answers(views, blames)));
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

  /** Writes the body of an answer. */
  private interface Content {
    void writeTo(JsonOut json) throws IOException;
  }

  private record Answers(SyncViews views, Blames blames) implements HttpPort.Handler {
    @Override
    public void refuse(HttpExchange exchange) throws IOException {
      answer(
          exchange,
          503,
          json -> SyncJson.error(json, 503, "TooManyRequests", "too many requests at once"));
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
      try {
        answer(exchange, 200, content(exchange));
      } catch (RefusedException e) {
        answer(
            exchange,
            e.status(),
            json -> SyncJson.error(json, e.status(), e.reason(), String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        String path = exchange.getRequestURI().getRawPath();
        log.atError().addKeyValue("path", path).setCause(e).log("A request failed unexpectedly");
        // If the answer has begun already, this breaks the connection.
        answer(
            exchange,
            500,
            json -> SyncJson.error(json, 500, "InternalError", "unexpected, see the log"));
      }
    }

    private Content content(HttpExchange exchange) throws RefusedException {
      Optional<String> foreign = BrowserGuard.refusal(exchange.getRequestHeaders());
      if (foreign.isPresent()) {
        throw new RefusedException(403, "Forbidden", foreign.get());
      }
      List<String> path =
          List.of(
              Optional.ofNullable(exchange.getRequestURI().getRawPath()).orElse("").split("/", -1));
      boolean blame = path.size() == 7 && path.getLast().equals("blame");
      boolean known = path.size() == 4 || path.size() == 6 || blame;
      if (!known || !path.subList(0, 4).equals(List.of("", "api", "v1", "gitsyncs"))) {
        throw new RefusedException(
            404,
            "NotFound",
            "there are /api/v1/gitsyncs, /api/v1/gitsyncs/<namespace>/<name> and"
                + " /api/v1/gitsyncs/<namespace>/<name>/blame?file=<path>");
      }
      if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        throw new RefusedException(405, "MethodNotAllowed", "only GET and HEAD");
      }
      if (!Accept.allowsJson(exchange.getRequestHeaders())) {
        throw new RefusedException(406, "NotAcceptable", "there is application/json only");
      }
      String query = exchange.getRequestURI().getRawQuery();
      ListQuery part = path.size() == 4 ? ListQuery.parse(query) : ListQuery.ALL;
      if (path.size() == 6) {
        none(query);
      }
      String file = blame ? BlameQuery.file(query) : "";
      Probe ready = views.ready();
      if (!ready.ok()) {
        throw new RefusedException(503, "NotReady", ready.sentence());
      }
      if (path.size() == 4) {
        return list(part);
      }
      SyncKey key = new SyncKey(path.get(4), path.get(5));
      if (blame) {
        return blame(key, file);
      }
      SyncView view =
          views
              .find(key)
              .orElseThrow(
                  () -> new RefusedException(404, "NotFound", "there is no GitSync " + key));
      return json -> SyncJson.sync(json, view);
    }

    private Content blame(SyncKey key, String file) throws RefusedException {
      return switch (blames.blame(key, file)) {
        case Blames.Answer.Known(Revision revision, Blame blame) ->
            json -> BlameJson.blame(json, key, revision, blame);
        case Blames.Answer.Absent(String why) -> throw new RefusedException(404, "NotFound", why);
        case Blames.Answer.Later(String why) -> throw new RefusedException(503, "NotReady", why);
      };
    }

    private static void none(@Nullable String query) throws RefusedException {
      if (query != null && !query.isEmpty()) {
        throw new RefusedException(400, "BadRequest", "there are no parameters here");
      }
    }

    private Content list(ListQuery query) {
      List<SyncViews.Summary> found = new ArrayList<>(views.list(query.after(), query.limit() + 1));
      boolean more = found.size() > query.limit();
      if (more) {
        found.removeLast();
      }
      Optional<SyncKey> next = more ? Optional.of(found.getLast().key()) : Optional.empty();
      return json -> SyncJson.list(json, found, next);
    }

    private static void answer(HttpExchange exchange, int status, Content content)
        throws IOException {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Type", "application/json");
      headers.set("Cache-Control", "no-store");
      headers.set("Vary", "Accept-Encoding");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      boolean gzip = Accept.allowsGzip(exchange.getRequestHeaders());
      if (gzip) {
        headers.set("Content-Encoding", "gzip");
      }
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      exchange.sendResponseHeaders(status, 0);
      OutputStream plain = new BufferedOutputStream(exchange.getResponseBody(), BUFFER);
      OutputStream body = gzip ? new GZIPOutputStream(plain, BUFFER) : plain;
      JsonOut json = new JsonOut(body);
      content.writeTo(json);
      json.finish();
      // Not when it fails: an answer without its end is none to any reader.
      body.close();
    }
  }
}
