package dev.fairlead.cluster;

import dev.fairlead.model.RequestListener;
import dev.fairlead.plan.ApiError;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;

/**
 * Sends requests and reads answers, blocking the calling (virtual) thread.
 *
 * <p>Guarantees: every request ends within its deadline; an interruption ends it at once with an
 * {@link InterruptedException}; what is no success is an {@link ApiException}; a write passes the
 * {@link WriteGate} before it is sent. It never repeats a request. Any number of threads.
 */
final class Wire {
  /** Bounds an answer that is read as a whole; the API server's own limit is 3 MiB. */
  static final int MAX_ANSWER = 32 << 20;

  private static final int MAX_ERROR = 1 << 20;

  private final HttpClient http;
  private final String base;
  private final RequestListener listener;
  private final WriteGate gate;

  Wire(HttpClient http, String base, RequestListener listener) {
    this(
        http,
        base.endsWith("/") ? base.substring(0, base.length() - 1) : base,
        listener,
        WriteGate.OPEN);
  }

  private Wire(HttpClient http, String base, RequestListener listener, WriteGate gate) {
    this.http = http;
    this.base = base;
    this.listener = listener;
    this.gate = gate;
  }

  /** The same server over the same connections; each request counts as one of this kind. */
  Wire countedAs(RequestListener.Verb verb) {
    return new Wire(http, base, (_, code, took) -> listener.onRequest(verb, code, took), gate);
  }

  /** The same server over the same connections, with a gate before every write. */
  Wire through(WriteGate gate) {
    return new Wire(http, base, listener, gate);
  }

  /**
   * One request.
   *
   * @param path with its query
   * @param contentType empty when there is no body
   * @param subject whom errors are about
   * @param silence how long the answer may pause
   * @param deadline of the whole request with its answer
   */
  record Call(
      RequestListener.Verb verb,
      String method,
      String path,
      Map<String, String> headers,
      String contentType,
      String body,
      ErrorAnswer.Subject subject,
      Duration silence,
      Duration deadline) {
    /** How long the answer may take to begin. */
    Duration patience() {
      return silence.compareTo(deadline) < 0 ? silence : deadline;
    }

    /** Whether it may change what the server stores. */
    boolean writes() {
      return switch (verb) {
        case APPLY, CREATE, DELETE, PATCH -> true;
        case DISCOVER, DRY_RUN, GET, LEASE, LIST, WATCH -> false;
      };
    }
  }

  /** The beginning of an answer; its bytes come when they are read. Close it. */
  record Answer(int status, Map<String, List<String>> headers, InputStream body)
      implements AutoCloseable {
    Optional<String> header(String name) {
      return headers(name).stream().findFirst();
    }

    List<String> headers(String name) {
      return headers.entrySet().stream()
          .filter(e -> e.getKey().equalsIgnoreCase(name))
          .flatMap(e -> e.getValue().stream())
          .toList();
    }

    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException e) {
        // What is given up can fail to end in good order; nobody wants it any more.
        return;
      }
    }
  }

  /** What is done with the body of a success. */
  @FunctionalInterface
  interface Reader<T> {
    T read(Answer answer) throws IOException, ApiException, InterruptedException;
  }

  /** Sends the request and reads a success with {@code reader}. */
  <T> T call(Call call, Reader<T> reader) throws ApiException, InterruptedException {
    try (Answer answer = open(call)) {
      if (answer.status() >= 300) {
        byte[] text = answer.body().readNBytes(MAX_ERROR);
        throw new ApiException(
            ErrorAnswer.classify(
                call.subject(),
                answer.status(),
                answer.header("Content-Type").orElse(""),
                answer.header("Retry-After"),
                text));
      }
      return reader.read(answer);
    } catch (InterruptedIOException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw interrupted();
      }
      throw unanswered(call, e);
    } catch (IOException e) {
      throw unanswered(call, e);
    }
  }

  /** All bytes of an answer. */
  static byte[] whole(Answer answer) throws IOException, ApiException {
    byte[] bytes = answer.body().readNBytes(MAX_ANSWER + 1);
    if (bytes.length > MAX_ANSWER) {
      throw new ApiException(
          new ApiError.TooLarge("the API server's answer is larger than " + MAX_ANSWER + " bytes"));
    }
    return bytes;
  }

  private Answer open(Call call) throws IOException, ApiException, InterruptedException {
    if (http.isClosed()) {
      throw new IOException("the connection is closed");
    }
    HttpRequest request = request(call);
    if (call.writes()) {
      gate.pass();
    }
    Body body = new Body(call.silence(), call.deadline());
    CompletableFuture<HttpResponse<AsyncBody>> future = http.consumeBytes(request, body);
    long start = System.nanoTime();
    int code = 0;
    try {
      HttpResponse<AsyncBody> response =
          future.get(call.patience().toNanos(), TimeUnit.NANOSECONDS);
      code = response.code();
      body.attach(response.body());
      return answer(response, body);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new IOException("no answer within " + call.patience().toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    } finally {
      listener.onRequest(call.verb(), code, Duration.ofNanos(System.nanoTime() - start));
    }
  }

  private static Answer answer(HttpResponse<AsyncBody> response, Body body) throws IOException {
    Answer plain = new Answer(response.code(), response.headers(), body);
    if (!plain.header("Content-Encoding").orElse("").equals("gzip")) {
      return plain;
    }
    try {
      return new Answer(plain.status(), plain.headers(), new GZIPInputStream(body, 16 << 10));
    } catch (IOException e) {
      body.close();
      throw e;
    }
  }

  private HttpRequest request(Call call) {
    HttpRequest.Builder request =
        http.newHttpRequestBuilder()
            .uri(base + call.path())
            .timeout(call.patience().toMillis(), TimeUnit.MILLISECONDS);
    call.headers().forEach(request::setHeader);
    boolean bodiless = call.contentType().isEmpty();
    // As text, since fabric8 takes bytes for POST only.
    request.method(
        call.method(), bodiless ? null : call.contentType(), bodiless ? null : call.body());
    return request.build();
  }

  private static InterruptedException interrupted() {
    // The interruption was already taken from the thread when the read ended.
    return new InterruptedException();
  }

  private static ApiException unanswered(Call call, IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new ApiException(
        new ApiError.Unavailable(
            ErrorAnswer.cut(
                "the API server did not answer to "
                    + call.verb()
                    + " "
                    + call.subject()
                    + ": "
                    + why)),
        e);
  }
}
