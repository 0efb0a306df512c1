package dev.fairlead.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.fairlead.model.WebhookListener.Result;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hands a hook on to the process that leads, which alone knows the tokens, and answers with its
 * answer: Git hosts do not come again to find who leads.
 *
 * <p>Guarantees: what was handed on once is not handed on again; the body passes through and is
 * nowhere kept; within {@link #PATIENCE} there is an answer. Any thread may call it.
 */
final class HookRelay implements AutoCloseable {
  private static final String HANDED_ON = "X-Fairlead-Forwarded";
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final int SENTENCE = 200;

  private @Nullable HttpClient client;

  HookListener.Answer relay(HttpExchange exchange, String path, String address) {
    Headers headers = exchange.getRequestHeaders();
    if (headers.containsKey(HANDED_ON)) {
      return HookListener.unavailable("the lease goes from one process to another");
    }
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://" + address + path))
              .timeout(PATIENCE)
              .header(HANDED_ON, "1")
              .POST(body(exchange));
      for (String name : HookProof.headers()) {
        headers.getOrDefault(name, java.util.List.of()).forEach(v -> request.header(name, v));
      }
      HttpResponse<InputStream> answer =
          client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        String sentence = new String(body.readNBytes(SENTENCE), StandardCharsets.UTF_8).strip();
        return new HookListener.Answer(
            answer.statusCode() == 503 ? Result.UNAVAILABLE : Result.FORWARDED,
            answer.statusCode(),
            sentence);
      }
    } catch (IllegalArgumentException | IOException e) {
      return HookListener.unavailable(
          "this is a standby, and the process that leads is not reached");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return HookListener.unavailable("this process stops");
    }
  }

  private static BodyPublisher body(HttpExchange exchange) {
    BodyPublisher stream =
        BodyPublishers.ofInputStream(() -> new Limited(exchange.getRequestBody()));
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    if (length == null) {
      return stream;
    }
    long bytes = Long.parseLong(length.strip());
    return bytes == 0 ? BodyPublishers.noBody() : BodyPublishers.fromPublisher(stream, bytes);
  }

  /** Breaks off where the other side would not take more either. */
  private static final class Limited extends FilterInputStream {
    private long left = HookListener.MOST_BYTES;

    Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count(b < 0 ? 0 : 1);
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      count(Math.max(0, n));
      return n;
    }

    private void count(int n) throws IOException {
      left -= n;
      if (left < 0) {
        throw new IOException("a hook that is too large");
      }
    }
  }

  /** Made when it is needed: a process that leads needs none. */
  private synchronized HttpClient client() {
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT)
              .proxy(HttpClient.Builder.NO_PROXY)
              .build();
    }
    return client;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdownNow();
    }
  }
}
