package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A repository's url, checked and in one form: scheme and host in lower case, no default port, no
 * slash at the end. Its messages never show a url that was refused, for it may hold a password.
 */
record RemoteUrl(URI uri) {

  /**
   * @throws GitException FETCH_FAILED: why this url cannot be used
   */
  static RemoteUrl parse(String url, boolean allowFile) throws GitException {
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      // Not as the cause: it quotes the url.
      throw refused("is not a valid url");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (uri.getRawUserInfo() != null || atInAuthority(uri)) {
      throw refused("has a user or a password in it: put them into the Secret of spec.secretRef");
    }
    if (uri.getRawFragment() != null) {
      throw refused("has a fragment (#...): a branch belongs into spec.ref");
    }
    return switch (scheme) {
      case "http", "https" -> new RemoteUrl(network(uri, scheme));
      case "file" -> {
        if (!allowFile) {
          throw refused("is a file:// url: start the operator with --allow-file-urls to use it");
        }
        if (uri.getPath() == null || !uri.getPath().startsWith("/")) {
          throw refused("names no absolute path after file://");
        }
        yield new RemoteUrl(URI.create("file://" + trimmed(uri.getRawPath())));
      }
      default -> throw refused("must begin with https:// or http://");
    };
  }

  private static boolean atInAuthority(URI uri) {
    return uri.getRawAuthority() != null && uri.getRawAuthority().contains("@");
  }

  private static URI network(URI uri, String scheme) throws GitException {
    if (uri.getHost() == null) {
      throw refused("names no host");
    }
    int usual = scheme.equals("https") ? 443 : 80;
    String port = uri.getPort() == -1 || uri.getPort() == usual ? "" : ":" + uri.getPort();
    String path = trimmed(uri.getRawPath() == null ? "" : uri.getRawPath());
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return URI.create(
        scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path + query);
  }

  private static String trimmed(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  private static GitException refused(String why) {
    return new GitException(Reason.FETCH_FAILED, "spec.url " + why);
  }

  boolean isFile() {
    return uri.getScheme().equals("file");
  }

  /** Whether a request to that place may carry this url's credentials. */
  boolean sameOrigin(URL other) {
    return uri.getScheme().equalsIgnoreCase(other.getProtocol())
        && uri.getHost().equalsIgnoreCase(other.getHost())
        && port(uri.getScheme(), uri.getPort()) == port(other.getProtocol(), other.getPort());
  }

  private static int port(@Nullable String scheme, int port) {
    return port != -1 ? port : "https".equalsIgnoreCase(scheme) ? 443 : 80;
  }

  /** For people: without the query, which may hold a token. */
  String display() {
    String text = uri.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }

  /** Host and port, or the path of a file. */
  String host() {
    return isFile() ? uri.getPath() : uri.getRawAuthority();
  }

  @Override
  public String toString() {
    return display();
  }
}
