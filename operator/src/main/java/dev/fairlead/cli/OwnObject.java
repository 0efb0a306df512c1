package dev.fairlead.cli;

import static java.util.Objects.requireNonNull;

import dev.fairlead.cluster.ApiException;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.ApiError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One object that is there of an installation, whoever has made it and by whatever values of the
 * chart. Immutable.
 *
 * @param content all of it
 */
record OwnObject(Resource resource, ObjectKey key, Json.Obj content) {
  private static final String RBAC = "rbac.authorization.k8s.io";

  /** In a namespace of tenants, both of them. */
  private static final String TENANT = "fairlead-tenant";

  private static final Resource ROLES = resource(RBAC, "roles", "Role", true);
  private static final Resource BINDINGS = resource(RBAC, "rolebindings", "RoleBinding", true);

  /** What only the chart makes, and the namespace of none but the operator. */
  private record Place(Resource resource, String name) {}

  private static final List<Place> CHART =
      List.of(
          new Place(
              resource(
                  "admissionregistration.k8s.io",
                  "validatingadmissionpolicies",
                  "ValidatingAdmissionPolicy",
                  false),
              "fairlead-restricted"),
          new Place(
              resource(
                  "admissionregistration.k8s.io",
                  "validatingadmissionpolicybindings",
                  "ValidatingAdmissionPolicyBinding",
                  false),
              "fairlead-restricted"),
          new Place(
              resource("", "persistentvolumeclaims", "PersistentVolumeClaim", true),
              "fairlead-cache"),
          new Place(resource("", "configmaps", "ConfigMap", true), "fairlead-dashboard"),
          new Place(resource("", "services", "Service", true), "fairlead-hooks"),
          new Place(resource("networking.k8s.io", "ingresses", "Ingress", true), "fairlead-hooks"),
          new Place(
              resource("policy", "poddisruptionbudgets", "PodDisruptionBudget", true),
              InstallPart.FAIRLEAD),
          new Place(
              resource("monitoring.coreos.com", "servicemonitors", "ServiceMonitor", true),
              InstallPart.FAIRLEAD),
          new Place(
              resource("monitoring.coreos.com", "prometheusrules", "PrometheusRule", true),
              InstallPart.FAIRLEAD));

  OwnObject {
    requireNonNull(resource);
    requireNonNull(key);
    requireNonNull(content);
  }

  private static Resource resource(String group, String plural, String kind, boolean namespaced) {
    return new Resource(group, "v1", plural, kind, namespaced, Set.of());
  }

  /**
   * All of them but the namespace and the definition of GitSyncs, in an order in which they could
   * be made. What has such a name and not Fairlead's label is somebody else's.
   *
   * @param home where the operator runs
   */
  static List<OwnObject> find(Session session, String home)
      throws CliException, InterruptedException {
    List<OwnObject> found = new ArrayList<>();
    for (Place place : CHART) {
      String namespace = place.resource().namespaced() ? home : "";
      add(session, place.resource(), place.resource().key(namespace, place.name()), found);
    }
    tenants(session, home, found);
    for (InstallPart part : InstallPart.all(home)) {
      if (!part.resource().equals(InstallPart.NAMESPACES)
          && !part.resource().equals(InstallPart.DEFINITIONS)) {
        add(session, part.resource(), part.key(), found);
      }
    }
    return List.copyOf(found);
  }

  private static void add(Session session, Resource resource, ObjectKey key, List<OwnObject> found)
      throws CliException, InterruptedException {
    read(session, resource, key)
        .map(content -> new OwnObject(resource, key, content))
        .filter(o -> o.label(InstallPart.PART_OF).equals(InstallPart.FAIRLEAD))
        .ifPresent(found::add);
  }

  /** Empty also where the cluster has no such kind. */
  private static Optional<Json.Obj> read(Session session, Resource resource, ObjectKey key)
      throws CliException, InterruptedException {
    try {
      return session.api().get(resource, key);
    } catch (ApiException e) {
      if (e.error() instanceof ApiError.NotFound) {
        return Optional.empty();
      }
      throw session.refused(e);
    }
  }

  /** The rights in namespaces of tenants that the account of this operator was given. */
  private static void tenants(Session session, String home, List<OwnObject> found)
      throws CliException, InterruptedException {
    List<ObjectKey> bindings = new ArrayList<>();
    Predicate<Json> isOurs =
        subject ->
            subject instanceof Json.Obj account
                && account.string("namespace").equals(Optional.of(home))
                && account.string("name").equals(Optional.of(InstallPart.FAIRLEAD));
    try {
      String _ =
          session
              .api()
              .listFull(
                  BINDINGS,
                  "",
                  InstallPart.PART_OF + "=" + InstallPart.FAIRLEAD,
                  binding -> {
                    Json.Obj metadata = binding.object("metadata").orElse(Json.Obj.empty());
                    if (metadata.string("name").equals(Optional.of(TENANT))
                        && binding.items("subjects").stream().anyMatch(isOurs)) {
                      bindings.add(BINDINGS.key(metadata.string("namespace").orElse(""), TENANT));
                    }
                  });
    } catch (ApiException e) {
      throw session.refused(e);
    }
    for (ObjectKey binding : bindings) {
      add(session, ROLES, ROLES.key(binding.namespace(), TENANT), found);
      add(session, BINDINGS, binding, found);
    }
  }

  /** The release of Helm that it belongs to, as {@code NAME -n NAMESPACE}. */
  Optional<String> release() {
    if (!label("app.kubernetes.io/managed-by").equals("Helm")) {
      return Optional.empty();
    }
    return Optional.of(
        said("annotations", "meta.helm.sh/release-name").orElse(InstallPart.FAIRLEAD)
            + " -n "
            + said("annotations", "meta.helm.sh/release-namespace").orElse(key.namespace()));
  }

  private String label(String name) {
    return said("labels", name).orElse("");
  }

  private Optional<String> said(String where, String name) {
    return content.object("metadata").flatMap(m -> m.object(where)).flatMap(l -> l.string(name));
  }
}
