package dev.fairlead.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What anybody may send, to a process that has the daemon's heap and flags. */
@Timeout(120)
final class HttpHeapIT {
  private static final int CONNECTIONS = 64;
  private static final int HEAD = 370_000;

  @Test
  void heads_of_many_requests_do_not_end_the_process() throws Exception {
    Path flags = Path.of("").toAbsolutePath().resolve("jvm.options");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "@" + flags,
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                HttpVictim.class.getName())
            .redirectErrorStream(true)
            .start();
    List<Socket> sockets = new ArrayList<>();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      List<Integer> ports = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ports.add(Integer.parseInt(out.readLine()));
      }
      for (int port : ports) {
        for (int i = 0; i < CONNECTIONS; i++) {
          sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
        }
      }
      for (int i = 0; i < sockets.size(); i++) {
        String begin = i % 2 == 0 ? "GET /" : "GET / HTTP/1.1\r\nA: ";
        begin(sockets.get(i), begin + "a".repeat(HEAD));
      }
      for (Socket socket : sockets) {
        socket.close();
      }

      assertThat(process.isAlive()).as("it goes on").isTrue();
      for (int port : ports) {
        assertThat(status(port)).isEqualTo("HTTP/1.1 200 OK");
      }
    } finally {
      process.destroyForcibly();
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  /** As far as it is taken. */
  private static void begin(Socket socket, String head) throws IOException {
    try {
      socket.getOutputStream().write(head.getBytes(US_ASCII));
    } catch (SocketException e) {
      assertThat(e).as("it was dropped").isNotNull();
    }
  }

  private static String status(int port) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        InputStream in = socket.getInputStream()) {
      socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      byte[] answer = new byte["HTTP/1.1 200 OK".length()];
      int read = in.readNBytes(answer, 0, answer.length);
      return new String(answer, 0, read, US_ASCII);
    }
  }
}
