package dev.fairlead.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Tells a daemon of a push, as a Git host does. */
final class Hook {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Hook() {}

  /** The status of the answer. */
  static int post(OperatorProcess operator, String path, String header, String value) {
    try {
      return CLIENT
          .send(
              HttpRequest.newBuilder(URI.create("http://" + operator.hookAddress() + path))
                  .header(header, value)
                  .POST(HttpRequest.BodyPublishers.ofString("{\"ref\": \"refs/heads/other\"}"))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
