package dev.fairlead.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * An address that is listened on, with bounds.
 *
 * <p>Guarantees: a bounded number of requests at work and 64 connections at once, more are turned
 * away; a request whose head has more than 16 KiB is dropped; a client that does not finish its
 * request in 10 s, or does not read its answer in 30 s, is dropped; {@link #close} returns within a
 * second. One virtual thread a request.
 */
final class HttpPort implements AutoCloseable {
  private static final int BACKLOG = 32;

  static {
    // The server takes these bounds from nowhere else, and once, when its class is loaded.
    setUnlessSet("jdk.httpserver.maxConnections", "64");
    // As many of the 380 KiB that a head may have otherwise are all of the heap.
    setUnlessSet("sun.net.httpserver.maxReqHeaderSize", "16384");
    setUnlessSet("sun.net.httpserver.maxReqTime", "10");
    setUnlessSet("sun.net.httpserver.maxRspTime", "30");
  }

  /** Answers requests, by several threads at once. */
  interface Handler {
    void handle(HttpExchange exchange) throws IOException;

    /** Says that there are too many requests at once. */
    void refuse(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final Semaphore places;
  private final Handler handler;

  private HttpPort(HttpServer server, int places, Handler handler) {
    this.server = server;
    this.places = new Semaphore(places);
    this.handler = handler;
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
  }

  /**
   * Listens from now on.
   *
   * @param address port 0 takes a free one
   * @param places how many requests may be at work at once
   * @throws IOException when the address cannot be had
   */
  static HttpPort start(InetSocketAddress address, int places, Handler handler) throws IOException {
    HttpServer server = HttpServer.create(address, BACKLOG);
    HttpPort port = new HttpPort(server, places, handler);
    server.setExecutor(port.threads);
    server.createContext("/", port::handle);
    server.start();
    return port;
  }

  /** The port that it listens on. */
  int number() {
    return server.getAddress().getPort();
  }

  /** Drops all connections and stops listening. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    if (places.tryAcquire()) {
      try {
        handler.handle(exchange);
      } finally {
        places.release();
      }
    } else {
      handler.refuse(exchange);
    }
    // Not after a failure, upon which the server drops the connection: an answer that broke off
    // would look like a whole one.
    exchange.close();
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
