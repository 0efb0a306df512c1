package dev.fairlead.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fairlead.model.HookToken;
import dev.fairlead.model.Hooks;
import dev.fairlead.model.SyncKey;
import dev.fairlead.model.WebhookListener.Result;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HookListenerTest {
  private static final SyncKey WEB = new SyncKey("apps", "web");

  /** Token, body and SHA-256 signature are those of GitHub's documentation. */
  private static final HookToken TOKEN =
      new HookToken("It's a Secret to Everybody".getBytes(UTF_8));

  private static final String BODY = "Hello, World!";
  private static final String PATH = TOKEN.path(WEB);
  private static final String ELSEWHERE = "/hook/" + "0123456789abcdef".repeat(4);

  /** Each by {@code printf 'Hello, World!' | openssl dgst -ALGORITHM -hmac TOKEN}. */
  private static final Map<String, String> SIGNATURES =
      Map.of(
          "SHA1", "01dc10d0c83e72ed246219cdd91669667fe2ca59",
          "SHA256", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
          "SHA512",
              "11ed355a617e98134e842012a7944ccf59c10256cb182357bd7e3a42013ff07c"
                  + "376f8c14cf5cc1923da20b51d64256b2fb8ebbf100aa67a61326f61fea8111bc",
          "EMPTY", "66a0c074deaa0f489ead6537e0d32f9a344b90bbeda705b6ed45ecd3b413fb40",
          "UPPER", "757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17",
          "WRONG", "857107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
          "TOKEN", "It's a Secret to Everybody");

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Known known = new Known();
  private final List<Result> results = new CopyOnWriteArrayList<>();
  private HookListener listener;

  /** One hook, and what is said of the others. */
  private static final class Known implements Hooks {
    private final List<SyncKey> arrived = new CopyOnWriteArrayList<>();
    private volatile boolean none;
    private volatile Elsewhere elsewhere = new Elsewhere.Nobody();

    @Override
    public Optional<Hook> find(String path) {
      return none || !path.equals(PATH) ? Optional.empty() : Optional.of(new Hook(WEB, TOKEN));
    }

    @Override
    public Elsewhere elsewhere() {
      return elsewhere;
    }

    @Override
    public void arrived(SyncKey sync) {
      arrived.add(sync);
    }
  }

  @BeforeEach
  void start() throws IOException {
    listener = HookListener.start(loopback(), known, results::add);
  }

  @AfterEach
  void stop() {
    listener.close();
    client.shutdownNow();
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource({
    "GitHub,                             X-Hub-Signature-256: sha256=SHA256,   202, ACCEPTED",
    "GitHub with both,                   X-Hub-Signature: sha1=SHA1|X-Hub-Signature-256: sha256=SHA256, 202, ACCEPTED",
    "GitHub's SHA-1 alone,               X-Hub-Signature: sha1=SHA1,           401, DENIED",
    "GitHub's ping,                      X-GitHub-Event: ping|X-Hub-Signature-256: sha256=SHA256, 200, PING",
    "a ping of nobody,                   X-GitHub-Event: ping|X-Hub-Signature-256: sha256=WRONG, 403, DENIED",
    "GitHub with another secret,         X-Hub-Signature-256: sha256=WRONG,    403, DENIED",
    "GitHub of another body,             X-Hub-Signature-256: sha256=EMPTY,    403, DENIED",
    "GitLab,                             X-Gitlab-Token: TOKEN,                202, ACCEPTED",
    "GitLab with another token,          X-Gitlab-Token: it's a secret to everybody, 403, DENIED",
    "GitLab with no token in it,         X-Gitlab-Token: ,                     403, DENIED",
    "Gitea,                              X-Gitea-Signature: SHA256,            202, ACCEPTED",
    "Gitea with another secret,          X-Gitea-Signature: WRONG,             403, DENIED",
    "Forgejo,                            X-Forgejo-Signature: SHA256|X-Gitea-Signature: SHA256|X-Hub-Signature-256: sha256=SHA256, 202, ACCEPTED",
    "Gogs,                               X-Gogs-Signature: SHA256,             202, ACCEPTED",
    "Bitbucket,                          X-Hub-Signature: sha256=SHA256,       202, ACCEPTED",
    "Bitbucket with another secret,      X-Hub-Signature: sha256=WRONG,        403, DENIED",
    "Bitbucket Data Center's test,       X-Event-Key: diagnostics:ping|X-Hub-Signature: sha256=SHA256, 200, PING",
    "by oneself,                         X-Signature: sha256=SHA256,           202, ACCEPTED",
    "by oneself with SHA-512,            X-Signature: sha512=SHA512,           202, ACCEPTED",
    "by oneself in capitals,             X-Signature: sha256=UPPER,            202, ACCEPTED",
    "one algorithm for another,          X-Signature: sha512=SHA256,           403, DENIED",
    "an unknown algorithm,               X-Signature: md5=SHA256,              401, DENIED",
    "no algorithm,                       X-Signature: SHA256,                  401, DENIED",
    "no hexadecimal digits,              X-Signature: sha256=zz,               401, DENIED",
    "nothing,                            X-Other: 1,                           401, DENIED",
    "a right one beside a wrong one,     X-Gitea-Signature: WRONG|X-Signature: sha256=SHA256, 202, ACCEPTED",
  })
  void who_proves_to_know_the_token_is_heard(String who, String headers, int status, Result result)
      throws Exception {
    HttpResponse<String> answer = post(PATH, headers, BodyPublishers.ofString(BODY));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(results).containsExactly(result);
    assertThat(known.arrived)
        .isEqualTo(result == Result.ACCEPTED ? List.of(WEB) : List.<SyncKey>of());
  }

  @Test
  void a_body_without_a_length_is_signed_all_the_same() throws Exception {
    BodyPublisher chunked =
        BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(BODY.getBytes(UTF_8)));

    assertThat(post(PATH, "X-Hub-Signature-256: sha256=SHA256", chunked).statusCode())
        .isEqualTo(202);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "GET,    HERE,              405, only POST,                INVALID",
    "HEAD,   HERE,              405, '',                       INVALID",
    "PUT,    ELSEWHERE,         405, only POST,                INVALID",
    "POST,   ELSEWHERE,         404, there is no such hook,    UNKNOWN",
    "POST,   /hook/,            404, there is no such hook,    UNKNOWN",
    "POST,   /hook/../metrics,  404, there is no such hook,    UNKNOWN",
    "POST,   /,                 404, there is no such hook,    UNKNOWN",
    "POST,   HERE/more,         404, there is no such hook,    UNKNOWN",
  })
  void what_is_no_hook_is_not_read(
      String method, String path, int status, String body, Result result) throws Exception {
    String at = path.replace("ELSEWHERE", ELSEWHERE).replace("HERE", PATH);
    HttpRequest request =
        builder(listener.port(), at).method(method, BodyPublishers.ofString("{}")).build();

    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body().strip()).isEqualTo(body);
    assertThat(results).containsExactly(result);
    assertThat(known.arrived).isEmpty();
  }

  @Test
  void an_unknown_path_is_answered_before_its_body_has_come() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      socket
          .getOutputStream()
          .write(
              "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
                  .formatted(ELSEWHERE)
                  .getBytes(UTF_8));

      assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 404 Not Found");
    }
  }

  @Test
  void a_body_that_says_it_is_too_large_is_not_waited_for() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      socket
          .getOutputStream()
          .write(
              "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 26214401\r\n\r\n"
                  .formatted(PATH)
                  .getBytes(UTF_8));

      assertThat(firstLine(socket)).isEqualTo("HTTP/1.1 413 Request Entity Too Large");
    }
    assertThat(results).containsExactly(Result.INVALID);
  }

  @Test
  void a_body_that_turns_out_to_be_too_large_is_cut() throws Exception {
    BodyPublisher endless = BodyPublishers.ofInputStream(Endless::new);

    assertThat(statusOrBroken(PATH, "X-Hub-Signature-256: sha256=SHA256", endless)).isIn(413, -1);
    assertThat(results).containsExactly(Result.INVALID);
    assertThat(known.arrived).isEmpty();
  }

  /** A client may still write when it is turned away, and then not read why. */
  private int statusOrBroken(String path, String headers, BodyPublisher body) throws Exception {
    try {
      return post(path, headers, body).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  private static final class Endless extends java.io.InputStream {
    @Override
    public int read() {
      return 'x';
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      java.util.Arrays.fill(buffer, offset, offset + length, (byte) 'x');
      return length;
    }
  }

  @Test
  void a_body_that_does_not_come_is_given_up() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write(
              "POST %s HTTP/1.1\r\nHost: a\r\nX-Gitlab-Token: x\r\nContent-Length: 5\r\n\r\nHel"
                  .formatted(PATH)
                  .getBytes(UTF_8));

      assertThat(firstLine(socket)).isEmpty();
    }
    assertThat(known.arrived).isEmpty();
  }

  @Test
  void who_does_not_know_all_hooks_says_so() throws Exception {
    known.elsewhere = new Hooks.Elsewhere.Unknown("starting");

    HttpResponse<String> answer =
        post(ELSEWHERE, "X-Gitlab-Token: TOKEN", BodyPublishers.ofString(BODY));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body().strip()).isEqualTo("starting");
    assertThat(answer.headers().firstValue("Retry-After")).contains("10");
    assertThat(results).containsExactly(Result.UNAVAILABLE);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "X-Hub-Signature-256: sha256=SHA256,                       202, Git is looked at",
    "X-GitHub-Event: ping|X-Hub-Signature-256: sha256=SHA256,  200, it works",
    "X-Gitlab-Token: TOKEN,                                    202, Git is looked at",
    "X-Signature: sha256=WRONG,                                403, not the signature or token of this hook",
    "X-Other: 1,                                               401, neither a signature nor a token",
  })
  void a_standby_hands_on_what_comes_and_the_answer(String headers, int status, String body)
      throws Exception {
    Known standby = new Known();
    standby.none = true;
    standby.elsewhere = new Hooks.Elsewhere.Leader("127.0.0.1:" + listener.port());
    List<Result> counted = new CopyOnWriteArrayList<>();
    try (HookListener other = HookListener.start(loopback(), standby, counted::add)) {
      for (BodyPublisher publisher :
          List.of(
              BodyPublishers.ofString(BODY),
              BodyPublishers.ofInputStream(
                  () -> new java.io.ByteArrayInputStream(BODY.getBytes(UTF_8))))) {
        HttpResponse<String> answer = post(other.port(), PATH, headers, publisher);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body().strip()).isEqualTo(body);
      }
    }
    assertThat(counted).containsExactly(Result.FORWARDED, Result.FORWARDED);
    assertThat(known.arrived).hasSize(status == 202 ? 2 : 0);
    assertThat(standby.arrived).isEmpty();
  }

  @Test
  void what_was_handed_on_is_not_handed_on_again() throws Exception {
    known.none = true;
    known.elsewhere = new Hooks.Elsewhere.Leader("127.0.0.1:" + listener.port());

    HttpResponse<String> answer =
        post(PATH, "X-Gitlab-Token: TOKEN", BodyPublishers.ofString(BODY));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(results).containsExactly(Result.UNAVAILABLE, Result.UNAVAILABLE);
  }

  @Test
  void a_leader_that_is_not_reached_is_told() throws Exception {
    int nobody;
    try (java.net.ServerSocket free = new java.net.ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    known.none = true;
    known.elsewhere = new Hooks.Elsewhere.Leader("127.0.0.1:" + nobody);

    HttpResponse<String> answer =
        post(PATH, "X-Gitlab-Token: TOKEN", BodyPublishers.ofString(BODY));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body().strip())
        .isEqualTo("this is a standby, and the process that leads is not reached");
  }

  @Test
  void many_at_once_are_all_answered_and_none_is_lost_without_a_word() throws Exception {
    Map<Integer, Integer> statuses = new TreeMap<>();
    List<java.util.concurrent.CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      answers.add(
          client.sendAsync(
              request(
                  listener.port(), PATH, "X-Gitlab-Token: TOKEN", BodyPublishers.ofString(BODY)),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (var answer : answers) {
      statuses.merge(answer.join().statusCode(), 1, Integer::sum);
    }
    assertThat(statuses).containsExactly(Map.entry(202, 24));
    assertThat(known.arrived).hasSize(24);
  }

  private HttpResponse<String> post(String path, String headers, BodyPublisher body)
      throws Exception {
    return post(listener.port(), path, headers, body);
  }

  private HttpResponse<String> post(int port, String path, String headers, BodyPublisher body)
      throws Exception {
    return client.send(request(port, path, headers, body), HttpResponse.BodyHandlers.ofString());
  }

  /**
   * @param headers {@code Name: value|Name: value}, the names of {@link #SIGNATURES} in values
   */
  private static HttpRequest request(int port, String path, String headers, BodyPublisher body) {
    HttpRequest.Builder request = builder(port, path).POST(body);
    for (String header : headers.split("\\|", -1)) {
      String[] parts = header.split(": ?", 2);
      String value = parts[1].strip();
      for (Map.Entry<String, String> signature : SIGNATURES.entrySet()) {
        if (value.endsWith(signature.getKey())) {
          value = value.replace(signature.getKey(), signature.getValue());
          break;
        }
      }
      request.header(parts[0], value);
    }
    return request.build();
  }

  private static HttpRequest.Builder builder(int port, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  /** What the listener says first; empty when it hangs up. */
  private static String firstLine(Socket socket) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = socket.getInputStream().read();
        c >= 0 && c != '\r';
        c = socket.getInputStream().read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
