package dev.fairlead.git;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A server's answer that is not Git: another status than 200, or another content.
 *
 * <p>Thrown out of our own connection, so that JGit neither follows a redirect, nor answers a
 * challenge, nor takes a web page for an old kind of repository.
 */
final class HttpRefusal extends IOException {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final int status;
  private final @Nullable String contentType;
  private final @Nullable String retryAfter;
  private final @Nullable String location;

  HttpRefusal(
      int status,
      @Nullable String contentType,
      @Nullable String retryAfter,
      @Nullable String location) {
    super("HTTP status " + status);
    this.status = status;
    this.contentType = contentType;
    this.retryAfter = retryAfter;
    this.location = location;
  }

  /** What can be told of an answer. */
  static HttpRefusal of(int status, Function<String, @Nullable String> header) {
    return new HttpRefusal(
        status,
        header.apply("Content-Type"),
        header.apply("Retry-After"),
        header.apply("Location"));
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

  /** What the Retry-After header says, in either of its forms. */
  @Nullable Duration retryAfter(Instant now) {
    if (retryAfter == null) {
      return null;
    }
    Duration wait;
    String text = retryAfter.strip();
    if (text.matches("[0-9]{1,9}")) {
      wait = Duration.ofSeconds(Long.parseLong(text));
    } else {
      try {
        Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        wait = Duration.between(now, until);
      } catch (DateTimeException e) {
        return null;
      }
    }
    if (wait.isNegative()) {
      return Duration.ZERO;
    }
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }
}
