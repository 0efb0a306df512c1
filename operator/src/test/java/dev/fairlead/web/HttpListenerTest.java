package dev.fairlead.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Probe;
import dev.fairlead.observe.Meters;
import dev.fairlead.observe.ScrapedMetrics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpListenerTest {
  private final Meters meters = new Meters();
  private final AtomicReference<Probe> alive = new AtomicReference<>(Probe.good("all return"));
  private final AtomicReference<Probe> ready = new AtomicReference<>(Probe.bad("still listing"));
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpListener listener;

  @BeforeEach
  void start() throws IOException {
    listener = HttpListener.start(loopback(0), meters, alive::get, ready::get);
  }

  @AfterEach
  void stop() {
    listener.close();
    client.shutdownNow();
    meters.close();
  }

  @ParameterizedTest(name = "{0} {1} is answered with {2}: {3}")
  @CsvSource({
    "GET,    /healthz,            200, all return",
    "HEAD,   /healthz,            200, ''",
    "GET,    /readyz,             503, still listing",
    "GET,    /healthz?verbose,    200, all return",
    "GET,    /,                   404, 'there are /metrics, /healthz and /readyz'",
    "GET,    /metrics/,           404, 'there are /metrics, /healthz and /readyz'",
    "GET,    /healthz/../metrics, 404, 'there are /metrics, /healthz and /readyz'",
    "POST,   /metrics,            405, only GET and HEAD",
    "DELETE, /healthz,            405, only GET and HEAD",
    "HEAD,   /metrics,            200, ''",
  })
  void requests_are_answered(String method, String path, int status, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response = send(method, path, "*/*");

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body().strip()).isEqualTo(body);
  }

  @ParameterizedTest(name = "{0} {1} is answered with {2}: {3}")
  @CsvSource({
    "GET,    /healthz, 200, all return",
    "HEAD,   /healthz, 200, ''",
    "GET,    /readyz,  503, still listing",
    "GET,    /metrics, 404, there are /healthz and /readyz",
    "GET,    /api/v1,  404, there are /healthz and /readyz",
    "GET,    /,        404, there are /healthz and /readyz",
    "POST,   /hook/1,  404, there are /healthz and /readyz",
    "POST,   /readyz,  405, only GET and HEAD",
  })
  void at_the_port_of_the_probes_there_is_nothing_else(
      String method, String path, int status, String body)
      throws IOException, InterruptedException {
    try (HttpListener probes = HttpListener.start(loopback(0), alive::get, ready::get)) {
      HttpResponse<String> response = send(probes, method, path, "*/*");

      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(response.body().strip()).isEqualTo(body);
    }
  }

  @Test
  void a_probe_is_asked_anew_each_time() throws IOException, InterruptedException {
    ready.set(Probe.good("all listed"));
    assertThat(send("GET", "/readyz", "*/*").statusCode()).isEqualTo(200);

    alive.set(Probe.bad("a worker hangs"));
    assertThat(send("GET", "/healthz", "*/*").body()).isEqualTo("a worker hangs\n");
  }

  @Test
  void a_probe_that_breaks_is_an_error_without_details() throws IOException, InterruptedException {
    try (HttpListener broken =
        HttpListener.start(
            loopback(0),
            meters,
            () -> {
              throw new IllegalStateException("inner secret");
            },
            ready::get)) {
      HttpResponse<String> response = client.send(request(broken.port(), "/healthz"), text());

      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.body()).isEqualTo("an unexpected error, see the log\n");
    }
  }

  @Test
  void metrics_can_be_scraped_in_both_formats() throws IOException, InterruptedException {
    HttpResponse<String> prometheus = send("GET", "/metrics", "text/plain;version=0.0.4");
    assertThat(prometheus.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(ScrapedMetrics.parse(prometheus.body(), false).value("fairlead_queue_depth"))
        .contains(0.0);

    HttpResponse<String> open = send("GET", "/metrics", "application/openmetrics-text");
    assertThat(open.headers().firstValue("Content-Type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(ScrapedMetrics.parse(open.body(), true).value("fairlead_queue_depth")).contains(0.0);
  }

  @Test
  void more_requests_at_once_than_places_are_turned_away()
      throws IOException, InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(16);
    try (HttpListener slow =
        HttpListener.start(
            loopback(0),
            meters,
            () -> {
              inside.countDown();
              awaitQuietly(release);
              return Probe.good("at last");
            },
            ready::get)) {
      List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        waiting.add(client.sendAsync(request(slow.port(), "/healthz"), text()));
      }
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

      assertThat(client.send(request(slow.port(), "/readyz"), text()).body())
          .isEqualTo("too many requests at once\n");

      release.countDown();
      assertThat(waiting).allSatisfy(w -> assertThat(w.join().statusCode()).isEqualTo(200));
    }
  }

  @Test
  void a_stop_is_prompt_even_with_a_request_at_work() throws IOException, InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    HttpListener slow =
        HttpListener.start(
            loopback(0),
            meters,
            () -> {
              inside.countDown();
              awaitQuietly(new CountDownLatch(1));
              return Probe.good("never");
            },
            ready::get);
    int port = slow.port();
    CompletableFuture<HttpResponse<String>> hanging =
        client.sendAsync(request(port, "/healthz"), text());
    assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

    long start = System.nanoTime();
    slow.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(hanging).failsWithin(Duration.ofSeconds(10));
    assertThatThrownBy(() -> client.send(request(port, "/healthz"), text()))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void an_address_that_is_taken_is_an_error() {
    assertThatThrownBy(
            () -> HttpListener.start(loopback(listener.port()), meters, alive::get, ready::get))
        .isInstanceOf(IOException.class);
  }

  private HttpResponse<String> send(String method, String path, String accept)
      throws IOException, InterruptedException {
    return send(listener, method, path, accept);
  }

  private HttpResponse<String> send(HttpListener asked, String method, String path, String accept)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + asked.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Accept", accept)
            .build();
    return client.send(request, text());
  }

  private static HttpRequest request(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private static HttpResponse.BodyHandler<String> text() {
    return HttpResponse.BodyHandlers.ofString();
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
