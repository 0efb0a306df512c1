package dev.fairlead.web;

import com.sun.net.httpserver.HttpExchange;
import dev.fairlead.model.HookToken;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.LogKeys;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.WebhookListener;
import dev.fairlead.model.WebhookListener.Result;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener that Git hosts tell of pushes: {@code POST /hook/<hash>}.
 *
 * <p>Guarantees: nothing that a request says is believed or even read, other than its signature; a
 * hook is answered before anything is done for it; an unknown path is answered without looking at
 * the rest of the request; {@link #MOST_BYTES} of a body at most, of which none is kept; 32
 * requests at work at once at most, and the bounds of {@link HttpPort}.
 */
public final class HookListener implements AutoCloseable {
  /** GitHub, which sends the largest, sends no more. */
  static final long MOST_BYTES = 25L << 20;

  private static final Logger log = LoggerFactory.getLogger(HookListener.class);
  private static final int MOST_AT_WORK = 32;
  private static final int BUFFER = 8 << 10;
  private static final Pattern PATH =
      Pattern.compile(Pattern.quote(HookToken.PATH) + "[0-9a-f]{64}");

  private final HttpPort port;
  private final HookRelay relay;

  private HookListener(HttpPort port, HookRelay relay) {
    this.port = port;
    this.relay = relay;
  }

  /**
   * Listens from now on.
   *
   * @param address port 0 takes a free one
   * @throws IOException when the address cannot be had
   */
  public static HookListener start(InetSocketAddress address, Hooks hooks, WebhookListener listener)
      throws IOException {
    HookRelay relay = new HookRelay();
    Answers answers = new Answers(hooks, relay, listener, new Denials());
    return new HookListener(HttpPort.start(address, MOST_AT_WORK, answers), relay);
  }

  /** The port that it listens on. */
  public int port() {
    return port.number();
  }

  /** Drops all connections and stops listening. */
  @Override
  public void close() {
    port.close();
    relay.close();
  }

  /**
   * @param status of the answer
   * @param sentence its body
   */
  record Answer(Result result, int status, String sentence) {}

  private record Answers(Hooks hooks, HookRelay relay, WebhookListener listener, Denials denials)
      implements HttpPort.Handler {
    private static final Answer TOO_LARGE =
        new Answer(Result.INVALID, 413, "a hook has at most " + MOST_BYTES + " bytes");

    @Override
    public void refuse(HttpExchange exchange) throws IOException {
      send(exchange, unavailable("too many requests at once"));
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (IOException e) {
        listener.answered(Result.INVALID);
        throw e;
      } catch (RuntimeException e) {
        log.atError().setCause(e).log("A webhook failed unexpectedly");
        answer = new Answer(Result.UNAVAILABLE, 500, "an unexpected error, see the log");
      }
      send(exchange, answer);
    }

    private Answer answer(HttpExchange exchange) throws IOException {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        return new Answer(Result.INVALID, 405, "only POST");
      }
      String path = Optional.ofNullable(exchange.getRequestURI().getRawPath()).orElse("");
      if (!PATH.matcher(path).matches()) {
        return unknown();
      }
      Optional<Hooks.Hook> hook = hooks.find(path);
      if (hook.isPresent()) {
        return taken(exchange, hook.get());
      }
      return switch (hooks.elsewhere()) {
        case Hooks.Elsewhere.Nobody _ -> unknown();
        case Hooks.Elsewhere.Leader(String address) ->
            isTooLarge(exchange) ? TOO_LARGE : relay.relay(exchange, path, address);
        case Hooks.Elsewhere.Unknown(String why) -> unavailable(why);
      };
    }

    private Answer taken(HttpExchange exchange, Hooks.Hook hook) throws IOException {
      if (isTooLarge(exchange)) {
        return TOO_LARGE;
      }
      HookProof proof = new HookProof(exchange.getRequestHeaders(), hook.token());
      if (!proof.isClaimed()) {
        return denied(hook.sync(), 401, "neither a signature nor a token");
      }
      long bytes = 0;
      byte[] buffer = new byte[BUFFER];
      InputStream body = exchange.getRequestBody();
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        bytes += n;
        if (bytes > MOST_BYTES) {
          return TOO_LARGE;
        }
        proof.update(buffer, n);
      }
      if (!proof.holds()) {
        return denied(hook.sync(), 403, "not the signature or token of this hook");
      }
      if (HookProof.isPing(exchange.getRequestHeaders())) {
        return new Answer(Result.PING, 200, "it works");
      }
      hooks.arrived(hook.sync());
      return new Answer(Result.ACCEPTED, 202, "Git is looked at");
    }

    private Answer denied(SyncKey sync, int status, String why) {
      denials.note(sync, why);
      return new Answer(Result.DENIED, status, why);
    }

    private static Answer unknown() {
      return new Answer(Result.UNKNOWN, 404, "there is no such hook");
    }

    private static boolean isTooLarge(HttpExchange exchange) {
      String length =
          Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Length")).orElse("0");
      // The server has checked that it is a number.
      return Long.parseLong(length.strip()) > MOST_BYTES;
    }

    private void send(HttpExchange exchange, Answer answer) throws IOException {
      listener.answered(answer.result());
      if (answer.status() == 503) {
        exchange.getResponseHeaders().set("Retry-After", "10");
      }
      exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
        return;
      }
      byte[] text = (answer.sentence() + "\n").getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), text.length);
      exchange.getResponseBody().write(text);
      // What is left of the request is read before the exchange ends: nobody is to wait for that.
      exchange.getResponseBody().flush();
    }
  }

  static Answer unavailable(String why) {
    return new Answer(Result.UNAVAILABLE, 503, why);
  }

  /** Tells the log of hooks that were denied, at most once a minute; any thread may call it. */
  private static final class Denials {
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private long told = System.nanoTime() - PAUSE.toNanos();
    private int untold;

    synchronized void note(SyncKey sync, String why) {
      untold++;
      long now = System.nanoTime();
      if (now - told >= PAUSE.toNanos()) {
        log.atWarn()
            .addKeyValue(LogKeys.SYNC, sync)
            .addKeyValue(LogKeys.COUNT, untold)
            .addKeyValue(LogKeys.DETAIL, why)
            .log("A webhook was denied: is its secret the token of spec.webhook?");
        told = now;
        untold = 0;
      }
    }
  }
}
