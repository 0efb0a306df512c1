package dev.fairlead.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ControlPlaneExtension.class)
class ApiProxyIT {
  private ControlPlane cluster;
  private ApiProxy proxy;
  private String namespace;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void start(ControlPlane given) {
    cluster = given;
    proxy = ApiProxy.start(given);
    namespace = given.createNamespace("proxy");
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    proxy.close();
  }

  private String configMaps() {
    return "/api/v1/namespaces/" + namespace + "/configmaps";
  }

  private HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(URI.create(proxy.url() + target));
  }

  private HttpResponse<String> get(String target) throws IOException, InterruptedException {
    return client.send(request(target).build(), BodyHandlers.ofString());
  }

  private HttpRequest creation(String name) {
    return request(configMaps())
        .header("Content-Type", "application/json")
        .POST(
            BodyPublishers.ofString(
                "{\"metadata\":{\"name\":\"%s\"},\"data\":{\"a\":\"ä\"}}".formatted(name)))
        .build();
  }

  private HttpResponse<String> create(String name) throws IOException, InterruptedException {
    return client.send(creation(name), BodyHandlers.ofString());
  }

  private String live() {
    return cluster.kubectl("get", "configmap", "-n", namespace, "-o", "name");
  }

  /** Lines of a watch, as they come. */
  private BlockingQueue<String> watch() throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(
            request(configMaps() + "?watch=true&timeoutSeconds=60").build(),
            BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread.ofVirtual()
        .start(() -> {
          try (BufferedReader reader =
              new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines::add);
          } catch (IOException | java.io.UncheckedIOException e) {
            lines.add("broken off");
          }
        });
    return lines;
  }

  private static void hears(BlockingQueue<String> lines, String text) throws InterruptedException {
    for (String line = ""; line != null; line = lines.poll(5, TimeUnit.SECONDS)) {
      if (line.contains(text)) {
        return;
      }
    }
    throw new AssertionError("no line with " + text);
  }

  @Test
  void kubectl_works_through_it_as_it_does_without() {
    String kubeconfig = "--kubeconfig=" + proxy.kubeconfig();

    cluster
        .tryKubectl(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n",
            "apply",
            "--server-side",
            kubeconfig,
            "-n",
            namespace,
            "-f",
            "-")
        .orFail();

    assertThat(live()).contains("configmap/a");
    assertThat(cluster.kubectl("get", "configmap", kubeconfig, "-n", namespace, "-o", "name"))
        .isEqualTo(live());
  }

  @Test
  void the_hook_sees_each_request_and_the_answer_is_the_servers() throws Exception {
    List<ApiRequest> seen = new CopyOnWriteArrayList<>();
    proxy.hook(request -> {
      seen.add(request);
      return ApiCourse.FORWARD;
    });

    assertThat(create("a").statusCode()).isEqualTo(201);
    HttpResponse<String> missing = get(configMaps() + "/none?pretty=false");

    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(missing.body()).contains("configmaps \\\"none\\\" not found");
    assertThat(seen)
        .containsExactly(
            new ApiRequest(
                "POST",
                configMaps(),
                "",
                "application/json",
                "{\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":\"ä\"}}"),
            new ApiRequest("GET", configMaps() + "/none", "pretty=false", "", ""));
    assertThat(seen).extracting(ApiRequest::isWrite).containsExactly(true, false);
  }

  @Test
  void a_watch_comes_event_by_event_and_many_of_them_at_once() throws Exception {
    List<BlockingQueue<String>> watches = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      watches.add(watch());
    }

    create("first");
    for (BlockingQueue<String> lines : watches) {
      hears(lines, "\"first\"");
    }
    create("second");
    for (BlockingQueue<String> lines : watches) {
      hears(lines, "\"second\"");
    }

    proxy.close();
    hears(watches.getFirst(), "broken off");
  }

  @Test
  void it_tells_the_moment_between_the_servers_answer_and_the_clients() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    proxy.hook(request ->
        new ApiCourse.Forward(
            "",
            () -> {
              answered.countDown();
              awaitOpen(goOn);
            }));

    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(creation("a"), BodyHandlers.ofString());
    assertThat(answered.await(5, TimeUnit.SECONDS)).isTrue();

    assertThat(live()).contains("configmap/a");
    assertThat(response).isNotDone();
    goOn.countDown();
    assertThat(response.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(201);
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void it_can_ask_for_something_else() throws Exception {
    create("a");
    proxy.hook(request -> new ApiCourse.Forward(configMaps() + "?limit=5", () -> {}));

    assertThat(get("/api/v1/configmaps").body()).contains("\"name\":\"a\"", "kube-root-ca.crt");
  }

  @Test
  void what_it_answers_itself_or_breaks_off_never_reaches_the_server() throws Exception {
    proxy.hook(request -> new ApiCourse.Answer(429, "TooManyRequests", "slow down"));
    HttpResponse<String> refused = create("a");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.body()).contains("\"message\":\"slow down\"", "\"code\":429");

    proxy.hook(request -> new ApiCourse.Drop());
    assertThatThrownBy(() -> create("b")).isInstanceOf(IOException.class);

    proxy.hook(request -> ApiCourse.FORWARD);
    create("c");
    assertThat(live()).contains("configmap/c").doesNotContain("configmap/a", "configmap/b");
  }

  @Test
  void what_stalls_goes_on_when_it_is_let() throws Exception {
    CountDownLatch until = new CountDownLatch(1);
    proxy.hook(request -> new ApiCourse.Stall(until));
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(creation("a"), BodyHandlers.ofString());

    assertThat(live()).doesNotContain("configmap/a");
    assertThat(response).isNotDone();
    until.countDown();

    assertThat(response.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(201);
  }

  @Test
  void a_watch_can_fall_silent_while_everything_else_works() throws Exception {
    CountDownLatch from = new CountDownLatch(1);
    proxy.hook(request -> request.isWatch() ? new ApiCourse.Mute(from) : ApiCourse.FORWARD);
    BlockingQueue<String> lines = watch();
    create("a");
    hears(lines, "\"a\"");

    from.countDown();
    create("b");

    await()
        .during(500, TimeUnit.MILLISECONDS)
        .atMost(2, TimeUnit.SECONDS)
        .until(() -> lines.isEmpty());
    assertThat(live()).contains("configmap/b");
  }
}
