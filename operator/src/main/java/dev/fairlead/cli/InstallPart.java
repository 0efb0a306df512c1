package dev.fairlead.cli;

import static java.util.Objects.requireNonNull;

import dev.fairlead.manifest.Limits;
import dev.fairlead.manifest.Manifest;
import dev.fairlead.manifest.ManifestReader;
import dev.fairlead.model.Json;
import dev.fairlead.model.ObjectKey;
import dev.fairlead.model.Resource;
import dev.fairlead.plan.CustomKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One object of {@code install.yaml}, which the build puts into this program. Immutable.
 *
 * @param body all of it
 */
record InstallPart(Resource resource, Json.Obj body) {
  /** The label that everything of Fairlead's has, and its value. */
  static final String PART_OF = "app.kubernetes.io/part-of";

  static final String FAIRLEAD = "fairlead";

  static final Resource NAMESPACES = cluster("", "namespaces", "Namespace");
  static final Resource DEFINITIONS = CustomKind.DEFINITIONS;
  static final Resource DEPLOYMENTS = namespaced("apps", "deployments", "Deployment");

  private static final List<Resource> KINDS =
      List.of(
          NAMESPACES,
          DEFINITIONS,
          DEPLOYMENTS,
          namespaced("", "serviceaccounts", "ServiceAccount"),
          namespaced("", "services", "Service"),
          namespaced("networking.k8s.io", "networkpolicies", "NetworkPolicy"),
          cluster("rbac.authorization.k8s.io", "clusterroles", "ClusterRole"),
          cluster("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding"),
          namespaced("rbac.authorization.k8s.io", "roles", "Role"),
          namespaced("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"));

  InstallPart {
    requireNonNull(resource);
    requireNonNull(body);
  }

  private static Resource cluster(String group, String plural, String kind) {
    return new Resource(group, "v1", plural, kind, false, Set.of());
  }

  private static Resource namespaced(String group, String plural, String kind) {
    return new Resource(group, "v1", plural, kind, true, Set.of());
  }

  ObjectKey key() {
    Json.Obj metadata = body.object("metadata").orElse(Json.Obj.empty());
    return resource.key(
        metadata.string("namespace").orElse(""), metadata.string("name").orElseThrow());
  }

  /**
   * All of them, in an order in which they can be applied: what others need comes first.
   *
   * @param namespace Fairlead's own
   */
  static List<InstallPart> all(String namespace) {
    List<InstallPart> first = new ArrayList<>();
    List<InstallPart> rest = new ArrayList<>();
    for (Manifest manifest : read()) {
      Resource resource =
          KINDS.stream()
              .filter(k -> k.gvk().equals(manifest.gvk()))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no kind " + manifest.gvk()));
      boolean definition = resource.equals(DEFINITIONS);
      Json.Obj body = definition ? manifest.body() : in(namespace, manifest.body());
      (definition || resource.equals(NAMESPACES) ? first : rest)
          .add(new InstallPart(resource, body));
    }
    first.addAll(rest);
    return List.copyOf(first);
  }

  private static List<Manifest> read() {
    try (InputStream in = InstallPart.class.getResourceAsStream("install.yaml")) {
      if (in == null) {
        throw new IllegalStateException("install.yaml is in the jar");
      }
      ManifestReader.Parsed parsed =
          new ManifestReader(Limits.DEFAULT).read("install.yaml", in.readAllBytes());
      if (!parsed.findings().isEmpty()) {
        throw new IllegalStateException(parsed.findings().getFirst().toString());
      }
      return parsed.manifests();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Nothing but namespaces is called as the usual namespace is. */
  private static Json.Obj in(String namespace, Json.Obj body) {
    return (Json.Obj) replaced(body, ConnectionOptions.USUAL_NAMESPACE, namespace);
  }

  private static Json replaced(Json value, String from, String to) {
    return switch (value) {
      case Json.Str text when text.value().equals(from) -> Json.of(to);
      case Json.Arr list ->
          Json.of(list.items().stream().map(item -> replaced(item, from, to)).toList());
      case Json.Obj object -> {
        Map<String, Json> members = new LinkedHashMap<>();
        object.members().forEach((name, member) -> members.put(name, replaced(member, from, to)));
        yield Json.of(members);
      }
      case Json.Str _, Json.Num _, Json.Bool _, Json.Null _ -> value;
    };
  }

  /** The image of the first container; empty for what has no pods. */
  static Optional<String> image(Json.Obj workload) {
    return workload
        .object("spec")
        .flatMap(s -> s.object("template"))
        .flatMap(t -> t.object("spec"))
        .flatMap(s -> s.items("containers").stream().findFirst())
        .flatMap(
            c -> c instanceof Json.Obj container ? container.string("image") : Optional.empty());
  }

  /** The same with another image. */
  InstallPart withImage(String image) {
    Optional<String> own = image(body);
    return own.isEmpty()
        ? this
        : new InstallPart(resource, (Json.Obj) replaced(body, own.get(), image));
  }

  /**
   * Which image is to run. One from elsewhere than this version's own was chosen by somebody, and
   * stays until another is asked for.
   *
   * @param asked by whoever installs
   * @param running what the Deployment has
   * @param own that of this version
   */
  static String chosen(Optional<String> asked, Optional<String> running, String own) {
    return asked.or(() -> running.filter(r -> !repository(r).equals(repository(own)))).orElse(own);
  }

  /** Without tag and digest. */
  private static String repository(String image) {
    String named = image.replaceFirst("@.*", "");
    int colon = named.indexOf(':', named.lastIndexOf('/') + 1);
    return colon < 0 ? named : named.substring(0, colon);
  }
}
