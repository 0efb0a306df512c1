package dev.fairlead.testbed;

/**
 * One request that went to an {@link ApiProxy}.
 *
 * @param path as it came, such as {@code /api/v1/namespaces/default/configmaps/a}
 * @param query as it came, without the question mark; empty where there was none
 * @param contentType such as {@code application/apply-patch+yaml}; empty where there was none
 * @param body as UTF-8; empty where there was none
 */
public record ApiRequest(
    String method, String path, String query, String contentType, String body) {

  public boolean isWatch() {
    return query.contains("watch=true");
  }

  /** Whether it asks for nothing to be stored, though it looks like a write. */
  public boolean isDryRun() {
    return query.contains("dryRun=All")
        || (method.equals("DELETE") && body.contains("\"dryRun\":[\"All\"]"));
  }

  /** Whether it asks what somebody may do. */
  public boolean isReview() {
    return path.startsWith("/apis/authorization.k8s.io/");
  }

  /** Whether it may change what the server stores. */
  public boolean isWrite() {
    return !method.equals("GET") && !isDryRun() && !isReview();
  }

  /** Whether it is a server-side apply, also one that is a dry run. */
  public boolean isApply() {
    return contentType.startsWith("application/apply-patch");
  }

  @Override
  public String toString() {
    return method + " " + path + (query.isEmpty() ? "" : "?" + query);
  }
}
