package dev.fairlead.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A process of its own, for {@link HttpHeapIT}: listens as the daemon does, until it is ended. */
final class HttpVictim {
  private static final int LISTENERS = 3;

  private HttpVictim() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    for (int i = 0; i < LISTENERS; i++) {
      HttpPort port =
          HttpPort.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16, new Answers());
      System.out.println(port.number());
    }
    Thread.sleep(Long.MAX_VALUE);
  }

  private static final class Answers implements HttpPort.Handler {
    @Override
    public void handle(HttpExchange exchange) throws IOException {
      exchange.sendResponseHeaders(200, -1);
    }

    @Override
    public void refuse(HttpExchange exchange) throws IOException {
      exchange.sendResponseHeaders(503, -1);
    }
  }
}
