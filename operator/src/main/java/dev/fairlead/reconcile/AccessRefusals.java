package dev.fairlead.reconcile;

import dev.fairlead.model.Reason;
import dev.fairlead.plan.ApiError;
import dev.fairlead.plan.ApiError.Permission;
import dev.fairlead.plan.MissingRights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes few problems of many refusals: an account that lacks the right to one kind lacks it for
 * every object of that kind, and is given it once. Pure.
 */
final class AccessRefusals {
  private static final int MAX_NAMED = 3;

  private AccessRefusals() {}

  /** What one right is missing for; the verb that was refused first does not matter. */
  private record Lack(String user, String group, String resource, String namespace) {
    static Lack of(Permission missing) {
      return new Lack(missing.user(), missing.group(), missing.resource(), missing.namespace());
    }
  }

  private static Optional<Permission> permission(Refusal refusal) {
    return refusal
        .error()
        .flatMap(e ->
            e instanceof ApiError.Forbidden forbidden ? forbidden.permission() : Optional.empty());
  }

  /** The same, with one for all objects that lack the same right, at the first of them. */
  static List<Refusal> merged(List<Refusal> refusals) {
    Map<Object, List<Refusal>> groups = new LinkedHashMap<>();
    for (Refusal refusal : refusals) {
      // Any other refusal stands for itself.
      Object group = permission(refusal).<Object>map(Lack::of).orElse(refusal);
      groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(refusal);
    }
    return groups.values().stream().map(AccessRefusals::first).toList();
  }

  private static Refusal first(List<Refusal> group) {
    Refusal first = group.getFirst();
    List<String> others =
        group.stream()
            .skip(1)
            .flatMap(r -> r.desired().stream())
            .map(d -> d.key().toString())
            .toList();
    if (others.isEmpty()) {
      return first;
    }
    String names = others.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    int unnamed = others.size() - MAX_NAMED;
    Refusal.At finding = first.findings().getFirst();
    String message =
        finding.message()
            + " (so it is for "
            + names
            + (unnamed > 0 ? " and " + unnamed + " more" : "")
            + ")";
    return first.withMessage(message);
  }

  /**
   * All rules to add, in one line, when several rights are missing; empty when the first problem
   * says it all.
   *
   * @param reason of the change as a whole
   */
  static Optional<String> summary(Reason reason, List<Refusal> refusals) {
    List<Permission> all = refusals.stream().flatMap(r -> permission(r).stream()).toList();
    return reason == Reason.ACCESS_DENIED && all.stream().map(Lack::of).distinct().count() > 1
        ? Optional.of(MissingRights.summary(all))
        : Optional.empty();
  }
}
