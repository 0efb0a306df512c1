package dev.fairlead.testbed;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What an {@link ApiProxy} does with a request. */
public sealed interface ApiCourse {

  /** As if the proxy were not there. */
  Forward FORWARD = new Forward("", () -> {});

  /**
   * Sends it to the API server and the answer back.
   *
   * @param target another path, with the query, for the server; empty for the one that was asked
   *     for
   * @param answered runs when the server's answer has come, before the client gets any of it
   */
  record Forward(String target, Runnable answered) implements ApiCourse {}

  /** Answers without the API server. */
  record Answer(int status, Map<String, String> headers, String body) implements ApiCourse {
    public Answer {
      headers = Map.copyOf(headers);
    }

    /** Answers with a {@code Status} object, as the API server's own errors are. */
    public Answer(int status, String reason, String message) {
      this(
          status,
          Map.of("Content-Type", "application/json"),
          """
          {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
          "message":"%s","reason":"%s","code":%d}
          """
              .formatted(message, reason, status));
    }
  }

  /** Says nothing until the latch opens, and forwards it then. */
  record Stall(CountDownLatch until) implements ApiCourse {}

  /** Forwards it, and gives nothing more of the answer to the client once the latch is open. */
  record Mute(CountDownLatch from) implements ApiCourse {}

  /** Breaks the connection without an answer; the server never hears of it. */
  record Drop() implements ApiCourse {}
}
