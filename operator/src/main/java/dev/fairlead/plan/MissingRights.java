package dev.fairlead.plan;

import dev.fairlead.plan.ApiError.Permission;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Spells permissions that are missing as the rules that somebody has to add.
 *
 * <p>A rule holds all that working on that resource takes, not only the verb that was refused
 * first: an apply of a new object needs patch and create, and what leaves Git is deleted.
 *
 * <p>Stateless: any thread may call.
 */
public final class MissingRights {
  private static final String ACCOUNT = "system:serviceaccount:";
  private static final List<String> WRITING = List.of("create", "patch", "delete");
  private static final List<String> READING = List.of("get", "list", "watch");
  private static final String ESCALATION =
      "attempting to grant RBAC permissions not currently held:";
  private static final Pattern WHO = Pattern.compile("user \"([^\"]*)\"");
  private static final Pattern GRANTED = Pattern.compile("\\{[^{}]*}");
  private static final Pattern LIST = Pattern.compile("(\\w+):\\[([^\\]]*)]");
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

  private MissingRights() {}

  /** What one answer says is missing, and the rule to add. */
  public static String advice(Permission missing) {
    if (missing.verb().equals("impersonate")) {
      return "Fairlead itself ("
          + subject(missing.user())
          + ") is not allowed to impersonate "
          + missing.resource()
          + in(missing)
          + "; add to a ClusterRole of its own, or to a Role"
          + in(missing).replace("namespace ", "")
          + ": "
          + rules(List.of(missing)).getFirst();
    }
    return subject(missing.user())
        + " is not allowed to "
        + missing.verb()
        + " "
        + resource(missing)
        + in(missing)
        + "; "
        + remedy(List.of(missing));
  }

  /**
   * The rules that all of these take, merged, with where to add them.
   *
   * @param missing of one user and one place, at least one
   */
  public static String remedy(Collection<Permission> missing) {
    Permission first = missing.iterator().next();
    String role =
        isClusterWide(first)
            ? "add to a ClusterRole that is bound to it by a ClusterRoleBinding: "
            : "add to a Role in " + first.namespace() + " that is bound to it: ";
    return role + String.join(", ", rules(missing));
  }

  /**
   * The rules that all of these take, each where it belongs, with whom they are for.
   *
   * @param missing one for each object, at least one
   */
  public static String summary(Collection<Permission> missing) {
    Map<Role, List<Permission>> roles = new LinkedHashMap<>();
    missing.forEach(m -> roles.computeIfAbsent(Role.of(m), _ -> new ArrayList<>()).add(m));
    int objects = missing.size();
    return subject(missing.iterator().next().user())
        + " lacks the rights to "
        + objects
        + (objects == 1 ? " object; " : " objects; ")
        + roles.values().stream().map(MissingRights::remedy).collect(Collectors.joining("; "));
  }

  /** Where a rule goes. */
  private record Role(String user, String namespace) {
    static Role of(Permission missing) {
      return new Role(missing.user(), isClusterWide(missing) ? "" : missing.namespace());
    }
  }

  /** Whose rights are missing, for people. */
  public static String subject(String user) {
    if (!user.startsWith(ACCOUNT)) {
      return "User \"" + user + "\"";
    }
    return "ServiceAccount " + user.substring(ACCOUNT.length()).replace(':', '/');
  }

  /** Whether no Role can give it, for what is concerned is in no namespace. */
  public static boolean isClusterWide(Permission missing) {
    // The server names a Namespace's own name as its namespace.
    return missing.namespace().isEmpty()
        || (missing.group().isEmpty() && missing.resource().equals("namespaces"));
  }

  private static String in(Permission missing) {
    return isClusterWide(missing) ? "" : " in namespace " + missing.namespace();
  }

  private static String resource(Permission missing) {
    int slash = missing.resource().indexOf('/');
    String plural = slash < 0 ? missing.resource() : missing.resource().substring(0, slash);
    String subresource = slash < 0 ? "" : missing.resource().substring(slash);
    return plural + (missing.group().isEmpty() ? "" : "." + missing.group()) + subresource;
  }

  /** One for each API group and set of verbs. */
  private static List<String> rules(Collection<Permission> missing) {
    SortedMap<String, SortedMap<String, Set<String>>> resources = new TreeMap<>();
    for (Permission one : missing) {
      resources
          .computeIfAbsent(one.group(), _ -> new TreeMap<>())
          .computeIfAbsent(String.join(", ", verbs(one)), _ -> new TreeSet<>())
          .add(one.resource());
    }
    List<String> rules = new ArrayList<>();
    resources.forEach((group, byVerbs) ->
        byVerbs.forEach((verbs, names) ->
            rules.add(
                "{apiGroups: [%s], resources: [%s], verbs: [%s]}"
                    .formatted(quoted(group), String.join(", ", names), verbs))));
    return rules;
  }

  private static List<String> verbs(Permission missing) {
    if (READING.contains(missing.verb())) {
      return READING;
    }
    boolean whole = !missing.resource().contains("/");
    return whole && WRITING.contains(missing.verb()) ? WRITING : List.of(missing.verb());
  }

  private static String quoted(String name) {
    return name.isEmpty() || name.contains("*") ? "\"" + name + "\"" : name;
  }

  /** Whether the server refused to let somebody give rights away that he has not. */
  public static boolean isEscalation(String serversWords) {
    return serversWords.contains(ESCALATION);
  }

  /**
   * The same for Roles and bindings that would give more than their author has.
   *
   * @param serversWords of which {@link #isEscalation} is true
   * @param binding whether it is a binding, which gives a whole role
   */
  public static String escalation(String serversWords, boolean binding) {
    Matcher who = WHO.matcher(serversWords);
    String rest = serversWords.substring(serversWords.indexOf(ESCALATION) + ESCALATION.length());
    String granted =
        GRANTED
            .matcher(rest)
            .results()
            .map(m -> asRule(m.group()))
            .collect(Collectors.joining(", "));
    return (who.find() ? subject(who.group(1)) : "the account")
        + " may not give what it has not itself: "
        + (granted.isEmpty() ? rest.strip() : granted)
        + "; give it these rights, or the verb "
        + (binding ? "bind" : "escalate")
        + " on the role";
  }

  /** From Go's notation: {@code {APIGroups:["apps"], Verbs:["get" "list"]}}. */
  private static String asRule(String go) {
    Map<String, String> keys =
        Map.of(
            "APIGroups", "apiGroups",
            "Resources", "resources",
            "ResourceNames", "resourceNames",
            "NonResourceURLs", "nonResourceURLs",
            "Verbs", "verbs");
    return LIST.matcher(go)
        .results()
        .map(m ->
            keys.getOrDefault(m.group(1), m.group(1).toLowerCase(Locale.ROOT))
                + ": ["
                + QUOTED
                    .matcher(m.group(2))
                    .results()
                    .map(q -> quoted(q.group(1)))
                    .collect(Collectors.joining(", "))
                + "]")
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
