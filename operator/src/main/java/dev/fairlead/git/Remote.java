package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A repository, who we are there, and the way there.
 *
 * @param url http, https, ssh ({@code git@host:path} too), or file where that is allowed; without
 *     password or fragment
 * @param proxy what all connections to it go through; none: they are direct
 */
public record Remote(String url, Credentials credentials, Optional<GitProxy> proxy) {
  /** Without a proxy. */
  public Remote(String url, Credentials credentials) {
    this(url, credentials, Optional.empty());
  }

  public Remote {
    requireNonNull(proxy);
    requireNonNull(url);
    requireNonNull(credentials);
  }

  /** Without the url's query, which may hold a token. */
  @Override
  public String toString() {
    int query = url.indexOf('?');
    int user = url.indexOf('@');
    return user >= 0 ? "(url with a user)" : query < 0 ? url : url.substring(0, query);
  }
}
