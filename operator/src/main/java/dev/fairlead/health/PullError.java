package dev.fairlead.health;

import java.util.List;
import java.util.Locale;

/** Says in few words why an image cannot be had, from what the container runtime said. Pure. */
final class PullError {
  private record Rule(String words, List<String> signs) {}

  /** The first whose sign is there counts. */
  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "the registry wants other credentials",
              List.of(
                  "unauthorized",
                  "authentication required",
                  "no basic auth credentials",
                  "401 ",
                  "invalid username/password",
                  "incorrect username or password")),
          new Rule(
              "too many pulls, says the registry",
              List.of("toomanyrequests", "429 ", "rate limit")),
          new Rule(
              "access denied, or there is no such repository",
              List.of(
                  "pull access denied",
                  "repository does not exist",
                  "insufficient_scope",
                  "authorization failed",
                  "403 forbidden",
                  "denied:")),
          new Rule(
              "not made for the node's processor",
              List.of(
                  "no match for platform",
                  "no matching manifest",
                  "no image found in manifest list")),
          new Rule("the registry's name is unknown", List.of("no such host")),
          new Rule(
              "the registry's certificate is not trusted",
              List.of("x509:", "certificate signed by unknown authority")),
          new Rule(
              "the registry speaks no TLS", List.of("server gave http response to https client")),
          new Rule("no space on the node", List.of("no space left on device")),
          new Rule(
              "the registry cannot be reached",
              List.of(
                  "connection refused",
                  "i/o timeout",
                  "no route to host",
                  "network is unreachable",
                  "context deadline exceeded",
                  "connection reset",
                  "tls handshake timeout",
                  "dial tcp")),
          new Rule(
              "the registry is failing",
              List.of("500 internal", "502 bad", "503 service", "504 gateway")),
          new Rule(
              "not found",
              List.of("not found", "manifest unknown", "404 ", "notfound", "name unknown")));

  private PullError() {}

  /** In a few words; empty when the text does not tell. */
  static String words(String message) {
    String text = message.toLowerCase(Locale.ROOT);
    for (Rule rule : RULES) {
      if (rule.signs().stream().anyMatch(text::contains)) {
        return rule.words();
      }
    }
    return "";
  }
}
