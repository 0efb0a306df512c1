package dev.fairlead.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fairlead.model.Blame;
import dev.fairlead.model.Blames;
import dev.fairlead.model.ObjectView;
import dev.fairlead.model.Probe;
import dev.fairlead.model.Revision;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.SyncView;
import dev.fairlead.model.SyncViews;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ApiListenerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Known known = new Known();
  private ApiListener listener;

  /** 1,200 GitSyncs, of which one can be looked at. */
  private static final class Known implements SyncViews {
    private boolean broken;
    private Probe ready = Probe.good("at work");
    private Iterable<ObjectView> objects = List.of(SyncExamples.object(1));

    @Override
    public Probe ready() {
      if (broken) {
        throw new IllegalStateException("inner secret");
      }
      return ready;
    }

    @Override
    public List<Summary> list(Optional<SyncKey> after, int limit) {
      return IntStream.range(0, 1_200)
          .mapToObj(i -> new SyncKey("apps", "sync-%04d".formatted(i)))
          .filter(k -> after.isEmpty() || k.compareTo(after.get()) > 0)
          .limit(limit)
          .map(k -> new Summary(k, "True", "Succeeded", "", "main@sha1:a", false, false))
          .toList();
    }

    @Override
    public Optional<SyncView> find(SyncKey key) {
      return key.equals(SyncExamples.PORTFOLIO)
          ? Optional.of(SyncExamples.bare(objects))
          : Optional.empty();
    }
  }

  /** What is known of files by their names. */
  private Blames.Answer blame(SyncKey sync, String file) {
    return switch (file) {
      case "deploy/web app.yaml" ->
          new Blames.Answer.Known(
              new Revision("main", "a".repeat(40)),
              new Blame(
                  "a".repeat(40),
                  file,
                  List.of(
                      new Blame.Lines(
                          1,
                          2,
                          Optional.of(
                              new Blame.Change(
                                  "b".repeat(40),
                                  "Fairlead Tests",
                                  Instant.parse("2026-01-01T12:00:00Z"),
                                  "Say \"hello\"",
                                  "web.yaml",
                                  7)),
                          0),
                      new Blame.Lines(3, 1, Optional.empty(), 64))));
      case "lib/a.yaml" ->
          new Blames.Answer.Known(
              new Revision("main", "a".repeat(40)),
              new Blame(
                  "a".repeat(40),
                  file,
                  Optional.of(
                      new Blame.Submodule(
                          "lib", "https://git.example.org/lib.git", "c".repeat(40))),
                  List.of(new Blame.Lines(1, 1, Optional.empty(), 64))));
      case "slow" -> new Blames.Answer.Later("the history is being fetched: ask again");
      default -> new Blames.Answer.Absent("there is no file " + file);
    };
  }

  @ParameterizedTest(name = "blame?{0}: {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "file=slow; 503; the history is being fetched: ask again",
        "file=gone; 404; there is no file gone",
        "file=lib/a.yaml; 200; \"file\":\"lib/a.yaml\",\"submodule\":{\"path\":\"lib\",\"url\":"
            + "\"https://git.example.org/lib.git\",\"commit\":\"cccccccccccccccccccccccccccccccccccccccc\"},"
            + "\"lines\":[{",
        "file=..a/..b; 404; there is no file ..a/..b",
        "''; 400; the one parameter is file",
        "path=slow; 400; the one parameter is file",
        "file=slow&x=1; 400; the one parameter is file",
        "file=; 400; file is a path from the repository's root",
        "file=/etc/passwd; 400; file is a path from the repository's root",
        "file=a/../../b; 400; file is a path from the repository's root",
        "file=a%2F..%2Fb; 400; file is a path from the repository's root",
        "file=a%0Ab; 400; file is a path from the repository's root",
      })
  void where_lines_come_from_is_asked_by_file(String query, int status, String message)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send("GET", "/api/v1/gitsyncs/apps/web/blame?" + query);

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).contains(message);
  }

  @Test
  void lines_are_told_with_their_commits() throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send("GET", "/api/v1/gitsyncs/apps/web/blame?file=deploy%2Fweb%20app.yaml");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .isEqualTo(
            """
            {"apiVersion":"v1","kind":"Blame","namespace":"apps","name":"web",\
            "revision":"main@sha1:AAA","file":"deploy/web app.yaml","lines":[\
            {"first":1,"count":2,"commit":"BBB","author":"Fairlead Tests",\
            "authoredAt":"2026-01-01T12:00:00Z","subject":"Say \\"hello\\"","file":"web.yaml","line":7},\
            {"first":3,"count":1,"olderThan":64}]}
            """
                .replace("AAA", "a".repeat(40))
                .replace("BBB", "b".repeat(40)));
  }

  @BeforeEach
  void start() throws IOException {
    listener =
        ApiListener.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), known, this::blame);
  }

  @AfterEach
  void stop() {
    listener.close();
    client.shutdownNow();
  }

  @ParameterizedTest(name = "{0} {1} is answered with {2} {3}")
  @CsvSource({
    "GET,    /api/v1/gitsyncs,                                 200, GitSyncList",
    "HEAD,   /api/v1/gitsyncs,                                 200, ''",
    "GET,    /api/v1/gitsyncs?limit=7,                         200, GitSyncList",
    "GET,    /api/v1/gitsyncs/fairlead-system/portfolio,       200, GitSync",
    "HEAD,   /api/v1/gitsyncs/fairlead-system/portfolio,       200, ''",
    "GET,    /api/v1/gitsyncs/fairlead-system/nobody,          404, NotFound",
    "HEAD,   /api/v1/gitsyncs/fairlead-system/nobody,          404, ''",
    "GET,    /api/v1/gitsyncs/fairlead-system,                 404, NotFound",
    "GET,    /api/v1/gitsyncs/,                                404, NotFound",
    "GET,    /api/v1/gitsyncs/fairlead-system/portfolio/,      404, NotFound",
    "GET,    /api/v1/gitsyncs/%66airlead-system/portfolio,     404, NotFound",
    "GET,    /api/v2/gitsyncs,                                 404, NotFound",
    "GET,    /,                                                404, NotFound",
    "GET,    /api/v1/gitsyncs?limit=0,                         400, BadRequest",
    "GET,    /api/v1/gitsyncs?limit=501,                       400, BadRequest",
    "GET,    /api/v1/gitsyncs?limit=x,                         400, BadRequest",
    "GET,    /api/v1/gitsyncs?continue=apps,                   400, BadRequest",
    "GET,    /api/v1/gitsyncs?continue=a/b/c,                  400, BadRequest",
    "GET,    /api/v1/gitsyncs?watch=true,                      400, BadRequest",
    "GET,    /api/v1/gitsyncs/fairlead-system/portfolio?pretty, 400, BadRequest",
    "POST,   /api/v1/gitsyncs,                                 405, MethodNotAllowed",
    "DELETE, /api/v1/gitsyncs/fairlead-system/portfolio,       405, MethodNotAllowed",
    "OPTIONS, /api/v1/gitsyncs,                                405, MethodNotAllowed",
  })
  void requests_are_answered(String method, String path, int status, String word)
      throws IOException, InterruptedException {
    HttpResponse<String> response = send(method, path);

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    if (word.isEmpty()) {
      assertThat(response.body()).isEmpty();
    } else if (status == 200) {
      assertThat(response.body()).startsWith("{\"apiVersion\":\"v1\",\"kind\":\"" + word + "\"");
    } else {
      assertThat(response.body())
          .startsWith(
              "{\"apiVersion\":\"v1\",\"kind\":\"Error\",\"status\":%d,\"reason\":\"%s\""
                  .formatted(status, word));
    }
  }

  @Test
  void another_method_is_told_which_there_are() throws IOException, InterruptedException {
    assertThat(send("PUT", "/api/v1/gitsyncs").headers().firstValue("Allow")).contains("GET, HEAD");
  }

  @Test
  void whoever_takes_no_json_is_told_that_there_is_nothing_else()
      throws IOException, InterruptedException {
    HttpResponse<String> response = send("GET", "/api/v1/gitsyncs", "Accept", "text/html");

    assertThat(response.statusCode()).isEqualTo(406);
    assertThat(response.body()).contains("\"reason\":\"NotAcceptable\"");
  }

  @Test
  void a_list_is_read_in_parts() throws IOException, InterruptedException {
    assertThat(names(send("GET", "/api/v1/gitsyncs").body())).hasSize(500);
    String first = send("GET", "/api/v1/gitsyncs?limit=3").body();
    assertThat(names(first)).containsExactly("sync-0000", "sync-0001", "sync-0002");
    assertThat(first).contains("\"continue\":\"apps/sync-0002\"");

    String last = send("GET", "/api/v1/gitsyncs?continue=apps%2Fsync-1197&limit=3").body();

    assertThat(names(last)).containsExactly("sync-1198", "sync-1199");
    assertThat(last).doesNotContain("continue");
  }

  private static List<String> names(String list) {
    return Stream.of(list.split("\"name\":\"", -1))
        .skip(1)
        .map(s -> s.substring(0, s.indexOf('"')))
        .toList();
  }

  @Test
  void before_all_gitsyncs_are_known_nothing_is_said_of_any()
      throws IOException, InterruptedException {
    known.ready = Probe.bad("waiting for the API server");

    HttpResponse<String> response = send("GET", "/api/v1/gitsyncs/fairlead-system/portfolio");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .contains("\"reason\":\"NotReady\"")
        .contains("waiting for the API server");
  }

  @Test
  void whoever_asks_for_it_gets_gzip() throws IOException, InterruptedException {
    String path = "/api/v1/gitsyncs/fairlead-system/portfolio";
    HttpRequest request = request(path).header("Accept-Encoding", "gzip").build();

    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());

    assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
    try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
      assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(send("GET", path).body());
    }
  }

  @Test
  void another_sites_name_for_this_machine_is_refused() throws IOException {
    assertThat(raw("GET /api/v1/gitsyncs HTTP/1.1", "Host: evil.example.org"))
        .startsWith("HTTP/1.1 403 ")
        .contains("\"reason\":\"Forbidden\"")
        .doesNotContain("sync-0000");
    assertThat(raw("GET /api/v1/gitsyncs HTTP/1.1", "Host: localhost:" + listener.port()))
        .startsWith("HTTP/1.1 200 ");
  }

  @Test
  void an_answer_that_breaks_off_does_not_look_like_a_whole_one() {
    known.objects =
        () ->
            Stream.iterate(0, i -> i + 1)
                .map(i -> {
                  if (i == 1_000) {
                    throw new IllegalStateException("inner secret");
                  }
                  return SyncExamples.object(i);
                })
                .iterator();

    assertThatThrownBy(() -> send("GET", "/api/v1/gitsyncs/fairlead-system/portfolio"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void what_breaks_before_the_answer_is_an_error_without_details()
      throws IOException, InterruptedException {
    known.broken = true;

    HttpResponse<String> response = send("GET", "/api/v1/gitsyncs");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body())
        .isEqualTo(
            "{\"apiVersion\":\"v1\",\"kind\":\"Error\",\"status\":500,"
                + "\"reason\":\"InternalError\",\"message\":\"unexpected, see the log\"}\n");
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = request(path).method(method, HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path));
  }

  /** What a client gets that says what it likes. */
  private String raw(String... lines) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      socket.setSoTimeout(10_000);
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
