package dev.fairlead.testbed;

import java.time.Duration;
import java.util.Map;

/** A way in which a {@link GitServer} misbehaves. */
public sealed interface GitFault {

  /**
   * Answers with this status, these headers (Retry-After, Location, ...) and body, and does not
   * touch Git.
   */
  record Answer(int status, Map<String, String> headers, String body) implements GitFault {
    public Answer {
      headers = Map.copyOf(headers);
    }

    public Answer(int status) {
      this(status, Map.of(), "refused by the test\n");
    }
  }

  /** Answers rightly, but sends the body one byte at a time with this pause before each. */
  record Drip(Duration pause) implements GitFault {}

  /** Says nothing until the fault is lifted or the server is closed, and answers rightly then. */
  record Stall() implements GitFault {}

  /**
   * Announces the right answer's length, sends only so many bytes of it, and breaks the connection.
   */
  record Truncate(int bytes) implements GitFault {}

  /** Too many requests, with Retry-After in seconds. */
  static GitFault tooMany(Duration retryAfter) {
    return new Answer(
        429, Map.of("Retry-After", Long.toString(retryAfter.toSeconds())), "slow down\n");
  }

  /** Sends the client elsewhere. */
  static GitFault redirect(String url) {
    return new Answer(302, Map.of("Location", url), "");
  }
}
