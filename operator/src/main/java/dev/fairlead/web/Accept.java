package dev.fairlead.web;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;

/** What a client says it can take (RFC 9110, section 12.5). Pure. */
final class Accept {
  private Accept() {}

  /** Whether it takes JSON; one that says nothing does. */
  static boolean allowsJson(Headers request) {
    List<String> headers = request.getOrDefault("Accept", List.of());
    return headers.isEmpty() || allows(headers, "application/json", "application/*", "*/*");
  }

  /** Whether it takes a body in gzip; one that says nothing does not. */
  static boolean allowsGzip(Headers request) {
    return allows(request.getOrDefault("Accept-Encoding", List.of()), "gzip", "*");
  }

  /**
   * @param ranges what would fit, the closest first; the first that is named decides
   */
  private static boolean allows(List<String> headers, String... ranges) {
    List<String> items =
        List.of(String.join(",", headers).toLowerCase(Locale.ROOT).replace(" ", "").split(","));
    for (String range : ranges) {
      for (String item : items) {
        if (item.equals(range) || item.startsWith(range + ";")) {
          return !item.matches(".*;q=0(\\.0*)?(;.*)?");
        }
      }
    }
    return false;
  }
}
