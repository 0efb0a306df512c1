package dev.fairlead.web;

import com.sun.net.httpserver.Headers;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keeps pages of other sites from reading the API through the browser of somebody who has forwarded
 * its port. Pure.
 *
 * <p>A page of another origin cannot read an answer, since none allows it to; but a name that its
 * owner lets point to this machine would make it the same origin (DNS rebinding). Such a request
 * carries that name as its Host, so only {@code localhost} and addresses are taken.
 */
final class BrowserGuard {
  private static final Pattern HOST =
      Pattern.compile("(?<host>\\[[0-9a-f:.]+(%[^\\]]+)?]|[^:\\[\\]]+)(:\\d{1,5})?");
  private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private BrowserGuard() {}

  /** Why the request is refused; empty when it may be answered. */
  static Optional<String> refusal(Headers request) {
    List<String> hosts = request.getOrDefault("Host", List.of());
    if (hosts.size() != 1 || !isLocalhostOrAddress(hosts.getFirst())) {
      return Optional.of(
          "the Host of a request must be localhost or an IP address, so that no other site's name"
              + " can stand for this one");
    }
    String site = Optional.ofNullable(request.getFirst("Sec-Fetch-Site")).orElse("none");
    return site.equals("none") || site.equals("same-origin")
        ? Optional.empty()
        : Optional.of("pages of other sites may not read this");
  }

  private static boolean isLocalhostOrAddress(String header) {
    var matcher = HOST.matcher(header.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return false;
    }
    String host = matcher.group("host");
    return host.startsWith("[") || host.equals("localhost") || IPV4.matcher(host).matches();
  }
}
