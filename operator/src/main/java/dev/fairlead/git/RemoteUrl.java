package dev.fairlead.git;

import dev.fairlead.model.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/**
 * A repository's url, checked and in one form: scheme and host in lower case, no default port, no
 * slash at the end. Its messages never show a url that was refused, for it may hold a password.
 *
 * @param fromHome whether an ssh server looks for the path from the user's home, as in {@code
 *     git@host:path}, which no url can say
 */
record RemoteUrl(URI uri, boolean fromHome) {
  static final int SSH_PORT = 22;

  private static final String USER = "[A-Za-z0-9._][A-Za-z0-9._+-]*";

  /** {@code git@host:path}, as scp and git take it. */
  private static final Pattern SCP =
      Pattern.compile("(" + USER + ")@([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\]):([^?#\\\\]+)");

  private RemoteUrl(URI uri) {
    this(uri, false);
  }

  /**
   * @throws GitException FETCH_FAILED: why this url cannot be used
   */
  static RemoteUrl parse(String url, boolean allowFile) throws GitException {
    Matcher scp = SCP.matcher(url.strip());
    if (scp.matches()) {
      return scp(scp.group(1), scp.group(2), scp.group(3));
    }
    URI uri;
    try {
      uri = new URI(url.strip());
    } catch (URISyntaxException e) {
      // Not as the cause: it quotes the url.
      throw refused("is not a valid url");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (scheme.equals("ssh")) {
      return new RemoteUrl(ssh(uri));
    }
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
      default ->
          throw refused("must begin with https://, http:// or ssh://, or be like git@host:path");
    };
  }

  private static URI ssh(URI uri) throws GitException {
    String user = uri.getRawUserInfo();
    if (user != null && user.contains(":")) {
      throw refused("has a password in it: put it into the Secret of spec.secretRef");
    }
    if (user == null || !user.matches(USER)) {
      throw refused("must name the user whom ssh is to log in as, like ssh://git@host/path");
    }
    if (uri.getHost() == null) {
      throw refused("names no host");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw refused("has a query or a fragment, which ssh does not know");
    }
    String path = trimmed(uri.getRawPath() == null ? "" : uri.getRawPath());
    if (path.isEmpty()) {
      throw refused("names no repository after the host");
    }
    String port = uri.getPort() == -1 || uri.getPort() == SSH_PORT ? "" : ":" + uri.getPort();
    return URI.create("ssh://" + user + "@" + uri.getHost().toLowerCase(Locale.ROOT) + port + path);
  }

  /** A path from the root is that of a url. */
  private static RemoteUrl scp(String user, String host, String path) throws GitException {
    String trimmed = trimmed(path);
    if (trimmed.isEmpty()) {
      throw refused("names no repository after the host");
    }
    boolean fromHome = !trimmed.startsWith("/");
    String authority = user + "@" + host.toLowerCase(Locale.ROOT);
    try {
      var uri = new URI("ssh", authority, fromHome ? "/" + trimmed : trimmed, null, null);
      if (uri.getHost() == null) {
        throw refused("names no host");
      }
      return new RemoteUrl(uri, fromHome);
    } catch (URISyntaxException e) {
      throw refused("is not a valid address");
    }
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

  boolean isSsh() {
    return uri.getScheme().equals("ssh");
  }

  /** The same server, asked for another path, which is in the form of a url. */
  RemoteUrl withPath(String rawPath) {
    String authority = uri.getRawAuthority() == null ? "" : uri.getRawAuthority();
    return new RemoteUrl(
        URI.create(uri.getScheme() + "://" + authority + trimmed(rawPath)), fromHome);
  }

  /** Whether the same credentials are for both. */
  boolean isSameServer(RemoteUrl other) {
    return !isFile()
        && uri.getScheme().equals(other.uri.getScheme())
        && Objects.equals(uri.getRawAuthority(), other.uri.getRawAuthority());
  }

  /** Scheme, user, host and port. */
  String server() {
    return uri.getScheme() + "://" + (isFile() ? "" : uri.getRawAuthority());
  }

  /** For JGit. */
  URIish location() throws URISyntaxException {
    return new URIish(
        fromHome
            ? uri.getRawUserInfo() + "@" + uri.getHost() + ":" + uri.getPath().substring(1)
            : uri.toString());
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
    if (fromHome) {
      return uri.getRawUserInfo() + "@" + uri.getHost() + ":" + uri.getPath().substring(1);
    }
    String text = uri.toString();
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }

  /** Host and port, or the path of a file. */
  String host() {
    String authority = uri.getRawAuthority();
    return isFile() ? uri.getPath() : authority.substring(authority.lastIndexOf('@') + 1);
  }

  @Override
  public String toString() {
    return display();
  }
}
