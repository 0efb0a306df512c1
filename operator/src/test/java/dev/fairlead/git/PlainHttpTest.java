package dev.fairlead.git;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import dev.fairlead.testbed.TestProxy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URL;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers to requests for http, as servers and proxies may send them, and as nobody should. */
final class PlainHttpTest {
  /** More than any kernel holds for one connection. */
  private static final int MOST_SENT = 256 << 20;

  private final AtomicReference<String> asked = new AtomicReference<>("");

  private static PlainHttp request(TestProxy proxy) throws IOException {
    GitProxy read;
    try {
      read = GitProxy.fromSecret(Map.of("address", proxy.address().getBytes(UTF_8)));
      return new PlainHttp(
          URI.create("http://git.invalid/r?a=b").toURL(), Optional.of(ProxyRoute.through(read)));
    } catch (GitException e) {
      throw new AssertionError(e);
    }
  }

  private TestProxy answering(String answer) {
    TestProxy proxy = TestProxy.http();
    proxy.fault((in, out) -> {
      asked.set(TestProxy.head(in));
      out.write(answer.getBytes(ISO_8859_1));
      out.flush();
    });
    return proxy;
  }

  record Row(String name, String answer, int status, String body) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> good() {
    String ok = "HTTP/1.1 200 OK\r\n";
    return Stream.of(
        new Row("a length", ok + "Content-Length: 3\r\n\r\nabcd", 200, "abc"),
        new Row("no length", ok + "\r\nabcd", 200, "abcd"),
        new Row("HTTP/1.0", "HTTP/1.0 200\r\n\r\nab", 200, "ab"),
        new Row("bare line ends", "HTTP/1.1 200 OK\nContent-Length: 1\n\na", 200, "a"),
        new Row("nothing", ok + "Content-Length: 0\r\n\r\n", 200, ""),
        new Row("no content", "HTTP/1.1 204 No\r\n\r\nx", 204, ""),
        new Row("first another", "HTTP/1.1 103 Early\r\nX: y\r\n\r\n" + ok + "\r\na", 200, "a"),
        new Row(
            "chunks",
            ok + "transfer-encoding: Chunked\r\n\r\n2\r\nab\r\n0A;x=y\r\n0123456789\r\n0\r\n\r\n",
            200,
            "ab0123456789"),
        new Row(
            "chunks and trailers",
            ok + "Transfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\nX: y\r\nZ: 1\r\n\r\nmore",
            200,
            "a"),
        new Row(
            "an error's own words",
            "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 4\r\n\r\nbusy",
            503,
            "busy"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("good")
  void an_answer_is_read_to_its_end_and_no_further(Row row) throws Exception {
    try (TestProxy proxy = answering(row.answer())) {
      PlainHttp request = request(proxy);
      request.setRequestProperty("Accept", "x/y");

      assertThat(request.getResponseCode()).isEqualTo(row.status());
      try (InputStream body =
          row.status() < 400
              ? request.getInputStream()
              : requireNonNull(request.getErrorStream())) {
        assertThat(new String(body.readAllBytes(), ISO_8859_1)).isEqualTo(row.body());
      }
      assertThat(asked.get())
          .startsWith("GET http://git.invalid/r?a=b HTTP/1.1\r\nHost: git.invalid\r\n")
          .contains("\r\nAccept: x/y\r\n")
          .contains("\r\nConnection: close\r\n");
      assertThat(request.getHeaderField("retry-AFTER")).isEqualTo(row.status() == 503 ? "7" : null);
    }
  }

  static Stream<Row> bad() {
    String ok = "HTTP/1.1 200 OK\r\n";
    String chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    String cut = "Unexpected end of file";
    return Stream.of(
        new Row("no answer", "", 0, cut),
        new Row("half a head", ok + "X: ", 0, cut),
        new Row("another protocol", "SSH-2.0-x\r\n\r\n", 0, "Invalid Http response"),
        new Row("no status", "HTTP/1.1 OK\r\n\r\n", 0, "Invalid Http response"),
        new Row("a head without end", ok + "X: y\r\n".repeat(20_000), 0, "more than 64 KiB"),
        new Row("a line without end", ok + "x".repeat(100_000), 0, "more than 64 KiB"),
        new Row("a negative length", ok + "Content-Length: -1\r\n\r\n", 0, "Invalid Http"),
        new Row("a great length", ok + "Content-Length: " + "9".repeat(30) + "\r\n\r\n", 0, "Inv"),
        new Row("less than said", ok + "Content-Length: 9\r\n\r\nabc", 200, cut),
        new Row("another coding", ok + "Transfer-Encoding: gzip\r\n\r\nabc", 0, "nobody asked for"),
        new Row("a chunk cut off", chunked + "5\r\nab", 200, cut),
        new Row("no last chunk", chunked + "2\r\nab\r\n", 200, cut),
        new Row("a negative chunk", chunked + "-1\r\nab\r\n", 200, "not encoded as it says"),
        new Row("a great chunk", chunked + "f".repeat(16) + "\r\n", 200, "not encoded as"),
        new Row("more in a chunk", chunked + "1\r\nab\r\n0\r\n\r\n", 200, "64 KiB"),
        new Row("endless trailers", chunked + "0\r\n" + "X: y\r\n".repeat(9_000), 200, "64 KiB"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void an_answer_that_is_none_is_a_failure(Row row) throws Exception {
    try (TestProxy proxy = answering(row.answer())) {
      PlainHttp request = request(proxy);

      assertThatThrownBy(
              () -> {
                assertThat(request.getResponseCode()).isEqualTo(row.status());
                try (InputStream body = request.getInputStream()) {
                  body.readAllBytes();
                }
              })
          .isInstanceOf(IOException.class)
          .hasMessageContaining(row.body());
    }
  }

  @Test
  void a_silent_host_is_waited_for_no_longer_than_said_and_an_interrupt_ends_it_at_once()
      throws Exception {
    var reached = new CountDownLatch(2);
    try (TestProxy proxy = TestProxy.http();
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      proxy.fault((in, _) -> {
        TestProxy.head(in);
        reached.countDown();
        in.transferTo(OutputStream.nullOutputStream());
      });
      PlainHttp brief = request(proxy);
      brief.setReadTimeout(200);
      assertThatThrownBy(brief::getResponseCode).isInstanceOf(SocketTimeoutException.class);

      var waiting = threads.submit(() -> request(proxy).getResponseCode());
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      waiting.cancel(true);
      threads.shutdown();
      assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A server on the same machine may have sent as much as the kernel holds, up to 32 MiB. */
  @Test
  void an_answer_that_is_closed_before_its_end_is_not_read_further() throws Exception {
    var sent = new AtomicLong();
    byte[] chunks = "10\r\n0123456789abcdef\r\n".repeat(1000).getBytes(ISO_8859_1);
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> sending =
          threads.submit(() -> {
            try (Socket client = server.accept()) {
              TestProxy.head(client.getInputStream());
              OutputStream out = client.getOutputStream();
              out.write(
                  """
                  HTTP/1.1 200 OK\r
                  Content-Type: application/x-git-upload-pack-result\r
                  Transfer-Encoding: chunked\r
                  \r
                  """
                      .getBytes(ISO_8859_1));
              for (int i = 0; i < MOST_SENT; i += chunks.length) {
                out.write(chunks);
                sent.addAndGet(chunks.length);
              }
            }
            return null;
          });
      Connections connections =
          Connections.to(
              RemoteUrl.parse("http://127.0.0.1:" + server.getLocalPort() + "/r", false),
              Credentials.NONE,
              Optional.empty(),
              new InstallationTokens(InstantSource.system()),
              InstantSource.system());
      URL url = URI.create("http://127.0.0.1:" + server.getLocalPort() + "/r").toURL();
      HttpConnection connection = ((HttpConnectionFactory) connections).create(url);
      assertThat(connection.getResponseCode()).isEqualTo(200);
      InputStream body = connection.getInputStream();
      assertThat(body.readNBytes(100)).hasSize(100);
      await().until(() -> stands(sent));

      long before = allocated();
      body.close();

      assertThat(allocated() - before).as("bytes allocated by closing").isLessThan(256 * 1024);
      assertThatThrownBy(sending::get).hasRootCauseInstanceOf(SocketException.class);
    }
  }

  private static boolean stands(AtomicLong sent) throws InterruptedException {
    long before = sent.get();
    Thread.sleep(200);
    return before > 0 && sent.get() == before;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void a_header_with_a_line_end_is_never_sent() throws Exception {
    try (TestProxy proxy = answering("")) {
      PlainHttp request = request(proxy);
      request.setRequestProperty("Authorization", "Bearer x\r\nEvil: swordfish");

      assertThatThrownBy(request::getResponseCode)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("swordfish");
      assertThat(asked.get()).isEmpty();
    }
  }
}
