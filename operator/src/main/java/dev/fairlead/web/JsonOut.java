package dev.fairlead.web;

import dev.fairlead.model.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Writes one JSON value piece by piece, so that a long list is never in memory as a whole. What it
 * is told must fit together: names in objects, values in lists. For one thread.
 */
final class JsonOut {
  private static final int CHUNK = 8 << 10;

  private final OutputStream out;
  private final StringBuilder chunk = new StringBuilder(CHUNK + (CHUNK >> 2));
  private boolean first = true;
  private boolean named;

  JsonOut(OutputStream out) {
    this.out = out;
  }

  JsonOut beginObject() throws IOException {
    return begin('{');
  }

  JsonOut endObject() {
    return end('}');
  }

  JsonOut beginList() throws IOException {
    return begin('[');
  }

  JsonOut endList() {
    return end(']');
  }

  /** The name of the member whose value comes next. */
  JsonOut name(String name) throws IOException {
    value(Json.of(name));
    chunk.append(':');
    named = true;
    return this;
  }

  JsonOut value(Json value) throws IOException {
    separate();
    value.writeTo(chunk);
    first = false;
    return this;
  }

  JsonOut member(String name, String value) throws IOException {
    return name(name).value(Json.of(value));
  }

  JsonOut member(String name, long value) throws IOException {
    return name(name).value(Json.of(value));
  }

  JsonOut member(String name, boolean value) throws IOException {
    return name(name).value(Json.of(value));
  }

  /** To the second, as times in status are. */
  JsonOut member(String name, Instant value) throws IOException {
    return member(name, value.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** A member that is left out when it says nothing. */
  JsonOut some(String name, String value) throws IOException {
    return value.isEmpty() ? this : member(name, value);
  }

  /** A member that is left out when it says nothing. */
  JsonOut some(String name, Optional<Instant> value) throws IOException {
    return value.isEmpty() ? this : member(name, value.get());
  }

  /** Sends what is still held back, and the end of the line. */
  void finish() throws IOException {
    chunk.append('\n');
    send();
    out.flush();
  }

  private JsonOut begin(char bracket) throws IOException {
    separate();
    chunk.append(bracket);
    first = true;
    return this;
  }

  private JsonOut end(char bracket) {
    chunk.append(bracket);
    first = false;
    return this;
  }

  private void separate() throws IOException {
    if (chunk.length() >= CHUNK) {
      send();
    }
    if (!first && !named) {
      chunk.append(',');
    }
    named = false;
  }

  private void send() throws IOException {
    out.write(chunk.toString().getBytes(StandardCharsets.UTF_8));
    chunk.setLength(0);
  }
}
