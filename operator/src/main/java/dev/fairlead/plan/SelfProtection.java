package dev.fairlead.plan;

import static java.util.Objects.requireNonNull;

import dev.fairlead.model.GroupKind;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds what a commit would do to Fairlead itself that Fairlead could not undo: afterwards there
 * would be nobody to apply the next commit. What a rollout shows in time, such as an image that
 * does not start, is not refused: the old pod goes on until the new one is ready.
 *
 * <p>Stateless: any thread may call.
 */
public final class SelfProtection {
  private static final GroupKind DEPLOYMENT = new GroupKind("apps", "Deployment");
  private static final GroupKind LEASE = new GroupKind("coordination.k8s.io", "Lease");
  private static final GroupKind ROLE = new GroupKind(Guard.RBAC, "Role");
  private static final GroupKind CLUSTER_ROLE = new GroupKind(Guard.RBAC, "ClusterRole");
  private static final GroupKind BINDING = new GroupKind(Guard.RBAC, "RoleBinding");
  private static final GroupKind CLUSTER_BINDING = new GroupKind(Guard.RBAC, "ClusterRoleBinding");
  private static final String VERSION = "v1alpha1";

  /** Without one of these nothing works, whoever the tenants are. */
  private static final List<Right> NEEDED =
      List.of(
          new Right("fairlead.dev", "gitsyncs", List.of("get", "list", "watch", "patch")),
          new Right("fairlead.dev", "gitsyncs/status", List.of("patch")),
          new Right("coordination.k8s.io", "leases", List.of("get", "create", "patch")));

  private SelfProtection() {}

  private record Right(String group, String resource, List<String> verbs) {}

  /**
   * What would break.
   *
   * @param path of the field
   * @param message what would happen, and what to do instead
   */
  public record Breach(String path, String message) {
    public Breach {
      requireNonNull(path);
      requireNonNull(message);
    }
  }

  /** Whether a change of the object can break anything. */
  public static boolean concerns(ObjectKey key, Guard.Own own) {
    return own.objects().contains(key) || Guard.isOwnDefinition(key);
  }

  /** Whether the object has to be compared with the one in the cluster. */
  public static boolean needsLive(ObjectKey key) {
    return isRole(key) || isBinding(key);
  }

  /** The objects that may have a right which this one loses. */
  public static List<ObjectKey> others(ObjectKey key, Guard.Own own) {
    return isRole(key)
        ? own.objects().stream().filter(o -> isRole(o) && !o.equals(key)).sorted().toList()
        : List.of();
  }

  /**
   * Judges one object.
   *
   * @param desired as it would be applied
   * @param live as it is; empty when it is not there, or where {@link #needsLive} says no
   * @param others the {@link #others} as they will be
   */
  public static List<Breach> breaches(
      ObjectKey key,
      Json.Obj desired,
      Optional<Json.Obj> live,
      List<Json.Obj> others,
      Guard.Own own) {
    if (Guard.isOwnDefinition(key)) {
      return definition(desired);
    }
    if (key.groupKind().equals(DEPLOYMENT)) {
      return deployment(key, desired);
    }
    if (key.groupKind().equals(LEASE)) {
      return List.of(
          new Breach(
              "metadata.name",
              "is how several Fairleads agree on who of them leads: each apply would stop the one"
                  + " that works; take it out of Git"));
    }
    if (isRole(key) && live.isPresent()) {
      return role(desired, live.get(), others);
    }
    return isBinding(key) && live.isPresent() ? binding(desired, live.get(), own) : List.of();
  }

  private static boolean isRole(ObjectKey key) {
    return key.groupKind().equals(ROLE) || key.groupKind().equals(CLUSTER_ROLE);
  }

  private static boolean isBinding(ObjectKey key) {
    return key.groupKind().equals(BINDING) || key.groupKind().equals(CLUSTER_BINDING);
  }

  private static List<Breach> deployment(ObjectKey key, Json.Obj desired) {
    Json.Obj spec = desired.object("spec").orElse(Json.Obj.empty());
    long replicas = spec.integer("replicas").orElse(1L);
    if (replicas == 0) {
      return List.of(
          new Breach(
              "spec.replicas",
              "would stop Fairlead for good: nobody would be there to apply the commit that starts"
                  + " it again. To stop it for a while: kubectl scale -n %s deployment/%s"
                      .formatted(key.namespace(), key.name())
                  + " --replicas=0"));
    }
    if (replicas > 1 && !electsLeader(spec)) {
      return List.of(
          new Breach(
              "spec.replicas",
              "would let "
                  + replicas
                  + " Fairleads write at the same time, since leader election is off: take"
                  + " --leader-elect=false (FAIRLEAD_LEADER_ELECT) out, or run one replica"));
    }
    return List.of();
  }

  private static boolean electsLeader(Json.Obj deployment) {
    List<Json.Obj> containers =
        deployment
            .object("template")
            .flatMap(t -> t.object("spec"))
            .map(s -> objects(s, "containers"))
            .orElse(List.of());
    for (Json.Obj container : containers) {
      String words =
          String.join(
              " ",
              Stream.concat(
                      strings(container, "command").stream(), strings(container, "args").stream())
                  .toList());
      boolean variable =
          objects(container, "env").stream()
              .anyMatch(e ->
                  e.string("name").orElse("").equals("FAIRLEAD_LEADER_ELECT")
                      && e.string("value").orElse("").equals("false"));
      // The flag wins over the variable.
      boolean on = words.contains("--leader-elect=true") || words.contains("--leader-elect true");
      if (words.contains("--leader-elect=false")
          || words.contains("--leader-elect false")
          || (variable && !on)) {
        return false;
      }
    }
    return true;
  }

  /** What keeps a definition of GitSync from being used by this version. */
  static List<Breach> definition(Json.Obj desired) {
    Json.Obj spec = desired.object("spec").orElse(Json.Obj.empty());
    List<Breach> breaches = new ArrayList<>();
    if (!spec.string("scope").orElse("").equals("Namespaced")) {
      breaches.add(new Breach("spec.scope", "has to stay Namespaced: Fairlead reads no others"));
    }
    Optional<Json.Obj> version = version(desired);
    if (version.isEmpty() || !version.get().bool("served").orElse(false)) {
      breaches.add(
          new Breach(
              "spec.versions",
              "has to serve "
                  + VERSION
                  + ": without it this Fairlead can read no GitSync any more. Apply the"
                  + " manifests/crd.yaml of its own version, or of a later one"));
      return breaches;
    }
    String at = "spec.versions[name=\"" + VERSION + "\"]";
    if (version.get().object("subresources").flatMap(s -> s.object("status")).isEmpty()) {
      breaches.add(
          new Breach(
              at + ".subresources",
              "has to have the subresource status: without it Fairlead can write no status any"
                  + " more"));
    }
    Json.Obj schema = schema(version.get());
    Json.Obj properties = schema.object("properties").orElse(Json.Obj.empty());
    boolean open = schema.bool("x-kubernetes-preserve-unknown-fields").orElse(false);
    for (String part : List.of("spec", "status")) {
      if (!open && properties.object(part).isEmpty()) {
        breaches.add(
            new Breach(
                at + ".schema.openAPIV3Schema.properties",
                "has to have "
                    + part
                    + ": without it the API server drops what all GitSyncs say there. Apply the"
                    + " manifests/crd.yaml of this version of Fairlead"));
      }
    }
    return breaches;
  }

  /** The schema of a version of a definition; empty when it has none. */
  static Json.Obj schema(Json.Obj version) {
    return version
        .object("schema")
        .flatMap(s -> s.object("openAPIV3Schema"))
        .orElse(Json.Obj.empty());
  }

  /** The version that this Fairlead reads, if the definition has it. */
  static Optional<Json.Obj> version(Json.Obj definition) {
    return objects(definition.object("spec").orElse(Json.Obj.empty()), "versions").stream()
        .filter(v -> v.string("name").orElse("").equals(VERSION))
        .findFirst();
  }

  private static List<Breach> role(Json.Obj desired, Json.Obj live, List<Json.Obj> others) {
    if (desired.object("aggregationRule").isPresent()) {
      // A controller of the cluster fills it.
      return List.of();
    }
    List<Breach> breaches = new ArrayList<>();
    for (Right right : NEEDED) {
      List<String> lost =
          right.verbs().stream()
              .filter(verb -> allows(live, right, verb))
              .filter(verb -> !allows(desired, right, verb))
              .filter(verb -> others.stream().noneMatch(o -> allows(o, right, verb)))
              .toList();
      if (!lost.isEmpty()) {
        breaches.add(
            new Breach(
                "rules",
                "would take from Fairlead a right without which it does nothing any more; keep"
                    + " {apiGroups: [%s], resources: [%s], verbs: [%s]}"
                        .formatted(
                            right.group(), right.resource(), String.join(", ", right.verbs()))));
      }
    }
    return breaches;
  }

  private static boolean allows(Json.Obj role, Right right, String verb) {
    return objects(role, "rules").stream()
        .anyMatch(rule ->
            has(rule, "apiGroups", right.group())
                && has(rule, "resources", right.resource())
                && has(rule, "verbs", verb)
                // One lease is enough; nothing else is needed of one object alone.
                && (strings(rule, "resourceNames").isEmpty() || right.resource().equals("leases")));
  }

  private static boolean has(Json.Obj rule, String list, String wanted) {
    List<String> values = strings(rule, list);
    return values.contains("*") || values.contains(wanted);
  }

  private static List<Breach> binding(Json.Obj desired, Json.Obj live, Guard.Own own) {
    for (ObjectKey account : own.objects()) {
      if (account.kind().equals("ServiceAccount")
          && binds(live, account)
          && !binds(desired, account)) {
        return List.of(
            new Breach(
                "subjects",
                "would take all rights of this binding from Fairlead; keep the subject {kind:"
                    + " ServiceAccount, name: %s, namespace: %s}"
                        .formatted(account.name(), account.namespace())));
      }
    }
    return List.of();
  }

  private static boolean binds(Json.Obj binding, ObjectKey account) {
    return objects(binding, "subjects").stream()
        .anyMatch(s ->
            s.string("kind").orElse("").equals("ServiceAccount")
                && s.string("name").orElse("").equals(account.name())
                && s.string("namespace").orElse("").equals(account.namespace()));
  }

  private static List<Json.Obj> objects(Json.Obj of, String list) {
    return of.items(list).stream()
        .filter(Json.Obj.class::isInstance)
        .map(Json.Obj.class::cast)
        .toList();
  }

  private static List<String> strings(Json.Obj of, String list) {
    return of.items(list).stream()
        .filter(Json.Str.class::isInstance)
        .map(i -> ((Json.Str) i).value())
        .toList();
  }
}
