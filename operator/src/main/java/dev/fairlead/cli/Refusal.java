package dev.fairlead.cli;

import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.NotFound.Missing;

/** What is said when the API server does not do what it was asked. Pure. */
final class Refusal {
  private Refusal() {}

  /**
   * One or two sentences.
   *
   * @param context that was used
   * @param server its url
   */
  static String of(ApiError error, String context, String server) {
    String cluster = server + " (context " + context + ")";
    return switch (error) {
      case ApiError.NotFound missing when missing.missing() == Missing.KIND ->
          "Fairlead is not installed in "
              + cluster
              + ": it has no GitSyncs. Install it, or choose another cluster with --context";
      case ApiError.Unauthorized _ ->
          cluster + " does not accept the credentials: log in again, or choose another --context";
      case ApiError.Forbidden forbidden ->
          forbidden
              .permission()
              .map(p ->
                  "%s may not %s %s in %s of %s: whoever administers the cluster can allow it with a"
                          .formatted(
                              p.user(),
                              p.verb(),
                              p.group().isEmpty() ? p.resource() : p.resource() + "." + p.group(),
                              p.namespace().isEmpty()
                                  ? "all namespaces"
                                  : "namespace " + p.namespace(),
                              cluster)
                      + " Role that has {apiGroups: ["
                      + quoted(p.group())
                      + "], resources: ["
                      + p.resource()
                      + "], verbs: ["
                      + p.verb()
                      + "]}")
              .orElse(forbidden.message());
      case ApiError.Unavailable unavailable ->
          "cannot reach " + cluster + ": " + tail(unavailable.message());
      case ApiError.NotFound _,
          ApiError.BadManifest _,
          ApiError.Invalid _,
          ApiError.ImmutableField _,
          ApiError.Conflict _,
          ApiError.StaleVersion _,
          ApiError.AlreadyExists _,
          ApiError.Terminating _,
          ApiError.Denied _,
          ApiError.TooLarge _,
          ApiError.Throttled _,
          ApiError.Expired _,
          ApiError.Rejected _ ->
          error.message();
    };
  }

  private static String quoted(String group) {
    return group.isEmpty() ? "\"\"" : group;
  }

  /** The reason alone: what was asked is of no interest to a person. */
  private static String tail(String message) {
    String reason = message.replaceFirst("^the API server did not answer to [^:]*: ", "");
    return reason.isBlank() || reason.equals("null") ? "no connection" : reason;
  }
}
