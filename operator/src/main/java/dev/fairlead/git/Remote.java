package dev.fairlead.git;

import static java.util.Objects.requireNonNull;

/**
 * A repository and who we are there.
 *
 * @param url http, https, ssh ({@code git@host:path} too), or file where that is allowed; without
 *     password or fragment
 */
public record Remote(String url, Credentials credentials) {
  public Remote {
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
