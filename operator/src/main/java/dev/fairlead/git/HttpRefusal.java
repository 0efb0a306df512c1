package dev.fairlead.git;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server's answer that is not Git: another status than 200, or another content.
 *
 * <p>Thrown out of our own connection, so that JGit neither follows a redirect, nor answers a
 * challenge, nor takes a web page for an old kind of repository. What the server said is compared
 * with what hosts are known to say, and never shown: it could be what we sent.
 */
final class HttpRefusal extends IOException {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** For a limit without a time: what GitHub asks for after its secondary limits. */
  private static final Duration WAIT_AT_A_LIMIT = Duration.ofMinutes(1);

  /** Larger numbers are points in time, smaller ones are seconds from now. */
  private static final long SECONDS_OR_TIME = 1_000_000_000;

  private final int status;
  private final @Nullable String contentType;
  private final @Nullable String retryAfter;
  private final @Nullable String location;
  private final @Nullable String reset;
  private final boolean exhausted;
  private final String said;
  private final List<String> ways;

  private HttpRefusal(int status, Function<String, @Nullable String> header, String body) {
    super("HTTP status " + status);
    this.status = status;
    this.contentType = header.apply("Content-Type");
    this.retryAfter = header.apply("Retry-After");
    this.location = header.apply("Location");
    this.ways = ProxyHandshake.ways(Stream.ofNullable(header.apply("Proxy-Authenticate")));
    this.exhausted =
        Stream.of("X-RateLimit-Remaining", "RateLimit-Remaining")
            .anyMatch(name -> "0".equals(header.apply(name)));
    String reset = header.apply("X-RateLimit-Reset");
    this.reset = reset == null ? header.apply("RateLimit-Reset") : reset;
    this.said =
        Stream.of("WWW-Authenticate", "X-Authentication-Denied-Reason")
            .map(header)
            .filter(value -> value != null)
            .reduce(body, (all, value) -> all + "\n" + value)
            .toLowerCase(Locale.ROOT);
  }

  /**
   * What can be told of an answer.
   *
   * @param body its beginning
   */
  static HttpRefusal of(int status, Function<String, @Nullable String> header, String body) {
    return new HttpRefusal(status, header, body);
  }

  int status() {
    return status;
  }

  @Nullable String contentType() {
    return contentType;
  }

  @Nullable String location() {
    return location;
  }

  /** Whether the answer, or a challenge in it, has one of these in it; lower case. */
  boolean says(String... words) {
    return Stream.of(words).anyMatch(said::contains);
  }

  /** The names of the schemes by which a proxy takes credentials, as far as it names them. */
  List<String> ways() {
    return ways;
  }

  /** Whether it is about too many requests, and not about rights. */
  boolean isLimit() {
    return status == 429
        || (status == 403
            && (retryAfter != null || exhausted || says("rate limit", "too many requests")));
  }

  /** What Retry-After says, in either of its forms, or when the limit begins anew. */
  @Nullable Duration retryAfter(Instant now) {
    Duration wait = retryAfter == null ? null : parsed(retryAfter.strip(), now);
    if (wait == null && isLimit()) {
      wait = reset == null || !(exhausted || status == 429) ? null : parsed(reset.strip(), now);
      if (wait == null && status == 403) {
        wait = WAIT_AT_A_LIMIT;
      }
    }
    if (wait == null) {
      return null;
    }
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private static @Nullable Duration parsed(String text, Instant now) {
    if (text.matches("[0-9]{1,11}")) {
      long number = Long.parseLong(text);
      return number < SECONDS_OR_TIME
          ? Duration.ofSeconds(number)
          : Duration.between(now, Instant.ofEpochSecond(number));
    }
    try {
      return Duration.between(
          now, ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
  }
}
